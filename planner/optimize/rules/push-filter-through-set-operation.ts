// filter (c = 1) (union all [c] (x[a]) (y[b]))   ->   union all [c] (filter (a = 1) (x)) (filter (b = 1) (y))
// Equal rows pass or fail together, so INTERSECT and EXCEPT take it too; wrong only for volatile conjuncts.

import type { Expression } from "../../logical/expression.ts";
import { substituteColumns } from "../../logical/columns.ts";
import type { LogicalPlan, SetOperation } from "../../logical/plan.ts";
import { outputOf } from "../../logical/walk.ts";
import { columnRef, conjunctsOf, filterOf, partition } from "../conjuncts.ts";
import { hasSubquery, isVolatile } from "../facts.ts";
import { defineRule, type Rule } from "../rule.ts";

export const pushFilterThroughSetOperation: Rule = defineRule(
  "push-filter-through-set-operation",
  "filter",
  (node, { functions }) => {
    const { input } = node;
    if (input.kind !== "set-operation") return undefined;
    const { yes, no } = partition(
      conjunctsOf(node.predicate),
      (conjunct) => !isVolatile(conjunct, functions) && !hasSubquery(conjunct),
    );
    if (yes.length === 0) return undefined;
    const [first, second] = input.inputs;
    return filterOf(
      {
        ...input,
        inputs: [below(input, first, yes), below(input, second, yes)],
      },
      no,
    );
  },
);

function below(
  operation: SetOperation,
  input: LogicalPlan,
  conjuncts: readonly Expression[],
): LogicalPlan {
  const output = outputOf(input);
  const names = new Map(
    operation.columns.map((column, index) => [column.id, output[index]]),
  );
  return filterOf(
    input,
    conjuncts.map((conjunct) =>
      substituteColumns(conjunct, (id) => {
        const column = names.get(id);
        return column && columnRef(column);
      }),
    ),
  );
}
