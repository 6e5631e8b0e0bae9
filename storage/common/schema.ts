// A table's columns as every layer sees them. Physical details (column mapping, metadata) stay in storage/delta.

import type { DataType } from "./data-type.ts";

export interface Column {
  /** As stored, in its own case. */
  readonly name: string;
  readonly type: DataType;
  readonly nullable: boolean;
  readonly comment?: string | undefined;
}

export interface Schema {
  readonly columns: readonly Column[];
}
