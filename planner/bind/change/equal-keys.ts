// Rows with equal keys among those an INSERT … ON CONFLICT proposes: which of them count is decided by the order they come in. A key
// with a NULL in it equals no other.

import { BOOL, INT8 } from "../../../storage/common/data-type.ts";
import type {
  Expression,
  SortKey,
  WindowCall,
} from "../../logical/expression.ts";
import type {
  LogicalPlan,
  PlanColumn,
  ProjectItem,
} from "../../logical/plan.ts";
import { outputOf } from "../../logical/walk.ts";
import {
  applyOperator,
  conjunction,
  negation,
} from "../expression/operator.ts";
import { reference } from "../query/output.ts";
import type { StatementContext } from "../statement-context.ts";
import type { Breach } from "../write/violation.ts";
import { proposedTwice } from "./errors.ts";

type Key = readonly PlanColumn[];

interface Ordered {
  readonly plan: LogicalPlan;
  /** From 1, in the order the rows come in. */
  readonly number: PlanColumn;
}

export function inOrder(
  statement: StatementContext,
  input: LogicalPlan,
): Ordered {
  return numbered(statement, input, [], []);
}

/**
 * DO NOTHING: a row is left out when one before it has its key and was not left out itself. With several keys that is decided for
 * rows next to the first of all their keys; a row further off breaks a rule (0A000).
 */
export function firstRows(
  statement: StatementContext,
  { plan: input, number: order }: Ordered,
  keys: readonly Key[],
): { readonly plan: LogicalPlan; readonly breaches: readonly Breach[] } {
  let plan = input;
  const sort = sortBy(order, false);
  const firsts = keys.map((key) => {
    const made = numbered(statement, plan, key, [sort]);
    plan = made.plan;
    const isFirst = compared(statement, made.number, "=");
    return conjunction([isFirst, ...key.map(isMissing)], "or");
  });
  const first = conjunction(firsts);
  if (keys.length === 1)
    return {
      plan: { kind: "filter", predicate: first, input: plan },
      breaches: [],
    };
  const stays = statement.newColumn("stays", BOOL, false);
  plan = beside(plan, [{ column: stays, value: first }]);
  const behind = keys.map((key) => {
    const made = windowed(statement, plan, key, {
      sort: [sort],
      call: call("first_value(anyelement)", [reference(stays)], BOOL),
    });
    plan = made.plan;
    return conjunction([reference(made.column), ...key.map(isPresent)]);
  });
  const isOut = conjunction(behind, "or");
  const predicate = conjunction([reference(stays), negation(isOut)], "or");
  return {
    plan: { kind: "filter", predicate, input: plan },
    breaches: [
      {
        when: negation(reference(stays)),
        error: {
          code: "0A000",
          message:
            "ON CONFLICT DO NOTHING of rows that equal each other in different keys is not supported",
          hint: "Name the columns of one key: ON CONFLICT (column_name) DO NOTHING.",
        },
        shows: [],
      },
    ],
  };
}

/** DO UPDATE: a row that is changed or inserted and comes again fails with 21000. */
export function refusedTwice(
  statement: StatementContext,
  input: LogicalPlan,
  key: Key,
): { readonly plan: LogicalPlan; readonly breach: Breach } {
  const { plan: ordered, number: order } = inOrder(statement, input);
  const { plan, number } = numbered(statement, ordered, key, [
    sortBy(order, true),
  ]);
  const isFollowed = compared(statement, number, ">");
  return {
    plan,
    breach: {
      when: conjunction([isFollowed, ...key.map(isPresent)]),
      error: proposedTwice(),
      shows: [],
    },
  };
}

/** The plan's columns, and others computed from them. */
export function beside(
  input: LogicalPlan,
  added: readonly ProjectItem[],
): LogicalPlan {
  const passed = outputOf(input).map((column) => ({
    column,
    value: reference(column),
  }));
  return { kind: "project", items: [...passed, ...added], input };
}

/** Rows numbered from 1, within equal values of `key`. */
function numbered(
  statement: StatementContext,
  input: LogicalPlan,
  key: Key,
  sort: readonly SortKey[],
): Ordered {
  const made = windowed(statement, input, key, {
    sort,
    call: call("row_number()", [], INT8),
  });
  return { plan: made.plan, number: made.column };
}

function windowed(
  statement: StatementContext,
  input: LogicalPlan,
  key: Key,
  {
    sort,
    call,
  }: { readonly sort: readonly SortKey[]; readonly call: WindowCall },
): { readonly plan: LogicalPlan; readonly column: PlanColumn } {
  const column = statement.newColumn("window", call.type, false);
  const plan: LogicalPlan = {
    kind: "window",
    partitionBy: key.map(reference),
    orderBy: sort,
    frame: undefined,
    calls: [{ column, call }],
    input,
  };
  return { plan, column };
}

function call(
  name: string,
  args: readonly Expression[],
  type: WindowCall["type"],
): WindowCall {
  return {
    function: name,
    args,
    distinct: false,
    filter: undefined,
    ignoreNulls: false,
    type,
  };
}

function sortBy(order: PlanColumn, descending: boolean): SortKey {
  return { value: reference(order), descending, nullsFirst: false };
}

const ONE: Expression = { kind: "literal", type: INT8, value: "1" };

function compared(
  statement: StatementContext,
  number: PlanColumn,
  symbol: "=" | ">",
): Expression {
  return applyOperator(statement, symbol, [reference(number), ONE], undefined);
}

function isMissing(column: PlanColumn): Expression {
  const operand = reference(column);
  return { kind: "is-null", type: BOOL, operand, negated: false };
}

function isPresent(column: PlanColumn): Expression {
  const operand = reference(column);
  return { kind: "is-null", type: BOOL, operand, negated: true };
}
