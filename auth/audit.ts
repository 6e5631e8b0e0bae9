// The audit trail: append-only JSON lines, one record an event (access-control section 18). Every string passes redaction. A record of a
// changed right is on disk before the change is; other records that cannot be written are told to `onError` and the work goes on.

import { randomUUID } from "node:crypto";
import {
  closeSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { auditFailed } from "./errors.ts";
import type { Identity } from "./principal.ts";
import { redact } from "./redact.ts";

export type AuditService = "sqlPermissions" | "accounts" | "databrickssql";

export interface AuditEvent {
  readonly service: AuditService;
  /** Databricks' name: grantPermission, tokenLogin, commandSubmit. */
  readonly action: string;
  /** Undefined when nobody was authenticated. */
  readonly identity: Identity | undefined;
  readonly request: Readonly<Record<string, AuditValue>>;
  readonly status: "ok" | "refused" | "failed";
  /** Why it was refused or failed: more than the client is told. */
  readonly reason?: string | undefined;
  readonly requestId?: string | undefined;
  readonly sessionId?: string | undefined;
  readonly sourceAddress?: string | undefined;
  readonly userAgent?: string | undefined;
}

export type AuditValue = string | number | readonly string[] | undefined;

/** As written: one JSON object a line. */
export interface AuditRecord {
  /** ISO 8601, UTC. */
  readonly event_time: string;
  readonly event_id: string;
  readonly request_id: string | null;
  readonly service_name: AuditService;
  readonly action_name: string;
  readonly user_identity: {
    readonly email: string | null;
    readonly subject_id: string | null;
    /** Id of the access token, or digest of the JSON Web Token; never the credential itself. */
    readonly credential_id: string | null;
  };
  readonly source_ip_address: string | null;
  readonly user_agent: string | null;
  readonly session_id: string | null;
  readonly request_params: Readonly<Record<string, AuditValue>>;
  readonly response: {
    readonly status_code: number;
    readonly error_message: string | null;
    readonly result: string;
  };
}

export interface AuditOptions {
  readonly dataDir: string;
  readonly now: () => number;
  readonly onError: (error: unknown) => void;
  /** A file of this size is closed and renamed. */
  readonly maxFileBytes?: number;
  /** Older closed files are removed. */
  readonly maxFiles?: number;
}

/** The trail, or what a draft keeps for it until it is committed. */
export type Audit = Pick<AuditLog, "record" | "recordOrFail" | "files">;

/** Of the records of one file, milliseconds since 1970. */
interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface AuditFile {
  readonly path: string;
  /** Undefined for the file that is written, and where it is not known. */
  readonly span: Span | undefined;
}

export class AuditLog implements Disposable {
  readonly #folder: string;
  readonly #file: string;
  readonly #options: Required<AuditOptions>;
  #descriptor: number;
  #sizeBytes: number;
  /** Of what this process wrote into the file; undefined where an earlier one had begun it. */
  #span: Span | "empty" | undefined;
  /** Statements that are run again and again are told in the same words. */
  readonly #redacted = new WeakMap<
    AuditEvent["request"],
    AuditRecord["request_params"]
  >();

  constructor(options: AuditOptions) {
    this.#options = {
      maxFileBytes: 64 * 2 ** 20,
      maxFiles: 32,
      ...options,
    };
    this.#folder = join(options.dataDir, "audit");
    this.#file = join(this.#folder, "audit.jsonl");
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    this.#descriptor = openSync(this.#file, "a+", 0o600);
    this.#sizeBytes = fstatSync(this.#descriptor).size;
    this.#span = this.#sizeBytes === 0 ? "empty" : undefined;
    if (this.#sizeBytes > 0) this.#endTornLine();
  }

  /** For events that happened whether recorded or not. */
  record(event: AuditEvent): void {
    try {
      this.#append(this.#build(event), false);
    } catch (error) {
      this.#options.onError(error);
    }
  }

  /** For changes of rights, inside their transaction: on disk before it returns. Throws 58030, and the change must not happen. */
  recordOrFail(event: AuditEvent): void {
    try {
      this.#append(this.#build(event), true);
    } catch (error) {
      throw auditFailed(error);
    }
  }

  /** The oldest first. */
  files(): readonly AuditFile[] {
    const closed = this.#closed().map((name) => ({
      path: join(this.#folder, name),
      span: spanInName(name),
    }));
    return [...closed, { path: this.#file, span: undefined }];
  }

  [Symbol.dispose](): void {
    if (this.#descriptor === CLOSED) return;
    closeSync(this.#descriptor);
    // The number may soon name another file.
    this.#descriptor = CLOSED;
  }

  #build(event: AuditEvent): AuditRecord {
    const { identity } = event;
    return {
      event_time: new Date(this.#options.now()).toISOString(),
      event_id: randomUUID(),
      request_id: event.requestId ?? null,
      service_name: event.service,
      action_name: event.action,
      user_identity: {
        email: identity?.principal.name ?? null,
        subject_id: identity?.principal.id ?? null,
        credential_id: identity?.credential ?? null,
      },
      source_ip_address: event.sourceAddress ?? identity?.clientAddress ?? null,
      user_agent:
        event.userAgent === undefined ? null : redact(event.userAgent),
      session_id: event.sessionId ?? null,
      request_params: this.#params(event.request),
      response: {
        status_code: STATUS_CODES[event.status],
        error_message: event.reason === undefined ? null : redact(event.reason),
        result: event.status,
      },
    };
  }

  #params(request: AuditEvent["request"]): AuditRecord["request_params"] {
    const known = this.#redacted.get(request);
    if (known !== undefined) return known;
    const params = redactParams(request);
    this.#redacted.set(request, params);
    return params;
  }

  #append(record: AuditRecord, durable: boolean): void {
    const line = Buffer.from(`${JSON.stringify(record)}\n`, "utf8");
    if (
      this.#sizeBytes > 0 &&
      this.#sizeBytes + line.length > this.#options.maxFileBytes
    ) {
      this.#rotate();
    }
    let written = 0;
    while (written < line.length) {
      written += writeSync(this.#descriptor, line, written);
    }
    if (durable) fsyncSync(this.#descriptor);
    this.#sizeBytes += line.length;
    if (this.#span !== undefined)
      this.#span = widened(this.#span, Date.parse(record.event_time));
  }

  #rotate(): void {
    fsyncSync(this.#descriptor);
    renameSync(this.#file, this.#nextName(this.#span ?? spanIn(this.#file)));
    const next = openSync(this.#file, "a+", 0o600);
    closeSync(this.#descriptor);
    this.#descriptor = next;
    this.#sizeBytes = 0;
    this.#span = "empty";
    for (const name of this.#closed().slice(0, -this.#options.maxFiles)) {
      rmSync(join(this.#folder, name));
    }
  }

  /** Oldest first, by a number that only grows: times go back when a clock is set back. Names of former versions have none. */
  #closed(): readonly string[] {
    return readdirSync(this.#folder)
      .filter((name) => name.startsWith("audit-"))
      .sort((a, b) => numberOf(a) - numberOf(b) || (a < b ? -1 : 1));
  }

  #nextName(span: Span | "empty" | undefined): string {
    const last = this.#closed().at(-1);
    const next = (last === undefined ? 0 : numberOf(last)) + 1;
    const number = String(next).padStart(8, "0");
    const times =
      span === undefined || span === "empty"
        ? stampOf(this.#options.now())
        : `${stampOf(span.fromMs)}-to-${stampOf(span.toMs)}`;
    return join(this.#folder, `audit-${number}-${times}.jsonl`);
  }

  /** A crash may have cut the last line: the next record must not join it. */
  #endTornLine(): void {
    const last = Buffer.alloc(1);
    readSync(this.#descriptor, last, 0, 1, this.#sizeBytes - 1);
    if (last[0] === LINE_FEED) return;
    this.#sizeBytes += writeSync(this.#descriptor, "\n");
  }
}

function numberOf(name: string): number {
  return Number(/^audit-(\d{8,})-/.exec(name)?.[1] ?? 0);
}

function stampOf(ms: number): string {
  return new Date(ms).toISOString().replaceAll(/[:.]/g, "-");
}

/** Of a file's first and last instant; names of former versions tell less. */
function spanInName(name: string): Span | undefined {
  const [, from, to] =
    /^audit-\d+-(\S{24})-to-(\S{24})\.jsonl$/.exec(name) ?? [];
  const [fromMs, toMs] = [from, to].map((stamp) =>
    Date.parse(
      (stamp ?? "").replace(/T(\d\d)-(\d\d)-(\d\d)-(\d{3})Z$/, "T$1:$2:$3.$4Z"),
    ),
  );
  return fromMs === undefined || toMs === undefined || !(fromMs <= toMs)
    ? undefined
    : { fromMs, toMs };
}

function widened(span: Span | "empty", ms: number): Span {
  return span === "empty"
    ? { fromMs: ms, toMs: ms }
    : { fromMs: Math.min(span.fromMs, ms), toMs: Math.max(span.toMs, ms) };
}

/** Read from the lines of the file. Undefined when one of them does not begin as ours do. */
function spanIn(path: string): Span | undefined {
  const content = readFileSync(path);
  let span: Span | "empty" = "empty";
  for (let at = 0; at < content.length;) {
    const end = content.indexOf(LINE_FEED, at);
    const head = content.toString("latin1", at, at + LINE_HEAD);
    const ms = Date.parse(/^\{"event_time":"([^"]+)"/.exec(head)?.[1] ?? "");
    if (Number.isNaN(ms)) return undefined;
    span = widened(span, ms);
    at = end < 0 ? content.length : end + 1;
  }
  return span === "empty" ? undefined : span;
}

const LINE_HEAD = 48;
const CLOSED = -1;
const LINE_FEED = 0x0a;
const STATUS_CODES = { ok: 200, refused: 403, failed: 500 } as const;

function redactParams(
  params: AuditEvent["request"],
): AuditRecord["request_params"] {
  return Object.fromEntries(
    Object.entries(params).map(([name, value]) => [
      name,
      typeof value === "string"
        ? redact(value)
        : Array.isArray(value)
          ? value.map((item) => redact(String(item)))
          : value,
    ]),
  );
}

/** Torn and foreign lines are left out. */
