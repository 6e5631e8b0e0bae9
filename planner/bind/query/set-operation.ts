// UNION, INTERSECT, EXCEPT: both sides brought to common column types.

import type { DataType } from "../../../storage/common/data-type.ts";
import { typesCannotBeMatched } from "../../functions/errors.ts";
import { commonType } from "../../functions/types.ts";
import type { LogicalPlan } from "../../logical/plan.ts";
import type { Query, QueryBody, SetOperation } from "../../parse/ast.ts";
import { applyLimit, bindLimit } from "./limit.ts";
import { bindOutputOrder } from "./order-by.ts";
import { reference, retypeOutput } from "./output.ts";
import { CLAUSES, emptyScope, type Scope } from "../scope.ts";
import type {
  BoundRelation,
  OutputColumn,
  StatementContext,
} from "../statement-context.ts";
import { setOperationWidth } from "../errors/errors-query.ts";

export function bindSetOperation(
  statement: StatementContext,
  operation: SetOperation,
  parent: Scope | undefined,
): BoundRelation {
  const { operator, all } = operation;
  const left = bindSide(statement, operation.left, parent);
  const right = bindSide(statement, operation.right, parent);
  const name = operator.toUpperCase();
  if (left.columns.length !== right.columns.length) {
    throw setOperationWidth(
      name,
      right.columns[0]?.position ?? operation.right.position,
    );
  }
  const types = left.columns.map((column, i) =>
    commonOf(name, column, right.columns[i] ?? column),
  );
  const inputs = [left, right].map((side) =>
    retypeOutput(statement, side, types, "implicit"),
  );
  const [first = left, second = right] = inputs;
  const columns = first.columns.map(({ origin: _, ...column }, i) => ({
    ...column,
    id: statement.newColumnId(),
    type: types[i] ?? column.type,
    nullable: column.nullable || second.columns[i]?.nullable !== false,
  }));
  return {
    plan: {
      kind: "set-operation",
      operator,
      all,
      columns: columns.map(({ id, name: shown, type, nullable }) => ({
        id,
        name: shown,
        type,
        nullable,
      })),
      inputs: [first.plan, second.plan],
    },
    columns,
  };
}

function commonOf(
  operator: string,
  left: OutputColumn,
  right: OutputColumn,
): DataType {
  const common = commonType([left.type, right.type]);
  if (common.kind === "common") return common.type;
  throw typesCannotBeMatched(
    operator,
    { left: left.type, right: right.type },
    right.position,
  );
}

/** A side's untyped literals take the common type; those of a set operation below are text already. */
function bindSide(
  statement: StatementContext,
  body: QueryBody,
  parent: Scope | undefined,
): BoundRelation {
  const query: Query =
    body.kind === "query"
      ? body
      : {
          kind: "query",
          body,
          orderBy: [],
          withTies: false,
          position: body.position,
        };
  return statement.binders.query(query, parent, { keepUnknown: true });
}

/** ORDER BY and LIMIT over a result whose columns are all that is left: set operations, VALUES, queries in brackets. */
export function orderAndLimit(
  statement: StatementContext,
  bound: BoundRelation,
  query: Query,
  parent: Scope | undefined,
): BoundRelation {
  const items = bound.columns.map((column) => ({
    name: column.name,
    value: reference(column),
    position: query.position,
  }));
  const keys = bindOutputOrder(query.orderBy, items);
  const scope = emptyScope(statement, parent, CLAUSES.limit);
  const limit = bindLimit(scope, query);
  let { plan }: { plan: LogicalPlan } = bound;
  if (keys.length > 0) plan = { kind: "sort", keys, input: plan };
  return { ...bound, plan: applyLimit(plan, limit, keys) };
}
