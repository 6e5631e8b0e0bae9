import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { DataType } from "../../../../../storage/common/data-type.ts";
import { fc } from "../../../../../storage/common/property.testkit.ts";
import type { Kernel } from "../../../../../storage/kernel/kernel.ts";
import { DEFAULT_OUTPUT } from "../../../../session/result.ts";
import {
  encodeQuery,
  openKernel,
  postgresFormat,
  readDataRows,
} from "../encode.testkit.ts";
import { giveBack, takeMemory } from "./row-memory.ts";

let kernel: Kernel;
beforeAll(async () => {
  kernel = await openKernel();
});
afterAll(() => kernel[Symbol.asyncDispose]());

async function texts(
  values: readonly (string | null)[],
  kernelType: string,
  type: DataType,
): Promise<(string | null)[]> {
  const rows = values.map((value) =>
    value === null ? "(NULL)" : `('${value}')`,
  );
  const sql = `SELECT CAST(x AS ${kernelType}) FROM (VALUES ${rows.join(",")}) v(x)`;
  const bytes = await encodeQuery(
    kernel,
    sql,
    [type],
    postgresFormat(["text"]),
  );
  return readDataRows(bytes).map(([cell]) => cell?.toString() ?? null);
}

describe("integers of every width", () => {
  test.each([
    ["SMALLINT", "int2", 15n],
    ["INTEGER", "int4", 31n],
    ["BIGINT", "int8", 63n],
  ] as const)("%s: around every power of ten, and NULL", async (...row) => {
    const [kernelType, kind, bits] = row;
    const limit = 2n ** bits;
    const powers = Array.from({ length: 20 }, (_, i) => 10n ** BigInt(i));
    const values = [
      ...powers.flatMap((power) => [power - 1n, power, -power, 1n - power]),
      limit - 1n,
      -limit,
    ].filter((value) => value < limit && value >= -limit);
    const expected = [null, ...values.map(String), null];
    expect(await texts(expected, kernelType, { kind })).toEqual(expected);
  });
});

describe("decimals of up to 18 digits", () => {
  test("keep every digit at every width and scale, with NULL among them", async () => {
    const shape = fc.integer({ min: 1, max: 18 }).chain((precision) =>
      fc.record({
        precision: fc.constant(precision),
        scale: fc.integer({ min: 0, max: precision }),
        values: fc.array(
          fc.option(
            fc.bigInt(
              1n - 10n ** BigInt(precision),
              10n ** BigInt(precision) - 1n,
            ),
          ),
          { minLength: 1, maxLength: 30 },
        ),
      }),
    );
    await fc.assert(
      fc.asyncProperty(shape, async ({ precision, scale, values }) => {
        const expected = values.map((value) =>
          value === null ? null : plain(value, scale),
        );
        const kernelType = `DECIMAL(${precision},${scale})`;
        const type: DataType = { kind: "numeric", precision, scale };
        expect(await texts(expected, kernelType, type)).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  });
});

describe("decimals of up to 18 digits, in binary", () => {
  const magnitude = fc
    .integer({ min: 1, max: 18 })
    .chain((digits) => fc.bigInt(0n, 10n ** BigInt(digits) - 1n));
  const value = fc.oneof(
    magnitude,
    magnitude.map((one) => -one),
    // Groups of zeros at either end and between.
    fc
      .tuple(fc.bigInt(-9999n, 9999n), fc.integer({ min: 0, max: 13 }))
      .map(([digits, zeros]) => digits * 10n ** BigInt(zeros) + 1n),
    fc
      .tuple(fc.bigInt(-9999n, 9999n), fc.integer({ min: 0, max: 13 }))
      .map(([digits, zeros]) => digits * 10n ** BigInt(zeros)),
  );

  test.each([0, 1, 2, 3, 4])(
    "of scale %i are written as wider ones are",
    async (scale) => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.option(value), { minLength: 1, maxLength: 60 }),
          async (values) => {
            const rows = values.map((one) =>
              one === null ? "(NULL)" : `('${plain(one, scale)}')`,
            );
            const binary = (width: number): Promise<Buffer> =>
              encodeQuery(
                kernel,
                `SELECT CAST(x AS DECIMAL(${width},${scale})) FROM (VALUES ${rows.join(",")}) v(x)`,
                [{ kind: "numeric", precision: width, scale }],
                postgresFormat(["binary"]),
              );
            expect(await binary(18)).toEqual(await binary(38));
          },
        ),
        { numRuns: 15 },
      );
    },
  );

  test("of 4, 9 and 18 digits hold PostgreSQL's bytes", async () => {
    const bytes = await encodeQuery(
      kernel,
      `SELECT 0.00::DECIMAL(4,2), -12.5::DECIMAL(4,2), 10000::DECIMAL(9,0), 0.0100::DECIMAL(9,4),
        -99999999999999.9999::DECIMAL(18,4), 100000000.00::DECIMAL(18,2)`,
      [2, 2, 0, 4, 4, 2].map((scale) => ({
        kind: "numeric",
        precision: 18,
        scale,
      })),
      postgresFormat(new Array<"binary">(6).fill("binary")),
    );
    const [row = []] = readDataRows(bytes);
    expect(row.map((cell) => cell?.toString("hex"))).toEqual([
      "0000000000000002",
      "0002000040000002000c1388",
      "00010001000000000001",
      "0001ffff000000040064",
      "00050003400000040063270f270f270f270f",
      "00010002000000020001",
    ]);
  });
});

function plain(value: bigint, scale: number): string {
  const digits = String(value < 0n ? -value : value).padStart(scale + 1, "0");
  const point = digits.length - scale;
  const fraction = scale === 0 ? "" : `.${digits.slice(point)}`;
  return `${value < 0n ? "-" : ""}${digits.slice(0, point)}${fraction}`;
}

describe("rows", () => {
  test("hold cells of any length, beside NULL and empty ones", async () => {
    const lengths = [0, 1, 12, 13, 15, 16, 17, 31, 32, 33, 5000, 70_000];
    const values = lengths.map((length) =>
      "äz".repeat(length).slice(0, length),
    );
    const sql = `SELECT x, NULL, x || '!' FROM (VALUES ${values.map((value) => `('${value}')`).join(",")}) v(x)`;
    const bytes = await encodeQuery(
      kernel,
      sql,
      [{ kind: "text" }, { kind: "text" }, { kind: "text" }],
      postgresFormat(["text", "text", "text"]),
    );
    const rows = readDataRows(bytes).map((row) =>
      row.map((cell) => cell?.toString() ?? null),
    );
    expect(rows).toEqual(values.map((value) => [value, null, `${value}!`]));
  });

  test("of COPY hold a NULL text of any length", async () => {
    const nothing = "nothing at all, and more than sixteen bytes of it";
    const bytes = await encodeQuery(
      kernel,
      "SELECT * FROM (VALUES (1, NULL, 'a'), (NULL, 'b;c', NULL)) v(x, y, z)",
      [{ kind: "int4" }, { kind: "text" }, { kind: "text" }],
      {
        kind: "copy",
        copy: { kind: "text", delimiter: ";", null: nothing, header: "none" },
        output: DEFAULT_OUTPUT,
      },
    );
    expect(messagesOf(bytes)).toEqual([
      `1;${nothing};a\n`,
      `${nothing};b\\;c;${nothing}\n`,
    ]);
  });
});

function messagesOf(bytes: Buffer): readonly string[] {
  const messages: string[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = at + 1 + bytes.readUInt32BE(at + 1);
    messages.push(bytes.toString("utf8", at + 5, end));
    at = end;
  }
  return messages;
}

describe("memory of rows", () => {
  test("is taken again once it was given back, and only once", () => {
    const first = takeMemory(300_000);
    giveBack(first);
    giveBack(first);
    const second = takeMemory(200_000);
    const third = takeMemory(200_000);
    expect(second.buffer).toBe(first.buffer);
    expect(second.length).toBe(200_000);
    expect(third.buffer).not.toBe(first.buffer);
  });

  test("that was made elsewhere stays with its owner", () => {
    const foreign = new Uint8Array(900_000);
    giveBack(foreign);
    expect(takeMemory(900_000).buffer).not.toBe(foreign.buffer);
  });
});
