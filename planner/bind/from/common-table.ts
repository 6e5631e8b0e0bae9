// WITH: common tables are bound when first referred to, and put around the query that uses them.
// One reference takes the definition in its place, several compute it once.

import { sameType } from "../../../storage/common/data-type.ts";
import { notSupported } from "../../../storage/common/errors.ts";
import { invariant } from "../../../storage/common/invariant.ts";
import type {
  LogicalPlan,
  PlanColumn,
  ProjectItem,
} from "../../logical/plan.ts";
import { children, nodesOf, rewrite } from "../../logical/walk.ts";
import type { CommonTable, Query, WithClause } from "../../parse/ast.ts";
import { reference, retypeOutput } from "../query/output.ts";
import type { Scope } from "../scope.ts";
import type {
  BoundRelation,
  CommonTableState,
  OutputColumn,
  StatementContext,
} from "../statement-context.ts";
import { tooManyColumnAliases } from "../errors/errors-column.ts";
import {
  duplicateCommonTable,
  invalidRecursion,
  recursiveType,
  setOperationWidth,
} from "../errors/errors-query.ts";
import { isVolatilePlan } from "../library.ts";

/** Registers the items, binds the query by `bind`, and wraps its plan in the definitions it uses. */
export function bindWith<T extends { readonly plan: LogicalPlan }>(
  statement: StatementContext,
  clause: WithClause,
  parent: Scope | undefined,
  bind: () => T,
): T {
  const states = clause.items.map((item): CommonTableState => {
    const state: CommonTableState = {
      item,
      id: statement.newTableId(),
      parent,
      phase: { kind: "unbound" },
    };
    statement.commonTables.set(item, state);
    return state;
  });
  refuseDuplicates(clause);
  const bound = bind();
  // Items that nothing refers to are checked all the same, and not computed.
  for (const state of states) bindDefinition(statement, state);
  const used = [...statement.commonTables.values()].filter((state) =>
    states.includes(state),
  );
  const plan = orderOf(statement, used).reduceRight<LogicalPlan>(
    (input, state) =>
      state.phase.kind === "bound" && state.phase.references > 0
        ? state.phase.around(input)
        : input,
    bound.plan,
  );
  return { ...bound, plan };
}

function refuseDuplicates(clause: WithClause): void {
  const seen = new Set<string>();
  for (const { name } of clause.items) {
    if (seen.has(name.name))
      throw duplicateCommonTable(name.name, name.position);
    seen.add(name.name);
  }
}

/** Definitions in the order they were finished: what one refers to comes before it. */
function orderOf(
  statement: StatementContext,
  states: readonly CommonTableState[],
): readonly CommonTableState[] {
  const { finished } = statement;
  return states.toSorted(
    (a, b) => finished.indexOf(a.id) - finished.indexOf(b.id),
  );
}

/** The rows of a common table under fresh column ids. */
export function bindCommonTableReference(
  statement: StatementContext,
  item: CommonTable,
  position: number,
): BoundRelation {
  const state = statement.commonTables.get(item);
  invariant(state !== undefined, "a common table is out of scope");
  if (state.phase.kind === "binding") {
    throw invalidRecursion(
      `recursive reference to query "${item.name.name}" must not appear within its non-recursive term`,
      position,
    );
  }
  const phase = bindDefinition(statement, state);
  phase.references += 1;
  const columns = phase.columns.map((column): OutputColumn => ({
    ...column,
    id: statement.newColumnId(),
  }));
  return {
    plan: {
      kind: "common-table-ref",
      id: state.id,
      name: item.name.name,
      columns: columns.map(plain),
    },
    columns,
  };
}

type Known = Extract<
  CommonTableState["phase"],
  { readonly kind: "bound" | "recursive" }
>;

function bindDefinition(
  statement: StatementContext,
  state: CommonTableState,
): Known {
  const { phase, item } = state;
  if (phase.kind === "bound" || phase.kind === "recursive") return phase;
  const { query } = item;
  if (query.kind !== "query") {
    throw notSupported("data-modifying statements in WITH are", item.position);
  }
  const recursive = statement.resolved.recursive.has(item);
  state.phase = { kind: "binding" };
  const bound = recursive
    ? bindRecursive(statement, state, query)
    : bindPlain(statement, state, query);
  state.phase = bound;
  statement.finished.push(state.id);
  return bound;
}

function bindPlain(
  statement: StatementContext,
  state: CommonTableState,
  query: Query,
): Known {
  const { item, id } = state;
  const bound = statement.binders.query(query, state.parent);
  const columns = renamed(item, bound.columns);
  const { materialized } = item;
  const known: Known = {
    kind: "bound",
    columns,
    references: 0,
    around: (input) =>
      known.references === 1 &&
      materialized !== true &&
      !isVolatilePlan(bound.plan)
        ? inlined(id, bound, input)
        : {
            kind: "common-table",
            id,
            name: item.name.name,
            definition: bound.plan,
            materialized,
            input,
          },
  };
  return known;
}

/** Column names given in WITH replace the query's from the left. */
function renamed(
  item: CommonTable,
  columns: readonly OutputColumn[],
): readonly OutputColumn[] {
  if (item.columns.length > columns.length) {
    throw tooManyColumnAliases(
      item.name.name,
      {
        available: columns.length,
        specified: item.columns.length,
        of: "WITH query",
      },
      item.columns[0]?.position,
    );
  }
  return columns.map((column, i) => ({
    ...column,
    name: item.columns[i]?.name ?? column.name,
  }));
}

/** The definition in place of its only reference. */
function inlined(
  id: number,
  definition: BoundRelation,
  input: LogicalPlan,
): LogicalPlan {
  return rewrite(input, (node) => {
    if (node.kind !== "common-table-ref" || node.id !== id) return node;
    const items = node.columns.flatMap((column, i): readonly ProjectItem[] => {
      const source = definition.columns[i];
      return source ? [{ column, value: reference(source) }] : [];
    });
    return { kind: "project", items, input: definition.plan };
  });
}

/** `base UNION [ALL] recursive`: the base alone gives the columns. */
function bindRecursive(
  statement: StatementContext,
  state: CommonTableState,
  query: Query,
): Known {
  const { item, id, parent } = state;
  const { body } = query;
  const name = item.name.name;
  if (body.kind !== "set-operation" || body.operator !== "union") {
    throw invalidRecursion(
      `recursive query "${name}" does not have the form non-recursive-term UNION [ALL] recursive-term`,
      item.position,
    );
  }
  if (query.orderBy.length > 0 || query.limit || query.offset || query.with) {
    throw notSupported(
      "WITH, ORDER BY, LIMIT and OFFSET in a recursive query are",
      item.position,
    );
  }
  const side = (part: typeof body.left): Query => ({
    kind: "query",
    body: part,
    orderBy: [],
    withTies: false,
    position: part.position,
  });
  const base = statement.binders.query(side(body.left), parent);
  const columns = renamed(item, base.columns).map((column): OutputColumn => ({
    ...column,
    id: statement.newColumnId(),
    nullable: true,
  }));
  state.phase = { kind: "recursive", columns, references: 0 };
  const step = statement.binders.query(side(body.right), parent, {
    keepUnknown: true,
  });
  if (step.columns.length !== columns.length) {
    throw setOperationWidth("UNION", body.right.position);
  }
  const recursive = retypeOutput(
    statement,
    step,
    checkedTypes(item, columns, step.columns),
    "implicit",
  );
  refuseAggregates(step.plan, id, item);
  const known: Known = {
    kind: "bound",
    columns,
    references: 0,
    around: (input) => ({
      kind: "recursive-table",
      id,
      name,
      columns: columns.map(plain),
      all: body.all,
      base: base.plan,
      recursive: recursive.plan,
      input,
    }),
  };
  return known;
}

/** The recursive term must not widen a column. Throws 42804. */
function checkedTypes(
  item: CommonTable,
  columns: readonly OutputColumn[],
  step: readonly OutputColumn[],
): readonly OutputColumn["type"][] {
  return columns.map((column, i) => {
    const type = step[i]?.type ?? column.type;
    const widens =
      type.kind !== "unknown" &&
      !sameType(type, column.type) &&
      widerThan(type.kind, column.type.kind);
    if (widens) {
      throw recursiveType(
        item.name.name,
        i + 1,
        { base: column.type, overall: type },
        column.position,
      );
    }
    return column.type;
  });
}

const WIDTHS = ["int2", "int4", "int8", "numeric", "float4", "float8"];

function widerThan(kind: string, other: string): boolean {
  const width = WIDTHS.indexOf(kind);
  const base = WIDTHS.indexOf(other);
  return base >= 0 && width > base;
}

/** In the query that reads the working table in its own FROM; in queries inside and around it they may stand. */
function refuseAggregates(
  plan: LogicalPlan,
  id: number,
  item: CommonTable,
): void {
  for (const node of nodesOf(plan)) {
    if (
      node.kind === "aggregate" &&
      node.aggregates.length > 0 &&
      readsInFrom(node.input, id)
    ) {
      throw invalidRecursion(
        "aggregate functions are not allowed in a recursive query's recursive term",
        item.position,
      );
    }
  }
}

function readsInFrom(plan: LogicalPlan, id: number): boolean {
  switch (plan.kind) {
    case "common-table-ref":
      return plan.id === id;
    case "filter":
    case "join":
    case "unnest":
    case "series":
      return children(plan).some((child) => readsInFrom(child, id));
    default:
      return false;
  }
}

function plain(column: OutputColumn): PlanColumn {
  const { id, name, type, nullable } = column;
  return { id, name, type, nullable };
}
