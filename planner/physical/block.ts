// A SELECT under construction. Filters, sorts, limits and joins gather in one open block as long as SQL's order of clauses allows;
// then the block is closed, and what follows selects from it as a subquery.

import type { ColumnId } from "../../storage/common/ids.ts";
import type { Emitted } from "../functions/function.ts";

export type Columns = ReadonlyMap<ColumnId, Emitted>;
export type Block = OpenBlock | ClosedBlock;

export interface OpenBlock {
  readonly kind: "open";
  /** A table reference or join tree; undefined for a single row without columns. */
  readonly from: string | undefined;
  /** `from` is a join tree: as the right side of another join it goes in brackets. */
  readonly joined: boolean;
  readonly where: readonly string[];
  readonly orderBy: readonly string[];
  readonly limit: string | undefined;
  readonly offset: string | undefined;
  /** What the block selects, in order, over the columns of `from`. */
  readonly columns: Columns;
}

/** A whole query whose columns are named `c<ColumnId>`, in order. */
export interface ClosedBlock {
  readonly kind: "closed";
  readonly sql: string;
  readonly columns: Columns;
}

/** The kernel's name of a column. */
export function nameOf(id: ColumnId): string {
  return `c${id}`;
}

/** From a table reference with these columns. */
export function openBlock(
  from: string | undefined,
  columns: Columns,
): OpenBlock {
  return {
    kind: "open",
    from,
    joined: false,
    where: [],
    orderBy: [],
    limit: undefined,
    offset: undefined,
    columns,
  };
}

/** A query from its text; columns keep their types and are read by their names from now on. */
export function closedBlock(sql: string, columns: Columns): ClosedBlock {
  return { kind: "closed", sql, columns: named(columns) };
}

/** Nothing is left of how they were computed: its text speaks of what the block has closed in. */
function named(columns: Columns): Columns {
  return new Map(
    [...columns].map(([id, { type, representation }]) => [
      id,
      { sql: nameOf(id), type, representation },
    ]),
  );
}

/** The block as one query. */
export function render(block: Block): string {
  return block.kind === "closed"
    ? block.sql
    : renderSelect(block, selectList(block.columns));
}

export function selectList(columns: Columns): string {
  return [...columns]
    .map(([id, column]) => aliased(column.sql, nameOf(id)))
    .join(", ");
}

export function aliased(sql: string, alias: string): string {
  return sql === alias ? sql : `${sql} AS ${alias}`;
}

/** The block's clauses around another select list; `middle` stands between WHERE and ORDER BY (GROUP BY …). */
export function renderSelect(
  block: OpenBlock,
  list: string,
  middle = "",
): string {
  const parts = [`SELECT ${list === "" ? "1 AS one" : list}`];
  if (block.from !== undefined) parts.push(`FROM ${block.from}`);
  if (block.where.length > 0) parts.push(`WHERE ${block.where.join(" AND ")}`);
  if (middle !== "") parts.push(middle);
  if (block.orderBy.length > 0)
    parts.push(`ORDER BY ${block.orderBy.join(", ")}`);
  if (block.limit !== undefined) parts.push(`LIMIT ${block.limit}`);
  if (block.offset !== undefined) parts.push(`OFFSET ${block.offset}`);
  return parts.join(" ");
}

/** A column that is read by its name alone, possibly qualified. */
export function isName(column: Emitted): boolean {
  return /^(?:\w+\.)?c\d+$/u.test(column.sql);
}

const CONSTANT =
  /^(?:'(?:[^']|'')*'|-?[\d.]+|NULL|true|false)(?:::\w+(?:\([\d, ]+\))?)?$/u;

/** A column that may be read twice for nothing. */
export function isSimple(column: Emitted): boolean {
  return isName(column) || isConstant(column);
}

export function isConstant(column: Emitted): boolean {
  return CONSTANT.test(column.sql);
}
