// What fragments of a change answered, put together: positions, drafts and counts first; the rows of RETURNING stay in the nodes
// until the gateway, having committed, pulls them.

import { invariant } from "../../storage/common/invariant.ts";
import { SqlError } from "../../storage/common/errors.ts";
import {
  NO_ROWS,
  overlap,
  unionOf,
  type RowSet,
} from "../../storage/delta/deletion-vector/row-set.ts";
import type { EncodedRows } from "../session/result.ts";
import { allOrNone } from "./all-or-none.ts";
import { returnedRowsLost, rowChangedTwice } from "./errors.ts";
import type { ChangeDrafts } from "./fragment.ts";
import { mergeInArrivalOrder } from "./merge.ts";
import type { FragmentEvent } from "./node-client.ts";

export interface ChangeOutcome extends ChangeDrafts {
  /** By path of the file: the rows that are gone. */
  readonly gone: ReadonlyMap<string, RowSet>;
  /** What RETURNING gives; empty without it. Pulled to its end or closed by its iterator's `return`. */
  readonly rows: AsyncIterable<EncodedRows>;
  /** Ends the fragments without their rows: the change is not to be. */
  discard(): Promise<void>;
}

type Attempts = AsyncGenerator<
  FragmentEvent | { readonly kind: "restart" },
  void,
  undefined
>;

/** From the events of fragments that have ended. Throws 21000 where two of them change one row. */
export function changeOutcome(events: readonly FragmentEvent[]): ChangeOutcome {
  const gone = new Map<string, RowSet>();
  for (const event of events) {
    if (event.kind !== "positions") continue;
    const { path, rows } = event.positions;
    const others = gone.get(path) ?? NO_ROWS;
    // Where the first change of a row counts, one fragment has all changes of a file (write/change-plan.ts).
    if (overlap(others, rows)) throw rowChangedTwice();
    gone.set(path, unionOf(others, rows));
  }
  const drafts = events.flatMap((event) =>
    event.kind === "changes" ? [event.changes] : [],
  );
  const sum = (count: (changes: ChangeDrafts) => number): number =>
    drafts.reduce((total, changes) => total + count(changes), 0);
  return {
    gone,
    added: drafts.flatMap(({ added }) => added),
    changeData: drafts.flatMap(({ changeData }) => changeData),
    inserted: sum(({ inserted }) => inserted),
    updated: sum(({ updated }) => updated),
    deleted: sum(({ deleted }) => deleted),
    rows: { [Symbol.asyncIterator]: noRows },
    discard: () => Promise.resolve(),
  };
}

// eslint-disable-next-line @typescript-eslint/require-await -- nothing to wait for
async function* noRows(): AsyncGenerator<EncodedRows, void, undefined> {
  yield* [];
}

/** Starts the fragments and resolves when each has told its changes; when one fails, the others end. `ended`: the last row was pulled. */
export async function openChanges(
  cancel: AbortSignal,
  start: (signal: AbortSignal) => readonly Attempts[],
  ended?: () => void,
): Promise<ChangeOutcome> {
  const stop = new AbortController();
  const fragments = start(AbortSignal.any([cancel, stop.signal]));
  const discard = async (): Promise<void> => {
    stop.abort();
    await Promise.all(fragments.map((fragment) => fragment.return()));
  };
  let outcome: ChangeOutcome;
  try {
    const told = await allOrNone(fragments.map(upToChanges), () =>
      stop.abort(),
    );
    outcome = changeOutcome(told.flat());
  } catch (error) {
    await discard();
    throw error;
  }
  return {
    ...outcome,
    rows: closing(
      thenTell(mergeInArrivalOrder(fragments.map(rowsOf)), ended),
      discard,
    ),
    discard,
  };
}

async function* thenTell<T>(
  rows: AsyncIterable<T>,
  tell: (() => void) | undefined,
): AsyncGenerator<T, void, undefined> {
  yield* rows;
  tell?.();
}

/** A generator that was never asked cannot clean up: closing ends the fragments itself. */
function closing(
  rows: AsyncGenerator<EncodedRows, void, undefined>,
  close: () => Promise<void>,
): AsyncIterable<EncodedRows> {
  return {
    [Symbol.asyncIterator]: () => ({
      next: () => rows.next(),
      return: async () => {
        await close();
        return { done: true, value: undefined };
      },
    }),
  };
}

async function upToChanges(
  fragment: Attempts,
): Promise<readonly FragmentEvent[]> {
  let events: FragmentEvent[] = [];
  for (;;) {
    const next = await fragment.next();
    invariant(next.done !== true, "a change fragment tells its changes");
    if (next.value.kind === "restart") events = [];
    else events.push(next.value);
    if (next.value.kind === "changes") return events;
  }
}

async function* rowsOf(
  fragment: Attempts,
): AsyncGenerator<EncodedRows, void, undefined> {
  try {
    for await (const event of fragment)
      if (event.kind === "rows") yield event.rows;
  } catch (error) {
    throw error instanceof SqlError && error.code === "58000"
      ? returnedRowsLost(error)
      : error;
  }
}
