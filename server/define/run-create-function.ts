// CREATE FUNCTION: the printed definition is stored beside the user's text and bound anew at each use.

import type { BoundCreateFunction } from "../../planner/bind/bound.ts";
import type { Resolved } from "../../planner/bind/resolve/resolved.ts";
import type { CreateFunctionStatement } from "../../planner/parse/ast.ts";
import { alreadyExists } from "../../storage/catalog/errors.ts";
import { invariant } from "../../storage/common/invariant.ts";
import { exactly } from "./new-target.ts";
import type { RunContext } from "../run-query.ts";
import type { Result } from "../session/result.ts";

/** A schema has one function of a name: GRANT names it without arguments. Throws 42723 when there is one already. */
export function runCreateFunction(
  bound: BoundCreateFunction,
  statement: CreateFunctionStatement,
  resolved: Resolved,
  { services, session }: RunContext,
): Result {
  const { catalog } = services.governance;
  const target = resolved.targets.get(statement.name);
  invariant(target?.kind === "new-function", "CREATE FUNCTION has a place");
  const { schema, name } = target;
  const { parameters, returns, definition } = bound;
  const body = { parameters, returns, definition, source: statement.source };
  const [existing] = catalog.unfiltered.functions(schema.id, exactly(name));
  if (existing === undefined) {
    catalog.createFunction({
      ...body,
      schema: schema.id,
      name,
      owner: session.identity.principal.id,
      comment: statement.comment,
    });
  } else if (statement.mode === "or-replace") {
    catalog.replaceFunction(existing.id, body);
  } else if (statement.mode === "if-not-exists") {
    session.notice(
      "NOTICE",
      `function "${name}" already exists with same argument types, skipping`,
      { code: "42723" },
    );
  } else throw alreadyExists("function", name);
  return { kind: "command", tag: "CREATE FUNCTION" };
}
