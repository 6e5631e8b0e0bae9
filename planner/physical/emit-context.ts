// What the emission of a plan carries along: settings, the enclosing query's columns, common tables in reach, and fresh names.

import { columnId, type ColumnId } from "../../storage/common/ids.ts";
import { invariant } from "../../storage/common/invariant.ts";
import type {
  Emitted,
  EmitSettings,
  FunctionRow,
} from "../functions/function.ts";
import type { Expression, SortKey } from "../logical/expression.ts";
import { columnsUsed } from "../logical/columns.ts";
import type { LogicalPlan } from "../logical/plan.ts";
import {
  closedBlock,
  isSimple,
  openBlock,
  render,
  type Block,
  type Columns,
  type OpenBlock,
} from "./block.ts";
import { withCarriedColumns } from "./carried-columns.ts";
import { emitExpression, type EmitScope } from "./duckdb-expression.ts";
import { sortable } from "./duckdb-keys.ts";
import { emitSubquery } from "./sql-subquery.ts";

export interface EmitContext {
  readonly settings: EmitSettings;
  readonly functions: (id: string) => FunctionRow;
  /** Columns of the enclosing queries, for correlated references. */
  readonly outer: Columns;
  /** By id of common table: its name in the kernel and its columns by place. */
  readonly tables: ReadonlyMap<number, NamedTable>;
  /** By id of common table: what an earlier stage computed in its place. */
  readonly stages: ReadonlyMap<number, Block>;
  /** Keeps the kernel from moving filters that can fail below a barrier. */
  readonly fence: boolean;
  readonly names: NameSource;
  /** Emits a node; here so that the emitters of single nodes need not import the switch over all. */
  readonly emit: (plan: LogicalPlan, context: EmitContext) => Block;
}

export interface NamedTable {
  readonly name: string;
  /** `sql` is the bare column name. */
  readonly columns: readonly Emitted[];
}

/** Fresh names, unique in one statement. */
export interface NameSource {
  /** A table alias. */
  next(): string;
  /** A column that no plan has. */
  column(): ColumnId;
}

/** Far above the ids a binder hands out. */
const FIRST_OWN_COLUMN = 1_000_000_000;

export function nameSource(): NameSource {
  let count = 0;
  return {
    next: (): string => {
      count += 1;
      return `t${count}`;
    },
    column: (): ColumnId => {
      count += 1;
      return columnId(FIRST_OWN_COLUMN + count);
    },
  };
}

/** An expression over the columns of a block, and those of the enclosing queries. */
export function emitOver(
  expression: Expression,
  columns: Columns,
  context: EmitContext,
): Emitted {
  const isOuter = (inner: Expression): boolean =>
    [...columnsUsed(inner)].some((id) => !columns.has(id));
  return withCarriedColumns(
    (id) => columnOf(id, columns, context),
    context.outer.size > 0 && isOuter(expression),
    (column) => {
      const subqueries: string[] = [];
      const scope: EmitScope = {
        column,
        subqueries,
        lazy: false,
        subquery: (subquery, lazy) =>
          emitSubquery(subquery, {
            ...{ lazy, isOuter },
            note: (sql) => subqueries.push(sql),
            emit: (inner) => emitOver(inner, columns, context),
            plan: (plan) => context.emit(plan, within(context, columns)),
            row: context.functions,
            alias: () => context.names.next(),
            settings: context.settings,
          }),
      };
      const emitted = emitExpression(expression, scope, context.settings);
      return { emitted, subqueries };
    },
  );
}

function columnOf(
  id: ColumnId,
  columns: Columns,
  context: EmitContext,
): Emitted {
  const found = columns.get(id) ?? context.outer.get(id);
  invariant(found !== undefined, `column ${id} is not in reach`);
  return found;
}

/** The context of a query inside one with these columns. */
export function within(context: EmitContext, columns: Columns): EmitContext {
  return { ...context, outer: new Map([...context.outer, ...columns]) };
}

export function emitSortKeys(
  keys: readonly SortKey[],
  columns: Columns,
  context: EmitContext,
): readonly string[] {
  return keys.map(({ value, descending, nullsFirst }) => {
    const key = sortable(emitOver(value, columns, context));
    return `${noPlace(key)} ${descending ? "DESC" : "ASC"} NULLS ${nullsFirst ? "FIRST" : "LAST"}`;
  });
}

/** A bare number would be a place in the select list, and a bare string is refused by the kernel. */
function noPlace(key: string): string {
  if (/^\d/u.test(key)) return `(${key})`;
  return /^'(?:[^']|'')*'$/u.test(key) ? `CAST(${key} AS VARCHAR)` : key;
}

/** The block as an open one: a closed block becomes a subquery in FROM. */
export function opened(block: Block, context: EmitContext): OpenBlock {
  return block.kind === "open" ? block : sealed(block, context);
}

/** The block as a subquery, whatever it is, so that its columns are plain names. */
export function sealed(block: Block, context: EmitContext): OpenBlock {
  const closed = closedBlock(render(block), block.columns);
  return openBlock(
    `(${closed.sql}) AS ${context.names.next()}`,
    closed.columns,
  );
}

/** An open block whose columns the expressions can read freely: sealed when they read one that is computed. */
export function readable(
  block: Block,
  expressions: readonly Expression[],
  context: EmitContext,
): OpenBlock {
  const open = opened(block, context);
  const computed = [...open.columns].some(([, column]) => !isSimple(column));
  if (!computed) return open;
  const used = new Set<ColumnId>();
  for (const expression of expressions) columnsUsed(expression, used);
  const reads = [...used].some((id) => {
    const column = open.columns.get(id);
    return column !== undefined && !isSimple(column);
  });
  return reads ? sealed(open, context) : open;
}

/** `readable`, and free to take clauses that come before LIMIT. */
export function unlimited(
  block: Block,
  expressions: readonly Expression[],
  context: EmitContext,
): OpenBlock {
  const open = readable(block, expressions, context);
  return open.limit === undefined && open.offset === undefined
    ? open
    : sealed(open, context);
}

/** The block as a query that does not begin with WITH: the kernel takes no WITH behind another, in brackets or not. */
export function withoutWith(block: Block, context: EmitContext): string {
  const sql = render(block);
  return sql.startsWith("WITH ") ? render(sealed(block, context)) : sql;
}
