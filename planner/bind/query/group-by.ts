// GROUP BY: grouping sets from ROLLUP, CUBE and GROUPING SETS, and what the rest of the query may then refer to.

import { SqlError } from "../../../storage/common/errors.ts";
import type { ColumnId } from "../../../storage/common/ids.ts";
import { resolveOperator } from "../../functions/registry.ts";
import { columnsUsed } from "../../logical/columns.ts";
import { mapOperands } from "../../logical/expression-walk.ts";
import type { Expression } from "../../logical/expression.ts";
import type {
  Aggregate,
  LogicalPlan,
  ProjectItem,
} from "../../logical/plan.ts";
import { mapChildren, mapExpressions } from "../../logical/walk.ts";
import type {
  Expr,
  GroupItem,
  QualifiedName,
  Select,
} from "../../parse/ast.ts";
import { settleUnknown } from "../coerce.ts";
import { sameExpression } from "../../logical/same-expression.ts";
import { matching } from "../names.ts";
import { isNullable } from "../nullability.ts";
import { CLAUSES, inClause, type Scope } from "../scope.ts";
import type { BoundItem } from "./select-list.ts";
import {
  aggregateNotAllowed,
  ambiguousOutputName,
  groupingMisplaced,
  noEqualityFor,
  nonIntegerConstant,
  ordinalOutOfRange,
  ungroupedColumn,
  ungroupedOuterColumn,
  windowNotAllowed,
} from "../errors/errors-query.ts";
import { locationOf } from "../location.ts";
import { reference } from "./output.ts";

export interface Groups {
  readonly values: readonly Expression[];
  readonly sets: readonly (readonly number[])[];
}

const MAX_SETS = 4096;

export function bindGroups(
  scope: Scope,
  select: Select,
  items: readonly BoundItem[],
): Groups {
  const values: Expression[] = [];
  const indexOf = (expression: Expr): number => {
    const value = bindGroup(scope, expression, items);
    const known = values.findIndex((it) => sameExpression(it, value));
    return known >= 0 ? known : values.push(value) - 1;
  };
  let sets: readonly (readonly number[])[] = [[]];
  for (const item of select.groupBy) {
    const own = setsOf(item).map((set) => set.map(indexOf));
    sets = sets.flatMap((left) => own.map((right) => [...left, ...right]));
    if (sets.length > MAX_SETS) {
      throw new SqlError(
        "54000",
        `too many grouping sets present (maximum ${MAX_SETS})`,
      );
    }
  }
  const unique = sets.map((set) => [...new Set(set)].toSorted((a, b) => a - b));
  return {
    values,
    sets: select.groupDistinct
      ? [...new Map(unique.map((set) => [set.join(","), set])).values()]
      : unique,
  };
}

/** The sets one item stands for; a plain expression is a single set. */
function setsOf(item: GroupItem): readonly (readonly Expr[])[] {
  switch (item.kind) {
    case "expression":
      return [[item.value]];
    case "set":
      return [item.items];
    case "sets":
      return item.items.flatMap(setsOf);
    case "rollup":
      return [
        ...item.sets.map((_, i) =>
          item.sets.slice(0, item.sets.length - i).flat(),
        ),
        [],
      ];
    case "cube":
      return subsets(item.sets);
  }
}

function subsets(
  sets: readonly (readonly Expr[])[],
): readonly (readonly Expr[])[] {
  if (sets.length > 12) {
    throw new SqlError("54000", "CUBE is limited to 12 elements");
  }
  const [first, ...rest] = sets;
  if (!first) return [[]];
  const others = subsets(rest);
  return [...others.map((set) => [...first, ...set]), ...others];
}

/** A column of the FROM list, else an output name, an ordinal, or any expression. */
function bindGroup(
  scope: Scope,
  expression: Expr,
  items: readonly BoundItem[],
): Expression {
  const item = outputItem(scope, expression, items);
  const value =
    item?.value ??
    inClause(scope, CLAUSES.groupBy, () =>
      settleUnknown(
        scope.statement,
        scope.statement.binders.expression(expression, scope),
      ),
    );
  refuseAggregates(scope, value, expression.position);
  const { type } = value;
  if (resolveOperator("=", [type, type]).kind === "none") {
    throw noEqualityFor(type, expression.position);
  }
  return value;
}

function outputItem(
  scope: Scope,
  expression: Expr,
  items: readonly BoundItem[],
): BoundItem | undefined {
  if (expression.kind === "literal") {
    return ordinalItem("GROUP BY", expression, items);
  }
  const [name, ...more] =
    expression.kind === "column" ? expression.name.parts : [];
  if (!name || more.length > 0) return undefined;
  const visible = scope.relations
    .filter((relation) => relation.unqualified)
    .flatMap((relation) => relation.columns);
  if (
    matching(visible, { ...name, quoted: true }, (it) => it.name).length > 0
  ) {
    return undefined;
  }
  const item = namedItem("GROUP BY", name, items);
  if (item && expression.kind === "column") {
    noteOutputName(scope, expression.name, item);
  }
  return item;
}

/** Views store the output's own spelling. */
export function noteOutputName(
  scope: Scope,
  name: QualifiedName,
  item: BoundItem,
): void {
  const [part] = name.parts;
  if (!part || part.name === item.name) return;
  scope.statement.spellings.set(name, [{ ...part, name: item.name }]);
}

/** The one output column of that name; several are one when they are the same expression. */
export function namedItem(
  clause: string,
  name: {
    readonly name: string;
    readonly quoted: boolean;
    readonly position: number;
  },
  items: readonly BoundItem[],
): BoundItem | undefined {
  const [item, ...others] = matching(items, name, (it) => it.name);
  if (item && others.some((it) => !sameExpression(it.value, item.value))) {
    throw ambiguousOutputName(clause, name.name, name.position);
  }
  return item;
}

const INT4_MAX = 2_147_483_647n;

/** `GROUP BY 2`. Throws 42P10 and, for other constants, 42601. */
export function ordinalItem(
  clause: string,
  expression: Extract<Expr, { kind: "literal" }>,
  items: readonly BoundItem[],
): BoundItem {
  const { value, position } = expression;
  // The grammar takes what is no int4 for a number with a fraction.
  if (value.kind !== "integer" || BigInt(value.text) > INT4_MAX)
    throw nonIntegerConstant(clause, position);
  const item = items[Number(value.text) - 1];
  if (!item) throw ordinalOutOfRange(clause, value.text, position);
  return item;
}

function refuseAggregates(
  scope: Scope,
  value: Expression,
  position: number,
): void {
  const used = columnsUsed(value);
  const { aggregates, windows } = scope.level;
  if (aggregates.some((entry) => used.has(entry.column.id))) {
    throw aggregateNotAllowed("GROUP BY", position);
  }
  if (windows.some((entry) => used.has(entry.column.id))) {
    throw windowNotAllowed("GROUP BY", position);
  }
}

export interface Grouping {
  readonly plan: Aggregate;
  /** Puts group columns in place of group expressions. Throws 42803 for columns that are neither grouped nor aggregated. */
  readonly replace: (value: Expression) => Expression;
}

/** The aggregation of a level whose clauses are all bound. */
export function buildAggregate(
  scope: Scope,
  groups: Groups,
  input: LogicalPlan,
): Grouping {
  const { statement, level } = scope;
  const several =
    groups.sets.length !== 1 || groups.sets[0]?.length !== groups.values.length;
  const items = groups.values.map((value): ProjectItem => {
    const name = value.kind === "column" ? value.name : "group";
    const keepsId =
      !several && value.kind === "column" && level.columns.has(value.column);
    const id = keepsId ? value.column : statement.newColumnId();
    const nullable = several || isNullable(value);
    return { column: { id, name, type: value.type, nullable }, value };
  });
  const plan: Aggregate = {
    kind: "aggregate",
    groups: items,
    sets: groups.sets,
    aggregates: level.aggregates,
    grouping: level.groupings.map((entry) => ({
      column: entry.column,
      groups: entry.args.map((arg) =>
        indexOfGroup(groups, arg, locationOf(arg)),
      ),
    })),
    input,
  };
  return {
    plan,
    replace: (value) => replaceGroups(scope, items, value, false),
  };
}

function indexOfGroup(
  groups: Groups,
  value: Expression,
  position: number | undefined,
): number {
  const index = groups.values.findIndex((it) => sameExpression(it, value));
  if (index < 0) throw groupingMisplaced(position);
  return index;
}

function replaceGroups(
  scope: Scope,
  items: readonly ProjectItem[],
  value: Expression,
  inSubquery: boolean,
): Expression {
  const group = items.find((item) => sameExpression(item.value, value));
  if (group) {
    return { ...reference(group.column), position: value.position };
  }
  if (value.kind === "column") {
    const shown = scope.level.columns.get(value.column);
    if (shown === undefined) return value;
    throw inSubquery
      ? ungroupedOuterColumn(shown, value.position)
      : ungroupedColumn(shown, value.position);
  }
  const inner = mapOperands(value, (operand) =>
    replaceGroups(scope, items, operand, inSubquery),
  );
  if (inner.kind !== "subquery" || !usesLevel(scope, inner)) return inner;
  return { ...inner, plan: replaceInPlan(scope, items, inner.plan) };
}

function usesLevel(scope: Scope, value: Expression): boolean {
  const { columns } = scope.level;
  return [...columnsUsed(value)].some((id: ColumnId) => columns.has(id));
}

function replaceInPlan(
  scope: Scope,
  items: readonly ProjectItem[],
  plan: LogicalPlan,
): LogicalPlan {
  const below = mapChildren(plan, (child) =>
    replaceInPlan(scope, items, child),
  );
  return mapExpressions(below, (value) =>
    replaceGroups(scope, items, value, true),
  );
}
