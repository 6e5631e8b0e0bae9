// Bytes from the client to FrontendMessages, over any split of the input. A body that does not read becomes a message of its own,
// so that errors come in the order of what was sent; a bad length or type ends the stream.

import { SqlError } from "../../storage/common/errors.ts";
import { BodyReader } from "./body-reader.ts";
import {
  invalidDescribeTarget,
  invalidMessageLength,
  invalidMessageType,
  unsupportedFormatCode,
} from "./errors.ts";
import type { FormatCode, FrontendMessage } from "./messages.ts";

const HEADER_BYTES = 5;
/** What PostgreSQL allows for messages that carry no data of users. */
const SMALL_MESSAGE_BYTES = 10_000;

const NONE: readonly never[] = [];

type BodyDecoder = (body: BodyReader) => FrontendMessage;

interface MessageFormat {
  readonly decode: BodyDecoder;
  readonly large: boolean;
}

/** By type byte. */
const FORMATS: ReadonlyMap<number, MessageFormat> = new Map(
  (
    [
      ["Q", decodeQuery, true],
      ["P", decodeParse, true],
      ["B", decodeBind, true],
      ["D", (body) => decodeTarget("Describe", body), false],
      ["C", (body) => decodeTarget("Close", body), false],
      ["E", decodeExecute, false],
      ["H", () => ({ kind: "Flush" }), false],
      ["S", () => ({ kind: "Sync" }), false],
      ["X", () => ({ kind: "Terminate" }), false],
      ["d", (body) => ({ kind: "CopyData", data: body.rest() }), true],
      ["c", () => ({ kind: "CopyDone" }), false],
      ["f", (body) => ({ kind: "CopyFail", reason: body.string() }), false],
      ["F", decodeFunctionCall, true],
      [
        "p",
        (body) => ({ kind: "AuthenticationResponse", body: body.rest() }),
        true,
      ],
    ] satisfies readonly (readonly [string, BodyDecoder, boolean])[]
  ).map(([type, decode, large]) => [type.charCodeAt(0), { decode, large }]),
);

export class Decoder {
  /** Limit for messages with data, raised after the log-in. */
  maxMessageBytes: number;
  #chunks: Buffer[] = [];
  #length = 0;
  /** Where the next message begins, in what is being decoded. */
  #at = 0;
  /** Bytes needed before anything more can be decoded. */
  #needed = HEADER_BYTES;
  #broken = false;

  constructor(maxMessageBytes: number) {
    this.maxMessageBytes = maxMessageBytes;
  }

  /** Bytes that wait for the rest of their message. */
  get bufferedBytes(): number {
    return this.#length;
  }

  /** Appends the messages that `chunk` completes to `messages`. After a Broken one no more come. */
  push(chunk: Buffer, messages: FrontendMessage[]): void {
    if (this.#broken) return;
    const length = this.#length + chunk.length;
    if (length < this.#needed) {
      this.#keep(chunk);
      return;
    }
    const bytes = this.#joined(chunk);
    this.#at = 0;
    for (;;) {
      const message = this.#next(bytes);
      if (message === undefined) break;
      messages.push(message);
      if (message.kind !== "Broken") continue;
      this.#broken = true;
      return;
    }
    if (this.#at < bytes.length) this.#keep(bytes.subarray(this.#at));
  }

  /** The message that begins where the last one ended; undefined when it is not all there. */
  #next(bytes: Buffer): FrontendMessage | undefined {
    const start = this.#at;
    const left = bytes.length - start;
    this.#needed = HEADER_BYTES;
    if (left < 1) return undefined;
    const type = bytes.readUInt8(start);
    const format = FORMATS.get(type);
    if (format === undefined) return broken(invalidMessageType(type));
    if (left < HEADER_BYTES) return undefined;
    const length = bytes.readInt32BE(start + 1);
    const limit = format.large ? this.maxMessageBytes : SMALL_MESSAGE_BYTES;
    if (length < 4 || length > limit) return broken(invalidMessageLength());
    const end = start + 1 + length;
    if (end > bytes.length) {
      this.#needed = 1 + length;
      return undefined;
    }
    this.#at = end;
    const body = new BodyReader(bytes, start + HEADER_BYTES, end);
    return decodeBody(type, format, body);
  }

  /** All that has waited, with `chunk` behind it. */
  #joined(chunk: Buffer): Buffer {
    if (this.#length === 0) return chunk;
    this.#keep(chunk);
    const bytes = Buffer.concat(this.#chunks, this.#length);
    this.#chunks = [];
    this.#length = 0;
    return bytes;
  }

  #keep(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
  }
}

function broken(error: SqlError): FrontendMessage {
  return { kind: "Broken", error };
}

function decodeBody(
  type: number,
  format: MessageFormat,
  body: BodyReader,
): FrontendMessage {
  try {
    const message = format.decode(body);
    body.end();
    return message;
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    return { kind: "Malformed", type: String.fromCharCode(type), error };
  }
}

function decodeQuery(body: BodyReader): FrontendMessage {
  return { kind: "Query", query: body.string() };
}

function decodeParse(body: BodyReader): FrontendMessage {
  const statement = body.string();
  const query = body.string();
  const parameterTypes = times(body.uint16(), () => body.uint32());
  return { kind: "Parse", statement, query, parameterTypes };
}

function decodeBind(body: BodyReader): FrontendMessage {
  const portal = body.string();
  const statement = body.string();
  const parameterFormats = times(body.uint16(), () => formatCode(body));
  const parameters = times(body.uint16(), () => {
    const length = body.int32();
    return length === -1 ? null : body.bytes(length);
  });
  const resultFormats = times(body.uint16(), () => formatCode(body));
  return {
    kind: "Bind",
    portal,
    statement,
    parameterFormats,
    parameters,
    resultFormats,
  };
}

function decodeTarget(
  kind: "Describe" | "Close",
  body: BodyReader,
): FrontendMessage {
  const code = body.byte();
  const name = body.string();
  switch (code) {
    case 0x53:
      return { kind, target: "statement", name };
    case 0x50:
      return { kind, target: "portal", name };
    default:
      throw invalidDescribeTarget(kind.toUpperCase(), code);
  }
}

function decodeExecute(body: BodyReader): FrontendMessage {
  const portal = body.string();
  // PostgreSQL takes a negative number as no limit.
  const maxRows = Math.max(body.int32(), 0);
  return { kind: "Execute", portal, maxRows };
}

/** Refused whatever it says, so its fields are not read. */
function decodeFunctionCall(body: BodyReader): FrontendMessage {
  body.rest();
  return { kind: "FunctionCall" };
}

function formatCode(body: BodyReader): FormatCode {
  const code = body.int16();
  if (code === 0) return "text";
  if (code === 1) return "binary";
  throw unsupportedFormatCode(code);
}

function times<T>(count: number, read: () => T): readonly T[] {
  if (count === 0) return NONE;
  const items: T[] = [];
  for (let index = 0; index < count; index += 1) items.push(read());
  return items;
}
