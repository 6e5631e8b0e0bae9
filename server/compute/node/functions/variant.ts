// Variants in the kernel: one BLOB each, metadata then value. To and from jsonb's canonical text, and put together from the
// columns of a shredded file.

import {
  parseJson,
  printJson,
} from "../../../../planner/functions/value/json.ts";
import {
  BLOB,
  DuckDBBlobValue,
  LIST,
  VARCHAR,
  type DuckDBValue,
} from "../../../../storage/kernel/duckdb.ts";
import { isScalarCode, scalarOf } from "../variant/scalar.ts";
import {
  metadataLength,
  readVariant,
  writeVariant,
  type Variant,
} from "../variant/tree.ts";
import { variantJson, variantOf } from "../variant/value.ts";
import { invariant } from "../../../../storage/common/invariant.ts";
import { blobOf, listOf, text } from "./arguments.ts";
import type { KernelFunction } from "./define.ts";

function blob(bytes: Uint8Array): DuckDBBlobValue {
  return new DuckDBBlobValue(bytes);
}

/** variant_scalar(code, text): as `scalarOf` reads it. */
function scalar(code: string, value: string): Variant {
  invariant(isScalarCode(code), "a kind of scalar");
  return scalarOf(code, value);
}

function list(items: DuckDBValue): Variant {
  return {
    kind: "array",
    items: listOf(items).map((item) => readVariant(blobOf(item))),
  };
}

/** variant_object(names, values, rest): a NULL value is a member that is missing; the members of `rest` follow, which may be NULL. */
function object(...args: readonly DuckDBValue[]): Variant {
  const [names, values, rest = null] = args;
  const labels = listOf(names);
  const found = listOf(values).flatMap(
    (value, index): (readonly [string, Variant])[] =>
      value === null ? [] : [[text(labels[index]), readVariant(blobOf(value))]],
  );
  const others = rest === null ? undefined : readVariant(blobOf(rest));
  return {
    kind: "object",
    members: [...found, ...(others?.kind === "object" ? others.members : [])],
  };
}

export const VARIANT_FUNCTIONS: readonly KernelFunction[] = [
  {
    name: "variant_json",
    parameters: [BLOB],
    returns: VARCHAR,
    call: (value) => printJson(variantJson(blobOf(value))),
  },
  {
    name: "variant_of",
    parameters: [VARCHAR],
    returns: BLOB,
    call: (json) => blob(writeVariant(variantOf(parseJson(text(json))))),
  },
  {
    name: "variant_metadata",
    parameters: [BLOB],
    returns: BLOB,
    call: (value) =>
      blob(blobOf(value).subarray(0, metadataLength(blobOf(value)))),
  },
  {
    name: "variant_value",
    parameters: [BLOB],
    returns: BLOB,
    call: (value) =>
      blob(blobOf(value).subarray(metadataLength(blobOf(value)))),
  },
  {
    name: "variant_scalar",
    parameters: [VARCHAR, VARCHAR],
    returns: BLOB,
    call: (code, value) => blob(writeVariant(scalar(text(code), text(value)))),
  },
  {
    name: "variant_list",
    parameters: [LIST(BLOB)],
    returns: BLOB,
    call: (items = null) => blob(writeVariant(list(items))),
  },
  {
    name: "variant_object",
    parameters: [LIST(VARCHAR), LIST(BLOB), BLOB],
    returns: BLOB,
    nullable: true,
    call: (...args) => blob(writeVariant(object(...args))),
  },
];
