// What the newest logs tell of tables: columns, rules, keys, size. Read a few at a time, remembered, and looked at again in the
// background, so that only the first question about a lake waits for its logs.

import type { TableKey } from "../../planner/bind/bound.ts";
import type { TableEntry } from "../../storage/catalog/objects.ts";
import type { Check, Column } from "../../storage/common/schema.ts";
import type { ColumnNames } from "../policy-text.ts";
import type { ObjectId } from "../../storage/common/ids.ts";

export interface TableColumns {
  readonly columns: readonly Column[];
  readonly comment: string | undefined;
  /** Also those in the files, which policies follow. */
  readonly names?: ColumnNames;
  readonly checks?: readonly Check[];
  /** Informational (contract section 4). */
  readonly keys?: readonly TableKey[];
  /** Undefined when nobody has counted. */
  readonly size?: TableSize | undefined;
}

export interface TableSize {
  readonly rowCount: number;
  readonly sizeBytes: number;
}

/** Throws when the table's log cannot be read. */
export type ReadColumns = (table: TableEntry) => Promise<TableColumns>;

/** Locations of tables committed to by this process since the `count`-th commit. */
export type ChangedSince = (count: number) => {
  readonly locations: readonly string[];
  readonly count: number;
};

const AT_ONCE = 8;

interface Known {
  readonly columns: TableColumns | undefined;
  readonly text: string;
}

export class ColumnCache {
  readonly #read: ReadColumns;
  readonly #changedSince: ChangedSince;
  #commitsSeen = 0;
  readonly #known = new Map<ObjectId, Known>();
  /** Those nobody here has changed since they were read. */
  readonly #fresh = new Set<ObjectId>();
  readonly #ids = new Map<string, ObjectId>();
  /** Rises whenever an answer changed. */
  version = 0;

  constructor(read: ReadColumns, changedSince: ChangedSince) {
    this.#read = read;
    this.#changedSince = changedSince;
  }

  /**
   * Reads what is not known yet, and what this process has changed. A table that cannot be read is known to have none, and is tried again
   * by `refresh`.
   */
  async ensure(tables: readonly TableEntry[]): Promise<void> {
    this.#forgetChanged();
    await this.#load(tables.filter(({ id }) => !this.#fresh.has(id)));
  }

  #forgetChanged(): void {
    const { locations, count } = this.#changedSince(this.#commitsSeen);
    this.#commitsSeen = count;
    for (const location of locations) {
      const id = this.#ids.get(location);
      if (id !== undefined) this.#fresh.delete(id);
    }
  }

  /** Reads all of them again. */
  async refresh(tables: readonly TableEntry[]): Promise<void> {
    await this.#load(tables);
  }

  of(tables: readonly TableEntry[]): ReadonlyMap<ObjectId, TableColumns> {
    const found = new Map<ObjectId, TableColumns>();
    for (const { id } of tables) {
      const columns = this.#known.get(id)?.columns;
      if (columns !== undefined) found.set(id, columns);
    }
    return found;
  }

  async #load(tables: readonly TableEntry[]): Promise<void> {
    const left = [...tables];
    const work = async (): Promise<void> => {
      for (let table = left.pop(); table !== undefined; table = left.pop()) {
        this.#ids.set(table.location, table.id);
        this.#fresh.add(table.id);
        this.#remember(table, await this.#columns(table));
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  }

  async #columns(table: TableEntry): Promise<TableColumns | undefined> {
    try {
      return await this.#read(table);
    } catch {
      return undefined;
    }
  }

  #remember({ id }: TableEntry, columns: TableColumns | undefined): void {
    const text = JSON.stringify(columns ?? null, (_key, value: unknown) =>
      typeof value === "bigint" ? String(value) : value,
    );
    if (this.#known.get(id)?.text === text) return;
    this.#known.set(id, { columns, text });
    this.version += 1;
  }
}
