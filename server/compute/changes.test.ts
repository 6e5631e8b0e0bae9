import { describe, expect, test } from "vitest";
import {
  rowSetOf,
  rowsOf,
} from "../../storage/delta/deletion-vector/row-set.ts";
import { nodeId } from "../../storage/common/ids.ts";
import { changeOutcome, openChanges } from "./changes.ts";
import { nodeLost } from "./errors.ts";
import type { FileDraft } from "./fragment.ts";
import type { FragmentEvent } from "./node-client.ts";

type Event = FragmentEvent | { readonly kind: "restart" };

function draft(path: string): FileDraft {
  return {
    path,
    partitionValues: [],
    sizeBytes: 1,
    rowCount: 1,
    modificationTimeMs: 1,
    stats: "{}",
  };
}

function positions(path: string, rows: readonly number[]): Event {
  return { kind: "positions", positions: { path, rows: rowSetOf(rows) } };
}

function changes(path: string, updated: number): Event {
  return {
    kind: "changes",
    changes: {
      added: [draft(path)],
      changeData: [],
      inserted: 1,
      updated,
      deleted: 0,
    },
  };
}

function rows(text: string): Event {
  return { kind: "rows", rows: { bytes: Buffer.from(text), rowCount: 1 } };
}

/** A fragment that notes how far it was asked, and whether it was ended early. */
class Fragment {
  asked = 0;
  ended = false;
  readonly #events: readonly (Event | Error)[];

  constructor(...events: readonly (Event | Error)[]) {
    this.#events = events;
  }

  async *run(): AsyncGenerator<Event, void, undefined> {
    try {
      for (const event of this.#events) {
        this.asked += 1;
        await Promise.resolve();
        if (event instanceof Error) throw event;
        yield event;
      }
    } finally {
      this.ended = true;
    }
  }
}

/** Fails when it is ended from outside. */
async function* untilEnded(
  signal: AbortSignal,
): AsyncGenerator<Event, void, undefined> {
  await new Promise((resolve) => signal.addEventListener("abort", resolve));
  yield* [];
  throw new Error("ended");
}

const NEVER = new AbortController().signal;

describe("changes told by several fragments", () => {
  test("are put together; what an attempt told before it was lost is void", async () => {
    const first = new Fragment(
      positions("/l/x", [9]),
      { kind: "restart" },
      positions("/l/a", [1, 5]),
      changes("one", 2),
    );
    const second = new Fragment(positions("/l/b", [0]), changes("two", 1));
    const outcome = await openChanges(NEVER, () => [first.run(), second.run()]);
    expect(
      [...outcome.gone].map(([path, set]) => [path, [...rowsOf(set)]]),
    ).toEqual([
      ["/l/a", [1, 5]],
      ["/l/b", [0]],
    ]);
    expect(outcome).toMatchObject({ inserted: 2, updated: 3, deleted: 0 });
    expect(outcome.added.map(({ path }) => path)).toEqual(["one", "two"]);
  });

  test("leave their rows in the nodes until they are pulled", async () => {
    const fragment = new Fragment(changes("one", 1), rows("1"), rows("2"));
    const outcome = await openChanges(NEVER, () => [fragment.run()]);
    expect(fragment.asked).toBe(1);
    const seen: string[] = [];
    for await (const { bytes } of outcome.rows)
      seen.push(Buffer.from(bytes).toString());
    expect(seen).toEqual(["1", "2"]);
    expect(fragment.ended).toBe(true);
  });

  test("end without their rows when the change is discarded, or its rows are closed unread", async () => {
    for (const close of ["discard", "return"] as const) {
      const fragment = new Fragment(changes("one", 1), rows("1"));
      const outcome = await openChanges(NEVER, () => [fragment.run()]);
      if (close === "discard") await outcome.discard();
      else await outcome.rows[Symbol.asyncIterator]().return?.();
      expect([close, fragment.ended, fragment.asked]).toEqual([close, true, 1]);
    }
  });

  test("end together when one fragment fails", async () => {
    const fine = new Fragment(changes("one", 1), rows("1"));
    const failing = new Fragment(new Error("no"));
    let stopped = false;
    const opening = openChanges(NEVER, (signal) => {
      signal.addEventListener("abort", () => (stopped = true));
      return [fine.run(), failing.run()];
    });
    await expect(opening).rejects.toThrow("no");
    expect([fine.ended, failing.ended, stopped]).toEqual([true, true, true]);
  });

  test("fail for the reason of the first that failed, not of those ended for it", async () => {
    const failing = new Fragment(new Error("no"));
    const opening = openChanges(NEVER, (signal) => [
      untilEnded(signal),
      failing.run(),
    ]);
    await expect(opening).rejects.toThrow("no");
  });

  test("say that the change stands when a node is lost under its rows", async () => {
    const fragment = new Fragment(
      changes("one", 1),
      rows("1"),
      nodeLost(nodeId("n")),
    );
    const outcome = await openChanges(NEVER, () => [fragment.run()]);
    const iterator = outcome.rows[Symbol.asyncIterator]();
    await iterator.next();
    await expect(iterator.next()).rejects.toMatchObject({
      code: "58000",
      detail: "The statement itself has been carried out.",
    });
  });

  test("of one file are put together, and of one row refused, by whichever fragments they come", async () => {
    const told = (...events: readonly Event[]): readonly FragmentEvent[] =>
      events.filter((event) => event.kind !== "restart");
    const apart = changeOutcome(
      told(
        positions("/l/a", [1, 70_000]),
        positions("/l/b", [5]),
        positions("/l/a", [2]),
      ),
    );
    expect(
      [...apart.gone].map(([path, set]) => [path, [...rowsOf(set)]]),
    ).toEqual([
      ["/l/a", [1, 2, 70_000]],
      ["/l/b", [5]],
    ]);
    const twice = [positions("/l/a", [1, 70_000]), positions("/l/a", [70_000])];
    expect(() => changeOutcome(told(...twice))).toThrow(/a second time/);
    const fragments = twice.map(
      (event) => new Fragment(event, changes("a", 1), rows("r")),
    );
    await expect(
      openChanges(NEVER, () => fragments.map((fragment) => fragment.run())),
    ).rejects.toMatchObject({ code: "21000" });
    expect(fragments.map(({ ended }) => ended)).toEqual([true, true]);
  });
});
