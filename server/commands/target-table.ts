// The table that OPTIMIZE, VACUUM, RESTORE and ANALYZE work on.

import type { QualifiedName } from "../../planner/parse/ast.ts";
import type { TableEntry } from "../../storage/catalog/objects.ts";
import { SqlError } from "../../storage/common/errors.ts";
import { invariant } from "../../storage/common/invariant.ts";
import type { CommandContext } from "./command.ts";

/** Throws 42809 for a view. */
export function targetTable(
  { resolved }: CommandContext,
  name: QualifiedName,
): TableEntry {
  const target = resolved.targets.get(name);
  invariant(target?.kind === "relation", "the statement names a relation");
  const { relation } = target;
  if (relation.kind === "table") return relation;
  throw new SqlError("42809", `"${relation.name}" is not a table`, {
    position: name.position,
  });
}
