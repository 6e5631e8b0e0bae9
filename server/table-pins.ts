// Which versions of a table are being read in this gateway: VACUUM leaves their files alone, however short its retention, and the
// files that an open transaction may have written and not yet committed.

import type { Snapshot } from "../storage/delta/snapshot.ts";
import type { Transaction } from "./session/transaction.ts";

/** A file may carry a time a little before the clock was read: file systems keep time in ticks. */
const CLOCK_MARGIN_MS = 1000;

export interface TableUse {
  readonly versions: readonly number[];
  /** Milliseconds since 1970; what lies in the table's folder since then may be somebody's uncommitted work. */
  readonly sinceMs: number;
}

export class TablePins {
  readonly #held = new Map<Transaction, Map<string, Set<number>>>();

  /** Until the transaction is over: rows of its portals are streamed no longer than that. */
  hold(transaction: Transaction, { table, version }: Snapshot): void {
    let tables = this.#held.get(transaction);
    if (tables === undefined) {
      tables = new Map();
      this.#held.set(transaction, tables);
      transaction.onEnd(() => this.#held.delete(transaction));
    }
    const versions = tables.get(table.location);
    if (versions === undefined) tables.set(table.location, new Set([version]));
    else versions.add(version);
  }

  of(location: string): TableUse {
    const versions = new Set<number>();
    let sinceMs = Number.MAX_SAFE_INTEGER;
    for (const [transaction, tables] of this.#held) {
      const held = tables.get(location);
      if (held === undefined) continue;
      for (const version of held) versions.add(version);
      sinceMs = Math.min(sinceMs, transaction.startedAtMs - CLOCK_MARGIN_MS);
    }
    return { versions: [...versions], sinceMs: Math.floor(sinceMs) };
  }
}
