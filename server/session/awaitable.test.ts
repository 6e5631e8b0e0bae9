import { expect, test } from "vitest";
import { after, attempt } from "./awaitable.ts";

test("what is there is passed on at once, what comes later when it has come", async () => {
  expect(after(1, (value) => value + 1)).toBe(2);
  const later = after(Promise.resolve(1), (value) => value + 1);
  expect(later).toBeInstanceOf(Promise);
  expect(await later).toBe(2);
});

test("a rejection skips what would have followed", async () => {
  const failed = after(Promise.reject(new Error("no")), () => 1);
  await expect(failed).rejects.toThrow("no");
});

test("what a step throws at once is a rejection like what it throws later", async () => {
  expect(attempt(() => 1)).toBe(1);
  await expect(
    attempt(() => {
      throw new Error("at once");
    }),
  ).rejects.toThrow("at once");
  await expect(
    attempt(() => Promise.reject(new Error("later"))),
  ).rejects.toThrow("later");
});
