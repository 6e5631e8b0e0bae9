// Statements that have ended, for system.query_history. They are kept in memory for a moment and written behind the statements' backs
// to a folder a day and files of one principal each: what somebody may not see is in files that are not read for them. Losing the
// last second in a crash, or all of it on a full disk, fails no statement.

import { appendFile, mkdir, readdir, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Identity } from "../../auth/principal.ts";
import { redact } from "../../auth/redact.ts";
import { SqlError } from "../../storage/common/errors.ts";
import type { PrincipalId } from "../../storage/common/ids.ts";
import type { Clock } from "../session/clock.ts";
import type { Activity, Outcome, Session } from "../session/session.ts";

export interface HistoryOptions {
  readonly folder: string;
  readonly clock: Clock;
  /** Days that are kept beside today; 0 keeps nothing at all. */
  readonly days: number;
  /** Of all files; the oldest go first. */
  readonly maxBytes?: number;
  readonly maxFileBytes?: number;
  readonly onError: (error: unknown) => void;
}

/** One line of a file: as system-tables.ts names its members. */
interface HistoryRecord {
  readonly statement_id: string;
  readonly pid: number;
  readonly executed_by: string;
  readonly executed_by_user_id: string;
  readonly catalog: string;
  readonly client_application: string;
  readonly client_address: string;
  readonly statement_text: string;
  readonly execution_status: "FINISHED" | "FAILED" | "CANCELED";
  readonly error_code: string | null;
  readonly error_message: string | null;
  readonly start_time: string;
  readonly end_time: string;
  readonly total_duration_ms: number;
  readonly produced_rows: number | null;
}

interface Pending {
  readonly session: Session;
  readonly catalog: string;
  readonly applicationName: string;
  readonly statement: Activity;
  readonly outcome: Outcome;
  readonly endedAtMs: number;
}

const MIB = 1024 * 1024;
const FLUSH_MS = 1000;
const DAY_MS = 86_400_000;
/** Characters of a statement that are kept. */
const TEXT_LIMIT = 64 * 1024;
/** Longer than any secret: text is cut behind it first, then redacted, then cut. */
const REDACTION_MARGIN = 4096;
/** Statements whose lines are made at a time: few enough that others hardly wait, and that none of them lives long. */
const PORTION = 500;
const PORTION_CHARACTERS = MIB;
/** What waits to be written; beyond that the newest are lost. */
const MAX_WAITING = 20_000;
const MAX_WAITING_CHARACTERS = 32 * MIB;

export interface HistoryFile {
  readonly path: string;
  /** When its statements ended, milliseconds since 1970, both included. None of them began later. */
  readonly endedMs: { readonly fromMs: number; readonly toMs: number };
}

export class StatementHistory implements AsyncDisposable {
  readonly #options: Required<HistoryOptions>;
  /** Of this process: what an earlier one has left may end in the middle of a line. */
  readonly #run: string;
  #pending: Pending[] = [];
  #pendingCharacters = 0;
  /** Lines that wait to be written, by the start of their file's name. */
  #lines = new Map<string, Buffer[]>();
  #texts = new Texts();
  #waiting = 0;
  #waitingCharacters = 0;
  #writing: Promise<void> = Promise.resolve();
  #stopTimer: (() => void) | undefined;
  /** Bytes of the files being written, and how many of a name were begun. */
  readonly #open = new Map<string, { number: number; bytes: number }>();
  #totalBytes = Number.POSITIVE_INFINITY;
  #sweptDay = "";

  constructor(options: HistoryOptions) {
    this.#options = { maxBytes: 256 * MIB, maxFileBytes: 8 * MIB, ...options };
    this.#run = options.clock.now().toString(36);
  }

  /** Never throws, and takes no longer than noting it does. */
  record(session: Session, statement: Activity, outcome: Outcome): void {
    const size = Math.min(statement.sql.length, TEXT_LIMIT);
    if (
      this.#options.days === 0 ||
      this.#waiting >= MAX_WAITING ||
      this.#waitingCharacters + size > MAX_WAITING_CHARACTERS
    )
      return;
    this.#waiting += 1;
    this.#waitingCharacters += size;
    this.#pendingCharacters += size;
    this.#pending.push({
      session,
      catalog: session.currentCatalog,
      applicationName: session.settings.get("application_name"),
      statement,
      outcome,
      endedAtMs: this.#options.clock.now(),
    });
    if (
      this.#pending.length >= PORTION ||
      this.#pendingCharacters >= PORTION_CHARACTERS
    )
      this.#makeLines();
    this.#stopTimer ??= this.#options.clock.after(FLUSH_MS, () => {
      this.#stopTimer = undefined;
      void this.flush();
    });
  }

  /** Settles when all that was recorded is written or given up. Never rejects. */
  flush(): Promise<void> {
    this.#writing = this.#writing.then(() => this.#write());
    return this.#writing;
  }

  /** The files with the statements of `principal`, or of everybody, the oldest first. */
  async files(
    principal: PrincipalId | undefined,
  ): Promise<readonly HistoryFile[]> {
    await this.flush();
    const files: HistoryFile[] = [];
    for (const day of await this.#days()) {
      const names = await namesIn(join(this.#options.folder, day));
      const own = names.filter(
        (name) => principal === undefined || name.startsWith(`${principal}.`),
      );
      const firstMs = Date.parse(day);
      const endedMs = { fromMs: firstMs, toMs: firstMs + DAY_MS - 1 };
      files.push(
        ...own.map((name) => ({
          path: join(this.#options.folder, day, name),
          endedMs,
        })),
      );
    }
    return files;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopTimer?.();
    await this.flush();
  }

  async #write(): Promise<void> {
    this.#makeLines();
    const lines = this.#lines;
    this.#lines = new Map();
    this.#texts = new Texts();
    this.#waiting = 0;
    this.#waitingCharacters = 0;
    try {
      for (const [name, portions] of lines)
        await this.#append(name, Buffer.concat(portions));
      await this.#sweep();
    } catch (error) {
      this.#options.onError(error);
    }
  }

  /** Of what is pending. Never throws. */
  #makeLines(): void {
    const pending = this.#pending;
    this.#pending = [];
    this.#pendingCharacters = 0;
    try {
      for (const [name, records] of byFile(pending)) {
        const lines = records.map((one) => lineOf(one, this.#texts)).join("");
        const portions = this.#lines.get(name);
        if (portions === undefined) this.#lines.set(name, [Buffer.from(lines)]);
        else portions.push(Buffer.from(lines));
      }
    } catch (error) {
      this.#options.onError(error);
    }
  }

  async #append(name: string, lines: Buffer): Promise<void> {
    const bytes = lines.length;
    const open = this.#open.get(name) ?? { number: 0, bytes: 0 };
    this.#open.set(name, open);
    if (open.bytes + bytes > this.#options.maxFileBytes && open.bytes > 0) {
      open.number += 1;
      open.bytes = 0;
    }
    const number = String(open.number).padStart(6, "0");
    const file = `${name}.${this.#run}.${number}.jsonl`;
    const path = join(this.#options.folder, file);
    if (open.bytes === 0)
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await appendFile(path, lines, { mode: 0o600 });
    open.bytes += bytes;
    this.#totalBytes += bytes;
  }

  /** Once a day, and when there is too much: days that are over go whole, then the oldest files. */
  async #sweep(): Promise<void> {
    const { clock, days, folder, maxBytes } = this.#options;
    const today = dayOf(clock.now());
    if (today === this.#sweptDay && this.#totalBytes <= maxBytes) return;
    const oldest = dayOf(clock.now() - days * DAY_MS);
    const kept: { readonly path: string; readonly bytes: number }[] = [];
    for (const day of await this.#days()) {
      if (day < oldest) {
        await rm(join(folder, day), { recursive: true, force: true });
        continue;
      }
      const found = await Promise.all(
        (await namesIn(join(folder, day))).map(async (name) => {
          const path = join(folder, day, name);
          const { size, mtimeMs } = await stat(path);
          return { path, bytes: size, mtimeMs };
        }),
      );
      kept.push(...found.sort((a, b) => a.mtimeMs - b.mtimeMs));
    }
    let total = kept.reduce((sum, { bytes }) => sum + bytes, 0);
    // Down to less than is allowed, so that not every write looks again.
    const target = total > maxBytes ? maxBytes * SWEPT_SHARE : maxBytes;
    for (const { path, bytes } of kept) {
      if (total <= target) break;
      await rm(path, { force: true });
      total -= bytes;
    }
    if (today !== this.#sweptDay) this.#open.clear();
    this.#totalBytes = total;
    this.#sweptDay = today;
  }

  async #days(): Promise<readonly string[]> {
    const names = await namesIn(this.#options.folder);
    return names.filter((name) => DAY.test(name)).sort();
  }
}

const SWEPT_SHARE = 0.9;
const DAY = /^\d{4}-\d\d-\d\d$/;

function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

/** Empty where there is no such folder yet. */
async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    const absent =
      error instanceof Error && "code" in error && error.code === "ENOENT";
    if (absent) return [];
    throw error;
  }
}

/** By day and principal. */
function byFile(
  pending: readonly Pending[],
): ReadonlyMap<string, readonly Pending[]> {
  const groups = new Map<string, Pending[]>();
  const nameOf = remembered((key: string) => {
    const [day = "", principal = ""] = key.split(" ");
    return join(dayOf(Number(day) * DAY_MS), principal);
  });
  for (const one of pending) {
    const day = Math.floor(one.endedAtMs / DAY_MS);
    const name = nameOf(`${day} ${one.session.identity.principal.id}`);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [one]);
    else group.push(one);
  }
  return groups;
}

/**
 * Parts of lines. Clients send the same statements again and again, and redacting or quoting one takes longer than running some: once a
 * write is enough.
 */
class Texts {
  readonly identity: (identity: Identity) => string = remembered(
    ({ principal, clientAddress }: Identity) =>
      members({
        executed_by: principal.name,
        executed_by_user_id: principal.id,
        client_address: clientAddress,
      }),
  );
  readonly catalog: (name: string) => string = remembered((catalog: string) =>
    members({ catalog }),
  );
  readonly application: (name: string) => string = remembered((name: string) =>
    members({ client_application: redact(name) }),
  );
  readonly statement: (text: string) => string = remembered((text: string) =>
    members({ statement_text: keptText(text) }),
  );
  readonly instant: (ms: number) => string = remembered((ms: number) =>
    new Date(ms).toISOString(),
  );
}

/** Some members of a line, without its brackets. */
function members<Name extends keyof HistoryRecord>(
  part: Pick<HistoryRecord, Name>,
): string {
  return JSON.stringify(part).slice(1, -1);
}

function remembered<From, To>(make: (from: From) => To): (from: From) => To {
  const known = new Map<From, To>();
  return (from) => {
    const found = known.get(from);
    if (found !== undefined) return found;
    const made = make(from);
    known.set(from, made);
    return made;
  };
}

function lineOf(pending: Pending, texts: Texts): string {
  const { session, statement, outcome, endedAtMs } = pending;
  const { error, rowCount } = outcome;
  // A clock that was set back meanwhile ends nothing before it began.
  const startedAtMs = Math.min(statement.startedAtMs, endedAtMs);
  const parts = [
    members({ statement_id: statement.id, pid: session.pid }),
    texts.identity(session.identity),
    texts.catalog(pending.catalog),
    texts.application(pending.applicationName),
    texts.statement(statement.sql),
    error === undefined ? FINISHED : members(failureOf(error)),
    `"start_time":"${texts.instant(startedAtMs)}"`,
    `"end_time":"${texts.instant(endedAtMs)}"`,
    `"total_duration_ms":${endedAtMs - startedAtMs}`,
    `"produced_rows":${rowCount ?? null}`,
  ];
  return `{${parts.join()}}\n`;
}

const FINISHED = members({
  execution_status: "FINISHED",
  error_code: null,
  error_message: null,
});

function failureOf(
  error: unknown,
): Pick<HistoryRecord, "execution_status" | "error_code" | "error_message"> {
  if (!(error instanceof SqlError))
    return {
      execution_status: "FAILED",
      error_code: "XX000",
      error_message: null,
    };
  return {
    execution_status: error.code === "57014" ? "CANCELED" : "FAILED",
    error_code: error.code,
    error_message: quotesValues(error) ? null : keptText(error.message),
  };
}

/** Errors over data may quote it, and administrators who read the history need not be allowed to see it. */
function quotesValues({ code }: SqlError): boolean {
  return ["22", "23", "44"].includes(code.slice(0, 2));
}

function keptText(text: string): string {
  return redact(text.slice(0, TEXT_LIMIT + REDACTION_MARGIN))
    .slice(0, TEXT_LIMIT)
    .replaceAll("\u0000", "");
}
