import { expect, test } from "vitest";
import { nodeId } from "../../storage/common/ids.ts";
import { queryCanceled } from "../../storage/common/errors.ts";
import { createAdmission } from "./admission.ts";

const NODE = nodeId("n1");
const signal = new AbortController().signal;

function settled(promise: Promise<unknown>): Promise<boolean> {
  return Promise.race([
    promise.then(() => true),
    new Promise<boolean>((resolve) => setImmediate(() => resolve(false))),
  ]);
}

test("memory is given out up to the node's, then in order of arrival", async () => {
  const admission = createAdmission({ freeBytes: 10, timeoutMs: 60_000 });
  const first = await admission.admit(NODE, 100, 60, signal);
  const second = admission.admit(NODE, 100, 60, signal);
  const third = admission.admit(NODE, 100, 30, signal);
  expect(await settled(second)).toBe(false);
  // It would fit, but whoever came first goes first, or large statements would starve.
  expect(await settled(third)).toBe(false);
  expect(admission.load(NODE)).toEqual({ bytes: 60, waiting: 2 });
  first[Symbol.dispose]();
  const held = [await second, await third];
  expect(admission.load(NODE)).toEqual({ bytes: 90, waiting: 0 });
  for (const one of held) one[Symbol.dispose]();
  expect(admission.load(NODE)).toEqual({ bytes: 0, waiting: 0 });
});

test("a small fragment passes a full node and its queue", async () => {
  const admission = createAdmission({ freeBytes: 10, timeoutMs: 60_000 });
  using _all = await admission.admit(NODE, 100, 100, signal);
  using _small = await admission.admit(NODE, 100, 10, signal);
  expect(admission.load(NODE).bytes).toBe(100);
});

test("what is larger than the node runs alone", async () => {
  const admission = createAdmission({ freeBytes: 10, timeoutMs: 60_000 });
  const huge = await admission.admit(NODE, 100, 1_000_000, signal);
  const next = admission.admit(NODE, 100, 50, signal);
  expect(await settled(next)).toBe(false);
  huge[Symbol.dispose]();
  (await next)[Symbol.dispose]();
});

test("waiting ends with 53200 after the time-out, and those behind go on", async () => {
  const admission = createAdmission({ freeBytes: 10, timeoutMs: 20 });
  const held = await admission.admit(NODE, 100, 80, signal);
  await expect(admission.admit(NODE, 100, 80, signal)).rejects.toMatchObject({
    code: "53200",
  });
  (await admission.admit(NODE, 100, 20, signal))[Symbol.dispose]();
  held[Symbol.dispose]();
});

test("waiting ends with the cancel's own error, and memory is given back once", async () => {
  const admission = createAdmission({ freeBytes: 10, timeoutMs: 60_000 });
  const held = await admission.admit(NODE, 100, 80, signal);
  const abort = new AbortController();
  const waiting = admission.admit(NODE, 100, 80, abort.signal);
  abort.abort(queryCanceled("canceling statement due to statement timeout"));
  await expect(waiting).rejects.toMatchObject({
    code: "57014",
    message: "canceling statement due to statement timeout",
  });
  held[Symbol.dispose]();
  held[Symbol.dispose]();
  expect(admission.load(NODE).bytes).toBe(0);
});
