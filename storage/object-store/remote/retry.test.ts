// When a request is repeated, how long after, and what is known afterwards; on a clock of the test's own.

import { describe, expect, test } from "vitest";
import type { HttpRequest, HttpResponse } from "./http.ts";
import { sendWithRetries, type RetryPolicy, type Sending } from "./retry.ts";

const REQUEST: HttpRequest = {
  method: "GET",
  origin: "http://store",
  path: "/",
  query: [],
  headers: {},
  body: undefined,
};

function answer(
  status: number,
  headers: Readonly<Record<string, string>> = {},
): HttpResponse {
  return {
    status,
    headers: new Map(Object.entries(headers)),
    body: new Uint8Array(0),
  };
}

function lost(code: string): Error {
  return Object.assign(new RangeError(code), { code });
}

interface Run {
  readonly outcome: Promise<unknown>;
  readonly pauses: number[];
  readonly sent: () => number;
}

/** Sends against these outcomes in turn, the last one again and again. */
function run(
  outcomes: readonly (HttpResponse | Error)[],
  sending: Partial<Sending> = {},
  policy: Partial<RetryPolicy> = {},
): Run {
  const pauses: number[] = [];
  let now = 0;
  let sent = 0;
  const outcome = sendWithRetries(
    () => {
      const next = outcomes[Math.min(sent, outcomes.length - 1)];
      sent += 1;
      return next instanceof Error || next === undefined
        ? Promise.reject(next ?? lost("none"))
        : Promise.resolve(next);
    },
    { build: () => Promise.resolve(REQUEST), idempotent: true, ...sending },
    {
      attempts: 6,
      firstPauseMs: 100,
      longestPauseMs: 1_000,
      totalMs: 60_000,
      random: () => 1,
      now: () => now,
      pause: (ms) => {
        pauses.push(ms);
        now += ms;
        return Promise.resolve();
      },
      ...policy,
    },
  ).then(
    ({ response, uncertain }) => ({ status: response.status, uncertain }),
    (error: unknown) => error,
  );
  return { outcome, pauses, sent: () => sent };
}

describe("a request to a store", () => {
  test("is repeated after growing pauses, up to a limit of each and of all", async () => {
    const busy = run([answer(503)]);
    expect(await busy.outcome).toEqual({ status: 503, uncertain: true });
    expect(busy.pauses).toEqual([100, 200, 400, 800, 1_000]);
    const impatient = run([answer(503)], {}, { totalMs: 250 });
    await impatient.outcome;
    expect(impatient.pauses).toEqual([100, 200]);
  });

  test("pauses at random below the limit, so that callers do not come back together", async () => {
    const half = run([answer(503)], {}, { random: () => 0.5 });
    await half.outcome;
    expect(half.pauses).toEqual([50, 100, 200, 400, 500]);
  });

  test("waits as long as the store asks, within reason", async () => {
    const asked = run([
      answer(429, { "retry-after": "3" }),
      answer(429, { "retry-after": "9999" }),
      answer(429, { "retry-after": "Wed, 21 Oct 2026 07:28:00 GMT" }),
      answer(200),
    ]);
    expect(await asked.outcome).toMatchObject({ status: 200 });
    expect(asked.pauses).toEqual([3_000, 10_000, 400]);
  });

  const FINAL = [200, 206, 304, 400, 403, 404, 409, 412, 416, 501];
  test.each(FINAL)("that is answered %d is not repeated", async (status) => {
    const once = run([answer(status)]);
    expect(await once.outcome).toEqual({ status, uncertain: false });
    expect(once.sent()).toBe(1);
  });

  const UNKNOWN: readonly (readonly [string, HttpResponse | Error])[] = [
    ["a reset", lost("ECONNRESET")],
    ["a time-out", lost("UND_ERR_HEADERS_TIMEOUT")],
    ["500", answer(500)],
    ["502", answer(502)],
  ];
  test.each(UNKNOWN)(
    "after %s: repeated when that changes nothing, and its outcome is known to be unknown",
    async (_name, outcome) => {
      expect(await run([outcome, answer(412)]).outcome).toEqual({
        status: 412,
        uncertain: true,
      });
      const careful = run([outcome, answer(200)], { idempotent: false });
      await careful.outcome;
      expect(careful.sent()).toBe(1);
    },
  );

  test("that never left is repeated whatever it does, and nothing is uncertain", async () => {
    const refused = run([lost("ECONNREFUSED"), answer(200)], {
      idempotent: false,
    });
    expect(await refused.outcome).toEqual({ status: 200, uncertain: false });
  });

  test("is corrected once, at once", async () => {
    const corrected = run([answer(400), answer(400)], {
      corrected: ({ status }) => status === 400,
    });
    expect(await corrected.outcome).toMatchObject({ status: 400 });
    expect(corrected.sent()).toBe(2);
    expect(corrected.pauses).toEqual([]);
  });

  test("gives up with what the network said last", async () => {
    const gone = run([lost("ECONNREFUSED"), lost("ECONNRESET")]);
    expect(await gone.outcome).toMatchObject({ code: "ECONNRESET" });
    expect(gone.sent()).toBe(6);
  });
});
