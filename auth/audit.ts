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

export class AuditLog implements Disposable {
  readonly #folder: string;
  readonly #file: string;
  readonly #options: Required<AuditOptions>;
  #descriptor: number;
  #sizeBytes: number;
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
  files(): readonly string[] {
    const closed = this.#closed().map((name) => join(this.#folder, name));
    return [...closed, this.#file];
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
  }

  #rotate(): void {
    fsyncSync(this.#descriptor);
    const stamp = new Date(this.#options.now())
      .toISOString()
      .replaceAll(/[:.]/g, "-");
    renameSync(this.#file, this.#nextName(stamp));
    const next = openSync(this.#file, "a+", 0o600);
    closeSync(this.#descriptor);
    this.#descriptor = next;
    this.#sizeBytes = 0;
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

  #nextName(stamp: string): string {
    const last = this.#closed().at(-1);
    const next = (last === undefined ? 0 : numberOf(last)) + 1;
    const number = String(next).padStart(8, "0");
    return join(this.#folder, `audit-${number}-${stamp}.jsonl`);
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
