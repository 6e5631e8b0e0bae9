// Tables of plain files are read, never written: each kind of statement that works on a table says here whether it may.

import type { Resolved } from "../../planner/bind/resolve/resolved.ts";
import type { Statement } from "../../planner/parse/ast.ts";
import type { TableEntry } from "../../storage/catalog/objects.ts";
import { notSupported } from "../../storage/common/errors.ts";

/** What touches no data and no log. */
const ALLOWED: ReadonlySet<Statement["kind"]> = new Set<Statement["kind"]>([
  "describe",
  "show",
  "drop",
  "grant",
  "deny",
  "revoke",
  "show-grants",
  "repair-privileges",
  "alter-owner",
  "lock",
  "refresh-table",
  "create-table",
  "create-table-as",
]);

/** Throws 0A000. To be called behind the check of rights. */
export function refusePlainFiles({ statement, targets }: Resolved): void {
  const inner = "statement" in statement ? statement.statement : statement;
  if (mayNamePlainFiles(inner)) return;
  for (const target of targets.values()) {
    if (target.kind !== "relation" || target.relation.kind !== "table")
      continue;
    const { relation } = target;
    if (relation.files !== undefined) throw cannotWrite(relation, inner);
  }
}

function mayNamePlainFiles(statement: Statement): boolean {
  switch (statement.kind) {
    case "alter":
      return statement.actions.every(({ kind }) =>
        ["rename", "set-schema", "comment"].includes(kind),
      );
    case "comment":
      return statement.type !== "column";
    case "describe": {
      const { target } = statement;
      return target.kind !== "table" || target.form !== "history";
    }
    default:
      return ALLOWED.has(statement.kind);
  }
}

function cannotWrite(
  { name, files }: TableEntry,
  { kind, position }: Statement,
): Error {
  const statement = kind.replaceAll("-", " ").toUpperCase();
  return notSupported(
    `${statement} of table "${name}", which holds ${files?.kind ?? "plain"} files, is`,
    position,
    "Tables of plain files are read only.",
  );
}
