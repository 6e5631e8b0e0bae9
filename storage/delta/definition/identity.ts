// The high-water mark of an identity column: the last value handed out, kept with the field and moved by the commit that uses the values
// (Delta protocol, "Identity Columns"). Two writers that hand out values conflict over the metadata, so no value is given twice.

import { IDENTITY_KEYS } from "./column-rules.ts";
import type { Metadata } from "../actions.ts";
import { JsonNumber } from "../json.ts";
import { editField, schemaFields, withMetadata } from "./schema-edit.ts";
import { printFields } from "./schema-print.ts";

export function withHighWaterMark(
  metadata: Metadata,
  column: string,
  highWaterMark: bigint,
): Metadata {
  const mark = new JsonNumber(String(highWaterMark));
  const fields = editField(
    schemaFields(metadata.schemaString),
    column,
    (field) => withMetadata(field, [[IDENTITY_KEYS.highWaterMark, mark]]),
  );
  return { ...metadata, schemaString: printFields(fields) };
}
