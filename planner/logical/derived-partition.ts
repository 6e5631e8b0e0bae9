// A partition column that the table generates from another column: a predicate on that one says something of the partitions too.

import type { DataType } from "../../storage/common/data-type.ts";

export interface DerivedPartition {
  /** The partition column. */
  readonly column: string;
  readonly type: DataType;
  /** The column it follows from. */
  readonly base: string;
  readonly baseType: DataType;
  readonly form: PartitionForm;
  /** False where the writer's time zone decides: its wall clock is known but for a day. */
  readonly exact: boolean;
}

/** What is done to the base column. All but `part` keep its order; none gives a value for NULL. */
export type PartitionForm =
  | { readonly kind: "same" }
  /** The first day of the unit that holds the base. */
  | { readonly kind: "date"; readonly unit: string }
  /** The first moment of it. */
  | { readonly kind: "moment"; readonly unit: string }
  | { readonly kind: "part"; readonly field: PartField }
  /** `date_format` by a pattern of `yyyy`, `MM`, `dd`, `HH` in this order. */
  | { readonly kind: "formatted"; readonly pattern: string }
  /** The first characters of a text. */
  | { readonly kind: "prefix"; readonly length: number };

/** From the coarsest on: together, as far as there is one of each, they keep the order. */
export const PART_FIELDS = ["year", "month", "day", "hour"] as const;
export type PartField = (typeof PART_FIELDS)[number];
