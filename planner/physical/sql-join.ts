// Joins as kernel SQL: one FROM tree as long as both sides are plain, so that the kernel's own join ordering sees it whole.

import { BOOL } from "../../storage/common/data-type.ts";
import { notSupported } from "../../storage/common/errors.ts";
import type { ColumnId } from "../../storage/common/ids.ts";
import { invariant } from "../../storage/common/invariant.ts";
import { NATIVE } from "../functions/emit.ts";
import { columnsUsed } from "../logical/columns.ts";
import type { Expression } from "../logical/expression.ts";
import type { Join, LogicalPlan } from "../logical/plan.ts";
import { outputOf } from "../logical/walk.ts";
import { conjunctsOf, partition } from "../optimize/conjuncts.ts";
import { hasSubquery, sidesRead } from "../optimize/facts.ts";
import { isInner } from "../optimize/join-facts.ts";
import {
  isName,
  nameOf,
  openBlock,
  render,
  type Block,
  type Columns,
  type OpenBlock,
} from "./block.ts";
import { withOuterColumns } from "./computed-first.ts";
import {
  emitOver,
  opened,
  sealed,
  within,
  type EmitContext,
} from "./emit-context.ts";

const KEYWORDS: Readonly<
  Record<
    "inner" | "cross" | "left" | "right" | "full" | "semi" | "anti",
    string
  >
> = {
  inner: "JOIN",
  cross: "CROSS JOIN",
  left: "LEFT JOIN",
  right: "RIGHT JOIN",
  full: "FULL JOIN",
  semi: "SEMI JOIN",
  anti: "ANTI JOIN",
};

export function emitJoin(plan: Join, context: EmitContext): Block {
  switch (plan.type) {
    case "mark":
      return emitMark(plan, context);
    case "single":
      return emitSingle(plan, context);
    case "semi":
    case "anti":
      return plan.exists === true || plan.lateral
        ? emitTest(plan, context)
        : emitPlain(plan, plan.type, context);
    default:
      return plan.lateral
        ? emitLateral(plan, plan.type, context)
        : emitPlain(plan, plan.type, context);
  }
}

function emitPlain(
  plan: Join,
  type: keyof typeof KEYWORDS,
  context: EmitContext,
): Block {
  if (!isInner(plan) && conjunctsOf(plan.condition).some(hasSubquery)) {
    return type === "semi" || type === "anti"
      ? emitTest(plan, context)
      : emitOuterWithSubqueries(plan, context);
  }
  const borrowed = borrowedColumns(plan, context);
  const left = withBorrowed(
    side(plan.left, type !== "right" && type !== "full", context),
    borrowed.left,
    context,
  );
  const right = withBorrowed(
    side(plan.right, isInner(plan), context),
    borrowed.right,
    context,
  );
  const both: Columns = new Map([...left.columns, ...right.columns]);
  const parts = conditionParts(plan, type, both, context);
  const keyword =
    type === "inner" && parts.on === undefined ? "CROSS JOIN" : KEYWORDS[type];
  const second = right.joined ? `(${right.from ?? ""})` : (right.from ?? "");
  const from = `${left.from ?? ""} ${keyword} ${second}${parts.on === undefined ? "" : ` ON ${parts.on}`}`;
  const keepsLeft = type === "semi" || type === "anti";
  return {
    ...openBlock(from, keepsLeft ? left.columns : both),
    joined: true,
    where: [...left.where, ...right.where, ...parts.where],
  };
}

/** The kernel takes no column of an enclosing query in the condition of an outer join: it becomes one of the side that is kept whole. */
function borrowedColumns(
  plan: Join,
  context: EmitContext,
): Record<"left" | "right", readonly ColumnId[]> {
  const { type, condition } = plan;
  const none = { left: [], right: [] };
  if ((type !== "left" && type !== "right") || condition === undefined)
    return none;
  const own = new Set(
    [...outputOf(plan.left), ...outputOf(plan.right)].map(({ id }) => id),
  );
  const ids = [...columnsUsed(condition)].filter(
    (id) => !own.has(id) && context.outer.has(id),
  );
  return { ...none, [type]: ids };
}

function withBorrowed(
  block: OpenBlock,
  ids: readonly ColumnId[],
  context: EmitContext,
): OpenBlock {
  return ids.length === 0 ? block : withOuterColumns(block, ids, context);
}

/** A side as a table reference. Its filters may rise into WHERE only where the join does not pad it. */
function side(
  plan: LogicalPlan,
  rising: boolean,
  context: EmitContext,
): OpenBlock {
  const open = opened(context.emit(plan, context), context);
  const plain =
    open.from !== undefined &&
    open.limit === undefined &&
    open.offset === undefined &&
    (rising || open.where.length === 0) &&
    [...open.columns.values()].every(isName);
  return plain ? { ...open, orderBy: [] } : sealed(open, context);
}

/** ON and, for inner joins, WHERE: the kernel takes no subquery in ON. */
function conditionParts(
  plan: Join,
  type: keyof typeof KEYWORDS,
  columns: Columns,
  context: EmitContext,
): { readonly on: string | undefined; readonly where: readonly string[] } {
  if (type === "cross") return { on: undefined, where: [] };
  const { yes, no } = partition(conjunctsOf(plan.condition), hasSubquery);
  const where = emitAll(yes, columns, context);
  const on = emitAll(no, columns, context);
  if (on.length === 0) return { on: isInner(plan) ? undefined : "true", where };
  return { on: on.join(" AND "), where };
}

function emitAll(
  list: readonly Expression[],
  columns: Columns,
  context: EmitContext,
): readonly string[] {
  return list.map((part) => emitOver(part, columns, context).sql);
}

/**
 * A conjunct with a subquery becomes a column of the side it reads. Over both sides the padded side becomes lateral, filtered by
 * the whole condition; a full join pads both, so there it is 0A000 (PostgreSQL has no plan for most of these either).
 */
function emitOuterWithSubqueries(plan: Join, context: EmitContext): Block {
  const sides = {
    left: side(plan.left, plan.type === "left", context),
    right: side(plan.right, plan.type === "right", context),
  };
  const on: string[] = [];
  const before: Columns = new Map([
    ...sides.left.columns,
    ...sides.right.columns,
  ]);
  const leftIds = new Set(sides.left.columns.keys());
  const rightIds = new Set(sides.right.columns.keys());
  for (const part of conjunctsOf(plan.condition)) {
    const reads = sidesRead(part, leftIds, rightIds);
    if (!hasSubquery(part)) {
      on.push(emitOver(part, before, context).sql);
    } else if (reads.left && reads.right) {
      return emitFilteredLateral(plan, sides, before, context);
    } else {
      const which = reads.left ? "left" : "right";
      const id = context.names.column();
      const value = emitOver(part, sides[which].columns, context);
      sides[which] = sealed(
        {
          ...sides[which],
          columns: new Map([...sides[which].columns, [id, value]]),
        },
        context,
      );
      on.push(nameOf(id));
    }
  }
  const keyword =
    plan.type === "left" || plan.type === "right" ? plan.type : "full";
  const { left, right } = sides;
  const second = right.joined ? `(${right.from ?? ""})` : (right.from ?? "");
  const columns = [...left.columns, ...right.columns].filter(([id]) =>
    before.has(id),
  );
  return {
    ...openBlock(
      `${left.from ?? ""} ${KEYWORDS[keyword]} ${second} ON ${on.join(" AND ")}`,
      new Map(columns),
    ),
    joined: true,
    where: [...left.where, ...right.where],
  };
}

function emitFilteredLateral(
  plan: Join,
  { left, right }: { readonly left: OpenBlock; readonly right: OpenBlock },
  both: Columns,
  context: EmitContext,
): Block {
  if (plan.type === "full") {
    throw notSupported(
      "FULL JOIN conditions with a subquery over both sides are",
    );
  }
  const [kept, padded] = plan.type === "left" ? [left, right] : [right, left];
  const inner = sealed(padded, context);
  const columns: Columns = new Map([...both, ...inner.columns]);
  const where = emitAll(conjunctsOf(plan.condition), columns, context);
  const item = sealed({ ...inner, where }, context);
  return {
    ...openBlock(
      `${kept.from ?? ""} LEFT JOIN LATERAL ${item.from ?? ""} ON true`,
      new Map([...both, ...item.columns]),
    ),
    joined: true,
    where: kept.where,
  };
}

function emitLateral(
  plan: Join,
  type: keyof typeof KEYWORDS,
  context: EmitContext,
): Block {
  const left = side(plan.left, true, context);
  const right = context.emit(plan.right, within(context, left.columns));
  const inner = sealed(right, context);
  const both: Columns = new Map([...left.columns, ...inner.columns]);
  // The condition goes inside: beside a lateral side the kernel takes no other ON than true.
  const where = emitAll(conjunctsOf(plan.condition), both, context);
  const item =
    where.length === 0 ? inner : sealed({ ...inner, where }, context);
  const keyword = type === "left" ? "LEFT JOIN" : "JOIN";
  return {
    ...openBlock(
      `${left.from ?? "(SELECT 1)"} ${keyword} LATERAL ${item.from ?? ""} ON true`,
      new Map([...left.columns, ...item.columns]),
    ),
    joined: true,
    where: left.where,
  };
}

/**
 * EXISTS, which the kernel unnests into a join whose keys reach the right side's scan; its own SEMI JOIN does not do that
 * (TPC-H 4 and 21 take twice as long with it). For what was IN, the SEMI JOIN is the better one.
 */
function emitTest(plan: Join, context: EmitContext): Block {
  const left = side(plan.left, true, context);
  const right = opened(
    context.emit(plan.right, within(context, left.columns)),
    context,
  );
  const plain =
    right.limit === undefined && right.offset === undefined
      ? right
      : sealed(right, context);
  const both: Columns = new Map([...left.columns, ...plain.columns]);
  const test = conjunctsOf(plan.condition).map(
    (part) => emitOver(part, both, context).sql,
  );
  const rows: OpenBlock = {
    ...plain,
    columns: new Map(),
    orderBy: [],
    where: [...plain.where, ...test],
  };
  const not = plan.type === "anti" ? "NOT " : "";
  return {
    ...left,
    where: [...left.where, `${not}EXISTS (${render(rows)})`],
  };
}

/** The mark is computed: true when a right row fits, NULL when one might, else false. */
function emitMark(plan: Join, context: EmitContext): Block {
  invariant(plan.mark !== undefined, "a mark join has a mark column");
  const left = opened(context.emit(plan.left, context), context);
  const right = sealed(
    context.emit(plan.right, within(context, left.columns)),
    context,
  );
  const both: Columns = new Map([...left.columns, ...right.columns]);
  const condition = conjunctsOf(plan.condition).map(
    (part) => emitOver(part, both, context).sql,
  );
  const whole =
    condition.length === 0 ? "true" : `(${condition.join(" AND ")})`;
  const exists = (test: string): string =>
    `EXISTS (${render({ ...right, columns: new Map(), where: [test] })})`;
  const sql = `(CASE WHEN ${exists(whole)} THEN true WHEN ${exists(`${whole} IS NULL`)} THEN NULL ELSE false END)`;
  return {
    ...left,
    columns: new Map([
      ...left.columns,
      [plan.mark.id, { sql, type: BOOL, representation: NATIVE }],
    ]),
  };
}

/** Right columns as one struct from a scalar subquery, which raises 21000 on a second match by itself. */
function emitSingle(plan: Join, context: EmitContext): Block {
  const left = sealed(context.emit(plan.left, context), context);
  const right = sealed(
    context.emit(plan.right, within(context, left.columns)),
    context,
  );
  const both: Columns = new Map([...left.columns, ...right.columns]);
  const where = conjunctsOf(plan.condition).map(
    (part) => emitOver(part, both, context).sql,
  );
  const name = context.names.next();
  const packed = [...right.columns.values()]
    .map((column) => `${column.sql} := ${column.sql}`)
    .join(", ");
  const row = `SELECT struct_pack(${packed}) FROM ${right.from ?? ""}${where.length === 0 ? "" : ` WHERE ${where.join(" AND ")}`}`;
  const kept = [...left.columns.values()].map((column) => column.sql);
  const from = `(SELECT ${[...kept, `(${row}) AS row_value`].join(", ")} FROM ${left.from ?? ""}) AS ${name}`;
  const fields = [...right.columns].map(
    ([id, column]) =>
      [id, { ...column, sql: `${name}.row_value.${column.sql}` }] as const,
  );
  return openBlock(from, new Map([...left.columns, ...fields]));
}
