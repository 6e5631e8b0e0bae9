// A constant value with its type. Values are text, so longs and decimals never pass through a JS number,
// and a scalar survives JSON unchanged.

import type { DataType } from "./data-type.ts";

export interface Scalar {
  readonly type: DataType;
  /**
   * PostgreSQL's text output under TimeZone UTC, DateStyle ISO, IntervalStyle postgres, bytea hex; `null` is SQL NULL.
   * bool `t`/`f`; timestamptz `2021-01-01 00:00:00+00`; float `NaN`, `Infinity`, `-Infinity`; array `{1,NULL,"a b"}`;
   * struct, map and variant as JSON text.
   */
  readonly text: string | null;
}
