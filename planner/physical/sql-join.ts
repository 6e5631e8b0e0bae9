// Joins as kernel SQL: one FROM tree as long as both sides are plain, so that the kernel's own join ordering sees it whole.

import { BOOL } from "../../storage/common/data-type.ts";
import { invariant } from "../../storage/common/invariant.ts";
import { NATIVE } from "../functions/emit.ts";
import type { Expression } from "../logical/expression.ts";
import { someExpression } from "../logical/expression-walk.ts";
import type { Join, LogicalPlan } from "../logical/plan.ts";
import { conjunctsOf } from "../optimize/conjuncts.ts";
import {
  isName,
  openBlock,
  render,
  type Block,
  type Columns,
  type OpenBlock,
} from "./block.ts";
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
  const left = side(plan.left, type !== "right" && type !== "full", context);
  const right = side(plan.right, type === "inner" || type === "cross", context);
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
  const conjuncts = conjunctsOf(plan.condition);
  const inner = type === "inner";
  const isRisen = (part: Expression): boolean =>
    inner && someExpression(part, (inside) => inside.kind === "subquery");
  const emit = (list: readonly Expression[]): readonly string[] =>
    list.map((part) => emitOver(part, columns, context).sql);
  const on = emit(conjuncts.filter((part) => !isRisen(part)));
  const where = emit(conjuncts.filter(isRisen));
  if (on.length === 0) return { on: inner ? undefined : "true", where };
  return { on: on.join(" AND "), where };
}

function emitLateral(
  plan: Join,
  type: keyof typeof KEYWORDS,
  context: EmitContext,
): Block {
  const left = side(plan.left, true, context);
  const right = context.emit(plan.right, within(context, left.columns));
  const item = sealed(right, context);
  const both: Columns = new Map([...left.columns, ...item.columns]);
  const on = conjunctsOf(plan.condition).map(
    (part) => emitOver(part, both, context).sql,
  );
  const keyword = type === "left" ? "LEFT JOIN" : "JOIN";
  return {
    ...openBlock(
      `${left.from ?? "(SELECT 1)"} ${keyword} LATERAL ${item.from ?? ""} ON ${on.length === 0 ? "true" : on.join(" AND ")}`,
      both,
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
