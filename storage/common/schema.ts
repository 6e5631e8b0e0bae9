// A table's columns and rules as every layer sees them. Physical details (column mapping, metadata) stay in storage/delta.

import type { DataType } from "./data-type.ts";

export interface Column {
  /** As stored, in its own case. */
  readonly name: string;
  readonly type: DataType;
  readonly nullable: boolean;
  readonly comment?: string | undefined;
  /** At most one of the three: what a row that gives no value gets. */
  readonly default?: StoredExpression | undefined;
  readonly generated?: StoredExpression | undefined;
  readonly identity?: Identity | undefined;
}

export interface Schema {
  readonly columns: readonly Column[];
  /** Conditions every row must fulfil, by name; NULL does not fulfil one (Delta protocol, "CHECK Constraints"). */
  readonly checks?: readonly Check[] | undefined;
}

/** SQL text kept in a table's log. */
export interface StoredExpression {
  readonly text: string;
  /** Sluice wrote it and means PostgreSQL's SQL; else it is Spark's, to be used only where both mean the same. */
  readonly ours: boolean;
}

export interface Check {
  /** A column invariant of another writer has the name of its column. */
  readonly name: string;
  readonly expression: StoredExpression;
}

/** GENERATED … AS IDENTITY: values are `start`, `start + step` …; the next one follows the high-water mark. */
export interface Identity {
  readonly start: bigint;
  readonly step: bigint;
  /** The last value handed out; undefined before the first. */
  readonly highWaterMark: bigint | undefined;
  /** BY DEFAULT: a statement may give values of its own. */
  readonly allowsValues: boolean;
}
