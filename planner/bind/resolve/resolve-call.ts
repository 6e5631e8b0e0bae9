// Calls of functions by name: the built-in ones always win; others are functions of the catalog, whose bodies are resolved as the
// text of views is (access-control: sections 8 and 9.1).

import type { FunctionEntry } from "../../../storage/catalog/objects.ts";
import { SqlError } from "../../../storage/common/errors.ts";
import type { CallExpr } from "../../parse/ast.ts";
import { isBuiltinFunction } from "../library.ts";
import {
  findFunctions,
  requireSchema,
  type FoundFunction,
} from "./lookup-name.ts";
import { dotted, lastPart } from "../names.ts";
import type { NameScope, ResolveState } from "./resolve-state.ts";
import type { FunctionTrees } from "./resolved.ts";
import {
  insideOf,
  parseStoredExpression,
  refuseCycle,
} from "../define/stored-text.ts";
import { systemSchema } from "./system-relations.ts";
import {
  ANONYMOUS_FUNCTION,
  insideTemporary,
  isTemporarySchema,
  TEMPORARY_SCHEMA,
} from "./temporary.ts";

/** The call's arguments are the caller's to resolve. */
export function resolveCall(
  state: ResolveState,
  scope: NameScope,
  call: CallExpr,
): void {
  const { name } = lastPart(call.name);
  state.functionNames.add(name.toLowerCase());
  if (call.name.parts.length === 1 && isBuiltinFunction(name)) return;
  const [found] = findFunctions(state, scope, call.name);
  if (found) callFunction(state, scope, call, found);
  else requireCallSchema(state, scope, call);
}

/** A function that is not there is reported with its argument types, while binding; a schema that is not, by itself. */
function requireCallSchema(
  state: ResolveState,
  scope: NameScope,
  { name, position }: CallExpr,
): void {
  const [schema, second] = name.parts;
  if (!schema || !second || systemSchema(schema.name) !== undefined) return;
  if (isTemporarySchema(state, schema.name)) return;
  requireSchema(state, scope, { parts: name.parts.slice(0, -1), position });
}

function callFunction(
  state: ResolveState,
  scope: NameScope,
  call: CallExpr,
  found: FoundFunction,
): void {
  const { stored } = scope;
  const { entry } = found;
  const temporary = found.kind === "temporary";
  const name = dotted(call.name);
  const { position } = call;
  state.requirements.push({
    kind: "privilege",
    privilege: "SELECT",
    ...(temporary
      ? ANONYMOUS_FUNCTION
      : {
          securable: { kind: "object", type: "FUNCTION", id: entry.id },
          name,
        }),
    position: stored?.position ?? position,
    ...(stored?.link ? { through: stored.link } : {}),
  });
  refuseCycle(stored, entry.id, name, position);
  refuseGrowth(state, position);
  const definer = { id: entry.id, name, position };
  const inside = temporary
    ? insideTemporary(state, scope, definer)
    : insideOf(state, scope, definer);
  const resolved = useFunction(state, inside, entry);
  state.calls.set(call, {
    ...resolved,
    temporary,
    schema: temporary ? TEMPORARY_SCHEMA : found.schema.name,
    catalog: temporary ? undefined : found.catalog.name,
  });
}

/** The function's texts as trees, their names resolved in `inside`. */
export function useFunction(
  state: ResolveState,
  inside: NameScope,
  entry: FunctionEntry,
): FunctionTrees {
  const body = parseStoredExpression(entry.definition);
  const defaults = entry.parameters.map((parameter) =>
    parameter.default === undefined
      ? undefined
      : parseStoredExpression(parameter.default),
  );
  state.resolveExpressions(state, inside, [
    body,
    ...defaults.filter((it) => it !== undefined),
  ]);
  return { function: entry, body, defaults };
}

/** Functions that call others twice grow a statement twofold at each level: 54001 before that takes forever. */
function refuseGrowth({ calls }: ResolveState, position: number): void {
  if (calls.size < MAX_CALLS) return;
  throw new SqlError("54001", "statement too complex", {
    position,
    detail: `It calls more than ${MAX_CALLS} functions of the catalog, those in their bodies included.`,
  });
}

const MAX_CALLS = 1000;
