// Who waits for whom while a block commits to a log and to the metastore.

import { expect, test } from "vitest";
import { SqlError } from "../common/errors.ts";
import { ChangeGate } from "./change-gate.ts";

function passes(gate: ChangeGate): string {
  try {
    gate.pass();
    return "passed";
  } catch (error) {
    return error instanceof SqlError ? error.code : String(error);
  }
}

test("changes are refused while the gate is held, and pass before and after", async () => {
  const gate = new ChangeGate();
  expect(passes(gate)).toBe("passed");
  const held = await gate.hold();
  expect([gate.isHeld, passes(gate)]).toEqual([true, "55P03"]);
  held[Symbol.dispose]();
  expect([gate.isHeld, passes(gate)]).toEqual([false, "passed"]);
});

test("holders come one after the other, in the order they asked, and those who wait come when nobody holds it", async () => {
  const gate = new ChangeGate();
  const seen: string[] = [];
  const first = await gate.hold();
  const second = gate.hold().then((held) => {
    seen.push("second");
    held[Symbol.dispose]();
  });
  const third = gate.hold().then((held) => {
    seen.push("third");
    held[Symbol.dispose]();
  });
  const opened = gate.opened().then(() => seen.push("opened"));
  expect(seen).toEqual([]);
  first[Symbol.dispose]();
  await Promise.all([second, third, opened]);
  expect(seen).toEqual(["second", "third", "opened"]);
});
