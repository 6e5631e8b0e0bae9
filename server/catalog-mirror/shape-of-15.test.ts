import { expect, test } from "vitest";
import type { MirrorColumn } from "./messages.ts";
import { formatsBefore, reshaped, shapeOf } from "./shape-of-15.ts";

const ATTRIBUTE = 1249;
const COUNT = 25;

function column(tableOid: number, columnNumber: number): MirrorColumn {
  return {
    name: `c${columnNumber}`,
    tableOid,
    columnNumber,
    typeOid: 21,
    typeSize: 2,
    typeModifier: -1,
  };
}

const star = (tableOid: number, count: number): readonly MirrorColumn[] =>
  Array.from({ length: count }, (_, at) => column(tableOid, at + 1));

/** A DataRow; undefined is NULL. */
function row(cells: readonly (Buffer | undefined)[]): Buffer {
  const body = Buffer.concat(
    cells.map((cell) => {
      const length = Buffer.alloc(4);
      length.writeInt32BE(cell?.length ?? -1);
      return Buffer.concat([length, cell ?? Buffer.alloc(0)]);
    }),
  );
  const header = Buffer.alloc(7);
  header.write("D");
  header.writeInt32BE(body.length + 6, 1);
  header.writeInt16BE(cells.length, 5);
  return Buffer.concat([header, body]);
}

const text = (value: number): Buffer => Buffer.from(String(value));
const binary = (bytes: number, value: number): Buffer => {
  const buffer = Buffer.alloc(bytes);
  buffer.writeIntBE(value, 0, bytes);
  return buffer;
};

test("columns that 15 has too are left alone", () => {
  expect(shapeOf([column(1247, 1), column(ATTRIBUTE, 2)])).toBeUndefined();
});

test("every column of pg_class loses the one that came later, wherever it stands", () => {
  const shape = shapeOf([column(1247, 1), ...star(1259, 34), column(1247, 2)]);
  expect(shape?.columns).toHaveLength(35);
  expect(shape?.columns.map(({ name }) => name)).not.toContain("c13");
});

test("a column asked for by itself stays, with the type it had", () => {
  const shape = shapeOf([column(ATTRIBUTE, 21), column(1259, 13)]);
  expect(shape?.columns).toMatchObject([
    { name: "c21", typeOid: 23, typeSize: 4 },
    { name: "c13", typeOid: 21 },
  ]);
});

test("rows of pg_attribute come in the old order, numbers wider, in text and binary", () => {
  const shape = shapeOf(star(ATTRIBUTE, COUNT));
  if (shape === undefined) throw new Error("pg_attribute has changed");
  expect(shape.columns).toHaveLength(COUNT + 1);
  const asText = reshaped(
    shape,
    row(Array.from({ length: COUNT }, (_, at) => text(at + 1))),
    [],
  );
  const order = [
    1, 2, 3, 21, 4, 5, 7, -1, 6, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19,
    20, 22, 23, 24, 25,
  ];
  expect(asText).toEqual(row(order.map(text)));
  const formats = shape.columns.map(() => "binary" as const);
  expect(formatsBefore(shape, formats, COUNT)).toEqual(
    Array.from({ length: COUNT }, () => "binary"),
  );
  const before = row(
    Array.from({ length: COUNT }, (_, at) =>
      at === 20 ? undefined : binary(2, at + 1),
    ),
  );
  const wide = new Set([7, 19, -1]);
  expect(reshaped(shape, Buffer.concat([before, before]), formats)).toEqual(
    Buffer.concat(
      Array.from({ length: 2 }, () =>
        row(
          order.map((value) =>
            value === 21
              ? binary(4, -1)
              : binary(wide.has(value) ? 4 : 2, value),
          ),
        ),
      ),
    ),
  );
});
