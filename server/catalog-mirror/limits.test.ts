import { expect, test } from "vitest";
import { World } from "../../auth/governance.testkit.ts";
import { SqlError } from "../../storage/common/errors.ts";
import { openTestMirror } from "./mirror.testkit.ts";

const readColumns = () => Promise.resolve({ columns: [], comment: undefined });

test("a statement that takes too long ends with 57014, and the next one is answered", async () => {
  using world = new World();
  await using kit = await openTestMirror(world, {
    readColumns,
    timeoutMs: 3000,
  });
  await kit.ask("bob", "SELECT 1");
  const endless = kit.ask(
    "bob",
    "SELECT count(*) FROM generate_series(1, 1000000) a, generate_series(1, 1000000) b",
  );
  await expect(endless).rejects.toThrow(SqlError);
  expect(await kit.ask("bob", "SELECT 2")).toEqual([["2"]]);
});

test("nothing runs before the first question, nor after nobody asked for a while", async () => {
  using world = new World();
  const idle: (() => void)[] = [];
  await using kit = await openTestMirror(world, {
    readColumns,
    clock: {
      now: () => 0,
      after: (_delayMs, action) => {
        idle.push(action);
        return () => undefined;
      },
    },
  });
  expect(kit.mirror.pids()).toEqual([]);
  expect(await kit.ask("bob", "SELECT 1")).toEqual([["1"]]);
  expect(kit.mirror.pids()).toHaveLength(1);
  idle.at(-1)?.();
  expect(await kit.ask("bob", "SELECT 2")).toEqual([["2"]]);
});
