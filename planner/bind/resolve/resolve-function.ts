// CREATE FUNCTION: where the function goes, who may put it there, and what its body reads (access-control: section 6).

import { SqlError } from "../../../storage/common/errors.ts";
import type { FunctionEntry } from "../../../storage/catalog/objects.ts";
import type {
  CreateFunctionStatement,
  QualifiedName,
} from "../../parse/ast.ts";
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
import {
  ANONYMOUS_FUNCTION,
  findTemporaryFunction,
  isTemporaryName,
  TEMPORARY_SCHEMA,
} from "./temporary.ts";

/**
 * CREATE_NAMED_FUNCTION on the schema, or with OR REPLACE ownership of the function of that name; for a temporary one SELECT on
 * ANONYMOUS FUNCTION; SELECT on what the body reads.
 * Throws 42P17 for a body that would call the function itself.
 */
export function resolveCreateFunction(
  state: ResolveState,
  scope: NameScope,
  statement: CreateFunctionStatement,
): void {
  const { name, parameters, body } = statement;
  const defaults = parameters.flatMap((it) => (it.default ? [it.default] : []));
  const last = lastPart(name);
  if (isTemporaryName(state, name, statement.temporary)) {
    state.targets.set(name, {
      kind: "temporary",
      name: last.name,
      implied: false,
    });
    state.requirements.push({
      kind: "privilege",
      privilege: "SELECT",
      ...ANONYMOUS_FUNCTION,
      position: name.position,
    });
    resolveExpressions(state, scope, [body, ...defaults]);
    const { parts, position } = name;
    const schema = exactName(TEMPORARY_SCHEMA, position);
    const own = { parts: [schema, ...parts.slice(-1)], position };
    const existing = findTemporaryFunction(state, scope, own);
    return refuseItself(state, existing, name);
  }
  refuseSystemSchema(name);
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
  refuseItself(state, existing, name);
}

function refuseItself(
  { calls }: ResolveState,
  existing: FunctionEntry | undefined,
  name: QualifiedName,
): void {
  const called = [...calls.values()].map((call) => call.function.id);
  if (existing && called.includes(existing.id)) {
    throw new SqlError(
      "42P17",
      `infinite recursion detected in function "${dotted(name)}"`,
      { position: name.position },
    );
  }
}
