// Rows out of the client's bytes: the same whatever way they are cut, and whatever they hold.

import { describe, expect, test } from "vitest";
import type { CopyFormat } from "../../../../planner/logical/copy-format.ts";
import { SqlError } from "../../../../storage/common/errors.ts";
import { fc } from "../../../../storage/common/property.testkit.ts";
import type { ClientField } from "../../fragment.ts";
import { rowDecoder } from "./row-decoder.ts";

const TEXT: CopyFormat = {
  kind: "text",
  delimiter: "\t",
  null: "\\N",
  header: "none",
};
const CSV: CopyFormat = {
  kind: "csv",
  delimiter: ",",
  null: "",
  header: "none",
  quote: '"',
  escape: '"',
  forceQuote: [],
  forceNotNull: [],
  forceNull: [],
};
const BINARY: CopyFormat = { kind: "binary" };

const FIELDS: readonly ClientField[] = ["a", "b"].map((column) => ({
  name: column,
  column,
  type: { kind: "text" },
}));

type Row = readonly (string | null)[];

/** The rows with the line each was found on; at a failure, its code. */
function decode(
  format: CopyFormat,
  pieces: readonly Uint8Array[],
): readonly unknown[] {
  const decoder = rowDecoder(format, FIELDS);
  const rows: unknown[] = [];
  const take = (atEnd: boolean): void => {
    while (decoder.next(atEnd)) {
      decoder.checkCount();
      const row = FIELDS.map((_, place) => decoder.fields.text(place));
      rows.push([decoder.lineName, ...row]);
    }
  };
  try {
    for (const piece of pieces) {
      decoder.push(piece);
      take(false);
    }
    take(true);
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    rows.push([decoder.lineName, error.code, error.message]);
  }
  return rows;
}

function cut(bytes: Buffer, cuts: readonly number[]): readonly Uint8Array[] {
  const places = [...new Set(cuts.map((at) => at % (bytes.length + 1)))];
  const ends = [...places.toSorted((a, b) => a - b), bytes.length];
  return ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
}

const cuts = fc.array(fc.nat(), { maxLength: 12 });
/** Without NUL, which no text of PostgreSQL holds. */
const value = fc.option(
  fc.string({ unit: "grapheme" }).map((text) => text.replaceAll("\0", "")),
);
const table = fc.array(fc.tuple(value, value), { maxLength: 20 });

function textOf(rows: readonly Row[]): Buffer {
  const letters: Record<string, string> = {
    "\\": "\\\\",
    "\t": "\\t",
    "\n": "\\n",
    "\r": "\\r",
  };
  const cell = (text: string | null): string =>
    text === null
      ? "\\N"
      : text.replaceAll(/[\\\t\n\r]/g, (found) => letters[found] ?? found);
  return Buffer.from(
    rows.map((row) => `${row.map(cell).join("\t")}\n`).join(""),
  );
}

function csvOf(rows: readonly Row[]): Buffer {
  const cell = (text: string | null): string =>
    text === null ? "" : `"${text.replaceAll('"', '""')}"`;
  return Buffer.from(
    rows.map((row) => `${row.map(cell).join(",")}\n`).join(""),
  );
}

function binaryOf(rows: readonly Row[]): Buffer {
  const int = (size: 2 | 4, number: number): Buffer => {
    const bytes = Buffer.alloc(size);
    bytes.writeIntBE(number, 0, size);
    return bytes;
  };
  return Buffer.concat([
    Buffer.from("PGCOPY\n\xff\r\n\0", "latin1"),
    int(4, 0),
    int(4, 0),
    ...rows.flatMap((row) => [
      int(2, row.length),
      ...row.flatMap((text) => {
        if (text === null) return [int(4, -1)];
        const bytes = Buffer.from(text);
        return [int(4, bytes.length), bytes];
      }),
    ]),
    int(2, -1),
  ]);
}

describe.each([
  ["text", TEXT, textOf],
  ["csv", CSV, csvOf],
  ["binary", BINARY, binaryOf],
] as const)("the %s format", (_, format, encode) => {
  test("gives back every value, however its bytes are cut", () => {
    fc.assert(
      fc.property(table, cuts, (rows, places) => {
        const decoded = decode(format, cut(encode(rows), places));
        expect(
          decoded.map((row) => (Array.isArray(row) ? row.slice(1) : row)),
        ).toEqual(rows);
      }),
    );
  });

  test("answers any bytes with rows or an error, the same however they are cut", () => {
    const bytes = fc
      .array(fc.constantFrom(...'ab\\.N\t,"\r\n\0\x80x1'.split("")), {
        maxLength: 60,
      })
      .map((letters) => Buffer.from(letters.join(""), "latin1"));
    fc.assert(
      fc.property(bytes, cuts, (input, places) => {
        expect(decode(format, cut(input, places))).toEqual(
          decode(format, [input]),
        );
      }),
      { numRuns: 1000 },
    );
  });
});
