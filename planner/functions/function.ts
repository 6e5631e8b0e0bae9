// What a row of the function table is. One row is one overload, with PostgreSQL's semantics; `duckdb` says how the kernel gives them.

import type { DataType } from "../../storage/common/data-type.ts";

/** PostgreSQL's polymorphic pseudo-types beside concrete ones. A bare kind matches any modifier. */
export type TypePattern =
  | { readonly kind: "exact"; readonly type: DataType }
  | {
      readonly kind:
        | "anyelement"
        | "anyarray"
        | "anynonarray"
        | "any"
        | "anystruct"
        | "anymap";
    };

export interface FunctionRow {
  /** Unique and stable, readable in EXPLAIN and plan dumps: `+(int4,int4)`, `sum(int8)`. */
  readonly id: string;
  /** Lower-case SQL name, or the operator's symbol; prefix operators are listed with one argument. */
  readonly name: string;
  readonly kind:
    "scalar" | "operator" | "aggregate" | "ordered-set" | "window" | "table";
  readonly args: readonly TypePattern[];
  /** Names for `name => value` calls, when there are any. */
  readonly argNames?: readonly string[];
  /** Number of trailing args that may be left out. */
  readonly optional?: number;
  /** Canonical text of what the optional arguments are when left out of a call by name. */
  readonly defaults?: readonly string[];
  /** The last argument may repeat. */
  readonly variadic: boolean;
  readonly returns: (args: readonly DataType[]) => DataType;
  /** For table functions with more than one output column. */
  readonly columns?: (
    args: readonly DataType[],
  ) => readonly { readonly name: string; readonly type: DataType }[];
  /** NULL in, NULL out, without being called (PostgreSQL STRICT). */
  readonly strict: boolean;
  readonly volatility: "immutable" | "stable" | "volatile";
  /** Raises no error for any input of its types: may be moved below a security barrier. */
  readonly total: boolean;
  /** Its value is the session's: a constant of each execution, which no engine computes. */
  readonly session?: true;
  /** The kernel's SQL. Arguments come emitted and parenthesised as needed. */
  readonly duckdb: DuckDbEmitter;
}

/** An emitted expression and how its value lies in the kernel. */
export interface Emitted {
  readonly sql: string;
  readonly type: DataType;
  readonly representation: Representation;
  /** `sql` is a scalar subquery: what is computed of it alone is best computed inside a subquery too, once. */
  readonly subquery?: true;
  /** Of a numeric held as text only because decimals of several scales meet in it, as in `CASE WHEN b THEN price ELSE 0 END`. */
  readonly mixed?: Mixed;
}

/** The same value as a decimal, for what asks for the number alone, and how many digits after the point are its own. */
export interface Mixed {
  readonly decimal: string;
  readonly representation: DecimalRepresentation;
  /** Kernel SQL of an INTEGER; NULL with the value. */
  readonly scale: string;
}

/**
 * How a PostgreSQL value is held in the kernel. `native`: the one kernel type that representation.ts gives for the DataType.
 * numeric has two: a DECIMAL whose scale is the display scale of every value, or text with each value's own scale
 * (results of division and avg; compared and computed with by kernel functions we register).
 */
export type Representation =
  | { readonly kind: "native" }
  | DecimalRepresentation
  | { readonly kind: "numeric-text" };

export interface DecimalRepresentation {
  readonly kind: "decimal";
  readonly precision: number;
  readonly scale: number;
}

export interface EmitCall {
  readonly args: readonly Emitted[];
  /** The bound result type. */
  readonly type: DataType;
  readonly settings: EmitSettings;
  /** Given for aggregate, ordered-set and window rows, and only for them. */
  readonly clauses?: AggregateClauses;
}

/**
 * What a call adds to each kernel aggregate its emission consists of; `aggregateSql` puts it in place. An average of
 * `num_div(sum(x), count(x))` writes both calls with it.
 */
export interface AggregateClauses {
  readonly distinct: boolean;
  /** After the arguments, inside the brackets, with a leading space: ` ORDER BY "c1" ASC NULLS LAST`, ` IGNORE NULLS`; or empty. */
  readonly inside: string;
  /** After the brackets, with a leading space: ` FILTER (WHERE …)`, ` OVER (…)`, both in this order, or empty. */
  readonly after: string;
  /** Ordered-set rows: direction of each WITHIN GROUP key; their values are the last of `args`, as in pg_proc. */
  readonly withinGroup: readonly {
    readonly descending: boolean;
    readonly nullsFirst: boolean;
  }[];
  /**
   * Takes the place of each kernel aggregate when the lowering splits an aggregate into partial and final: the fragments
   * compute the kernel aggregates, the last stage combines them inside the same compound emission.
   */
  readonly substitute?: (name: string, args: readonly string[]) => string;
}

const NO_CLAUSES: AggregateClauses = {
  distinct: false,
  inside: "",
  after: "",
  withinGroup: [],
};

/** A kernel aggregate or window call with the clauses of `call`: `sum(DISTINCT x) FILTER (WHERE y)`. */
export function aggregateSql(
  name: string,
  args: readonly string[],
  call: EmitCall,
): string {
  const { distinct, inside, after, substitute } = call.clauses ?? NO_CLAUSES;
  if (substitute !== undefined) return substitute(name, args);
  return `${name}(${distinct ? "DISTINCT " : ""}${args.join(", ")}${inside})${after}`;
}

/** Session settings an expression may depend on; the kernel itself always runs in UTC. */
export interface EmitSettings {
  readonly timeZone: string;
  readonly dateStyle: string;
  readonly intervalStyle: string;
  readonly byteaOutput: "hex" | "escape";
  readonly extraFloatDigits: number;
  /**
   * Decimals are computed in 64 bits as the kernel prefers (ten times faster) and overflow where PostgreSQL goes on. A statement
   * that failed so (needsWideDecimals in server/compute/node/functions/errors.ts) is emitted again with this set.
   */
  readonly wideDecimals?: boolean;
}

export type DuckDbEmitter = (call: EmitCall) => Omit<Emitted, "type">;
