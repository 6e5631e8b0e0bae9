// All functions a node registers in its kernel.

import type { DuckDBScalarFunction } from "../../../../storage/kernel/duckdb.ts";
import { register } from "./define.ts";
import { NUMERIC_FUNCTIONS } from "./numeric.ts";

/** New ones for each kernel: pass to `Kernel.open`. */
export function kernelFunctions(): readonly DuckDBScalarFunction[] {
  return NUMERIC_FUNCTIONS.map(register);
}
