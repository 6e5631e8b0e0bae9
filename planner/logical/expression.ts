// Bound expressions: every name is a column id or a row of the function table, every node knows its type.
// PostgreSQL's semantics; what an engine must do to give them is the emitter's affair (planner/functions, planner/physical).

import type { ColumnId } from "../../storage/common/ids.ts";
import type { DataType } from "../../storage/common/data-type.ts";
import type { LogicalPlan } from "./plan.ts";

export type Expression =
  | Literal
  | ColumnRef
  | Parameter
  | Call
  | And
  | Or
  | Not
  | IsNull
  | Case
  | Cast
  | InList
  | Subquery
  | FieldAccess;

interface Typed {
  readonly type: DataType;
  /** Characters from 1 in the user's text; absent on expressions the planner made. */
  readonly position?: number | undefined;
}

export interface Literal extends Typed {
  readonly kind: "literal";
  /** Canonical text as in storage/common/scalar.ts; null is SQL NULL. */
  readonly value: string | null;
}
export interface ColumnRef extends Typed {
  readonly kind: "column";
  readonly column: ColumnId;
  /** For EXPLAIN and messages only. */
  readonly name: string;
  readonly nullable: boolean;
}
/** A parameter of the statement, from 1. Replaced by a Literal at Bind, before pruning and costing. */
export interface Parameter extends Typed {
  readonly kind: "parameter";
  readonly index: number;
}
/** A scalar function or operator; `function` is the id of a row in planner/functions, one overload each. */
export interface Call extends Typed {
  readonly kind: "call";
  readonly function: string;
  readonly args: readonly Expression[];
}
/** Two or more operands. */
export interface And extends Typed {
  readonly kind: "and";
  readonly operands: readonly Expression[];
}
export interface Or extends Typed {
  readonly kind: "or";
  readonly operands: readonly Expression[];
}
export interface Not extends Typed {
  readonly kind: "not";
  readonly operand: Expression;
}
export interface IsNull extends Typed {
  readonly kind: "is-null";
  readonly operand: Expression;
  readonly negated: boolean;
}
/** Searched CASE; a simple CASE is bound to comparisons. COALESCE, NULLIF, GREATEST, LEAST are calls. */
export interface Case extends Typed {
  readonly kind: "case";
  readonly branches: readonly {
    readonly when: Expression;
    readonly then: Expression;
  }[];
  readonly otherwise: Expression | undefined;
}
/** A conversion PostgreSQL's cast from operand.type to type performs. `attempt`: NULL instead of an error. */
export interface Cast extends Typed {
  readonly kind: "cast";
  readonly operand: Expression;
  readonly attempt: boolean;
}
/** All items have the operand's type; the equality is the type's `=`. */
export interface InList extends Typed {
  readonly kind: "in-list";
  readonly operand: Expression;
  readonly items: readonly Expression[];
  readonly negated: boolean;
}
export interface Subquery extends Typed {
  readonly kind: "subquery";
  readonly form: SubqueryForm;
  /** May refer to columns of the enclosing plan (correlation) by id. */
  readonly plan: LogicalPlan;
}
export type SubqueryForm =
  /** One column; NULL when empty, 21000 when more than one row. */
  | { readonly kind: "scalar" }
  | { readonly kind: "exists"; readonly negated: boolean }
  /** ARRAY(SELECT …). */
  | { readonly kind: "array" }
  /** `operands function ANY|ALL (plan)`: one function id per plan column, three-valued. */
  | {
      readonly kind: "quantified";
      readonly quantifier: "any" | "all";
      readonly operands: readonly Expression[];
      readonly functions: readonly string[];
    };
/** A field of a struct. */
export interface FieldAccess extends Typed {
  readonly kind: "field";
  readonly operand: Expression;
  readonly field: string;
}

/** An aggregate in an Aggregate node. */
export interface AggregateCall {
  readonly function: string;
  readonly args: readonly Expression[];
  readonly distinct: boolean;
  readonly filter: Expression | undefined;
  /** `agg(x ORDER BY …)`, and WITHIN GROUP for ordered-set aggregates. */
  readonly orderBy: readonly SortKey[];
  readonly type: DataType;
}

/** A window function in a Window node; all calls of one node share partition, order and frame. */
export interface WindowCall {
  readonly function: string;
  readonly args: readonly Expression[];
  readonly distinct: boolean;
  readonly filter: Expression | undefined;
  readonly ignoreNulls: boolean;
  readonly type: DataType;
}

export interface SortKey {
  readonly value: Expression;
  readonly descending: boolean;
  readonly nullsFirst: boolean;
}
