// Frontend messages of the one statement a relay sends, and the backend messages it gets back (manual, "Message Formats").

import { SqlError } from "../../storage/common/errors.ts";
import { SQLSTATES, type SqlState } from "../../storage/common/sqlstate.ts";

/** A column as the mirror's RowDescription gives it. */
export interface MirrorColumn {
  readonly name: string;
  readonly tableOid: number;
  readonly columnNumber: number;
  readonly typeOid: number;
  readonly typeSize: number;
  readonly typeModifier: number;
}

export interface Answer {
  readonly parameterOids: readonly number[];
  /** Undefined when the statement was not described, or returns no rows. */
  readonly columns: readonly MirrorColumn[] | undefined;
  /** DataRow messages back to back. */
  readonly rows: Uint8Array;
  readonly rowCount: number;
  readonly notices: readonly MirrorNotice[];
  /** What went wrong after the columns were known, or before. */
  readonly error: SqlError | undefined;
}

/** A session to be ended, or a word for the client. */
export type MirrorNotice =
  | { readonly kind: "cancel" | "terminate"; readonly pid: number }
  | { readonly kind: "warning"; readonly message: string };

/** Parse, Describe, Sync. An oid of 0 leaves the parameter's type open. */
export function describeMessages(
  sql: string,
  parameterOids: readonly number[],
): Buffer {
  return Buffer.concat([parse(sql, parameterOids), DESCRIBE, SYNC]);
}

/** Describes a statement without parameters and runs it, its rows in text: what a client asks next, in one turn. */
export function describeAndExecuteMessages(sql: string): Buffer {
  const call = { sql, parameterOids: [], values: [], formats: [] };
  return Buffer.concat([
    parse(sql, []),
    DESCRIBE,
    message("B", bindBody(call)),
    EXECUTE,
    SYNC,
  ]);
}

export interface Call {
  readonly sql: string;
  readonly parameterOids: readonly number[];
  /** PostgreSQL's text of each parameter. */
  readonly values: readonly (string | null)[];
  /** One per column; empty for all in text. */
  readonly formats: readonly ("text" | "binary")[];
}

/** Parse, Bind, Execute, Sync. */
export function executeMessages(call: Call): Buffer {
  return Buffer.concat([
    parse(call.sql, call.parameterOids),
    message("B", bindBody(call)),
    EXECUTE,
    SYNC,
  ]);
}

const DESCRIBE = message("D", Buffer.from("S\0"));
const EXECUTE = message("E", Buffer.from("\0\0\0\0\0"));
const SYNC = message("S", Buffer.alloc(0));

/** Reads the answer; an error keeps its SQLSTATE and position (characters from 1 in the text sent). */
export function readAnswer(bytes: Uint8Array): Answer {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const rows: Buffer[] = [];
  const notices: MirrorNotice[] = [];
  let parameterOids: readonly number[] = [];
  let columns: readonly MirrorColumn[] | undefined;
  let error: SqlError | undefined;
  for (const { type, body, whole } of messagesIn(buffer)) {
    if (type === "D") rows.push(whole);
    else if (type === "t") parameterOids = readOids(body);
    else if (type === "T") columns = readColumns(body);
    else if (type === "E") error = readError(body);
    else if (type === "N") notices.push(...readNotice(body));
  }
  return {
    parameterOids,
    columns,
    rows: Buffer.concat(rows),
    rowCount: rows.length,
    notices,
    error,
  };
}

interface Message {
  readonly type: string;
  readonly body: Buffer;
  readonly whole: Buffer;
}

function* messagesIn(buffer: Buffer): Generator<Message> {
  let offset = 0;
  while (offset + 5 <= buffer.length) {
    const end = offset + 1 + buffer.readUInt32BE(offset + 1);
    yield {
      type: String.fromCharCode(buffer.readUInt8(offset)),
      body: buffer.subarray(offset + 5, end),
      whole: buffer.subarray(offset, end),
    };
    offset = end;
  }
}

function parse(sql: string, parameterOids: readonly number[]): Buffer {
  const types = Buffer.alloc(2 + parameterOids.length * 4);
  types.writeUInt16BE(parameterOids.length, 0);
  parameterOids.forEach((oid, at) => types.writeUInt32BE(oid, 2 + at * 4));
  return message("P", Buffer.concat([Buffer.from(`\0${sql}\0`), types]));
}

function bindBody({ values, formats }: Call): Buffer {
  const codes = formats.includes("binary") ? formats : [];
  const cells = values.flatMap((value) => {
    if (value === null) return [int32(-1)];
    const bytes = Buffer.from(value);
    return [int32(bytes.length), bytes];
  });
  return Buffer.concat([
    Buffer.from("\0\0"),
    int16(0),
    int16(values.length),
    ...cells,
    int16(codes.length),
    ...codes.map((format) => int16(format === "binary" ? 1 : 0)),
  ]);
}

function message(type: string, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from(type), int32(body.length + 4), body]);
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function readOids(body: Buffer): readonly number[] {
  return Array.from({ length: body.readUInt16BE(0) }, (_, at) =>
    body.readUInt32BE(2 + at * 4),
  );
}

function readColumns(body: Buffer): readonly MirrorColumn[] {
  let offset = 2;
  return Array.from({ length: body.readUInt16BE(0) }, () => {
    const end = body.indexOf(0, offset);
    const column = {
      name: body.toString("utf8", offset, end),
      tableOid: body.readUInt32BE(end + 1),
      columnNumber: body.readInt16BE(end + 5),
      typeOid: body.readUInt32BE(end + 7),
      typeSize: body.readInt16BE(end + 11),
      typeModifier: body.readInt32BE(end + 13),
    };
    offset = end + 19;
    return column;
  });
}

function readNotice(body: Buffer): readonly MirrorNotice[] {
  const fields = readFields(body);
  const message = fields.get("M") ?? "";
  switch (fields.get("C")) {
    case "SLCAN":
      return [{ kind: "cancel", pid: Number(message) }];
    case "SLTER":
      return [{ kind: "terminate", pid: Number(message) }];
    default:
      return fields.get("V") === "WARNING"
        ? [{ kind: "warning", message }]
        : [];
  }
}

function readFields(body: Buffer): ReadonlyMap<string, string> {
  return new Map(
    body
      .toString("utf8")
      .split("\0")
      .filter((field) => field !== "")
      .map((field) => [field.charAt(0), field.slice(1)]),
  );
}

function readError(body: Buffer): SqlError {
  const fields = readFields(body);
  const code = fields.get("C") ?? "";
  const position = fields.get("P");
  return new SqlError(
    isSqlState(code) ? code : "XX000",
    fields.get("M") ?? "",
    {
      detail: fields.get("D"),
      hint: fields.get("H"),
      position: position === undefined ? undefined : Number(position),
    },
  );
}

function isSqlState(code: string): code is SqlState {
  return Object.hasOwn(SQLSTATES, code);
}
