// Bound expressions as kernel SQL. Each result says how its value lies in the kernel, so that callers can convert.

import type { ColumnId } from "../../storage/common/ids.ts";
import { BOOL, type DataType } from "../../storage/common/data-type.ts";
import { unreachable } from "../../storage/common/invariant.ts";
import { emitCast } from "../functions/cast.ts";
import { NATIVE, quoteName, representationOf } from "../functions/emit.ts";
import type {
  AggregateClauses,
  EmitCall,
  EmitSettings,
  Emitted,
} from "../functions/function.ts";
import { emitLiteral } from "../functions/literal.ts";
import { functionById, resolveOperator } from "../functions/registry.ts";
import { chosen } from "../functions/unify.ts";
import type {
  Call,
  Case,
  Expression,
  FieldAccess,
  InList,
  Subquery,
} from "../logical/expression.ts";
import { withLiftedSubqueries } from "./lifted-subquery.ts";

/** What surrounds an expression: columns by id, and the plan emitter for subqueries. */
export interface EmitScope {
  readonly column: (id: ColumnId) => Emitted;
  /** `lazy`: not every row asks for it, and where none does it must not fail. */
  readonly subquery: (subquery: Subquery, lazy: boolean) => Emitted;
  /** Texts of the subqueries emitted so far. */
  readonly subqueries: string[];
  readonly lazy: boolean;
}

/** The result is safe as an operand. Parameters must have become literals. */
export function emitExpression(
  expression: Expression,
  scope: EmitScope,
  settings: EmitSettings,
): Emitted {
  const before = scope.subqueries.length;
  const emitted = emitKind(expression, scope, settings);
  return scope.subqueries.length === before
    ? emitted
    : withLiftedSubqueries(emitted, scope.subqueries.slice(before));
}

function emitKind(
  expression: Expression,
  scope: EmitScope,
  settings: EmitSettings,
): Emitted {
  const emit = (operand: Expression): Emitted =>
    emitExpression(operand, scope, settings);
  switch (expression.kind) {
    case "literal":
      return emitLiteral(expression.value, expression.type);
    case "column":
      return scope.column(expression.column);
    case "parameter":
      return {
        sql: `$${expression.index}`,
        type: expression.type,
        representation: representationOf(expression.type),
      };
    case "call":
      return emitCall(expression, scope, settings);
    case "and":
      return boolean(joined(expression.operands.map(emit), " AND "));
    case "or":
      return boolean(joined(expression.operands.map(emit), " OR "));
    case "not":
      return boolean(`(NOT ${emit(expression.operand).sql})`);
    case "is-null":
      return boolean(
        `(${emit(expression.operand).sql} IS ${expression.negated ? "NOT " : ""}NULL)`,
      );
    case "case":
      return emitCase(expression, scope, settings);
    case "cast":
      return emitCast(
        emit(expression.operand),
        expression.type,
        settings,
        expression.attempt,
      );
    case "in-list":
      return emitInList(expression, scope, settings);
    case "subquery":
      return scope.subquery(expression, scope.lazy);
    case "field":
      return emitField(expression, emit(expression.operand));
    default:
      return unreachable(expression);
  }
}

function boolean(sql: string): Emitted {
  return { sql, type: BOOL, representation: NATIVE };
}

function joined(values: readonly Emitted[], by: string): string {
  return `(${values.map((value) => value.sql).join(by)})`;
}

function emitCall(
  call: Call,
  scope: EmitScope,
  settings: EmitSettings,
): Emitted {
  const isLazy = functionById(call.function).name === "coalesce";
  const lazy = { ...scope, lazy: true };
  const args = call.args.map((arg, i) =>
    emitExpression(arg, isLazy && i > 0 ? lazy : scope, settings),
  );
  return emitRow(call.function, { args, type: call.type, settings });
}

/** A row of the function table over emitted arguments: scalar calls, and aggregates and window functions with their clauses. */
export function emitRow(
  id: string,
  call: EmitCall & { readonly clauses?: AggregateClauses },
): Emitted {
  return { ...functionById(id).duckdb(call), type: call.type };
}

function emitCase(
  expression: Case,
  scope: EmitScope,
  settings: EmitSettings,
): Emitted {
  const lazy = { ...scope, lazy: true };
  const emit = (operand: Expression): Emitted =>
    emitExpression(operand, lazy, settings);
  const results = [
    ...expression.branches.map((branch) => emit(branch.then)),
    ...(expression.otherwise === undefined ? [] : [emit(expression.otherwise)]),
  ];
  const tests = expression.branches.map(
    (branch, i) =>
      emitExpression(branch.when, i === 0 ? scope : lazy, settings).sql,
  );
  return chosen(results, expression.type, (values) => {
    const whens = tests.map(
      (test, i) => `WHEN ${test} THEN ${values[i] ?? "NULL"}`,
    );
    const otherwise =
      expression.otherwise === undefined
        ? ""
        : ` ELSE ${values.at(-1) ?? "NULL"}`;
    return `(CASE ${whens.join(" ")}${otherwise} END)`;
  });
}

/** The kernel's IN where its equality is the type's; else a chain of the type's `=`. */
function emitInList(
  expression: InList,
  scope: EmitScope,
  settings: EmitSettings,
): Emitted {
  const operand = emitExpression(expression.operand, scope, settings);
  const items = expression.items.map((item) =>
    emitExpression(item, scope, settings),
  );
  const not = expression.negated ? "NOT " : "";
  if (
    hasKernelEquality(operand.type) &&
    [operand, ...items].every(
      (value) => value.representation.kind !== "numeric-text",
    )
  ) {
    return boolean(
      `(${operand.sql} ${not}IN (${items.map((item) => item.sql).join(", ")}))`,
    );
  }
  const equal = resolveOperator("=", [operand.type, operand.type]);
  const comparisons = items.map((item) =>
    equal.kind === "match"
      ? emitRow(equal.row.id, { args: [operand, item], type: BOOL, settings })
          .sql
      : `(${operand.sql} = ${item.sql})`,
  );
  return boolean(`(${not}(${comparisons.join(" OR ")}))`);
}

function hasKernelEquality(type: DataType): boolean {
  return type.kind !== "bpchar" && type.kind !== "jsonb";
}

function emitField(expression: FieldAccess, operand: Emitted): Emitted {
  return {
    sql: `struct_extract(${operand.sql}, ${quoteFieldName(expression.field)})`,
    type: expression.type,
    representation: representationOf(expression.type),
  };
}

function quoteFieldName(name: string): string {
  return `'${name.replaceAll("'", "''")}'`;
}

/** A column of the kernel under the name the plan emitter gave it. */
export function emitColumn(name: string, type: DataType): Emitted {
  return { sql: quoteName(name), type, representation: representationOf(type) };
}
