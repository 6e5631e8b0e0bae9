// Variant values of data files as jsonb's canonical text.

import { printJson } from "../../../../planner/functions/value/json.ts";
import { BLOB, VARCHAR } from "../../../../storage/kernel/duckdb.ts";
import { decodeVariant } from "../variant-value.ts";
import { blobOf } from "./arguments.ts";
import type { KernelFunction } from "./define.ts";

export const VARIANT_FUNCTIONS: readonly KernelFunction[] = [
  {
    name: "variant_json",
    parameters: [BLOB, BLOB],
    returns: VARCHAR,
    call: (metadata, value) =>
      printJson(decodeVariant(blobOf(metadata), blobOf(value))),
  },
];
