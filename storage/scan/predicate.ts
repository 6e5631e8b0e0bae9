// The small language storage understands: what the planner hands down so that partitions and files can be skipped.
// A predicate may be weaker than the query's filter, never stronger: storage only drops files, the engine filters rows.

import type { Scalar } from "../common/scalar.ts";

export type CompareOperator = "=" | "<>" | "<" | "<=" | ">" | ">=";

export type ScanPredicate =
  /** `column operator value`, with PostgreSQL's comparison (NaN largest, text by bytes); `value` is never NULL. */
  | {
      readonly kind: "compare";
      readonly column: ColumnPath;
      readonly operator: CompareOperator;
      readonly value: Scalar;
    }
  | {
      readonly kind: "in";
      readonly column: ColumnPath;
      readonly values: readonly Scalar[];
    }
  | {
      readonly kind: "is-null";
      readonly column: ColumnPath;
      readonly negated: boolean;
    }
  /** `column LIKE 'prefix%'`, or NOT LIKE. */
  | {
      readonly kind: "starts-with";
      readonly column: ColumnPath;
      readonly prefix: string;
      readonly negated: boolean;
    }
  | { readonly kind: "and"; readonly operands: readonly ScanPredicate[] }
  | { readonly kind: "or"; readonly operands: readonly ScanPredicate[] }
  /** A constant: FALSE or NULL keeps no row. */
  | { readonly kind: "constant"; readonly value: boolean };

/** A column, or a field inside structs: logical names from the outside in. */
export type ColumnPath = readonly [string, ...string[]];
