// Joins: conditions, and the merged columns of USING and NATURAL.

import { BOOL } from "../../../storage/common/data-type.ts";
import type { Expression } from "../../logical/expression.ts";
import type { Join, LogicalPlan } from "../../logical/plan.ts";
import type { Identifier, JoinFrom } from "../../parse/ast.ts";
import { unify } from "../coerce.ts";
import { callFunction } from "../expression/call-function.ts";
import { applyOperator, conjunction } from "../expression/operator.ts";
import { requireBoolean } from "../expression/predicate.ts";
import {
  chained,
  isLateral,
  type BoundFrom,
  type FromContext,
} from "./from-parts.ts";
import { matching } from "../names.ts";
import { aliased, padded } from "./relation.ts";
import {
  CLAUSES,
  inClause,
  type Scope,
  type ScopeColumn,
  type ScopeRelation,
} from "../scope.ts";
import {
  ambiguousUsingColumn,
  missingUsingColumn,
  repeatedUsingColumn,
} from "../errors/errors-column.ts";

interface Sides {
  readonly left: BoundFrom;
  readonly right: BoundFrom;
  /** Relations to the left of the whole join. */
  readonly before: readonly ScopeRelation[];
}

export function finishJoin(
  context: FromContext,
  item: JoinFrom,
  sides: Sides,
): BoundFrom {
  const names = item.natural ? commonNames(sides) : (item.using ?? []);
  const pairs = usingPairs(sides, names);
  const condition =
    pairs.length > 0
      ? conjunction(
          pairs.map((pair) =>
            applyOperator(
              context.statement,
              "=",
              [pair.left.value, pair.right.value],
              pair.name.position,
            ),
          ),
        )
      : onCondition(context, item, sides);
  const merged = pairs.map((pair) => mergedColumn(context, item, pair));
  return {
    plan: joinPlan(item, sides, condition),
    relations: joinRelations(item, sides, pairs, merged),
  };
}

function onCondition(
  context: FromContext,
  item: JoinFrom,
  sides: Sides,
): Expression | undefined {
  const { on } = item;
  if (!on) return undefined;
  const { refused = [] } = context;
  const scope: Scope = {
    ...context,
    relations: [...sides.left.relations, ...sides.right.relations],
    refused,
    parent:
      sides.before.length === 0
        ? context.parent
        : { ...context, relations: [], refused: sides.before },
  };
  return inClause(scope, CLAUSES.join, () =>
    requireBoolean(
      scope,
      context.statement.binders.expression(on, scope),
      "JOIN/ON",
    ),
  );
}

function joinPlan(
  item: JoinFrom,
  sides: Sides,
  condition: Expression | undefined,
): LogicalPlan {
  const left = sides.left.plan;
  const right = sides.right.plan;
  const lateral = isLateral(left, right);
  const always =
    condition === undefined ||
    (condition.kind === "literal" && condition.value === "t");
  const inner = item.type === "inner" || item.type === "cross";
  if (lateral && always && (inner || item.type === "left")) {
    const plan = chained(left, right, item.type === "left");
    if (plan) return plan;
  }
  const join: Join = {
    kind: "join",
    type: inner && condition === undefined ? "cross" : item.type,
    condition:
      condition ??
      (inner ? undefined : { kind: "literal", type: BOOL, value: "t" }),
    left,
    right,
    lateral,
  };
  return join;
}

interface UsingPair {
  readonly name: Identifier;
  readonly left: ScopeColumn;
  readonly right: ScopeColumn;
}

function visibleColumns(side: BoundFrom): readonly ScopeColumn[] {
  return side.relations
    .filter((relation) => relation.unqualified)
    .flatMap((relation) => relation.columns);
}

/** NATURAL: names both sides have, in the order of the left. */
function commonNames({ left, right }: Sides): readonly Identifier[] {
  const theirs = new Set(visibleColumns(right).map((column) => column.name));
  return visibleColumns(left)
    .filter((column) => theirs.has(column.name))
    .map((column) => ({ name: column.name, quoted: true, position: 0 }));
}

function usingPairs(
  sides: Sides,
  names: readonly Identifier[],
): readonly UsingPair[] {
  const seen = new Set<string>();
  return names.map((name) => {
    if (seen.has(name.name)) throw repeatedUsingColumn(name.name);
    seen.add(name.name);
    return {
      name,
      left: usingColumn(sides.left, name, "left"),
      right: usingColumn(sides.right, name, "right"),
    };
  });
}

function usingColumn(
  from: BoundFrom,
  name: Identifier,
  side: "left" | "right",
): ScopeColumn {
  const [column, more] = matching(visibleColumns(from), name, (it) => it.name);
  if (!column) throw missingUsingColumn(name.name, side);
  if (more) throw ambiguousUsingColumn(name.name, side);
  return column;
}

/** The side that is always there; for FULL the first that is not NULL. */
function mergedColumn(
  { statement }: FromContext,
  item: JoinFrom,
  pair: UsingPair,
): ScopeColumn {
  const { expressions } = unify(
    statement,
    [pair.left.value, pair.right.value],
    "JOIN/USING",
  );
  const [left, right] = expressions;
  const name = pair.left.name;
  if (item.type === "full") {
    return {
      name,
      value: callFunction(
        statement,
        "coalesce",
        expressions,
        pair.name.position,
      ),
    };
  }
  const chosen = item.type === "right" ? pair.right : pair.left;
  const value = (item.type === "right" ? right : left) ?? chosen.value;
  return value === chosen.value ? { ...chosen, name } : { name, value };
}

function joinRelations(
  item: JoinFrom,
  sides: Sides,
  pairs: readonly UsingPair[],
  merged: readonly ScopeColumn[],
): readonly ScopeRelation[] {
  const { type, alias } = item;
  const left =
    type === "right" || type === "full"
      ? padded(sides.left.relations)
      : sides.left.relations;
  const right =
    type === "left" || type === "full"
      ? padded(sides.right.relations)
      : sides.right.relations;
  const inner = [...left, ...right];
  if (pairs.length === 0 && !alias) return inner;
  const rest = (
    relations: readonly ScopeRelation[],
    side: "left" | "right",
  ): readonly ScopeColumn[] =>
    relations
      .filter((relation) => relation.unqualified)
      .flatMap((relation) => relation.columns)
      .filter(
        (column) => !pairs.some((pair) => pair[side].name === column.name),
      );
  const columns = [...merged, ...rest(left, "left"), ...rest(right, "right")];
  const joined: ScopeRelation = {
    name: undefined,
    columns,
    hidden: [],
    qualified: alias !== undefined,
    unqualified: true,
  };
  if (alias) return [aliased(joined, alias)];
  return [joined, ...inner.map((it) => ({ ...it, unqualified: false }))];
}
