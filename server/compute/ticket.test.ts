import { expect, test } from "vitest";
import { ticketSource, ticketVerifier } from "./ticket.ts";

const START = 1_700_000_000_000;
const REFUSED: unknown = expect.objectContaining({ code: "28000" });

test("a ticket of the same secret passes, again and again", () => {
  const verify = ticketVerifier("secret", () => START);
  const ticket = ticketSource("secret", () => START)();
  verify(`Bearer ${ticket}`);
  verify(`Bearer ${ticket}`);
});

test.each([undefined, "", "Bearer ", "Bearer x.y.z", "Basic abc"])(
  "%s is refused",
  (authorization) => {
    expect(() => ticketVerifier("secret", () => START)(authorization)).toThrow(
      REFUSED,
    );
  },
);

test("a ticket of another secret is refused, also after a good one", () => {
  const verify = ticketVerifier("secret", () => START);
  verify(`Bearer ${ticketSource("secret", () => START)()}`);
  expect(() =>
    verify(`Bearer ${ticketSource("other", () => START)()}`),
  ).toThrow(REFUSED);
});

test("a ticket without a signature is refused", () => {
  const part = (value: object): string =>
    Buffer.from(JSON.stringify(value)).toString("base64url");
  const forged = `${part({ alg: "none", typ: "JWT" })}.${part({ iss: "sluice-gateway", exp: START / 1000 + 60 })}.`;
  expect(() =>
    ticketVerifier("secret", () => START)(`Bearer ${forged}`),
  ).toThrow(REFUSED);
});

test("a ticket ends, and its source renews it in time", () => {
  let now = START;
  const verify = ticketVerifier("secret", () => now);
  const source = ticketSource("secret", () => now);
  const first = source();
  verify(`Bearer ${first}`);
  now += 61_000;
  const second = source();
  expect(second).not.toBe(first);
  now += 60_000;
  expect(() => verify(`Bearer ${first}`)).toThrow(REFUSED);
  verify(`Bearer ${second}`);
});
