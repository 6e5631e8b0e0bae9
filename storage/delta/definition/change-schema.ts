// May files of an older version be read with the columns of a newer one? Columns are compared by their names in files, so that
// renamed, added and dropped ones do no harm; another type is fine only where files of the older one are widened by reading.

import type { Metadata } from "../actions.ts";
import { changedSchema } from "../errors.ts";
import { parseTableSchema, type DeltaField } from "./schema-json.ts";
import { deltaTypeJson } from "./schema-type.ts";
import type { Snapshot } from "../snapshot.ts";
import { isWidening } from "./type-widening.ts";
import { printJson } from "../json.ts";

/** Throws 0A000 naming what changed at `version`. */
export function checkChangedSchema(
  last: Snapshot,
  version: number,
  metadata: Metadata,
): void {
  const { table, protocol, fields } = last;
  if (metadata.schemaString === last.metadata.schemaString) return;
  const older = parseTableSchema(table.name, metadata, protocol);
  const physical = (
    of: readonly DeltaField[],
    names: readonly string[],
  ): string =>
    names
      .map(
        (name) => of.find((field) => field.name === name)?.physicalName ?? "",
      )
      .join("\0");
  if (
    physical(older.fields, older.layout.partitionColumns) !==
    physical(fields, last.partitionColumns)
  ) {
    throw changedSchema(table.name, version, "the partition columns");
  }
  for (const field of fields) {
    const before = older.fields.find(
      ({ physicalName }) => physicalName === field.physicalName,
    );
    if (before !== undefined && !fits(before, field))
      throw changedSchema(
        table.name,
        version,
        `the type of column "${field.name}"`,
      );
  }
}

function fits(before: DeltaField, after: DeltaField): boolean {
  if (before.type.kind !== after.type.kind || before.children.length === 0) {
    const [from, to] = [typeText(before), typeText(after)];
    return from === to || isWidening(from, to);
  }
  return after.children.every((child) => {
    const found = before.children.find(
      ({ physicalName }) => physicalName === child.physicalName,
    );
    return found === undefined || fits(found, child);
  });
}

function typeText({ type }: DeltaField): string {
  return printJson(deltaTypeJson(type)).replaceAll('"', "");
}
