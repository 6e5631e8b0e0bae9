// A connection that shows every message it gets as one line of a transcript. The log-in is node pg's, the codec pg-protocol's:
// none of it is ours.

import type { Duplex } from "node:stream";
import type pg from "pg";
import { parse } from "pg-protocol";
import { socketOf } from "../socket-of.ts";

/** A server that says nothing for so long has forgotten us. */
const SILENCE_MS = 10_000;

const TYPE_NAMES: ReadonlyMap<number, string> = new Map([
  [16, "bool"],
  [17, "bytea"],
  [20, "int8"],
  [21, "int2"],
  [23, "int4"],
  [25, "text"],
  [701, "float8"],
  [1007, "int4[]"],
  [1043, "varchar"],
  [1082, "date"],
  [1114, "timestamp"],
  [1184, "timestamptz"],
  [1700, "numeric"],
  [2950, "uuid"],
  [3802, "jsonb"],
]);

export class TranscriptClient {
  readonly #stream: Duplex;
  readonly #lines: string[] = [];
  #wake: (() => void) | undefined;
  #closed = false;

  /** Takes over a connected client's socket. */
  constructor(client: pg.Client) {
    this.#stream = socketOf(client);
    this.#stream.removeAllListeners("data");
    this.#stream.removeAllListeners("end");
    const end = (): void => {
      this.#closed = true;
      this.#wake?.();
    };
    this.#stream.on("end", end);
    this.#stream.on("close", end);
    void parse(this.#stream, (message) => {
      this.#lines.push(printMessage(message));
      this.#wake?.();
    });
  }

  send(bytes: Buffer): void {
    this.#stream.write(bytes);
  }

  /** Waits for so many messages, or the end of the connection. A silence before that gives what came. */
  async take(count: number): Promise<readonly string[]> {
    while (this.#lines.length < count && !this.#closed) {
      if (!(await this.#more(SILENCE_MS))) break;
    }
    return this.#lines.splice(0, count);
  }

  /** What comes until so many ReadyForQuery have come; with none to wait for, until it is quiet. For rewriting transcripts. */
  async takeUntilReady(readyCount: number): Promise<readonly string[]> {
    const isReady = (line: string): boolean => line.startsWith("ReadyForQuery");
    const quietMs = readyCount === 0 ? 300 : SILENCE_MS;
    while (
      !this.#closed &&
      (readyCount === 0 || this.#lines.filter(isReady).length < readyCount)
    ) {
      if (!(await this.#more(quietMs))) break;
    }
    return this.#lines.splice(0);
  }

  /** Says good-bye; what still comes belongs to no block of the transcript. */
  async end(): Promise<readonly string[]> {
    if (!this.#closed) this.#stream.write(Buffer.from([0x58, 0, 0, 0, 4]));
    while (!this.#closed) {
      if (!(await this.#more(SILENCE_MS))) break;
    }
    this.#stream.destroy();
    return this.#lines.splice(0);
  }

  /** False after a silence. */
  #more(silenceMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), silenceMs);
      this.#wake = () => {
        clearTimeout(timer);
        this.#wake = undefined;
        resolve(true);
      };
    });
  }
}

interface Message {
  readonly name: string;
}

const MESSAGE_NAMES: Readonly<Record<string, string>> = {
  parseComplete: "ParseComplete",
  bindComplete: "BindComplete",
  closeComplete: "CloseComplete",
  noData: "NoData",
  portalSuspended: "PortalSuspended",
  emptyQuery: "EmptyQueryResponse",
};

function printMessage(message: Message): string {
  const field = (name: string): unknown => Reflect.get(message, name);
  switch (message.name) {
    case "rowDescription":
      return `RowDescription ${list(field("fields")).map(printField).join(" ")}`.trim();
    case "dataRow":
      return `DataRow ${list(field("fields"))
        .map((cell) => (typeof cell === "string" ? quoted(cell) : "NULL"))
        .join(" ")}`.trim();
    case "commandComplete":
      return `CommandComplete ${String(field("text"))}`;
    case "readyForQuery":
      return `ReadyForQuery ${String(field("status"))}`;
    case "parameterStatus":
      return `ParameterStatus ${String(field("parameterName"))}=${String(field("parameterValue"))}`;
    case "parameterDescription":
      return `ParameterDescription ${list(field("dataTypeIDs"))
        .map((oid) => typeName(Number(oid)))
        .join(" ")}`.trim();
    case "error":
      return `ErrorResponse ${printReport(field)}`;
    case "notice":
      return `NoticeResponse ${printReport(field)}`;
    default:
      return MESSAGE_NAMES[message.name] ?? message.name;
  }
}

function printReport(field: (name: string) => unknown): string {
  const position = field("position");
  const place = typeof position === "string" ? ` at ${position}` : "";
  return `${String(field("severity"))} ${String(field("code"))} ${String(field("message"))}${place}`;
}

function printField(value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value);
  const format = Reflect.get(value, "format") === "binary" ? ":binary" : "";
  const oid = Number(Reflect.get(value, "dataTypeID"));
  return `${String(Reflect.get(value, "name"))}:${typeName(oid)}${format}`;
}

function typeName(oid: number): string {
  return TYPE_NAMES.get(oid) ?? String(oid);
}

/** Binary cells are shown as far as they are text. */
function quoted(cell: string): string {
  return /^[\x21-\x7e]+$/.test(cell) && cell !== "NULL"
    ? cell
    : JSON.stringify(cell);
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
