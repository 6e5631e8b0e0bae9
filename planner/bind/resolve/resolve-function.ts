// CREATE FUNCTION: where the function goes, who may put it there, and what its body reads (access-control: section 6).

import { SqlError } from "../../../storage/common/errors.ts";
import type { CreateFunctionStatement } from "../../parse/ast.ts";
import { schemaToCreateIn } from "./lookup-name.ts";
import { dotted, exactName, lastPart } from "../names.ts";
import { resolveExpressions } from "./resolve-query.ts";
import type { NameScope, ResolveState } from "./resolve-state.ts";
import {
  objectSecurable,
  refuseSystemSchema,
  requireInSchema,
  requireOwner,
} from "./resolve-target.ts";

/**
 * CREATE_NAMED_FUNCTION on the schema, or with OR REPLACE ownership of the function of that name; SELECT on what the body reads.
 * Throws 42P17 for a body that would call the function itself.
 */
export function resolveCreateFunction(
  state: ResolveState,
  scope: NameScope,
  statement: CreateFunctionStatement,
): void {
  const { name, parameters, body } = statement;
  const defaults = parameters.flatMap((it) => (it.default ? [it.default] : []));
  if (statement.temporary) {
    state.targets.set(name, { kind: "temporary", name: lastPart(name).name });
    state.requirements.push({
      kind: "privilege",
      privilege: "SELECT",
      securable: { kind: "anonymous-function" },
      name: "anonymous function",
      position: name.position,
    });
    return resolveExpressions(state, scope, [body, ...defaults]);
  }
  refuseSystemSchema(name);
  const last = lastPart(name);
  const { schema } = schemaToCreateIn(state, scope, name);
  const wanted = exactName(last.name, last.position);
  const [existing] = scope.lookup.unfiltered.functions(schema.id, wanted);
  state.targets.set(name, { kind: "new-function", schema, name: last.name });
  if (existing && statement.mode === "or-replace") {
    requireOwner(state, objectSecurable("FUNCTION", existing.id), name);
  } else {
    requireInSchema(state, "CREATE_NAMED_FUNCTION", schema, name);
  }
  resolveExpressions(state, scope, [body, ...defaults]);
  const called = [...state.calls.values()].map((call) => call.function.id);
  if (existing && called.includes(existing.id)) {
    throw new SqlError(
      "42P17",
      `infinite recursion detected in function "${dotted(name)}"`,
      { position: name.position },
    );
  }
}
