// SELECT with its ORDER BY and LIMIT: clauses bound in PostgreSQL's order, then stacked into a plan:
// FROM, WHERE, aggregation, HAVING, windows, QUALIFY, set-returning calls, projection, DISTINCT, ORDER BY, LIMIT.

import type { ColumnId } from "../../../storage/common/ids.ts";
import type { Expression, SortKey } from "../../logical/expression.ts";
import type { LogicalPlan, ProjectItem } from "../../logical/plan.ts";
import { outputOf } from "../../logical/walk.ts";
import type { Expr, Query, Select, WindowSpec } from "../../parse/ast.ts";
import { sameExpression } from "../../logical/same-expression.ts";
import { bindFromList } from "../from/from.ts";
import { withinWindows } from "./event-time.ts";
import { requireBoolean } from "../expression/predicate.ts";
import { bindGroups, buildAggregate, type Groups } from "./group-by.ts";
import { applyLimit, bindLimit } from "./limit.ts";
import { isNullable } from "../nullability.ts";
import { bindDistinctOn, bindOrderBy, type OrderItem } from "./order-by.ts";
import {
  CLAUSES,
  inClause,
  newLevel,
  type Clause,
  type Scope,
} from "../scope.ts";
import { bindItems, type BoundItem } from "./select-list.ts";
import { applySets } from "../from/set-returning.ts";
import type {
  BoundRelation,
  OutputColumn,
  QueryOptions,
  StatementContext,
} from "../statement-context.ts";
import { applyWindows } from "./window-plan.ts";
import {
  distinctOnOrder,
  distinctOrder,
  windowing,
} from "../errors/errors-query.ts";
import { locationOf, syntaxLocation } from "../location.ts";
import { reference } from "./output.ts";

interface Clauses {
  readonly where: Expression | undefined;
  readonly items: readonly BoundItem[];
  readonly groups: Groups;
  readonly having: Expression | undefined;
  readonly qualify: Expression | undefined;
  readonly order: readonly OrderItem[];
  readonly distinctOn: readonly Expression[] | undefined;
}

/** `query` lends ORDER BY, LIMIT and OFFSET. */
export function bindSelect(
  statement: StatementContext,
  select: Select,
  query: Query,
  enclosing: {
    readonly parent: Scope | undefined;
    readonly options: QueryOptions;
  },
): BoundRelation {
  const { parent, options } = enclosing;
  const level = newLevel(windowsByName(select));
  const from = bindFromList({ statement, level, parent }, select.from);
  const scope: Scope = {
    statement,
    level,
    relations: from.relations,
    refused: [],
    parent,
  };
  const clauses = bindClauses(scope, select, query, options);
  const limit = bindLimit(scope, query);
  const body = planBody(scope, select, clauses, from.plan);
  return planOutput(scope, select, body, (plan, keys) =>
    applyLimit(plan, limit, keys),
  );
}

function windowsByName(select: Select): ReadonlyMap<string, WindowSpec> {
  const named = new Map<string, WindowSpec>();
  for (const { name, spec } of select.windows) {
    if (named.has(name.name)) {
      throw windowing(
        `window "${name.name}" is already defined`,
        name.position,
      );
    }
    named.set(name.name, spec);
  }
  return named;
}

function bindClauses(
  scope: Scope,
  select: Select,
  query: Query,
  options: QueryOptions,
): Clauses {
  const items = inClause(scope, CLAUSES.select, () =>
    bindItems(scope, select.items, options.keepUnknown === true),
  );
  const where = condition(scope, select.where, CLAUSES.where);
  const having = condition(scope, select.having, CLAUSES.having);
  const qualify = qualifyCondition(scope, select.qualify, items);
  const order = bindOrderBy(scope, query.orderBy, items);
  const groups = bindGroups(scope, select, items);
  const distinctOn =
    typeof select.distinct === "boolean"
      ? undefined
      : bindDistinctOn(scope, select.distinct, items);
  return {
    where,
    items,
    groups,
    having,
    qualify,
    order,
    distinctOn: distinctOn?.map((entry) => entry.value),
  };
}

function condition(
  scope: Scope,
  expression: Expr | undefined,
  clause: Clause,
): Expression | undefined {
  if (!expression) return undefined;
  const value = inClause(scope, clause, () =>
    scope.statement.binders.expression(expression, scope),
  );
  return requireBoolean(scope, value, clause.name);
}

/** QUALIFY may name output columns, which hide nothing of the FROM list. */
function qualifyCondition(
  scope: Scope,
  expression: Expr | undefined,
  items: readonly BoundItem[],
): Expression | undefined {
  if (!expression) return undefined;
  const outputs = {
    name: undefined,
    columns: items.map((item) => ({ name: item.name, value: item.value })),
    hidden: [],
    qualified: false,
    unqualified: true,
  };
  const outer: Scope = {
    ...scope,
    relations: [outputs],
    refused: [],
    parent: scope.parent,
  };
  return condition({ ...scope, parent: outer }, expression, CLAUSES.qualify);
}

interface Body {
  readonly plan: LogicalPlan;
  readonly items: readonly BoundItem[];
  readonly order: readonly OrderItem[];
  readonly distinctOn: readonly Expression[] | undefined;
}

/** Everything below the projection; expressions are rewritten to what aggregation leaves. */
function planBody(
  scope: Scope,
  select: Select,
  clauses: Clauses,
  from: LogicalPlan,
): Body {
  const { level } = scope;
  const where = filtered(from, clauses.where);
  let plan: LogicalPlan = where;
  const grouped =
    select.groupBy.length > 0 ||
    level.aggregates.length > 0 ||
    level.groupings.length > 0 ||
    clauses.having !== undefined;
  let replace = (value: Expression): Expression => value;
  if (grouped) {
    const rows = withinWindows(scope.statement, clauses.groups.values, where);
    const grouping = buildAggregate(scope, clauses.groups, rows);
    ({ replace } = grouping);
    ({ plan } = grouping);
  }
  const items = clauses.items.map((item) => ({
    ...item,
    value: replace(item.value),
  }));
  const order = clauses.order.map((entry) => ({
    item: entry.item && items[clauses.items.indexOf(entry.item)],
    key: { ...entry.key, value: replace(entry.key.value) },
  }));
  plan = filtered(plan, clauses.having && replace(clauses.having));
  plan = applyWindows(level.windows, replace, plan);
  plan = filtered(plan, clauses.qualify && replace(clauses.qualify));
  plan = applySets(scope, replace, plan);
  return {
    plan,
    items,
    order,
    distinctOn: clauses.distinctOn?.map(replace),
  };
}

function filtered(
  input: LogicalPlan,
  predicate: Expression | undefined,
): LogicalPlan {
  return predicate ? { kind: "filter", predicate, input } : input;
}

/** Projection, DISTINCT, ORDER BY and LIMIT; sort keys that are no output columns are projected, then dropped. */
function planOutput(
  scope: Scope,
  select: Select,
  body: Body,
  limited: (plan: LogicalPlan, keys: readonly SortKey[]) => LogicalPlan,
): BoundRelation {
  const { statement } = scope;
  const projection = new Projection(statement, body.plan);
  const columns = body.items.map((item): OutputColumn => {
    const made = projection.add(item);
    return { ...made, origin: item.origin, position: item.position };
  });
  const referTo = (value: Expression): Expression => projection.referTo(value);
  const on = body.distinctOn?.map(referTo);
  const keys = body.order.map(({ key }): SortKey => ({
    ...key,
    value: referTo(key.value),
  }));
  if (select.distinct === true && projection.size > columns.length) {
    const hidden = body.order.find((entry) => !entry.item);
    throw distinctOrder(hidden && locationOf(hidden.key.value));
  }
  let plan: LogicalPlan = projection.plan();
  if (select.distinct !== false) {
    if (on) checkDistinctOn(select, on, keys);
    plan = {
      kind: "distinct",
      on,
      orderBy: on ? keys : [],
      input: plan,
    };
  }
  if (keys.length > 0) plan = { kind: "sort", keys, input: plan };
  plan = limited(plan, keys);
  if (projection.size === columns.length) return { plan, columns };
  const kept = columns.map((column): ProjectItem => {
    const { id, name, type, nullable } = column;
    return {
      column: { id, name, type, nullable },
      value: { kind: "column", column: id, name, type, nullable },
    };
  });
  return { plan: { kind: "project", items: kept, input: plan }, columns };
}

/** PostgreSQL's rule: once a sort key is not among the expressions, all of those must have come before it. */
function checkDistinctOn(
  select: Select,
  on: readonly Expression[],
  keys: readonly SortKey[],
): void {
  const first = keys.findIndex(
    (key) => !on.some((value) => sameExpression(value, key.value)),
  );
  if (first < 0) return;
  const late = on.findIndex(
    (value) =>
      !keys.slice(0, first).some((key) => sameExpression(key.value, value)),
  );
  if (late < 0) return;
  const written = typeof select.distinct === "boolean" ? [] : select.distinct;
  throw distinctOnOrder(written[late] && syntaxLocation(written[late]));
}

/** Items of the projection that is being put together. */
class Projection {
  readonly #statement: StatementContext;
  readonly #input: LogicalPlan;
  readonly #available: ReadonlySet<ColumnId>;
  readonly #items: (ProjectItem & { readonly source: Expression })[] = [];

  constructor(statement: StatementContext, input: LogicalPlan) {
    this.#statement = statement;
    this.#input = input;
    this.#available = new Set(outputOf(input).map((column) => column.id));
  }

  get size(): number {
    return this.#items.length;
  }

  /** A column of the input passes under its own id, once; all else gets an id of its own. */
  add(item: {
    readonly name: string;
    readonly value: Expression;
  }): ProjectItem["column"] {
    const { name, value } = item;
    const passes =
      value.kind === "column" &&
      this.#available.has(value.column) &&
      !this.#items.some((it) => it.column.id === value.column);
    const column = {
      id: passes ? value.column : this.#statement.newColumnId(),
      name,
      type: value.type,
      nullable: isNullable(value),
    };
    this.#items.push({ column, value, source: value });
    return column;
  }

  referTo(value: Expression): Expression {
    const known = this.#items.find((item) =>
      sameExpression(item.source, value),
    );
    const column =
      known?.column ??
      this.add({ name: value.kind === "column" ? value.name : "key", value });
    return { ...reference(column), position: value.position };
  }

  plan(): LogicalPlan {
    return {
      kind: "project",
      items: this.#items.map(({ column, value }) => ({ column, value })),
      input: this.#input,
    };
  }
}
