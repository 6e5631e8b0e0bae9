// A result as messages: RowDescription, rows, CommandComplete.

import { after, type Awaitable } from "../session/awaitable.ts";
import type { OutputColumn, OutputSettings } from "../session/result.ts";
import type { RowPortion, RowReader, TextRow } from "../session/rows.ts";
import { MessageWriter } from "./message-writer.ts";
import type { FieldDescription, FormatCode } from "./messages.ts";
import { typeModifier, typeOid, typeSize } from "./oids.ts";
import type { Output } from "./output.ts";
import { encode } from "./encode.ts";
import { encodeCell } from "./cell.ts";

export interface RowFormat {
  readonly columns: readonly OutputColumn[];
  /** One per column. */
  readonly formats: readonly FormatCode[];
  readonly output: OutputSettings;
}

/** What was last sent of a result's columns: clients run the same statements again and again. */
const DESCRIBED = new WeakMap<readonly OutputColumn[], Description>();

interface Description {
  readonly formats: readonly FormatCode[];
  /** RowDescription. */
  readonly message: Uint8Array;
}

export function sendDescription(
  output: Output,
  columns: readonly OutputColumn[],
  formats: readonly FormatCode[],
): void {
  let known = DESCRIBED.get(columns);
  if (known?.formats !== formats) {
    const fields = describeColumns(columns, formats);
    const writer = new MessageWriter();
    encode({ kind: "RowDescription", fields }, writer);
    known = { formats, message: Uint8Array.from(writer.take()) };
    DESCRIBED.set(columns, known);
  }
  output.sendEncoded(known.message);
}

function describeColumns(
  columns: readonly OutputColumn[],
  formats: readonly FormatCode[],
): readonly FieldDescription[] {
  return columns.map((column, index) => ({
    name: column.name,
    tableOid: column.tableOid ?? 0,
    columnNumber: column.columnNumber ?? 0,
    typeOid: column.wireType?.oid ?? typeOid(column.type),
    typeSize: column.wireType?.size ?? typeSize(column.type),
    typeModifier: column.wireType?.modifier ?? typeModifier(column.type),
    format: formats[index] ?? "text",
  }));
}

/** Sends up to `limit` rows, waiting for the client when it is slow. Gives how many were sent. */
export function sendRows(
  output: Output,
  reader: RowReader,
  format: RowFormat,
  limit: number,
): Awaitable<number> {
  const rows = reader.nextText(limit);
  if (rows === undefined) return sendBatches(output, reader, format, limit);
  sendText(output, rows, format);
  return after(output.backPressure, () => rows.length);
}

async function sendBatches(
  output: Output,
  reader: RowReader,
  format: RowFormat,
  limit: number,
): Promise<number> {
  let sent = 0;
  while (sent < limit) {
    const portion = await reader.next(limit - sent);
    if (portion === undefined) break;
    sendPortion(output, portion, format);
    sent += portion.rowCount;
    await output.backPressure;
  }
  return sent;
}

function sendPortion(
  output: Output,
  portion: RowPortion,
  format: RowFormat,
): void {
  if (portion.kind === "encoded") output.sendEncoded(portion.bytes);
  else sendText(output, portion.rows, format);
}

function sendText(
  output: Output,
  rows: readonly TextRow[],
  { columns, formats, output: settings }: RowFormat,
): void {
  const anyBinary = formats.includes("binary");
  for (const row of rows) {
    const values = anyBinary
      ? row.map((cell, index) => {
          const type = columns[index]?.type;
          return cell === null ||
            type === undefined ||
            formats[index] !== "binary"
            ? cell
            : encodeCell(type, cell, settings);
        })
      : row;
    output.send({ kind: "DataRow", values });
  }
}

/** `SELECT 5`, `INSERT 0 5`, `SHOW`. */
export function commandTag(
  tag: string,
  countInTag: boolean,
  rowCount: number,
): string {
  return countInTag ? `${tag} ${rowCount}` : tag;
}
