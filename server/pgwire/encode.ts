// BackendMessages to bytes.

import { unreachable } from "../../storage/common/invariant.ts";
import type { MessageWriter } from "./message-writer.ts";
import type {
  BackendMessage,
  FieldDescription,
  ReportField,
} from "./messages.ts";

/** Type bytes of messages without a body. */
const EMPTY = {
  ParseComplete: "1",
  BindComplete: "2",
  CloseComplete: "3",
  NoData: "n",
  PortalSuspended: "s",
  EmptyQueryResponse: "I",
  CopyDone: "c",
} as const;

export function encode(message: BackendMessage, to: MessageWriter): void {
  switch (message.kind) {
    case "AuthenticationOk":
      return to.begin(byte("R")).int32(0).end();
    case "AuthenticationCleartextPassword":
      return to.begin(byte("R")).int32(3).end();
    case "AuthenticationSASL":
      return encodeMechanisms(message.mechanisms, to);
    case "AuthenticationSASLContinue":
      return to.begin(byte("R")).int32(11).text(message.data).end();
    case "AuthenticationSASLFinal":
      return to.begin(byte("R")).int32(12).text(message.data).end();
    case "BackendKeyData":
      return to
        .begin(byte("K"))
        .int32(message.processId)
        .bytes(message.secretKey)
        .end();
    case "NegotiateProtocolVersion":
      return encodeNegotiation(message.newestMinor, message.unrecognized, to);
    case "ParameterStatus":
      return to
        .begin(byte("S"))
        .string(message.name)
        .string(message.value)
        .end();
    case "ErrorResponse":
      return encodeFields("E", message.fields, to);
    case "NoticeResponse":
      return encodeFields("N", message.fields, to);
    default:
      return encodeQueryMessage(message, to);
  }
}

type QueryMessage = Extract<
  BackendMessage,
  {
    readonly kind:
      | "ReadyForQuery"
      | "RowDescription"
      | "DataRow"
      | "CommandComplete"
      | "ParameterDescription"
      | "CopyInResponse"
      | "CopyOutResponse"
      | keyof typeof EMPTY;
  }
>;

/** The messages of the query loop. */
function encodeQueryMessage(message: QueryMessage, to: MessageWriter): void {
  switch (message.kind) {
    case "ReadyForQuery":
      return to.begin(byte("Z")).byte(byte(message.status)).end();
    case "RowDescription":
      return encodeRowDescription(message.fields, to);
    case "DataRow":
      return encodeDataRow(message.values, to);
    case "CommandComplete":
      return to.begin(byte("C")).string(message.tag).end();
    case "ParameterDescription":
      return encodeParameterDescription(message.typeOids, to);
    case "CopyInResponse":
    case "CopyOutResponse":
      return encodeCopyResponse(message, to);
    case "CopyDone":
    case "ParseComplete":
    case "BindComplete":
    case "CloseComplete":
    case "NoData":
    case "PortalSuspended":
    case "EmptyQueryResponse":
      return to.begin(byte(EMPTY[message.kind])).end();
    default:
      return unreachable(message);
  }
}

/** Overall format, then one for each column. */
function encodeCopyResponse(
  {
    kind,
    format,
    columnCount,
  }: Extract<QueryMessage, { readonly columnCount: number }>,
  to: MessageWriter,
): void {
  const code = format === "binary" ? 1 : 0;
  to.begin(byte(kind === "CopyInResponse" ? "G" : "H"))
    .byte(code)
    .uint16(columnCount);
  for (let column = 0; column < columnCount; column += 1) to.uint16(code);
  to.end();
}

function encodeMechanisms(
  mechanisms: readonly string[],
  to: MessageWriter,
): void {
  to.begin(byte("R")).int32(10);
  for (const mechanism of mechanisms) to.string(mechanism);
  to.byte(0).end();
}

function encodeNegotiation(
  newestMinor: number,
  unrecognized: readonly string[],
  to: MessageWriter,
): void {
  // libpq reads the whole version here, major number included.
  to.begin(byte("v"))
    .int32((3 << 16) | newestMinor)
    .int32(unrecognized.length);
  for (const option of unrecognized) to.string(option);
  to.end();
}

function encodeRowDescription(
  fields: readonly FieldDescription[],
  to: MessageWriter,
): void {
  to.begin(byte("T")).uint16(fields.length);
  for (const field of fields) {
    to.string(field.name)
      .uint32(field.tableOid)
      .int16(field.columnNumber)
      .uint32(field.typeOid)
      .int16(field.typeSize)
      .int32(field.typeModifier)
      .int16(field.format === "binary" ? 1 : 0);
  }
  to.end();
}

function encodeDataRow(
  values: readonly (Buffer | string | null)[],
  to: MessageWriter,
): void {
  to.begin(byte("D")).uint16(values.length);
  for (const value of values) {
    if (value === null) to.int32(-1);
    else if (typeof value === "string") to.sizedText(value);
    else to.int32(value.length).bytes(value);
  }
  to.end();
}

function encodeParameterDescription(
  typeOids: readonly number[],
  to: MessageWriter,
): void {
  to.begin(byte("t")).uint16(typeOids.length);
  for (const oid of typeOids) to.uint32(oid);
  to.end();
}

function encodeFields(
  type: "E" | "N",
  fields: readonly ReportField[],
  to: MessageWriter,
): void {
  to.begin(byte(type));
  for (const [code, value] of fields) to.byte(byte(code)).string(value);
  to.byte(0).end();
}

function byte(character: string): number {
  return character.charCodeAt(0);
}
