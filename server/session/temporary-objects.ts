// What a session made for itself alone: temporary views, functions and tables. They live in memory, follow its transactions and
// savepoints, and are never in the catalog, so that no other session can come across them.

import type { TemporarySchema } from "../../planner/bind/environment.ts";
import type { FunctionEntry, Relation } from "../../storage/catalog/objects.ts";
import type { ObjectId } from "../../storage/common/ids.ts";
import { objectId } from "../../storage/common/ids.ts";
import { randomUUID } from "node:crypto";
import type { Transaction } from "./transaction.ts";

/** Never changed; each change of the session's objects makes another. */
export interface TemporaryContents extends TemporarySchema {
  /** Equal keys mean equal contents, in whichever session; empty without objects, so that plans made without any are shared. */
  readonly key: string;
}

type TemporaryObject = Relation | FunctionEntry;

export class TemporaryObjects {
  /** What stands as the schema of its objects; no schema of the catalog. */
  readonly schemaId: ObjectId = objectId(randomUUID());
  #contents: TemporaryContents;

  /** `name`: `pg_temp_7`. */
  constructor(name: string, transaction: Transaction) {
    this.#contents = { name, key: "", relations: [], functions: [] };
    transaction.track(() => {
      const mark = this.#contents;
      return () => {
        this.#contents = mark;
      };
    });
  }

  get contents(): TemporaryContents {
    return this.#contents;
  }

  owns(id: ObjectId): boolean {
    return this.#all().some((object) => object.id === id);
  }

  relation(name: string): Relation | undefined {
    return this.#contents.relations.find((it) => it.name === name);
  }

  function(name: string): FunctionEntry | undefined {
    return this.#contents.functions.find((it) => it.name === name);
  }

  /** Adds it, or puts it in the place of the object with its id. */
  put(object: TemporaryObject): void {
    this.#become([...this.#all().filter(({ id }) => id !== object.id), object]);
  }

  remove(id: ObjectId): void {
    this.#become(this.#all().filter((object) => object.id !== id));
  }

  /** DISCARD TEMP. */
  clear(): void {
    this.#become([]);
  }

  #all(): readonly TemporaryObject[] {
    return [...this.#contents.relations, ...this.#contents.functions];
  }

  #become(objects: readonly TemporaryObject[]): void {
    this.#contents = {
      name: this.#contents.name,
      key: objects.length === 0 ? "" : randomUUID(),
      relations: objects.filter((it) => it.kind !== "function"),
      functions: objects.filter((it) => it.kind === "function"),
    };
  }
}
