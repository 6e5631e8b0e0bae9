// Functions in FROM: set-returning ones, unnest, and scalar ones as a relation of one row.

import { INT8, type DataType } from "../../../storage/common/data-type.ts";
import { notSupported, SqlError } from "../../../storage/common/errors.ts";
import { typeName } from "../../../storage/common/data-type.ts";
import { functionsNamed } from "../../functions/registry.ts";
import type { Expression } from "../../logical/expression.ts";
import type { LogicalPlan, PlanColumn } from "../../logical/plan.ts";
import type { CallExpr, FunctionFrom } from "../../parse/ast.ts";
import { matchFunction } from "../expression/call-function.ts";
import { argumentsInOrder, builtinName } from "../expression/call.ts";
import { coerceTo } from "../expression/operator.ts";
import { ONE_ROW, type BoundFrom, type FromContext } from "./from-parts.ts";
import { bindChanges } from "./from-changes.ts";
import { bindPath } from "./from-table.ts";
import { isNullable } from "../nullability.ts";
import { checkColumnList, recordColumns } from "./record-columns.ts";
import { inStep } from "./rows-from.ts";
import { aliased } from "./relation.ts";
import {
  CLAUSES,
  inClause,
  scopeColumns,
  type Scope,
  type ScopeColumn,
  type ScopeRelation,
} from "../scope.ts";

interface Source {
  readonly plan: LogicalPlan;
  readonly columns: readonly ScopeColumn[];
  /** PostgreSQL names a lone column after the alias of its function. */
  readonly single: boolean;
  /** One value a row, whatever its column is called. */
  readonly scalar: boolean;
}

/** Functions see the relations to their left without LATERAL. */
export function bindFunctionFrom(
  context: FromContext,
  item: FunctionFrom,
  before: readonly ScopeRelation[],
): BoundFrom {
  const { statement, refused = [] } = context;
  const scope: Scope = { ...context, relations: before, refused };
  const [call, second] = item.calls;
  if (!call)
    throw notSupported("ROWS FROM without functions is", item.position);
  if (statement.resolved.relations.has(item)) return bindPath(context, item);
  const source = inClause(scope, CLAUSES.functionInFrom, () =>
    second ? bindInStep(scope, item) : bindOne(scope, call, item),
  );
  const name = call.name.parts.at(-1)?.name;
  const relation: ScopeRelation = {
    name: item.alias?.name.name ?? name,
    columns: namedAfterAlias(source, item),
    hidden: [],
    scalar: source.scalar && !item.ordinality,
    qualified: true,
    unqualified: true,
  };
  return { plan: source.plan, relations: [aliased(relation, item.alias)] };
}

/** A record's columns are those of the list behind it. */
function bindOne(scope: Scope, call: CallExpr, item: FunctionFrom): Source {
  const name = builtinName(scope, call);
  checkColumnList(name, item);
  const source = bindSource(scope, call, name, item.ordinality);
  const [record, ...counter] = source.columns;
  if (item.columnTypes.length === 0 || record === undefined) return source;
  const columns = recordColumns(scope, record.value, item);
  return { ...source, columns: [...columns, ...counter], scalar: false };
}

function namedAfterAlias(
  source: Source,
  item: FunctionFrom,
): readonly ScopeColumn[] {
  const alias = item.alias?.name.name;
  return source.columns.map((column, i) =>
    source.single && i === 0 && alias !== undefined
      ? { ...column, name: alias }
      : column,
  );
}

function bindSource(
  scope: Scope,
  call: CallExpr,
  name: string,
  ordinality: boolean,
): Source {
  if (name === "table_changes") {
    const plan = bindChanges(scope.statement, call);
    const columns = scopeColumns(plan.columns);
    return { plan, columns, single: false, scalar: false };
  }
  if (name === "unnest") return bindUnnest(scope, [call], ordinality);
  const rows = functionsNamed(name);
  if (!rows.some((row) => row.kind === "table")) {
    return bindScalar(scope, call, ordinality);
  }
  return bindSeries(scope, call, name, ordinality);
}

function bindSeries(
  scope: Scope,
  call: CallExpr,
  name: string,
  ordinality: boolean,
): Source {
  const { statement } = scope;
  const args = argumentsInOrder(scope, call, name);
  const match = matchFunction(name, args, call.position);
  const typed = args.map((arg, i) =>
    coerceTo(statement, arg, match.argTypes[i]),
  );
  const several = match.row.columns?.(match.argTypes);
  const columns = (several ?? [{ name, type: match.returns }]).map((column) =>
    statement.newColumn(column.name, column.type),
  );
  const counter = ordinalityColumn(scope, ordinality);
  return {
    plan: {
      kind: "series",
      function: match.row.id,
      args: typed,
      columns,
      ordinality: counter,
      outer: false,
      input: ONE_ROW,
    },
    columns: scopeColumns(withCounter(columns, counter)),
    single: several === undefined,
    scalar: columns.length === 1,
  };
}

function ordinalityColumn(
  scope: Scope,
  ordinality: boolean,
): PlanColumn | undefined {
  return ordinality
    ? scope.statement.newColumn("ordinality", INT8, false)
    : undefined;
}

function withCounter(
  columns: readonly PlanColumn[],
  counter: PlanColumn | undefined,
): readonly PlanColumn[] {
  return counter ? [...columns, counter] : columns;
}

/** `unnest(a, b)` and ROWS FROM (unnest(a), unnest(b)): arrays in step. The elements of an array of structs are columns. */
function bindUnnest(
  scope: Scope,
  calls: readonly CallExpr[],
  ordinality: boolean,
): Source {
  const arrays = calls.flatMap((call) =>
    argumentsInOrder(scope, call, "unnest").map((array) => ({
      array,
      element: elementType(array, call.position),
    })),
  );
  const columns = arrays.map(({ element }) =>
    scope.statement.newColumn("unnest", element),
  );
  const counter = ordinalityColumn(scope, ordinality);
  const [counted] = counter ? scopeColumns([counter]) : [];
  const shown = scopeColumns(columns).flatMap(fieldsOf);
  return {
    plan: {
      kind: "unnest",
      arrays: arrays.map(({ array }) => array),
      columns,
      ordinality: counter,
      outer: false,
      input: ONE_ROW,
    },
    columns: counted ? [...shown, counted] : shown,
    single: columns.length === 1 && shown.length === 1,
    scalar: columns.length === 1 && shown.length === 1,
  };
}

function elementType(array: Expression, position: number): DataType {
  if (array.type.kind === "array") return array.type.element;
  if (array.type.kind === "unknown") {
    throw new SqlError("42725", "function unnest(unknown) is not unique", {
      position,
      hint: "Could not choose a best candidate function. You might need to add explicit type casts.",
    });
  }
  throw new SqlError(
    "42883",
    `function unnest(${typeName(array.type)}) does not exist`,
    {
      position,
      hint: "No function matches the given name and argument types. You might need to add explicit type casts.",
    },
  );
}

function fieldsOf(column: ScopeColumn): readonly ScopeColumn[] {
  const { type } = column.value;
  if (type.kind !== "struct") return [column];
  return type.fields.map((field) => ({
    name: field.name,
    value: {
      kind: "field",
      operand: column.value,
      field: field.name,
      type: field.type,
    },
  }));
}

/** ROWS FROM: arrays run in step by themselves. */
function bindInStep(scope: Scope, item: FunctionFrom): Source {
  const names = item.calls.map((call) => builtinName(scope, call));
  if (names.every((name) => name === "unnest"))
    return bindUnnest(scope, item.calls, item.ordinality);
  for (const name of names) checkColumnList(name, item);
  const { plan, columns } = inStep(
    scope,
    item.calls.map((call, i) => bindSource(scope, call, names[i] ?? "", true)),
  );
  return {
    plan,
    columns: item.ordinality ? columns : columns.slice(0, -1),
    single: false,
    scalar: false,
  };
}

/** `FROM now()`: one row of one column. */
function bindScalar(scope: Scope, call: CallExpr, ordinality: boolean): Source {
  const value = scope.statement.binders.expression(call, scope);
  const name = call.name.parts.at(-1)?.name ?? "";
  const column = scope.statement.newColumn(name, value.type, isNullable(value));
  const counter = ordinalityColumn(scope, ordinality);
  const first: Expression = { kind: "literal", type: INT8, value: "1" };
  const items = [
    { column, value },
    ...(counter === undefined ? [] : [{ column: counter, value: first }]),
  ];
  return {
    plan: { kind: "project", items, input: ONE_ROW },
    columns: scopeColumns(withCounter([column], counter)),
    single: true,
    scalar: true,
  };
}
