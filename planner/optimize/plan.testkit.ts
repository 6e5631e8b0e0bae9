// Builders for plans in tests: columns by name, functions by the function table's own overload rules.

import {
  BOOL,
  INT4,
  INT8,
  TEXT,
  type DataType,
} from "../../storage/common/data-type.ts";
import { columnId, objectId, version } from "../../storage/common/ids.ts";
import { invariant } from "../../storage/common/invariant.ts";
import { resolveFunction, resolveOperator } from "../functions/registry.ts";
import type {
  AggregateCall,
  ColumnRef,
  Expression,
  Literal,
  SortKey,
  Subquery,
} from "../logical/expression.ts";
import type {
  Aggregate,
  Barrier,
  Distinct,
  Filter,
  Join,
  Limit,
  LogicalPlan,
  PlanColumn,
  Project,
  Scan,
  SetOperation,
  Sort,
  Values,
} from "../logical/plan.ts";
import { outputOf } from "../logical/walk.ts";
import { columnRef } from "./conjuncts.ts";

/** Hands out column and scan ids: one for each plan under test. */
export class PlanBuilder {
  #column = 0;
  #scan = 0;

  column(name: string, type: DataType, nullable = true): PlanColumn {
    this.#column += 1;
    return { id: columnId(this.#column), name, type, nullable };
  }

  scan(
    table: string,
    columns: Readonly<Record<string, DataType>>,
    nullable = true,
  ): Scan {
    this.#scan += 1;
    return {
      kind: "scan",
      table: {
        id: objectId(table),
        version: version(0),
        scanId: this.#scan,
        name: `public.${table}`,
        oid: this.#scan,
        opaque: false,
      },
      columns: Object.entries(columns).map(([name, type], index) => ({
        ...this.column(name, type, nullable),
        source: { kind: "column", name, number: index + 1 },
      })),
      filters: [],
    };
  }

  project(
    input: LogicalPlan,
    items: Readonly<Record<string, Expression>>,
  ): Project {
    return {
      kind: "project",
      items: Object.entries(items).map(([name, value]) => ({
        column: this.column(name, value.type),
        value,
      })),
      input,
    };
  }

  aggregate(
    input: LogicalPlan,
    groups: Readonly<Record<string, Expression>>,
    aggregates: Readonly<Record<string, AggregateCall>>,
  ): Aggregate {
    const keys = Object.entries(groups).map(([name, value]) => ({
      column: this.column(name, value.type),
      value,
    }));
    return {
      kind: "aggregate",
      groups: keys,
      sets: [keys.map((_, index) => index)],
      aggregates: Object.entries(aggregates).map(([name, aggregateCall]) => ({
        column: this.column(name, aggregateCall.type),
        call: aggregateCall,
      })),
      grouping: [],
      input,
    };
  }

  union(
    left: LogicalPlan,
    right: LogicalPlan,
    operator: SetOperation["operator"] = "union",
    all = true,
  ): SetOperation {
    return {
      kind: "set-operation",
      operator,
      all,
      columns: outputOf(left).map((column) =>
        this.column(column.name, column.type),
      ),
      inputs: [left, right],
    };
  }

  values(
    columns: Readonly<Record<string, DataType>>,
    rows: readonly (readonly Expression[])[],
  ): Values {
    return {
      kind: "values",
      columns: Object.entries(columns).map(([name, type]) =>
        this.column(name, type),
      ),
      rows,
    };
  }
}

/** The plan's output column of that name. */
export function col(plan: LogicalPlan, name: string): ColumnRef {
  const found = outputOf(plan).find((column) => column.name === name);
  invariant(found !== undefined, `the plan has a column ${name}`);
  return columnRef(found);
}

export function int(value: number): Literal {
  return { kind: "literal", type: INT4, value: String(value) };
}
export function big(value: number): Literal {
  return { kind: "literal", type: INT8, value: String(value) };
}
export function text(value: string): Literal {
  return { kind: "literal", type: TEXT, value };
}
export function literal(type: DataType, value: string | null): Literal {
  return { kind: "literal", type, value };
}

/** `left symbol right` by PostgreSQL's overload rules; the arguments must have the overload's own types. */
export function op(
  symbol: string,
  left: Expression,
  right: Expression,
): Expression {
  const found = resolveOperator(symbol, [left.type, right.type]);
  invariant(
    found.kind === "match",
    `operator ${symbol} takes ${left.type.kind} and ${right.type.kind}`,
  );
  return {
    kind: "call",
    type: found.returns,
    function: found.row.id,
    args: [left, right],
  };
}

export function fn(name: string, ...args: readonly Expression[]): Expression {
  const found = resolveFunction(
    name,
    args.map((arg) => arg.type),
  );
  invariant(found.kind === "match", `function ${name} takes these arguments`);
  return { kind: "call", type: found.returns, function: found.row.id, args };
}

export function agg(
  name: string,
  ...args: readonly Expression[]
): AggregateCall {
  const found = resolveFunction(
    name,
    args.map((arg) => arg.type),
  );
  invariant(found.kind === "match", `aggregate ${name} takes these arguments`);
  return {
    function: found.row.id,
    args,
    distinct: false,
    filter: undefined,
    orderBy: [],
    type: found.returns,
  };
}

export function and(...operands: readonly Expression[]): Expression {
  return { kind: "and", type: BOOL, operands };
}
export function or(...operands: readonly Expression[]): Expression {
  return { kind: "or", type: BOOL, operands };
}
export function not(operand: Expression): Expression {
  return { kind: "not", type: BOOL, operand };
}
export function isNull(operand: Expression, negated = false): Expression {
  return { kind: "is-null", type: BOOL, operand, negated };
}
export function cast(operand: Expression, type: DataType): Expression {
  return { kind: "cast", type, operand, attempt: false };
}
export function inList(
  operand: Expression,
  items: readonly Expression[],
  negated = false,
): Expression {
  return { kind: "in-list", type: BOOL, operand, items, negated };
}

export function exists(plan: LogicalPlan, negated = false): Subquery {
  return {
    kind: "subquery",
    type: BOOL,
    form: { kind: "exists", negated },
    plan,
  };
}
export function scalar(plan: LogicalPlan, type: DataType): Subquery {
  return { kind: "subquery", type, form: { kind: "scalar" }, plan };
}
/** `operand = ANY (plan)`, which is IN. */
export function isIn(operand: Expression, plan: LogicalPlan): Subquery {
  const [column] = outputOf(plan);
  invariant(column !== undefined, "the subquery has a column");
  const equal = op("=", operand, columnRef(column));
  return {
    kind: "subquery",
    type: BOOL,
    form: {
      kind: "quantified",
      quantifier: "any",
      operands: [operand],
      functions: equal.kind === "call" ? [equal.function] : [],
    },
    plan,
  };
}

export function filter(input: LogicalPlan, predicate: Expression): Filter {
  return { kind: "filter", predicate, input };
}
export function join(
  type: Join["type"],
  left: LogicalPlan,
  right: LogicalPlan,
  condition?: Expression,
): Join {
  return { kind: "join", type, condition, left, right, lateral: false };
}
export function sort(input: LogicalPlan, ...keys: readonly Expression[]): Sort {
  return { kind: "sort", keys: keys.map(ascending), input };
}
export function ascending(value: Expression): SortKey {
  return { value, descending: false, nullsFirst: false };
}
export function limit(
  input: LogicalPlan,
  count: number | undefined,
  offset?: number,
): Limit {
  return {
    kind: "limit",
    count: count === undefined ? undefined : big(count),
    offset: offset === undefined ? undefined : big(offset),
    ties: undefined,
    input,
  };
}
export function distinct(input: LogicalPlan): Distinct {
  return { kind: "distinct", on: undefined, orderBy: [], input };
}
export function barrier(input: LogicalPlan): Barrier {
  return { kind: "barrier", input };
}
