// Identity values a statement took: the commit of its rows moves the column's high-water mark past them.

import type { IdentityUse } from "../../planner/bind/write/complete-row.ts";
import type { Action } from "../../storage/delta/actions.ts";
import { withHighWaterMark } from "../../storage/delta/definition/identity.ts";
import type { Snapshot } from "../../storage/delta/snapshot.ts";

/** `rows`: at least as many as took a value; values in between stay unused. */
export function identityActions(
  use: IdentityUse | undefined,
  { metadata }: Snapshot,
  rows: number,
): readonly Action[] {
  if (use === undefined || rows === 0) return [];
  const { column, first, step } = use;
  const last = first + step * (BigInt(rows) - 1n);
  return [
    { kind: "metaData", metadata: withHighWaterMark(metadata, column, last) },
  ];
}
