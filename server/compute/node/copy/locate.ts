// A portion of rows was refused as a whole: which row comes first, and for what. Rows are read once more, one by one, as PostgreSQL
// reads them, each field by its type's input function; a rule of the table that a row breaks is looked for by halves.

import { readValue } from "../../../../planner/functions/input.ts";
import {
  typeName,
  type DataType,
} from "../../../../storage/common/data-type.ts";
import { SqlError } from "../../../../storage/common/errors.ts";
import type { ClientRows } from "../../fragment.ts";
import { BinaryDecoder } from "./binary-decoder.ts";
import { inColumn, inLine } from "./context.ts";
import type { DecoderPlace, RowDecoder } from "./decoder.ts";
import { rowDecoder } from "./row-decoder.ts";

/** The bytes a portion was decoded from. */
export interface Portion {
  readonly place: DecoderPlace;
  readonly pieces: readonly Uint8Array[];
  /** True when nothing followed them. */
  readonly atEnd: boolean;
}

export interface UnreadableRow {
  readonly error: SqlError;
  /** Rows before it, all of them readable. */
  readonly rowsBefore: number;
}

/** The first row that cannot be read, with its error's context; undefined when all can. */
export function unreadableRow(
  portion: Portion,
  client: ClientRows,
): UnreadableRow | undefined {
  let rowsBefore = 0;
  const rows = rowsOf(portion, client);
  try {
    for (const decoder of rows) {
      checkRow(decoder, client);
      rowsBefore += 1;
    }
    return undefined;
  } catch (error) {
    if (error instanceof SqlError) return { error, rowsBefore };
    throw error;
  }
}

/** An error of row number `place` of the portion, from 0, with its line. */
export function inRow(
  error: SqlError,
  portion: Portion,
  client: ClientRows,
  place: number,
): SqlError {
  let at = 0;
  for (const decoder of rowsOf(portion, client)) {
    if (at === place) return inLine(error, client.tableName, decoder);
    at += 1;
  }
  return error;
}

function* rowsOf(
  portion: Portion,
  client: ClientRows,
): Generator<RowDecoder, void, undefined> {
  const decoder = rowDecoder(client.format, client.fields, portion.place);
  for (const piece of portion.pieces) {
    decoder.push(piece);
    while (nextRow(decoder, client, false)) yield decoder;
  }
  while (portion.atEnd && nextRow(decoder, client, true)) yield decoder;
}

/** The smallest number of rows from the portion's begin that `fails`; `most` rows are known to. */
export async function fewestFailing(
  most: number,
  fails: (rows: number) => Promise<boolean>,
): Promise<number> {
  let good = 0;
  let bad = most;
  while (bad - good > 1) {
    const middle = good + Math.floor((bad - good) / 2);
    if (await fails(middle)) bad = middle;
    else good = middle;
  }
  return bad;
}

function nextRow(
  decoder: RowDecoder,
  client: ClientRows,
  atEnd: boolean,
): boolean {
  try {
    return decoder.next(atEnd);
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    const failed =
      decoder instanceof BinaryDecoder
        ? client.fields[decoder.failedField]
        : undefined;
    const { tableName: table } = client;
    if (decoder instanceof BinaryDecoder && !decoder.place.begun) throw error;
    throw failed === undefined
      ? inLine(error, table, decoder)
      : inColumn(error, { table, decoder, column: failed.column, value: "" });
  }
}

/** Throws what the row is refused for. */
function checkRow(decoder: RowDecoder, client: ClientRows): void {
  const { tableName: table, settings } = client;
  const { count } = decoder.fields;
  client.fields.slice(0, count).forEach(({ column, type }, place) => {
    const value = decoder.fields.text(place);
    try {
      if (value !== null) read(value, type, settings);
    } catch (error) {
      throw error instanceof SqlError
        ? inColumn(error, { table, decoder, column, value })
        : error;
    }
  });
  try {
    decoder.checkCount();
  } catch (error) {
    throw error instanceof SqlError ? inLine(error, table, decoder) : error;
  }
}

function read(
  value: string,
  type: DataType,
  settings: ClientRows["settings"],
): void {
  if (type.kind === "varchar" || type.kind === "bpchar") {
    refuseTooLong(value, type);
  }
  readValue(value, type, settings);
}

/** 22001: only blanks beyond the length are cut. */
function refuseTooLong(
  value: string,
  type: DataType & { readonly kind: "varchar" | "bpchar" },
): void {
  const { length } = type;
  if (length === undefined) return;
  if (Array.from(value.replace(/ +$/, "")).length <= length) return;
  throw new SqlError(
    "22001",
    `value too long for type ${typeName(type)}(${length})`,
  );
}
