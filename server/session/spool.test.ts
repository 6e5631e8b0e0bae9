// What a cursor keeps comes back, in memory or on disk, forwards and backwards.

import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fc } from "../../storage/common/property.testkit.ts";
import { readTextRows } from "./data-row.ts";
import type { RowPortion } from "./rows.ts";
import { Spool } from "./spool.ts";

let dir = "";
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "sluice-test-"));
});
afterAll(() => {
  rmSync(dir, { recursive: true, force: true });
});

const limits = (memoryBytes: number, limitBytes = 1_000_000) => ({
  dir,
  memoryBytes,
  limitBytes,
});

describe("a spool", () => {
  test("gives any range in either direction, however rows came and wherever they lie", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1 }),
        fc.integer({ min: 0, max: 400 }),
        fc.integer({ min: 1, max: 9 }),
        fc.infiniteStream(fc.nat()),
        async (sizes, memoryBytes, first, random) => {
          const spool = new Spool("c", first, limits(memoryBytes));
          let next = first;
          for (const size of sizes) {
            await spool.add(portion(next, size));
            next += size;
          }
          expect(spool.lastRow).toBe(next - 1);
          for (let turn = 0; turn < 5; turn += 1) {
            const [from, to] = [0, 0].map(
              () => first + ((random.next().value as number) % (next - first)),
            ) as [number, number];
            const rows = await readTextRows(spool.read(from, to));
            expect(rows.map(([cell]) => Number(cell))).toEqual(steps(from, to));
          }
          await spool.close();
        },
      ),
    );
  });

  test("keeps rows made in the gateway, too", async () => {
    const spool = new Spool("c", 1, limits(0));
    await spool.add({ kind: "text", rows: [["1"], [null]], rowCount: 2 });
    await spool.add({ kind: "text", rows: [["3"]], rowCount: 1 });
    expect(await readTextRows(spool.read(3, 1))).toEqual([
      ["3"],
      [null],
      ["1"],
    ]);
  });

  test("leaves no file in its folder while it is open", async () => {
    const spool = new Spool("c", 1, limits(0));
    await spool.add(portion(1, 1000));
    expect(readdirSync(dir)).toEqual([]);
    expect(await readTextRows(spool.read(1000, 1000))).toEqual([["1000"]]);
    await spool.close();
  });

  test("refuses more than its limit, memory and file together", async () => {
    const spool = new Spool("c", 1, limits(50, 100));
    await spool.add(portion(1, 3));
    await spool.add(portion(4, 3));
    await expect(spool.add(portion(7, 3))).rejects.toMatchObject({
      code: "53400",
      message: 'result of cursor "c" is too large to keep',
    });
    await spool.close();
  });

  test("says so when its file cannot be made", async () => {
    const spool = new Spool("c", 1, {
      ...limits(0),
      dir: join(dir, "missing"),
    });
    await expect(spool.add(portion(1, 1))).rejects.toMatchObject({
      code: "58030",
    });
  });

  test("rows still being read when it closes end in an error, not in silence", async () => {
    const spool = new Spool("c", 1, limits(0));
    await spool.add(portion(1, 1));
    const rows = spool.read(1, 1);
    await spool.close();
    await expect(readTextRows(rows)).rejects.toMatchObject({ code: "34000" });
  });
});

/** DataRow messages of one cell: the row's number. */
function portion(first: number, rowCount: number): RowPortion {
  const rows = steps(first, first + rowCount - 1).map((number) => {
    const cell = Buffer.from(String(number));
    const head = Buffer.alloc(11);
    head.write("D");
    head.writeUInt32BE(10 + cell.length, 1);
    head.writeUInt16BE(1, 5);
    head.writeInt32BE(cell.length, 7);
    return Buffer.concat([head, cell]);
  });
  return { kind: "encoded", bytes: Buffer.concat(rows), rowCount };
}

function steps(from: number, to: number): readonly number[] {
  const step = from <= to ? 1 : -1;
  return Array.from(
    { length: Math.abs(to - from) + 1 },
    (_, index) => from + index * step,
  );
}
