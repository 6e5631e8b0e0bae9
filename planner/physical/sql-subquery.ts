// Subquery expressions as kernel SQL: EXISTS, scalar, ARRAY and the quantified forms with their three-valued logic.

import { BOOL } from "../../storage/common/data-type.ts";
import { invariant } from "../../storage/common/invariant.ts";
import { NATIVE, once, raise, representationOf } from "../functions/emit.ts";
import type {
  Emitted,
  EmitSettings,
  FunctionRow,
} from "../functions/function.ts";
import { convert } from "../functions/unify.ts";
import type {
  Expression,
  Subquery,
  SubqueryForm,
} from "../logical/expression.ts";
import type { Limit, LogicalPlan } from "../logical/plan.ts";
import { closedBlock, render, type Block } from "./block.ts";

/** How a subquery reaches the query around it. */
export interface SubqueryScope {
  /** Takes the text that is a subquery in the result. */
  readonly note: (sql: string) => void;
  /** The value may not be asked for: two rows are an error only where it is. */
  readonly lazy: boolean;
  readonly emit: (expression: Expression) => Emitted;
  /** The value is one of a query around the one the subquery stands in. */
  readonly isOuter: (expression: Expression) => boolean;
  readonly plan: (plan: LogicalPlan) => Block;
  readonly row: (id: string) => FunctionRow;
  readonly alias: () => string;
  readonly settings: EmitSettings;
}

export function emitSubquery(
  subquery: Subquery,
  scope: SubqueryScope,
): Emitted {
  const { form, type } = subquery;
  const block = scope.plan(subquery.plan);
  const noted = (sql: string): string => {
    scope.note(sql);
    return sql;
  };
  switch (form.kind) {
    case "exists":
      return boolean(
        noted(`(${form.negated ? "NOT " : ""}EXISTS (${render(block)}))`),
      );
    case "scalar": {
      const { representation } = firstColumn(block);
      return scope.lazy && !givesOneRow(subquery.plan)
        ? { sql: oneOf(block, scope), type, representation }
        : {
            sql: noted(`(${render(block)})`),
            type,
            representation,
            subquery: true,
          };
    }
    case "array":
      return {
        sql: noted(arrayOf(block, subquery, scope)),
        type,
        representation: NATIVE,
      };
    case "quantified":
      return boolean(noted(quantified(form, block, scope)));
  }
}

/** Whether there cannot be two rows, as far as the plan's own shape tells. */
function givesOneRow(plan: LogicalPlan): boolean {
  switch (plan.kind) {
    case "aggregate":
      return plan.groups.length === 0 && plan.sets.length <= 1;
    case "values":
      return plan.rows.length <= 1;
    case "limit":
      return isOne(plan) || givesOneRow(plan.input);
    case "project":
    case "filter":
    case "sort":
    case "window":
    case "distinct":
    case "barrier":
      return givesOneRow(plan.input);
    default:
      return false;
  }
}

function isOne({ count, ties }: Limit): boolean {
  const one =
    count?.kind === "literal" && ["0", "1"].includes(count.value ?? "");
  return one && ties === undefined;
}

/** The kernel computes every subquery whether or not its value is asked for, and fails by itself at a second row: this does not. */
function oneOf(block: Block, scope: SubqueryScope): string {
  const closed = closedBlock(render(block), block.columns);
  const value = firstColumn(closed).sql;
  const rows = `(SELECT {'n': count(*), 'v': first(${value})} FROM (${closed.sql}) AS ${scope.alias()})`;
  scope.note(rows);
  const checked = once(
    rows,
    (found) =>
      `CASE WHEN struct_extract(${found}, 'n') > 1 THEN ${raise("21000", TWO_ROWS)} ELSE struct_extract(${found}, 'v') END`,
  );
  return `(${checked})`;
}

const TWO_ROWS =
  "more than one row returned by a subquery used as an expression";

function boolean(sql: string): Emitted {
  return { sql, type: BOOL, representation: NATIVE };
}

function firstColumn(block: Block): Emitted {
  const [first] = block.columns.values();
  invariant(first !== undefined, "a scalar subquery has a column");
  return first;
}

/** Elements lie as array elements do, whatever way the column lies. */
function arrayOf(
  block: Block,
  { type }: Subquery,
  scope: SubqueryScope,
): string {
  const column = firstColumn(block);
  const element = type.kind === "array" ? type.element : column.type;
  const wanted = representationOf(element);
  const same = JSON.stringify(wanted) === JSON.stringify(column.representation);
  if (same) return `ARRAY(${render(block)})`;
  const closed = closedBlock(render(block), block.columns);
  const value = convert(firstColumn(closed), wanted);
  return `ARRAY(SELECT ${value} FROM (${closed.sql}) AS ${scope.alias()})`;
}

type Quantified = Extract<SubqueryForm, { kind: "quantified" }>;

/** The kernel's own `x op ANY (…)` when its operator is the function's, else two EXISTS: one that decides, one for NULLs. */
function quantified(
  form: Quantified,
  block: Block,
  scope: SubqueryScope,
): string {
  const operands = form.operands.map(scope.emit);
  const closed = closedBlock(render(block), block.columns);
  const columns = [...closed.columns.values()];
  const symbol = kernelOperator(form, operands, columns, scope);
  const [operand] = operands;
  // A value from further out loses its way to the kernel's ANY when tables are common table expressions.
  const near = !form.operands.some(scope.isOuter);
  if (near && symbol !== undefined && operand !== undefined) {
    return `(${operand.sql} ${symbol} ${form.quantifier.toUpperCase()} (${closed.sql}))`;
  }
  const parts = form.functions.map((id, index) =>
    call(id, [operands[index], columns[index]], scope),
  );
  const differs = form.functions.every((id) => scope.row(id).name === "<>");
  const condition = `(${parts.join(differs ? " OR " : " AND ")})`;
  const exists = (test: string): string =>
    `EXISTS (SELECT 1 FROM (${closed.sql}) AS ${scope.alias()} WHERE ${test})`;
  const any = form.quantifier === "any";
  return (
    `(CASE WHEN ${exists(any ? condition : `NOT ${condition}`)} THEN ${any ? "true" : "false"} ` +
    `WHEN ${exists(`${condition} IS NULL`)} THEN NULL ELSE ${any ? "false" : "true"} END)`
  );
}

function call(
  id: string,
  args: readonly (Emitted | undefined)[],
  scope: SubqueryScope,
): string {
  const given = args.filter((arg) => arg !== undefined);
  const emitted = scope
    .row(id)
    .duckdb({ args: given, type: BOOL, settings: scope.settings });
  return emitted.sql;
}

/** `=`, `<` … when the function on these two values is nothing but that kernel operator. */
function kernelOperator(
  form: Quantified,
  operands: readonly Emitted[],
  columns: readonly Emitted[],
  scope: SubqueryScope,
): string | undefined {
  const [id] = form.functions;
  const [left] = operands;
  const [right] = columns;
  if (
    form.functions.length !== 1 ||
    id === undefined ||
    left === undefined ||
    right === undefined
  )
    return undefined;
  const marked = [
    { ...left, sql: "x_left" },
    { ...right, sql: "x_right" },
  ];
  return /^\(?x_left (=|<>|<|<=|>|>=) x_right\)?$/u.exec(
    call(id, marked, scope),
  )?.[1];
}
