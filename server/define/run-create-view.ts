// CREATE VIEW: its printed definition is stored beside the user's text and bound anew at each use.

import type { BoundCreateView } from "../../planner/bind/bound.ts";
import type { Resolved } from "../../planner/bind/resolve/resolved.ts";
import type { CreateViewStatement } from "../../planner/parse/ast.ts";
import { notSupported, SqlError } from "../../storage/common/errors.ts";
import { exactly, newTarget, relationExists } from "./new-target.ts";
import type { RunContext } from "../run-query.ts";
import type { Result } from "../session/result.ts";

export function runCreateView(
  bound: BoundCreateView,
  statement: CreateViewStatement,
  resolved: Resolved,
  context: RunContext,
): Result {
  const { services, session } = context;
  const { catalog } = services.governance;
  if (statement.temporary)
    throw notSupported("CREATE TEMPORARY VIEW is", statement.position);
  const target = newTarget(resolved.targets.get(statement.name));
  const body = {
    source: statement.source,
    definition: bound.definition,
    columns: bound.columns,
  };
  const existing = catalog.unfiltered.relation(
    target.schema.id,
    exactly(target.name),
  );
  if (existing === undefined) {
    catalog.createView({
      ...body,
      schema: target.schema.id,
      name: target.name,
      owner: session.identity.principal.id,
      comment: statement.comment,
    });
  } else if (statement.mode === "or-replace" && existing.kind === "view") {
    catalog.replaceView(existing.id, body);
  } else if (statement.mode === "or-replace") {
    throw new SqlError("42809", `"${target.name}" is not a view`, {
      position: statement.name.position,
    });
  } else if (statement.mode === "if-not-exists") {
    session.notice(
      "NOTICE",
      `relation "${target.name}" already exists, skipping`,
      { code: "42P07" },
    );
  } else throw relationExists(target.name);
  return { kind: "command", tag: "CREATE VIEW" };
}
