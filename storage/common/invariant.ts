// Our own mistakes end here: a broken invariant is a bug in Sluice, never bad input.

import { SqlError } from "./errors.ts";

/** Throws XX000 when `condition` is false. `why` names the assumption that broke. */
export function invariant(condition: boolean, why: string): asserts condition {
  if (!condition) throw new SqlError("XX000", `internal error: ${why}`);
}

/** The default branch of a switch over a union: the compiler proves it is never reached. */
export function unreachable(node: never): never {
  throw new SqlError(
    "XX000",
    `internal error: unexpected ${JSON.stringify(node)}`,
  );
}
