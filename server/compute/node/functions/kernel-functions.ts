// All functions a node registers in its kernel.

import type { DuckDBScalarFunction } from "../../../../storage/kernel/duckdb.ts";
import { register } from "./define.ts";
import { BYTEA_FUNCTIONS } from "./bytea.ts";
import { IDENTIFIER_FUNCTIONS } from "./identifier.ts";
import { INPUT_FUNCTIONS } from "./input.ts";
import { JSON_MAKE_FUNCTIONS } from "./json-make.ts";
import { JSON_FUNCTIONS } from "./json.ts";
import { NUMERIC_FUNCTIONS } from "./numeric.ts";
import { DATE_TIME_FUNCTIONS } from "./date-time.ts";
import { OUTPUT_FUNCTIONS } from "./output.ts";
import { regexFunctions } from "./regex.ts";
import { STYLED_FUNCTIONS } from "./styled.ts";
import { TEMPLATE_FUNCTIONS } from "./template.ts";
import { TEXT_FUNCTIONS } from "./text.ts";
import { VARIANT_FUNCTIONS } from "./variant.ts";
import { ZONE_FUNCTIONS } from "./zone.ts";

/** New ones for each kernel: pass to `Kernel.open`. */
export function kernelFunctions(): readonly DuckDBScalarFunction[] {
  return [
    ...NUMERIC_FUNCTIONS,
    ...INPUT_FUNCTIONS,
    ...OUTPUT_FUNCTIONS,
    ...JSON_FUNCTIONS,
    ...JSON_MAKE_FUNCTIONS,
    ...TEXT_FUNCTIONS,
    ...BYTEA_FUNCTIONS,
    ...IDENTIFIER_FUNCTIONS,
    ...TEMPLATE_FUNCTIONS,
    ...STYLED_FUNCTIONS,
    ...regexFunctions(),
    ...DATE_TIME_FUNCTIONS,
    ...VARIANT_FUNCTIONS,
    ...ZONE_FUNCTIONS,
  ].map(register);
}
