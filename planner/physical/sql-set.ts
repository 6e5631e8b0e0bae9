// Set operations, DISTINCT and inline rows as kernel SQL. Columns that meet get one representation.

import { castTo, kernelType, representationOf } from "../functions/emit.ts";
import type { Emitted } from "../functions/function.ts";
import { unify } from "../functions/unify.ts";
import type {
  Distinct,
  PlanColumn,
  SetOperation,
  Values,
} from "../logical/plan.ts";
import { expressionsOf } from "../logical/walk.ts";
import {
  closedBlock,
  isConstant,
  nameOf,
  openBlock,
  render,
  renderSelect,
  selectList,
  type Block,
  type Columns,
} from "./block.ts";
import { groupable } from "./duckdb-keys.ts";
import {
  emitOver,
  emitSortKeys,
  opened,
  sealed,
  unlimited,
  type EmitContext,
} from "./emit-context.ts";

export function emitSetOperation(
  plan: SetOperation,
  context: EmitContext,
): Block {
  const sides = plan.inputs.map((input) =>
    opened(context.emit(input, context), context),
  );
  const lists = sides.map((side) => [...side.columns.values()]);
  const unified = plan.columns.map((column, index) => {
    const values = lists.flatMap((list) => list[index] ?? []);
    return { column, ...unify(values, column.type) };
  });
  const columns: Columns = new Map(
    unified.map(({ column, representation }) => [
      column.id,
      { sql: nameOf(column.id), type: column.type, representation },
    ]),
  );
  const queries = sides.map((side, which) => {
    const selected = new Map(
      unified.map(({ column, sql, representation }) => [
        column.id,
        { sql: sql[which] ?? "", type: column.type, representation },
      ]),
    );
    return `(${render({ ...side, columns: selected })})`;
  });
  return combined(plan, queries, columns, context);
}

function combined(
  plan: SetOperation,
  queries: readonly string[],
  columns: Columns,
  context: EmitContext,
): Block {
  const keyed = [...columns.values()].some(
    (column) => groupable(column) !== column.sql,
  );
  const operator = plan.operator.toUpperCase();
  if (plan.all || !keyed) {
    return closedBlock(
      queries.join(` ${operator}${plan.all ? " ALL" : ""} `),
      columns,
    );
  }
  const [first, second] = queries;
  if (plan.operator === "union") {
    const all = sealed(
      closedBlock(queries.join(" UNION ALL "), columns),
      context,
    );
    return closedBlock(distinctByKeys(all, columns), columns);
  }
  // Equal numbers of different scales are one value: rows are matched by their keys.
  const left = context.names.next();
  const right = context.names.next();
  const test = [...columns.values()]
    .map((column) => {
      const key = (alias: string): string =>
        groupable({ ...column, sql: `${alias}.${column.sql}` });
      return `${key(left)} IS NOT DISTINCT FROM ${key(right)}`;
    })
    .join(" AND ");
  const negation = plan.operator === "except" ? "NOT " : "";
  const rows = openBlock(`(${first ?? ""}) AS ${left}`, columns);
  const where = [
    `${negation}EXISTS (SELECT 1 FROM (${second ?? ""}) AS ${right} WHERE ${test})`,
  ];
  return closedBlock(distinctByKeys({ ...rows, where }, columns), columns);
}

function distinctByKeys(
  block: ReturnType<typeof openBlock>,
  columns: Columns,
): string {
  const keys = [...columns.values()].map(groupable).join(", ");
  return renderSelect(block, `DISTINCT ON (${keys}) ${selectList(columns)}`);
}

export function emitDistinct(plan: Distinct, context: EmitContext): Block {
  const input = unlimited(
    context.emit(plan.input, context),
    expressionsOf(plan),
    context,
  );
  const list = selectList(input.columns);
  if (plan.on !== undefined) {
    // The kernel takes constants for places in the list; all rows are equal in them.
    const keys = plan.on
      .map((key) => emitOver(key, input.columns, context))
      .filter((key) => !isConstant(key))
      .map(groupable);
    const orderBy = emitSortKeys(plan.orderBy, input.columns, context);
    const block = {
      ...input,
      orderBy: orderBy.length > 0 ? orderBy : input.orderBy,
    };
    const sql =
      keys.length === 0
        ? renderSelect({ ...block, limit: "1" }, list)
        : renderSelect(
            block,
            `DISTINCT ON (${keys.map(bracketed).join(", ")}) ${list}`,
          );
    return closedBlock(sql, input.columns);
  }
  if (list === "") return { ...input, orderBy: [], limit: "1" };
  const plain = sealedWhenComputed(input, context);
  const keyed = [...plain.columns.values()].some(
    (column) => groupable(column) !== column.sql,
  );
  const sql = keyed
    ? distinctByKeys({ ...plain, orderBy: [] }, plain.columns)
    : renderSelect(
        { ...plain, orderBy: [] },
        `DISTINCT ${selectList(plain.columns)}`,
      );
  return closedBlock(sql, plain.columns);
}

/** A bare number would be a place in the select list. */
function bracketed(sql: string): string {
  return /^\d/u.test(sql) ? `(${sql})` : sql;
}

function sealedWhenComputed(
  block: ReturnType<typeof openBlock>,
  context: EmitContext,
): ReturnType<typeof openBlock> {
  const keyed = [...block.columns.values()].some(
    (column) => groupable(column) !== column.sql,
  );
  return keyed ? sealed(block, context) : block;
}

export function emitValues(plan: Values, context: EmitContext): Block {
  if (plan.rows.length === 0) return emptyValues(plan.columns);
  if (plan.columns.length === 0) {
    const from =
      plan.rows.length === 1
        ? undefined
        : `range(${plan.rows.length}) AS ${context.names.next()}`;
    return openBlock(from, new Map());
  }
  const rows = plan.rows.map((row) =>
    row.map((value) => emitOver(value, new Map(), context)),
  );
  const unified = plan.columns.map((column, index) => {
    const values = rows.flatMap((row) => row[index] ?? []);
    return { column, ...unify(values, column.type) };
  });
  const columns: Columns = new Map(
    unified.map(({ column, representation }) => [
      column.id,
      { sql: nameOf(column.id), type: column.type, representation },
    ]),
  );
  // The first row's casts type the columns: a NULL or a short literal alone would not.
  const tuples = rows.map((_, row) => {
    const cells = unified.map(({ column, sql, representation }) =>
      row === 0
        ? castTo(sql[row] ?? "NULL", kernelType(column.type, representation))
        : (sql[row] ?? "NULL"),
    );
    return `(${cells.join(", ")})`;
  });
  const names = plan.columns.map((column) => nameOf(column.id)).join(", ");
  return openBlock(
    `(VALUES ${tuples.join(", ")}) AS ${context.names.next()}(${names})`,
    columns,
  );
}

function emptyValues(columns: readonly PlanColumn[]): Block {
  const typed = new Map(
    columns.map((column): [PlanColumn["id"], Emitted] => {
      const representation = representationOf(column.type);
      const sql = castTo("NULL", kernelType(column.type, representation));
      return [column.id, { sql, type: column.type, representation }];
    }),
  );
  return { ...openBlock(undefined, typed), where: ["false"] };
}
