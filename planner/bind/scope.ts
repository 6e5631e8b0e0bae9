// Names in scope while binding: the relations of each query level from the inside out, and what a level gathers on the way
// (aggregates, windows, set-returning functions).

import type { DataType } from "../../storage/common/data-type.ts";
import type { ColumnId, ObjectId } from "../../storage/common/ids.ts";
import type {
  AggregateCall,
  Expression,
  SortKey,
  WindowCall,
} from "../logical/expression.ts";
import type { Frame, PlanColumn } from "../logical/plan.ts";
import type { WindowSpec } from "../parse/ast.ts";
import type { StatementContext } from "./statement-context.ts";

export interface ScopeColumn {
  readonly name: string;
  /** A column reference, or the merged value of a USING column. */
  readonly value: Expression;
  readonly origin?:
    { readonly tableOid: number; readonly columnNumber: number } | undefined;
  /** Number from 1 of the function's parameter that it is. */
  readonly parameter?: number;
}

export interface ScopeRelation {
  /** Alias or table name; undefined for what only lends its columns (merged columns of a join). */
  readonly name: string | undefined;
  /** Of a table without alias. */
  readonly schema?: string | undefined;
  readonly catalog?: string | undefined;
  readonly columns: readonly ScopeColumn[];
  /** `_metadata` fields under their own names, and `tableoid`: not part of `*`. */
  readonly hidden: readonly ScopeColumn[];
  /** The name that an alias hides. */
  readonly original?: string | undefined;
  readonly table?: { readonly id: ObjectId; readonly name: string } | undefined;
  /** A function of one value: the relation's own name stands for that value, not for a row. */
  readonly scalar?: boolean;
  /** `t.c` may refer to it. */
  readonly qualified: boolean;
  /** `c` may refer to it, and `*` expands it. */
  readonly unqualified: boolean;
}

export interface Scope {
  readonly statement: StatementContext;
  readonly level: Level;
  readonly relations: readonly ScopeRelation[];
  /** In the FROM list, but not to be seen from here. */
  readonly refused: readonly ScopeRelation[];
  readonly parent: Scope | undefined;
  /** Of the body of a function: what its parameters `$1`, `$2` stand for. */
  readonly arguments?: readonly FunctionArgument[];
  /** In RETURNING of a MERGE: the text that merge_action() gives. */
  readonly mergeAction?: Expression;
}

/** The value of a parameter where it is used; `nested` in a query inside the body. */
export type FunctionArgument = (nested: boolean) => Expression;

/** Which calls a clause may hold; a string names the clause in the error. */
export interface Clause {
  readonly name: string;
  readonly aggregates: "allowed" | "refused" | "nested";
  readonly windows: "allowed" | "refused" | "nested" | "in-aggregate";
  readonly sets: boolean;
  /** The construct inside the clause that keeps set-returning calls out. */
  readonly inside?: string;
}

export interface BoundWindow {
  readonly partitionBy: readonly Expression[];
  readonly orderBy: readonly SortKey[];
  readonly frame: Frame | undefined;
}

export interface AggregateEntry {
  readonly column: PlanColumn;
  readonly call: AggregateCall;
}
export interface WindowEntry {
  readonly column: PlanColumn;
  readonly call: WindowCall;
  readonly window: BoundWindow;
}
export interface GroupingEntry {
  readonly column: PlanColumn;
  readonly args: readonly Expression[];
  readonly position: number;
}
/** A set-returning call of the select list. */
export interface SetEntry {
  readonly column: PlanColumn;
  readonly call:
    | { readonly kind: "unnest"; readonly array: Expression }
    | {
        readonly kind: "series";
        readonly function: string;
        readonly args: readonly Expression[];
      };
  readonly position: number;
}

/** One SELECT. Mutable: clauses add to it while they are bound. */
export interface Level {
  clause: Clause;
  /** Columns the FROM list brought, with the names that errors show: `t.a`. */
  readonly columns: Map<ColumnId, string>;
  readonly aggregates: AggregateEntry[];
  readonly windows: WindowEntry[];
  readonly groupings: GroupingEntry[];
  readonly sets: SetEntry[];
  /** WINDOW clause, by name. */
  readonly named: ReadonlyMap<string, WindowSpec>;
}

const refused = {
  aggregates: "refused",
  windows: "refused",
  sets: false,
} as const;

type ClauseKey =
  | "from"
  | "join"
  | "where"
  | "select"
  | "orderBy"
  | "distinctOn"
  | "groupBy"
  | "having"
  | "qualify"
  | "values"
  | "limit"
  | "offset"
  | "filter"
  | "functionInFrom"
  | "returning"
  | "default"
  | "check"
  | "generated"
  | "update"
  | "functionBody"
  | "mergeWhen"
  | "copyWhere"
  | "aggregateArguments"
  | "windowArguments"
  | "windowDefinition";

export const CLAUSES: Readonly<Record<ClauseKey, Clause>> = {
  from: { name: "FROM clause of their own query level", ...refused },
  join: { name: "JOIN conditions", ...refused },
  where: { name: "WHERE", ...refused },
  select: {
    name: "SELECT",
    aggregates: "allowed",
    windows: "allowed",
    sets: true,
  },
  orderBy: {
    name: "ORDER BY",
    aggregates: "allowed",
    windows: "allowed",
    sets: true,
  },
  distinctOn: {
    name: "DISTINCT ON",
    aggregates: "allowed",
    windows: "allowed",
    sets: false,
  },
  groupBy: { name: "GROUP BY", ...refused },
  having: {
    name: "HAVING",
    aggregates: "allowed",
    windows: "refused",
    sets: false,
  },
  qualify: {
    name: "QUALIFY",
    aggregates: "allowed",
    windows: "allowed",
    sets: false,
  },
  values: { name: "VALUES", ...refused },
  limit: { name: "LIMIT", ...refused },
  offset: { name: "OFFSET", ...refused },
  filter: { name: "FILTER", ...refused },
  functionInFrom: { name: "functions in FROM", ...refused },
  returning: { name: "RETURNING", ...refused },
  default: { name: "DEFAULT expressions", ...refused },
  check: { name: "check constraints", ...refused },
  generated: { name: "column generation expressions", ...refused },
  update: { name: "UPDATE", ...refused },
  functionBody: { name: "SQL function bodies", ...refused },
  mergeWhen: { name: "MERGE WHEN conditions", ...refused },
  copyWhere: { name: "COPY FROM WHERE conditions", ...refused },
  aggregateArguments: {
    name: "aggregate function calls",
    aggregates: "nested",
    windows: "in-aggregate",
    sets: false,
  },
  windowArguments: {
    name: "window function calls",
    aggregates: "allowed",
    windows: "nested",
    sets: false,
  },
  windowDefinition: {
    name: "window definitions",
    aggregates: "allowed",
    windows: "refused",
    sets: false,
  },
};

export function newLevel(named: Level["named"] = new Map()): Level {
  return {
    clause: CLAUSES.from,
    columns: new Map(),
    aggregates: [],
    windows: [],
    groupings: [],
    sets: [],
    named,
  };
}

/** A scope without relations: constants, and what encloses it. */
export function emptyScope(
  statement: StatementContext,
  parent: Scope | undefined,
  clause: Clause,
): Scope {
  return {
    statement,
    level: { ...newLevel(), clause },
    relations: [],
    refused: [],
    parent,
  };
}

/** Runs `bind` with the level in another clause. */
export function inClause<T>(scope: Scope, clause: Clause, bind: () => T): T {
  const before = scope.level.clause;
  scope.level.clause = clause;
  try {
    return bind();
  } finally {
    scope.level.clause = before;
  }
}

/** Inside CASE and COALESCE a set-returning call has no place. */
export function withoutSets<T>(
  scope: Scope,
  construct: string,
  bind: () => T,
): T {
  const { clause } = scope.level;
  return inClause(scope, { ...clause, sets: false, inside: construct }, bind);
}

/** The nearest level that brought the column; undefined for columns made above FROM (aggregates, windows). */
export function levelOf(scope: Scope, column: ColumnId): Level | undefined {
  for (let at: Scope | undefined = scope; at; at = at.parent) {
    if (at.level.columns.has(column)) return at.level;
  }
  return undefined;
}

/** Columns of a plan under a relation's name, as the FROM list shows them. */
export function scopeColumns(
  columns: readonly {
    readonly id: ColumnId;
    readonly name: string;
    readonly type: DataType;
    readonly nullable: boolean;
    readonly origin?: ScopeColumn["origin"];
  }[],
): readonly ScopeColumn[] {
  return columns.map((column) => ({
    name: column.name,
    value: {
      kind: "column",
      column: column.id,
      name: column.name,
      type: column.type,
      nullable: column.nullable,
    },
    origin: column.origin,
  }));
}
