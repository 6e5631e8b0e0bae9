// ROWS FROM (f(…), g(…)): the rows of several functions side by side, the shorter ones padded with NULLs to the longest.

import { BOOL, INT8 } from "../../../storage/common/data-type.ts";
import { invariant } from "../../../storage/common/invariant.ts";
import type { Expression } from "../../logical/expression.ts";
import type { LogicalPlan } from "../../logical/plan.ts";
import { applyOperator } from "../expression/operator.ts";
import type { Scope, ScopeColumn } from "../scope.ts";

/** A function's rows; its last column numbers them from 1. */
interface Numbered {
  readonly plan: LogicalPlan;
  readonly columns: readonly ScopeColumn[];
}

/** The last column numbers the rows. */
export function inStep(scope: Scope, sources: readonly Numbered[]): Numbered {
  const [first, ...others] = sources;
  invariant(first !== undefined, "ROWS FROM has a function");
  const together = others.reduce(
    (left, right) => besides(scope, left, right),
    first,
  );
  const number = numberOf(together);
  return {
    ...together,
    plan: {
      kind: "sort",
      keys: [{ value: number, descending: false, nullsFirst: false }],
      input: together.plan,
    },
  };
}

function besides(scope: Scope, left: Numbered, right: Numbered): Numbered {
  const [leftNumber, rightNumber] = [numberOf(left), numberOf(right)];
  const condition = applyOperator(
    scope.statement,
    "=",
    [leftNumber, rightNumber],
    undefined,
  );
  const [a, b] = [padded(leftNumber), padded(rightNumber)];
  const number: Expression = {
    kind: "case",
    branches: [
      {
        when: { kind: "is-null", operand: a, negated: false, type: BOOL },
        then: b,
      },
    ],
    otherwise: a,
    type: INT8,
  };
  const columns = [...left.columns.slice(0, -1), ...right.columns.slice(0, -1)];
  return {
    plan: {
      kind: "join",
      type: "full",
      condition,
      left: left.plan,
      right: right.plan,
      lateral: false,
    },
    columns: [
      ...columns.map((column) => ({ ...column, value: padded(column.value) })),
      { name: "ordinality", value: number },
    ],
  };
}

function numberOf({ columns }: Numbered): Expression {
  const number = columns.at(-1)?.value;
  invariant(number !== undefined, "numbered rows");
  return number;
}

/** A full join may leave it NULL. */
function padded(value: Expression): Expression {
  return value.kind === "column" ? { ...value, nullable: true } : value;
}
