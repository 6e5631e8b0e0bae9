// Calls of functions by name: the built-in ones always win; others are functions of the catalog, whose bodies are resolved as the
// text of views is (access-control: sections 8 and 9.1).

import { SqlError } from "../../storage/common/errors.ts";
import { invariant } from "../../storage/common/invariant.ts";
import type { CallExpr, Expr } from "../parse/ast.ts";
import { isBuiltinFunction } from "./library.ts";
import {
  findFunctions,
  requireSchema,
  type FoundFunction,
} from "./lookup-name.ts";
import { dotted, lastPart } from "./names.ts";
import type { NameScope, ResolveState } from "./resolve-state.ts";
import { insideOf, parseStored, refuseCycle } from "./stored-text.ts";
import { systemSchema } from "./system-relations.ts";

type ResolveExpressions = (
  state: ResolveState,
  scope: NameScope,
  expressions: readonly Expr[],
) => void;

/** The call's arguments are the caller's to resolve. */
export function resolveCall(
  state: ResolveState,
  scope: NameScope,
  call: CallExpr,
  resolveExpressions: ResolveExpressions,
): void {
  const { name } = lastPart(call.name);
  state.functionNames.add(name.toLowerCase());
  if (call.name.parts.length === 1 && isBuiltinFunction(name)) return;
  const [found] = findFunctions(state, scope, call.name);
  if (found) useFunction(state, scope, { call, found, resolveExpressions });
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
  requireSchema(state, scope, { parts: name.parts.slice(0, -1), position });
}

function useFunction(
  state: ResolveState,
  scope: NameScope,
  use: {
    readonly call: CallExpr;
    readonly found: FoundFunction;
    readonly resolveExpressions: ResolveExpressions;
  },
): void {
  const { stored } = scope;
  const { call, found, resolveExpressions } = use;
  const { entry } = found;
  const name = dotted(call.name);
  state.requirements.push({
    kind: "privilege",
    privilege: "SELECT",
    securable: { kind: "object", type: "FUNCTION", id: entry.id },
    name,
    position: stored?.position ?? call.position,
    ...(stored?.link ? { through: stored.link } : {}),
  });
  refuseCycle(stored, entry.id, name, call.position);
  refuseGrowth(state, call);
  const body = storedExpression(entry.definition);
  const defaults = entry.parameters.map((parameter) =>
    parameter.default === undefined
      ? undefined
      : storedExpression(parameter.default),
  );
  state.calls.set(call, {
    function: entry,
    schema: found.schema.name,
    catalog: found.catalog.name,
    body,
    defaults,
  });
  const { position } = call;
  const inside = insideOf(state, scope, { id: entry.id, name, position });
  resolveExpressions(state, inside, [
    body,
    ...defaults.filter((it) => it !== undefined),
  ]);
}

/** Functions that call others twice grow a statement twofold at each level: 54001 before that takes forever. */
function refuseGrowth({ calls }: ResolveState, call: CallExpr): void {
  if (calls.size < MAX_CALLS) return;
  throw new SqlError("54001", "statement too complex", {
    position: call.position,
    detail: `It calls more than ${MAX_CALLS} functions of the catalog, those in their bodies included.`,
  });
}

const MAX_CALLS = 1000;

/** An expression that our own printer wrote. */
function storedExpression(text: string): Expr {
  const { body } = parseStored(`SELECT ${text}`);
  const item = body.kind === "select" ? body.items[0] : undefined;
  invariant(item !== undefined, "a function's stored text is an expression");
  return item.value;
}
