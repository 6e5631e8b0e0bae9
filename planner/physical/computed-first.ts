// What the kernel takes in no aggregate or window becomes a column of the rows below it.

import type { ColumnId } from "../../storage/common/ids.ts";
import type { Expression } from "../logical/expression.ts";
import {
  mapOperands,
  rewriteExpression,
  someExpression,
} from "../logical/expression-walk.ts";
import type { LogicalPlan, ProjectItem } from "../logical/plan.ts";
import { sameExpression } from "../logical/same-expression.ts";
import { outputOf } from "../logical/walk.ts";
import { columnRef } from "../optimize/conjuncts.ts";
import { hasSubquery } from "../optimize/facts.ts";
import { nameOf, type OpenBlock } from "./block.ts";
import { sealed, type EmitContext } from "./emit-context.ts";

/** Gives expressions with subqueries the columns they are computed in, equal ones the same. */
export class ComputedFirst {
  readonly #computed: ProjectItem[] = [];
  readonly #context: EmitContext;

  constructor(context: EmitContext) {
    this.#context = context;
  }

  /** The column in the expression's place; the expression itself when it has no subquery. */
  refer(value: Expression): Expression {
    return hasSubquery(value) ? this.#columnOf(value) : value;
  }

  #columnOf(value: Expression): Expression {
    const known = this.#computed.find((item) =>
      sameExpression(item.value, value),
    );
    if (known !== undefined) return columnRef(known.column);
    const id = this.#context.names.column();
    const column = { id, name: "computed", type: value.type, nullable: true };
    this.#computed.push({ column, value });
    return columnRef(column);
  }

  /**
   * The expression with columns for what stands left of `op ANY | ALL (SELECT …)` and walks an array: the kernel loses the columns of such
   * an operand inside the subquery.
   */
  operands(value: Expression): Expression {
    return rewriteExpression(value, (part) =>
      part.kind === "subquery"
        ? mapOperands(part, (operand) =>
            someExpression(operand, walksArray)
              ? this.#columnOf(operand)
              : operand,
          )
        : part,
    );
  }

  /** The input with the columns asked for. */
  below(input: LogicalPlan): LogicalPlan {
    if (this.#computed.length === 0) return input;
    const given = outputOf(input).map((column) => ({
      column,
      value: columnRef(column),
    }));
    return { kind: "project", items: [...given, ...this.#computed], input };
  }
}

/** `x op ANY | ALL (array)`: functions/quantified.ts. */
function walksArray(part: Expression): boolean {
  return part.kind === "call" && /^(?:any|all) /u.test(part.function);
}

/** Whether the id is one of an enclosing query's columns, as itself or under the name it has in the block. */
export function outerTest(
  input: OpenBlock,
  context: EmitContext,
): (id: ColumnId) => boolean {
  const outer = new Set([...context.outer.values()].map(({ sql }) => sql));
  return (id) => outer.has(input.columns.get(id)?.sql ?? nameOf(id));
}

/** The block as a subquery that gives columns of enclosing queries as its own. */
export function withOuterColumns(
  input: OpenBlock,
  ids: readonly ColumnId[],
  context: EmitContext,
): OpenBlock {
  const columns = new Map(input.columns);
  for (const id of ids) {
    const column = context.outer.get(id);
    if (!columns.has(id) && column !== undefined) columns.set(id, column);
  }
  return sealed({ ...input, columns }, context);
}
