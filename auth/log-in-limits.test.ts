import { expect, test } from "vitest";
import { LogInLimits } from "./log-in-limits.ts";

const MINUTE_MS = 60_000;

function limits(): { limits: LogInLimits; advance: (ms: number) => void } {
  let nowMs = 1_000_000;
  return {
    limits: new LogInLimits(() => nowMs),
    advance: (ms) => {
      nowMs += ms;
    },
  };
}

function fail(of: LogInLimits, address: string, times: number): void {
  for (let i = 0; i < times; i++) of.failed(address);
}

test("an address may fail a hundred times in ten minutes, then it waits for the rest of them", () => {
  const { limits: of, advance } = limits();
  fail(of, "192.0.2.1", 100);
  expect(of.retryAfterMs("192.0.2.1")).toBe(0);
  advance(4 * MINUTE_MS);
  of.failed("192.0.2.1");
  expect(of.retryAfterMs("192.0.2.1")).toBe(6 * MINUTE_MS);
  advance(6 * MINUTE_MS);
  expect(of.retryAfterMs("192.0.2.1")).toBe(0);
});

test("a clock that was set back lets nobody wait until it has caught up", () => {
  const { limits: of, advance } = limits();
  fail(of, "192.0.2.1", 101);
  advance(-60 * MINUTE_MS);
  expect(of.retryAfterMs("192.0.2.1")).toBe(0);
  expect(of.delayMs("192.0.2.1")).toBe(0);
  fail(of, "192.0.2.1", 101);
  expect(of.retryAfterMs("192.0.2.1")).toBe(10 * MINUTE_MS);
});

test("another address is not touched", () => {
  const { limits: of } = limits();
  fail(of, "192.0.2.1", 1000);
  expect(of.retryAfterMs("192.0.2.2")).toBe(0);
  expect(of.delayMs("192.0.2.2")).toBe(0);
});

test("a /64 of IPv6 is one address, and so is IPv4 written as IPv6", () => {
  const { limits: of } = limits();
  for (let i = 0; i < 101; i++) of.failed(`2001:db8::${i.toString(16)}`);
  expect(of.retryAfterMs("2001:db8::ffff")).toBeGreaterThan(0);
  expect(of.retryAfterMs("2001:db8:0:1::1")).toBe(0);
  fail(of, "::ffff:192.0.2.9", 101);
  expect(of.retryAfterMs("192.0.2.9")).toBeGreaterThan(0);
});

test("the delay doubles with failures and ends at five seconds", () => {
  const { limits: of } = limits();
  const seen: number[] = [];
  for (let i = 0; i < 3000; i++) {
    of.failed("192.0.2.1");
    const delayMs = of.delayMs("192.0.2.1");
    if (delayMs !== seen.at(-1)) seen.push(delayMs);
  }
  expect(seen).toEqual([0, 25, 50, 100, 200, 400, 800, 1600, 3200, 5000]);
});

test("so many addresses that memory would run out forget the first ones", () => {
  const { limits: of } = limits();
  fail(of, "192.0.2.1", 101);
  for (let i = 0; i < 10_000; i++) {
    of.failed(`10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`);
  }
  expect(of.retryAfterMs("192.0.2.1")).toBe(0);
});

test("at most 200 answers are held back at a time", async () => {
  const { limits: of } = limits();
  fail(of, "192.0.2.1", 101);
  const actions: (() => void)[] = [];
  const hold = (): Promise<void> =>
    of.hold("192.0.2.1", (_delayMs, action) => actions.push(action));
  const held = Array.from({ length: 200 }, hold);
  await hold();
  expect(actions).toHaveLength(200);
  actions.forEach((action) => action());
  await Promise.all(held);
});
