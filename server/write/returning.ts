// RETURNING: rows wait in the nodes until the change they tell of is committed (or part of the open block), then go to the client.

import type { ResultColumn } from "../../planner/logical/plan.ts";
import type { ChangeOutcome } from "../compute/changes.ts";
import type { Result } from "../session/result.ts";

/** `apply` commits; when it throws, the rows are let go unread. `tag` is PostgreSQL's command tag with its count. */
export async function changedRows(
  returning: readonly ResultColumn[],
  tag: string,
  outcome: ChangeOutcome,
  apply: () => Promise<void>,
): Promise<Result> {
  try {
    await apply();
  } catch (error) {
    await outcome.discard();
    throw error;
  }
  return {
    kind: "rows",
    columns: returning.map(({ name, type, origin }) => ({
      name,
      type,
      ...origin,
    })),
    rows: { kind: "encoded", batches: outcome.rows },
    tag,
    // A portal may give the rows in portions; the tag tells what the statement did.
    countInTag: false,
  };
}
