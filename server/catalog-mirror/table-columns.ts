// What the newest logs tell of tables: columns, rules, keys, size. Read a few at a time, remembered, and looked at again in the
// background, so that only the first question about a lake waits for its logs.

import type { TableKey } from "../../planner/bind/bound.ts";
import type { TableEntry } from "../../storage/catalog/objects.ts";
import type { Check, Column } from "../../storage/common/schema.ts";
import type { ObjectId } from "../../storage/common/ids.ts";

export interface TableColumns {
  readonly columns: readonly Column[];
  readonly comment: string | undefined;
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

const AT_ONCE = 8;

interface Known {
  readonly columns: TableColumns | undefined;
  readonly text: string;
}

export class ColumnCache {
  readonly #read: ReadColumns;
  readonly #known = new Map<ObjectId, Known>();
  /** Rises whenever an answer changed. */
  version = 0;

  constructor(read: ReadColumns) {
    this.#read = read;
  }

  /** Reads what is not known yet. A table that cannot be read is known to have none, and is tried again by `refresh`. */
  async ensure(tables: readonly TableEntry[]): Promise<void> {
    await this.#load(tables.filter(({ id }) => !this.#known.has(id)));
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
      for (let table = left.pop(); table !== undefined; table = left.pop())
        this.#remember(table, await this.#columns(table));
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
