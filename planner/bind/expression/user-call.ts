// Calls of functions of the catalog: the body is bound anew in place of the call, its parameters standing for the arguments. It sees
// none of the caller's names.

import type { DataType } from "../../../storage/common/data-type.ts";
import { notSupported, SqlError } from "../../../storage/common/errors.ts";
import { undefinedFunction } from "../../functions/errors.ts";
import { someExpression } from "../../logical/expression-walk.ts";
import type { Expression } from "../../logical/expression.ts";
import type { CallExpr, Expr } from "../../parse/ast.ts";
import { coerce, tryCoerce } from "../coerce.ts";
import { brokenFunction } from "../errors/errors-object.ts";
import {
  notAnAggregate,
  withinGroupMisplaced,
} from "../errors/errors-query.ts";
import { isVolatile } from "../library.ts";
import { dotted, sameWithoutCase } from "../names.ts";
import type { FunctionTrees, ResolvedCall } from "../resolve/resolved.ts";
import {
  CLAUSES,
  emptyScope,
  withoutSets,
  type FunctionArgument,
  type Scope,
} from "../scope.ts";
import type { StatementContext } from "../statement-context.ts";
import { bind } from "./predicate.ts";

/** Throws 42883 when the arguments do not fit, 0A000 in an expression that a table's log would keep, and for a volatile argument used twice. */
export function bindUserCall(
  scope: Scope,
  call: CallExpr,
  resolved: ResolvedCall,
): Expression {
  const { statement } = scope;
  const { position } = call;
  refuseKept(scope, position);
  refuseAggregateSyntax(call);
  const given = withoutSets(scope, "function arguments", () =>
    placeArguments(scope, call, resolved),
  );
  const value = bodyValue(statement, resolved, given);
  refuseGrowth(value, position);
  return { ...value, position };
}

/** The body over these values of the parameters, as the type the function returns. */
export function bodyValue(
  statement: StatementContext,
  trees: FunctionTrees,
  given: readonly FunctionArgument[],
): Expression {
  const inner: Scope = {
    ...emptyScope(statement, undefined, CLAUSES.functionBody),
    arguments: given,
  };
  const value = bindBody(inner, trees);
  return coerce(statement, value, trees.function.returns, "assignment");
}

/** What the body refers to may have changed since; the error names nothing of it to those who may not look into the function. */
function bindBody(
  inner: Scope,
  { function: entry, body }: FunctionTrees,
): Expression {
  const { statement } = inner;
  try {
    return statement.below(entry, () => bind(inner, body));
  } catch (error) {
    const shown = statement.environment.mayInspect?.(entry.id) === true;
    const changed = error instanceof SqlError && error.code.startsWith("42");
    if (!changed || shown) throw error;
    throw brokenFunction(entry.name, error);
  }
}

/** Other writers of the table could not evaluate it. */
function refuseKept({ level }: Scope, position: number): void {
  const { clause } = level;
  const kept = [CLAUSES.default, CLAUSES.check, CLAUSES.generated];
  if (kept.includes(clause)) {
    throw notSupported(
      `calls of user-defined functions in ${clause.name} are`,
      position,
    );
  }
}

function refuseAggregateSyntax(call: CallExpr): void {
  const { position } = call;
  const name = dotted(call.name);
  if (call.withinGroup.length > 0) throw withinGroupMisplaced(name, position);
  if (call.over) throw notAnAggregate("OVER", name, position);
  if (call.distinct) throw notAnAggregate("DISTINCT", name, position);
  if (call.orderBy.length > 0) throw notAnAggregate("ORDER BY", name, position);
  if (call.filter) throw notAnAggregate("FILTER", name, position);
  if (call.star) throw undefinedFunction(name, [], position);
  if (call.variadic) throw notSupported("VARIADIC arguments are", position);
}

/** One value a parameter, in the parameters' order: by place, by name, or the default. */
function placeArguments(
  scope: Scope,
  call: CallExpr,
  { function: entry, defaults }: ResolvedCall,
): readonly FunctionArgument[] {
  const bound = call.args.map((arg) => bind(scope, arg.value));
  const mismatch = (): SqlError =>
    undefinedFunction(
      dotted(call.name),
      bound.map(({ type }) => type),
      call.position,
      call.args.map((arg) => arg.name),
    );
  const places = call.args.map((arg, i) =>
    arg.name === undefined
      ? i
      : entry.parameters.findIndex(({ name }) =>
          sameWithoutCase(name, arg.name ?? ""),
        ),
  );
  const known = places.every((at) => at >= 0 && at < entry.parameters.length);
  if (!known || new Set(places).size < places.length) throw mismatch();
  return entry.parameters.map(({ type }, i) => {
    const at = places.indexOf(i);
    const syntax = at < 0 ? defaults[i] : call.args[at]?.value;
    if (!syntax) throw mismatch();
    const from =
      at < 0
        ? {
            ...emptyScope(scope.statement, undefined, CLAUSES.functionBody),
            arguments: [],
          }
        : scope;
    const value = bound[at] ?? bind(from, syntax);
    if (!tryCoerce(scope.statement, value, type, "implicit")) throw mismatch();
    return argument(from, { syntax, value, type, name: entry.name });
  });
}

/** A query in an argument is bound anew for each use, since its columns have ids; a volatile argument has one value, so one use. */
function argument(
  scope: Scope,
  given: {
    readonly syntax: Expr;
    readonly value: Expression;
    readonly type: DataType;
    readonly name: string;
  },
): FunctionArgument {
  const { syntax, value, type, name } = given;
  const typed = (it: Expression): Expression =>
    coerce(scope.statement, it, type, "implicit");
  const volatile = isVolatile(value);
  const queries = someExpression(value, (part) => part.kind === "subquery");
  const first = typed(value);
  let uses = 0;
  return (nested) => {
    uses += 1;
    if (volatile && (uses > 1 || nested)) {
      throw notSupported(
        `a volatile argument of a parameter that function "${name}" uses more than once is`,
        value.position,
      );
    }
    return queries && uses > 1 ? typed(bind(scope, syntax)) : first;
  };
}

/** Parts of one expression, functions inlined. */
const MAX_PARTS = 50_000;

/** Functions that use a parameter twice grow an expression twofold at each level: 54001 before that fills the memory. */
function refuseGrowth(expression: Expression, position: number): void {
  let parts = 0;
  someExpression(expression, () => {
    parts += 1;
    return parts > MAX_PARTS;
  });
  if (parts > MAX_PARTS) {
    throw new SqlError("54001", "statement too complex", {
      position,
      detail: `Inlined functions make more than ${MAX_PARTS} parts of one expression.`,
    });
  }
}
