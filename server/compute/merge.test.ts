import { expect, test } from "vitest";
import { mergeInArrivalOrder } from "./merge.ts";

async function* counted(
  name: string,
  count: number,
  closed: string[],
): AsyncGenerator<string, void, undefined> {
  try {
    for (let i = 0; i < count; i++) {
      await Promise.resolve();
      yield `${name}${i}`;
    }
  } finally {
    closed.push(name);
  }
}

test("all items come, each source's in its order", async () => {
  const closed: string[] = [];
  const seen: string[] = [];
  for await (const item of mergeInArrivalOrder([
    counted("a", 3, closed),
    counted("b", 5, closed),
    counted("c", 0, closed),
  ]))
    seen.push(item);
  expect([...seen].sort()).toEqual([
    "a0",
    "a1",
    "a2",
    "b0",
    "b1",
    "b2",
    "b3",
    "b4",
  ]);
  expect(seen.filter((item) => item.startsWith("b"))).toEqual([
    "b0",
    "b1",
    "b2",
    "b3",
    "b4",
  ]);
  expect(closed.sort()).toEqual(["a", "b", "c"]);
});

test("leaving closes every source", async () => {
  const closed: string[] = [];
  for await (const item of mergeInArrivalOrder([
    counted("a", 9, closed),
    counted("b", 9, closed),
  ])) {
    if (item === "a1") break;
  }
  expect(closed.sort()).toEqual(["a", "b"]);
});

test("a failing source ends the others", async () => {
  const closed: string[] = [];
  async function* failing(): AsyncGenerator<string, void, undefined> {
    yield "x";
    await Promise.reject(new RangeError("gone"));
  }
  const read = async (): Promise<void> => {
    for await (const item of mergeInArrivalOrder([
      counted("a", 1000, closed),
      failing(),
    ]))
      expect(item).not.toBe("");
  };
  await expect(read()).rejects.toThrow("gone");
  expect(closed).toEqual(["a"]);
});
