// What a transaction block makes of each kind of statement that is neither a query nor a change of rows.

import type { Resolved } from "../../planner/bind/resolve/resolved.ts";
import type { Statement } from "../../planner/parse/ast.ts";
import { notSupported } from "../../storage/common/errors.ts";
import { changesOnlyTemporary } from "../define/temporary.ts";
import type { Session } from "../session/session.ts";
import { openBlock } from "./block.ts";

/** They change the catalog or rights, so that a block keeps them in its draft until it commits. */
const DRAFTED: ReadonlySet<Statement["kind"]> = new Set([
  "create-schema",
  "create-table",
  "create-table-as",
  "create-view",
  "create-function",
  "alter",
  "alter-owner",
  "comment",
  "drop",
  "grant",
  "deny",
  "revoke",
  "repair-privileges",
  "group",
  "user",
]);

/** They take effect at once, so a block, which could still be rolled back, refuses them. */
const REFUSED: ReadonlyMap<Statement["kind"], string> = new Map([
  ["token", "making or revoking tokens"],
  ["analyze", "ANALYZE"],
  ["refresh-catalog", "REFRESH CATALOG"],
  ["add-partition", "ADD PARTITION"],
  ["cancel-query", "CANCEL QUERY"],
]);

/** Whether such statements change the catalog or rights. */
export function isDrafted(kind: Statement["kind"]): boolean {
  return DRAFTED.has(kind);
}

/** Whether the statement changes the catalog or rights, for others than its session. */
export function changesCatalog(session: Session, resolved: Resolved): boolean {
  return (
    isDrafted(resolved.statement.kind) &&
    !changesOnlyTemporary(session, resolved)
  );
}

/** Throws 0A000. Statements sent together run those at once, unless their draft would not know of it. */
export function refuseInBlock(session: Session, { statement }: Resolved): void {
  const drafting = openBlock(session)?.draft !== undefined;
  if (!session.transaction.isExplicit && !drafting) return;
  const what = REFUSED.get(statement.kind);
  if (what === undefined) return;
  throw notSupported(
    `${what} inside a transaction block is`,
    statement.position,
    "Run it outside BEGIN and COMMIT.",
  );
}
