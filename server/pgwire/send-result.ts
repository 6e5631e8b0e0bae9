// A result as messages: RowDescription, rows, CommandComplete.

import type { DataType } from "../../storage/common/data-type.ts";
import type { OutputColumn, OutputSettings } from "../session/result.ts";
import type { RowPortion, RowReader } from "../session/rows.ts";
import type { FieldDescription, FormatCode } from "./messages.ts";
import { typeModifier, typeOid, typeSize } from "./oids.ts";
import type { Output } from "./output.ts";
import { encodeCell } from "./cell.ts";

export interface RowFormat {
  readonly columns: readonly OutputColumn[];
  /** One per column. */
  readonly formats: readonly FormatCode[];
  readonly output: OutputSettings;
}

export function describeColumns(
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

/** Sends up to `limit` rows, waiting for the client when it is slow. Returns how many were sent. */
export async function sendRows(
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
  { columns, formats, output: settings }: RowFormat,
): void {
  if (portion.kind === "encoded") {
    output.sendEncoded(portion.bytes);
    return;
  }
  const types = columns.map((column): DataType => column.type);
  for (const row of portion.rows) {
    const values = row.map((cell, index) => {
      const type = types[index];
      return cell === null || type === undefined || formats[index] !== "binary"
        ? cell
        : encodeCell(type, cell, settings);
    });
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
