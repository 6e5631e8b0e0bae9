// The catalog mirror (design D7): PostgreSQL itself answers what clients ask its system catalog, over a copy that holds what the
// session may see and no more. Processes start with the first question, end when nobody asks, and are few.

import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { LRUCache } from "lru-cache";
import type { Governance } from "../../auth/governance.ts";
import type { VisibleCatalog } from "../../auth/visible-catalog.ts";
import type {
  CatalogEntry,
  TableEntry,
} from "../../storage/catalog/objects.ts";
import { SqlError } from "../../storage/common/errors.ts";
import { governanceOf } from "../block/block.ts";
import type { Clock } from "../session/clock.ts";
import type { SessionRegistry } from "../session/registry.ts";
import type { Session } from "../session/session.ts";
import { activitySettings } from "./activity.ts";
import { ownStatementSettings } from "./own-statements.ts";
import { collectContent } from "./collect.ts";
import { catalogGone } from "./errors.ts";
import { ensureImage } from "./image.ts";
import { MirrorInstance } from "./instance.ts";
import {
  describeAndExecuteMessages,
  describeMessages,
  executeMessages,
  readAnswer,
  type Answer,
  type Call,
} from "./messages.ts";
import { sessionPrelude } from "./prelude.ts";
import { withOwnSchema } from "./own-schema.ts";
import type { CatalogQuery } from "./route.ts";
import {
  ColumnCache,
  type ChangedSince,
  type ReadColumns,
} from "./table-columns.ts";
import { currentCatalog, visibleTo } from "../visible.ts";

export interface MirrorParts {
  readonly governance: Governance;
  readonly readColumns: ReadColumns;
  readonly changedSince: ChangedSince;
  readonly sessions: SessionRegistry;
  readonly clock: Clock;
  /** Holds the running mirrors' files; emptied at start. */
  readonly dir: string;
  /** Holds the image new mirrors are copies of; kept. */
  readonly imageDir: string;
  readonly timeoutMs?: number;
  readonly idleMs?: number;
  readonly maxProcesses?: number;
}

const TIMEOUT_MS = 10_000;
const IDLE_MS = 300_000;
const MAX_PROCESSES = 2;
/** Changes that other writers make to a table's columns show within this time, and the statement after. */
const COLUMNS_FRESH_MS = 10_000;
/** Of the time, at most one part in so many goes into looking. */
const REFRESH_SHARE = 10;
const ANSWER_BYTES = 32 * 1024 * 1024;

interface Slot {
  readonly name: string;
  instance: MirrorInstance | undefined;
  /** Of the content loaded. */
  state: string;
  /** The work before; one thing at a time. */
  turn: Promise<unknown>;
  stopIdle: () => void;
}

interface Question {
  (messages: Buffer, lenient?: boolean): Promise<Answer>;
  /** Under which the answer to these messages is remembered. */
  key(messages: Buffer): string;
}

/** Who asks about what, as of now. */
interface View {
  readonly session: Session;
  readonly catalog: CatalogEntry;
  readonly tables: readonly TableEntry[];
}

export class CatalogMirror implements AsyncDisposable {
  readonly #parts: MirrorParts;
  readonly #columns: ColumnCache;
  readonly #slots = new Map<string, Slot>();
  readonly #answers = new LRUCache<string, Answer>({
    maxSize: ANSWER_BYTES,
    sizeCalculation: (answer, key) => key.length + answer.rows.length + 500,
  });
  /** Visible tables by visibility and catalog. */
  readonly #tables = new LRUCache<string, readonly TableEntry[]>({ max: 16 });
  #image: Promise<string> | undefined;
  #checkAtMs = 0;
  #checking: Promise<void> = Promise.resolve();
  #nextDir = 1;

  constructor(parts: MirrorParts) {
    this.#parts = parts;
    this.#columns = new ColumnCache(parts.readColumns, parts.changedSince);
    rmSync(parts.dir, { recursive: true, force: true });
  }

  /** Result columns and parameter types. Throws what PostgreSQL finds wrong, 57014, 58000. */
  async describe(
    session: Session,
    query: CatalogQuery,
    parameterOids: readonly number[],
  ): Promise<Answer> {
    const ask = await this.#question(session, query);
    if (query.parameterCount > 0 || !query.repeatable)
      return ask(describeMessages(query.sql, parameterOids));
    const both = await ask(describeAndExecuteMessages(query.sql), true);
    // What fails only when it runs fails when it is run.
    if (both.error === undefined) {
      const { sql } = query;
      const call = { sql, parameterOids: [], values: [], formats: [] };
      this.#answers.set(ask.key(executeMessages(call)), both);
    }
    return both;
  }

  /** All rows. Throws as `describe`. */
  async execute(
    session: Session,
    query: CatalogQuery,
    call: Call,
  ): Promise<Answer> {
    const ask = await this.#question(session, query);
    return ask(executeMessages(call));
  }

  /** Process ids, for operators and tests. */
  pids(): readonly number[] {
    return [...this.#slots.values()].flatMap(({ instance }) =>
      instance?.alive === true ? [instance.pid] : [],
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const slots = [...this.#slots.values()];
    this.#slots.clear();
    await Promise.all([this.#checking, ...slots.map(endSlot)]);
    rmSync(this.#parts.dir, { recursive: true, force: true });
  }

  /** Answers one statement's messages from memory or by the process. `lenient` returns an error that came after the columns. */
  async #question(session: Session, query: CatalogQuery): Promise<Question> {
    const view = await this.#view(session);
    const { sessions } = this.#parts;
    const governance = governanceOf(this.#parts.governance, session);
    const prelude = [
      sessionPrelude(session),
      ...(query.aboutSessions
        ? [activitySettings(governance, sessions, session)]
        : []),
      ...(query.aboutOwn ? [ownStatementSettings(session)] : []),
    ].join("; ");
    const state = this.#stateOf(view);
    const keyOf = (messages: Buffer): string =>
      [state, prelude, messages.toString("base64")].join("\n");
    const ask = async (messages: Buffer, lenient = false): Promise<Answer> => {
      const key = keyOf(messages);
      const known = query.repeatable ? this.#answers.get(key) : undefined;
      if (known !== undefined) return known;
      const answer = readAnswer(await this.#relay(view, prelude, messages));
      const { error, columns } = answer;
      if (error !== undefined && !(lenient && columns !== undefined))
        throw inUserText(error, query.offset);
      if (query.repeatable) this.#answers.set(key, answer);
      return answer;
    };
    return Object.assign(ask, { key: keyOf });
  }

  async #relay(
    view: View,
    prelude: string,
    messages: Buffer,
  ): Promise<Uint8Array> {
    const timeoutMs = this.#parts.timeoutMs ?? TIMEOUT_MS;
    const slot = this.#slot(view);
    return inTurn(slot, async () => {
      try {
        return await this.#relayed(slot, view, (instance) =>
          instance.relay(prelude, messages, timeoutMs),
        );
      } finally {
        // Retired while this waited: nobody else would end what it started.
        if (this.#slots.get(slot.name) !== slot) await endInstance(slot);
      }
    });
  }

  /** A process that was lost is replaced once: the question changes nothing, so it may be asked again. */
  async #relayed(
    slot: Slot,
    view: View,
    relay: (instance: MirrorInstance) => Promise<Uint8Array>,
  ): Promise<Uint8Array> {
    try {
      return await relay(await this.#loaded(slot, view));
    } catch (error) {
      if (!(error instanceof SqlError) || error.code !== "58000") throw error;
      return relay(await this.#loaded(slot, view));
    }
  }

  /** The columns of all visible tables are known then; those not looked at for a while are read again, without waiting. */
  async #view(session: Session): Promise<View> {
    const { clock } = this.#parts;
    const all = this.#visible(session);
    const catalog = currentCatalog(session, all);
    if (catalog === undefined) throw catalogGone(session.currentCatalog);
    const visible = withOwnSchema(all, session, catalog);
    const tables = this.#visibleTables(visible, catalog);
    await this.#columns.ensure(tables);
    if (clock.now() > this.#checkAtMs) {
      this.#checkAtMs = Number.POSITIVE_INFINITY;
      this.#checking = this.#refresh(tables);
    }
    return { session, catalog, tables };
  }

  /** A block sees what it has changed itself. */
  #visible(session: Session): VisibleCatalog {
    const governance = governanceOf(this.#parts.governance, session);
    return visibleTo(session, { governance });
  }

  #visibleTables(
    visible: VisibleCatalog,
    catalog: CatalogEntry,
  ): readonly TableEntry[] {
    const key = `${visible.key}/${catalog.id}`;
    const known = this.#tables.get(key);
    if (known !== undefined) return known;
    const tables = visible
      .schemas(catalog.id)
      .flatMap((schema) => visible.relations(schema.id))
      .filter((relation) => relation.kind === "table");
    this.#tables.set(key, tables);
    return tables;
  }

  /** A lake that takes long to look through is looked at less often. */
  async #refresh(tables: readonly TableEntry[]): Promise<void> {
    const { clock } = this.#parts;
    const began = clock.now();
    await this.#columns.refresh(tables);
    const tookMs = clock.now() - began;
    this.#checkAtMs =
      clock.now() + Math.max(COLUMNS_FRESH_MS, tookMs * REFRESH_SHARE);
  }

  #stateOf({ session, catalog }: View): string {
    const { key } = withOwnSchema(this.#visible(session), session, catalog);
    return `${key}/${catalog.id}/${this.#columns.version}`;
  }

  async #loaded(slot: Slot, view: View): Promise<MirrorInstance> {
    if (slot.instance?.alive !== true) {
      await endInstance(slot);
      slot.instance = await this.#start();
      slot.state = "";
    }
    // No await between the state and what is collected for it.
    const state = this.#stateOf(view);
    if (slot.state !== state) {
      await slot.instance.load(
        collectContent(
          governanceOf(this.#parts.governance, view.session),
          view.session,
          view.catalog,
          this.#columns.of(view.tables),
        ),
      );
      slot.state = state;
    }
    return slot.instance;
  }

  async #start(): Promise<MirrorInstance> {
    const { dir, imageDir } = this.#parts;
    this.#image ??= ensureImage(imageDir);
    const image = await this.#image.catch((error: unknown) => {
      this.#image = undefined;
      throw error;
    });
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    return MirrorInstance.start(image, join(dir, String(this.#nextDir++)));
  }

  /** The slot of this principal and catalog, now the last used; beyond the limit the one not used for longest ends. */
  #slot({ session, catalog }: View): Slot {
    const name = `${session.identity.principal.id}/${catalog.id}`;
    const slot: Slot = this.#slots.get(name) ?? {
      name,
      instance: undefined,
      state: "",
      turn: Promise.resolve(),
      stopIdle: () => undefined,
    };
    this.#slots.delete(name);
    this.#slots.set(name, slot);
    slot.stopIdle();
    slot.stopIdle = this.#parts.clock.after(this.#parts.idleMs ?? IDLE_MS, () =>
      this.#retire(slot),
    );
    const [oldest] = this.#slots.values();
    const limit = this.#parts.maxProcesses ?? MAX_PROCESSES;
    if (this.#slots.size > limit && oldest !== undefined) this.#retire(oldest);
    return slot;
  }

  #retire(slot: Slot): void {
    this.#slots.delete(slot.name);
    void endSlot(slot);
  }
}

async function inTurn<T>(slot: Slot, work: () => Promise<T>): Promise<T> {
  const mine = slot.turn.then(work);
  slot.turn = mine.catch(() => undefined);
  return mine;
}

/** After the work under way. */
function endSlot(slot: Slot): Promise<void> {
  slot.stopIdle();
  return inTurn(slot, () => endInstance(slot)).catch(() => undefined);
}

async function endInstance(slot: Slot): Promise<void> {
  const { instance } = slot;
  slot.instance = undefined;
  await instance?.[Symbol.asyncDispose]();
}

/** Positions count in the string the user sent, which may hold several statements. */
function inUserText(error: SqlError, offset: number): SqlError {
  if (error.position === undefined) return error;
  return new SqlError(error.code, error.message, {
    detail: error.detail,
    hint: error.hint,
    position: error.position + offset,
    cause: error,
  });
}
