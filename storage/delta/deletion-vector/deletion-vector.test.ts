import { crc32 } from "node:zlib";
import { describe, expect, test } from "vitest";
import { fc } from "../../common/property.testkit.ts";
import { matching } from "../delta.testkit.ts";
import { MemoryStore } from "../../object-store/memory.ts";
import type { DeletionVectorDescriptor } from "../../scan/split.ts";
import { readDeletionVector } from "./deletion-vector.ts";
import { vectorLocation, writeVectors } from "./deletion-vector-file.ts";
import { decodeRoaring64, encodeRoaring64 } from "./roaring.ts";
import {
  countOf,
  rowSetBuilder,
  rowSetOf,
  rowsOf,
  unionOf,
} from "./row-set.ts";
import { decodeZ85, encodeZ85 } from "./z85.ts";

const TWO_ROWS = "^Bg9^0rr910000000000iXQKl0rr91000315c8Xg000f5";
const FOUR_ROWS = "^Bg9^0rr910000000000iXQKl0rr91000935c8Xg000311onP9";

function inline(
  location: string,
  sizeInBytes: number,
  cardinality: number,
): DeletionVectorDescriptor {
  return { storageType: "i", location, sizeInBytes, cardinality };
}

const refused = (reason: RegExp): object => ({
  code: "XX001",
  detail: matching(reason),
});

describe("deletion vectors", () => {
  const store = new MemoryStore();

  test("D5: the published inline vectors delete the published rows", async () => {
    const rows = async (text: string, size: number, count: number) => [
      ...rowsOf(await readDeletionVector(store, inline(text, size, count))),
    ];
    expect(await rows(TWO_ROWS, 36, 2)).toEqual([0, 5]);
    expect(await rows(FOUR_ROWS, 40, 4)).toEqual([0, 1, 4, 5]);
  });

  test("D5: a uuid in Z85 names a file under the table", () => {
    const table = { location: "/l/t", name: "t", lakeRoot: undefined };
    const logged = {
      storageType: "u",
      pathOrInlineDv: "ab^-aqEH.-t@S}K{vb[*k^",
      sizeInBytes: 1,
      cardinality: 1,
    };
    expect(vectorLocation(table, logged).location).toBe(
      "/l/t/ab/deletion_vector_d2c639aa-8816-431a-aaf6-d3fe2512ff61.bin",
    );
  });

  test("D6: another serialization's magic number is refused", async () => {
    const bytes = Buffer.alloc(12);
    bytes.writeUInt32BE(1681511376);
    await expect(
      readDeletionVector(store, inline(encodeZ85(bytes), 12, 0)),
    ).rejects.toMatchObject(refused(/magic/));
  });

  test("D6: a block that exceeds 32 bits is refused, not wrapped", () => {
    expect(() => decodeZ85("#####")).toThrow(
      expect.objectContaining({ code: "XX001" }),
    );
  });

  test("D8: a vector with more or fewer rows than its descriptor says is refused", async () => {
    await expect(
      readDeletionVector(store, inline(TWO_ROWS, 36, 1)),
    ).rejects.toMatchObject(refused(/deletes 2 rows/));
    await expect(
      readDeletionVector(store, inline(FOUR_ROWS, 40, 3)),
    ).rejects.toMatchObject(refused(/deletes 4 rows/));
  });

  test("D2: size, checksum, version and presence of a file are checked", async () => {
    const data = decodeZ85(FOUR_ROWS);
    const file = Buffer.alloc(1 + 4 + data.length + 4);
    file[0] = 1;
    file.writeInt32BE(data.length, 1);
    file.set(data, 5);
    file.writeUInt32BE(crc32(data), 5 + data.length);
    const descriptor: DeletionVectorDescriptor = {
      storageType: "u",
      location: "/t/dv.bin",
      offset: 1,
      sizeInBytes: data.length,
      cardinality: 4,
    };
    await expect(readDeletionVector(store, descriptor)).rejects.toMatchObject({
      code: "58P01",
    });
    await store.put("/t/dv.bin", file);
    expect([...rowsOf(await readDeletionVector(store, descriptor))]).toEqual([
      0, 1, 4, 5,
    ]);
    await expect(
      readDeletionVector(store, { ...descriptor, sizeInBytes: 20 }),
    ).rejects.toMatchObject(refused(/size/));
    const flipped = Buffer.from(file);
    flipped[20] = (flipped[20] ?? 0) ^ 1;
    await store.put("/t/dv.bin", flipped);
    await expect(readDeletionVector(store, descriptor)).rejects.toMatchObject(
      refused(/checksum/),
    );
    await store.put("/t/dv.bin", file.subarray(0, 20));
    await expect(readDeletionVector(store, descriptor)).rejects.toMatchObject(
      refused(/ends/),
    );
    await store.put(
      "/t/dv.bin",
      Buffer.concat([Buffer.of(2), file.subarray(1)]),
    );
    await expect(readDeletionVector(store, descriptor)).rejects.toMatchObject(
      refused(/version/),
    );
  });
});

/** Containers of one bucket as [key, kind, values]; the serialization of RoaringFormatSpec. */
type TestContainer = readonly [
  number,
  "array" | "bits" | "runs",
  readonly number[],
];

function serialize(high: number, containers: readonly TestContainer[]): Buffer {
  const withRuns = containers.some(([, kind]) => kind === "runs");
  const header: number[] = [];
  const flags = Buffer.alloc(Math.ceil(containers.length / 8));
  containers.forEach(([, kind], index) => {
    if (kind === "runs")
      flags[index >> 3] = (flags[index >> 3] ?? 0) | (1 << (index & 7));
  });
  const keys = Buffer.alloc(containers.length * 4);
  containers.forEach(([key, , values], index) => {
    keys.writeUInt16LE(key, index * 4);
    keys.writeUInt16LE(values.length - 1, index * 4 + 2);
  });
  const offsets =
    !withRuns || containers.length >= 4
      ? Buffer.alloc(containers.length * 4)
      : Buffer.alloc(0);
  const cookie = withRuns
    ? [u32(12347 | ((containers.length - 1) << 16)), flags]
    : [u32(12346), u32(containers.length)];
  const bodies = containers.map(([, kind, values]) => body(kind, values));
  return Buffer.concat([
    u32(1681511377),
    u32(1),
    u32(0),
    u32(high),
    ...cookie,
    Buffer.from(header),
    keys,
    offsets,
    ...bodies,
  ]);
}

function body(kind: TestContainer[1], values: readonly number[]): Buffer {
  if (kind === "array") return Buffer.concat(values.map(u16));
  if (kind === "bits") {
    const bits = Buffer.alloc(8192);
    for (const value of values)
      bits[value >> 3] = (bits[value >> 3] ?? 0) | (1 << (value & 7));
    return bits;
  }
  return Buffer.concat([u16(1), u16(values[0] ?? 0), u16(values.length - 1)]);
}

function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes;
}

describe("roaring bitmaps", () => {
  const range = (count: number, step = 1): readonly number[] =>
    Array.from({ length: count }, (_, index) => index * step);
  const cases: readonly (readonly [string, readonly TestContainer[]])[] = [
    [
      "arrays",
      [
        [0, "array", [1, 5]],
        [3, "array", [65535]],
      ],
    ],
    ["bitmaps", [[1, "bits", range(5000, 13)]]],
    [
      "runs without offsets",
      [
        [0, "runs", range(65536)],
        [2, "array", [7]],
      ],
    ],
    [
      "runs with offsets",
      [
        [0, "runs", range(3)],
        [1, "array", [1]],
        [2, "bits", range(4097)],
        [9, "runs", range(10)],
      ],
    ],
  ];

  test.each(cases)("D3: %s are decoded", (_, containers) => {
    const base = 3 * 2 ** 32;
    const wanted = containers.flatMap(([key, , values]) =>
      values.map((value) => base + key * 65536 + value),
    );
    const rows = decodeRoaring64(serialize(3, containers), "x");
    expect([...rowsOf(rows)]).toEqual(wanted);
  });

  test.each(cases)(
    "D8: %s cut at any byte, or with bytes after them, are refused",
    (_, containers) => {
      const bytes = serialize(0, containers);
      for (const length of [0, 3, 11, 17, 23, bytes.length - 1]) {
        expect(() => decodeRoaring64(bytes.subarray(0, length), "x")).toThrow(
          expect.objectContaining({ code: "XX001" }),
        );
      }
      expect(() =>
        decodeRoaring64(Buffer.concat([bytes, Buffer.of(0)]), "x"),
      ).toThrow(/damaged/);
    },
  );
});

/** Positions in clumps, so that arrays, bitmaps and runs all occur, in more than one bucket. */
const POSITIONS = fc
  .array(
    fc.tuple(
      fc.constantFrom(0, 65_530, 70_000, 2 ** 32 - 5, 2 ** 33),
      fc.integer({ min: 1, max: 9000 }),
      fc.constantFrom(1, 1, 2, 13),
    ),
    { maxLength: 5 },
  )
  .map((clumps) => {
    const all = clumps.flatMap(([start, count, step]) =>
      Array.from({ length: count }, (_, index) => start + index * step),
    );
    return [...new Set(all)].sort((a, b) => a - b);
  });

describe("written deletion vectors", () => {
  test("D3: what is encoded decodes to the same rows", () => {
    fc.assert(
      fc.property(POSITIONS, (positions) => {
        const encoded = encodeRoaring64(rowSetOf(positions));
        expect([...rowsOf(decodeRoaring64(encoded, "x"))]).toEqual(positions);
      }),
      { numRuns: 60 },
    );
  });

  test("D9: the union of two sets has the rows of both, each once", () => {
    fc.assert(
      fc.property(POSITIONS, POSITIONS, (a, b) => {
        const wanted = [...new Set([...a, ...b])].sort((x, y) => x - y);
        const union = unionOf(rowSetOf(a), rowSetOf(b));
        expect([...rowsOf(union)]).toEqual(wanted);
        expect(countOf(union)).toBe(wanted.length);
      }),
      { numRuns: 60 },
    );
  });

  test("D5: the published rows are encoded as published", () => {
    const bytes = encodeRoaring64(rowSetOf([0, 1, 4, 5]));
    expect(encodeZ85(bytes)).toBe(FOUR_ROWS);
  });

  test("ten million rows take a few megabytes", () => {
    const half = rowSetBuilder();
    for (let row = 0; row < 20_000_000; row += 2) half.add(row);
    expect(encodeRoaring64(half.finish()).length).toBeLessThan(3_000_000);
    const all = rowSetBuilder();
    for (let row = 0; row < 1_000_000; row += 1) all.add(row);
    expect(encodeRoaring64(all.finish()).length).toBeLessThan(500);
  });

  test("D1, D2: several vectors share a file, and each is read back by its descriptor", async () => {
    const store = new MemoryStore();
    const table = { location: "/l/t", name: "t", lakeRoot: undefined };
    const sets = [[3], [0, 1, 2, 90_000], [5_000_000_000]].map(rowSetOf);
    const logged = await writeVectors(store, table, sets);
    expect(
      logged.map(({ offset, cardinality }) => [offset, cardinality]),
    ).toEqual([
      [1, 1],
      [43, 4],
      [99, 1],
    ]);
    for (const [index, vector] of logged.entries()) {
      const read = await readDeletionVector(
        store,
        vectorLocation(table, vector),
      );
      expect([...rowsOf(read)]).toEqual([...rowsOf(sets[index] ?? new Map())]);
    }
    expect(await writeVectors(store, table, [])).toEqual([]);
  });
});
