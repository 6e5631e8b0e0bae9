// The two properties over random rights, policies and statements, judged by model.ts: no cell that the rules keep from a user reaches
// the user, in whatever statement, as a row or in an error; and a DENY only ever takes away.

import { expect } from "vitest";
import { fc } from "../../../storage/common/property.testkit.ts";
import type { Lake, Seen } from "./lake.ts";
import { USERS, shownBy, type User, type World } from "./model.ts";
import {
  everySource,
  stated,
  statement,
  type Statement,
} from "./statements.ts";
import { deny, world } from "./worlds.ts";

/** More often those who own nothing. */
const user = fc.constantFrom<User[]>("ana", "ben", "ana", "ben", ...USERS);

/** How many worlds; or as many as fit into some minutes, which ends a long run on any machine. */
export type Size = { readonly worlds: number } | { readonly minutes: number };

function limits(size: Size): {
  readonly numRuns: number;
  readonly interruptAfterTimeLimit?: number;
} {
  return "worlds" in size
    ? { numRuns: size.worlds }
    : {
        numRuns: Number.MAX_SAFE_INTEGER,
        interruptAfterTimeLimit: size.minutes * 60_000,
      };
}

/** Every source shows a user the cells of the model, no more and no fewer. */
export async function checkSources(lake: Lake, size: Size): Promise<void> {
  await fc.assert(
    fc.asyncProperty(world, user, async (wanted, asking) => {
      const entered = await lake.enter(wanted);
      for (const query of everySource()) {
        const plain = stated("plain", query);
        const seen = await lake.show(asking, plain);
        const shown = allowed(entered, asking, plain);
        expect(
          { ...query, succeeded: seen.succeeded, cells: sorted(seen.cells) },
          seen.text,
        ).toEqual({
          ...query,
          succeeded: shown !== undefined,
          cells: sorted(shown ?? new Set()),
        });
      }
    }),
    limits(size),
  );
}

/** No statement shows a cell the user may not see, and a DENY makes none succeed or show more. Answers the cells shown. */
export async function checkStatements(lake: Lake, size: Size): Promise<number> {
  let shown = 0;
  await fc.assert(
    fc.asyncProperty(
      world,
      user,
      fc.array(statement, { minLength: 6, maxLength: 10 }),
      deny,
      async (wanted, asking, statements, denied) => {
        const before = await lake.enter(wanted);
        const first: Seen[] = [];
        for (const asked of statements) {
          const seen = await lake.show(asking, asked);
          judge(before, asking, asked, seen);
          shown += seen.cells.size;
          first.push(seen);
        }
        await lake.add(denied);
        const after = { ...before, marks: [...before.marks, denied] };
        for (const [index, asked] of statements.entries()) {
          const seen = await lake.show(asking, asked);
          judge(after, asking, asked, seen);
          onlyLess(asked, first[index], seen, allowed(before, asking, asked));
        }
      },
    ),
    limits(size),
  );
  return shown;
}

/** The cells of all that the statement reads; undefined where one of it is refused. */
function allowed(
  inWorld: World,
  asking: User,
  { sources }: Statement,
): ReadonlySet<string> | undefined {
  const parts = sources.map((source) => shownBy(inWorld, asking, source));
  return parts.every((part) => part !== undefined)
    ? new Set(parts.flatMap((part) => [...part]))
    : undefined;
}

function judge(
  inWorld: World,
  asking: User,
  asked: Statement,
  seen: Seen,
): void {
  const may = allowed(inWorld, asking, asked);
  const said = `${asking}: ${asked.steps.join("; ")}\n${seen.text}`;
  expect(beyond(seen.cells, may), said).toEqual([]);
  if (may === undefined) expect(seen.succeeded, said).toBe(false);
}

/** A statement that fails may quote another cell the next time: whichever it met first. */
function onlyLess(
  asked: Statement,
  before: Seen | undefined,
  after: Seen,
  may: ReadonlySet<string> | undefined,
): void {
  const said = `${asked.steps.join("; ")}\n${after.text}`;
  if (before?.succeeded !== true) expect(after.succeeded, said).toBe(false);
  const known = after.succeeded ? before?.cells : may;
  expect(beyond(after.cells, known), said).toEqual([]);
}

function sorted(cells: ReadonlySet<string>): readonly string[] {
  return [...cells].toSorted();
}

function beyond(
  cells: ReadonlySet<string>,
  may: ReadonlySet<string> | undefined,
): readonly string[] {
  return sorted(cells).filter((cell) => may?.has(cell) !== true);
}
