// Function calls, sort items and windows of the grammar's tree -> ours.

import type {
  CallArgument,
  Expr,
  FrameBound,
  Identifier,
  SortItem,
  WindowFrame,
  WindowSpec,
} from "../ast.ts";
import { unsupported } from "../errors.ts";
import type * as Tree from "../grammar.ts";
import { takeNote } from "../source.ts";
import {
  at,
  expressions,
  identifier,
  isNode,
  nameText,
  optional,
  optionalExpression,
  qualifiedName,
  strings,
  tokenAt,
  type TreeReader,
} from "./tree.ts";

export function readCall(c: TreeReader, call: Tree.FuncCall): Expr {
  const { location } = call;
  const names = strings(call.funcname);
  if (isAtTimeZone(call, names)) return readAtTimeZone(c, call);
  const order = sortItems(c, call.agg_order);
  const within = call.agg_within_group === true;
  const nulls = takeNote(c.source, tokenAt(c, location), "nulls")?.value;
  return {
    kind: "call",
    name: qualifiedName(c, names, location),
    args: (call.args ?? []).map((arg) => readArgument(c, arg)),
    star: call.agg_star === true,
    distinct: call.agg_distinct === true,
    variadic: call.func_variadic === true,
    orderBy: within ? [] : order,
    withinGroup: within ? order : [],
    ...optional("filter", optionalExpression(c, call.agg_filter)),
    ...optional("over", readOver(c, call.over)),
    ...optional("nulls", nulls),
    position: at(c, location),
  };
}

function isAtTimeZone(call: Tree.FuncCall, names: readonly string[]): boolean {
  return (
    call.funcformat === "COERCE_SQL_SYNTAX" &&
    names[1] === "timezone" &&
    call.args?.length === 2
  );
}

function readAtTimeZone(c: TreeReader, call: Tree.FuncCall): Expr {
  const position = at(c, call.location);
  const [zone, operand] = expressions(c, call.args);
  if (zone === undefined || operand === undefined) {
    throw unsupported("this AT TIME ZONE is", position);
  }
  return { kind: "at-time-zone", operand, zone, position };
}

function readArgument(c: TreeReader, node: Tree.Node): CallArgument {
  if (!isNode(node, "NamedArgExpr")) return { value: c.expression(node) };
  const { name, arg, location } = node.NamedArgExpr;
  if (arg === undefined) throw unsupported("this argument is", at(c, location));
  return { name: nameText(c, name), value: c.expression(arg) };
}

export function sortItems(
  c: TreeReader,
  nodes: readonly Tree.Node[] | undefined,
): SortItem[] {
  return (nodes ?? []).flatMap((node) =>
    isNode(node, "SortBy") ? [readSort(c, node.SortBy)] : [],
  );
}

function readSort(c: TreeReader, sort: Tree.SortBy): SortItem {
  if (sort.node === undefined) throw unsupported("this ORDER BY is", 1);
  const value = c.expression(sort.node);
  const nulls =
    sort.sortby_nulls === "SORTBY_NULLS_FIRST"
      ? "first"
      : sort.sortby_nulls === "SORTBY_NULLS_LAST"
        ? "last"
        : undefined;
  return {
    value,
    descending: isDescending(c, sort),
    ...optional("nulls", nulls),
  };
}

/** `USING <` and `USING >` are ASC and DESC; other operators order by a class of their own. */
function isDescending(c: TreeReader, sort: Tree.SortBy): boolean {
  if (sort.sortby_dir !== "SORTBY_USING") {
    return sort.sortby_dir === "SORTBY_DESC";
  }
  const operator = strings(sort.useOp).at(-1);
  if (operator === ">") return true;
  if (operator === "<") return false;
  throw unsupported("ORDER BY USING is", at(c, sort.location));
}

function readOver(
  c: TreeReader,
  over: Tree.WindowDef | undefined,
): WindowSpec | Identifier | undefined {
  if (over === undefined) return undefined;
  return over.name === undefined
    ? readWindow(c, over)
    : identifier(c, over.name, at(c, over.location));
}

/** The inside of `OVER (…)` and `WINDOW w AS (…)`. */
export function readWindow(c: TreeReader, window: Tree.WindowDef): WindowSpec {
  const position = at(c, window.location);
  const base =
    window.refname === undefined
      ? undefined
      : identifier(c, window.refname, position);
  return {
    kind: "window",
    ...optional("base", base),
    partitionBy: expressions(c, window.partitionClause),
    orderBy: sortItems(c, window.orderClause),
    ...optional("frame", readFrame(c, window)),
    position,
  };
}

// PostgreSQL's FRAMEOPTION bits (nodes/parsenodes.h). A bit of the end is the bit of the start shifted left by one.
const NON_DEFAULT = 0x1;
const ROWS = 0x4;
const GROUPS = 0x8;
const BETWEEN = 0x10;
const UNBOUNDED_PRECEDING = 0x20;
const UNBOUNDED_FOLLOWING = 0x80;
const CURRENT_ROW = 0x200;
const OFFSET_PRECEDING = 0x800;
const OFFSET_FOLLOWING = 0x2000;
const EXCLUDE_CURRENT_ROW = 0x8000;
const EXCLUDE_GROUP = 0x10000;
const EXCLUDE_TIES = 0x20000;

function readFrame(
  c: TreeReader,
  window: Tree.WindowDef,
): WindowFrame | undefined {
  const options = window.frameOptions ?? 0;
  if ((options & NON_DEFAULT) === 0) return undefined;
  const end: FrameBound =
    (options & BETWEEN) === 0
      ? { kind: "current-row" }
      : readBound(c, options >> 1, window.endOffset);
  const unit =
    (options & ROWS) !== 0
      ? "rows"
      : (options & GROUPS) !== 0
        ? "groups"
        : "range";
  return {
    unit,
    start: readBound(c, options, window.startOffset),
    end,
    ...optional("exclude", readExclusion(options)),
  };
}

function readBound(
  c: TreeReader,
  options: number,
  offset: Tree.Node | undefined,
): FrameBound {
  if ((options & UNBOUNDED_PRECEDING) !== 0) {
    return { kind: "unbounded-preceding" };
  }
  if ((options & UNBOUNDED_FOLLOWING) !== 0) {
    return { kind: "unbounded-following" };
  }
  const moved = (options & (OFFSET_PRECEDING | OFFSET_FOLLOWING)) !== 0;
  if ((options & CURRENT_ROW) !== 0 || !moved || offset === undefined) {
    return { kind: "current-row" };
  }
  const preceding = (options & OFFSET_PRECEDING) !== 0;
  return {
    kind: preceding ? "preceding" : "following",
    offset: c.expression(offset),
  };
}

function readExclusion(options: number): WindowFrame["exclude"] {
  if ((options & EXCLUDE_CURRENT_ROW) !== 0) return "current-row";
  if ((options & EXCLUDE_GROUP) !== 0) return "group";
  return (options & EXCLUDE_TIES) !== 0 ? "ties" : undefined;
}
