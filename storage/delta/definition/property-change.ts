// SET and UNSET TBLPROPERTIES: what a property brings with it -- features, physical names.

import { notSupported } from "../../common/errors.ts";
import { mapFields, MAPPING_MODE, MAX_COLUMN_ID } from "./column-mapping.ts";
import {
  lastColumnId,
  settled,
  withConfiguration,
  type Definition,
} from "./definition.ts";
import { schemaFields } from "./schema-edit.ts";
import { printFields } from "./schema-print.ts";
import { propertyName, requestedProperties } from "./table-properties.ts";

export function setProperties(
  definition: Definition,
  properties: Readonly<Record<string, string>>,
): Definition {
  const { table, metadata } = definition;
  const requested = requestedProperties(table, properties);
  const before = metadata.configuration;
  const configuration = { ...before, ...requested.configuration };
  const mode = requested.configuration[MAPPING_MODE];
  let { schemaString } = metadata;
  const current = before[MAPPING_MODE] ?? "none";
  if (mode !== undefined && mode !== current) {
    if (current !== "none" || mode !== "name")
      throw notSupported(
        `changing ${MAPPING_MODE} of table "${table}" from "${current}" to "${mode}" is`,
      );
    const fields = schemaFields(schemaString);
    const mapped = mapFields(fields, lastColumnId(metadata, fields), true);
    schemaString = printFields(mapped.fields);
    configuration[MAX_COLUMN_ID] = String(mapped.maxId);
  }
  return settled(
    {
      ...definition,
      metadata: { ...metadata, configuration, schemaString },
    },
    requested.features,
  );
}

/** The system's own properties stay. */
const MANAGED =
  /^(?:delta\.columnMapping\.|delta\.constraints\.|sluice\.|delta\.rowTracking\.|delta\.inCommitTimestampEnablement)/;

export function unsetProperties(
  definition: Definition,
  keys: readonly string[],
): Definition {
  const { metadata, table } = definition;
  const names = keys.map(propertyName);
  const managed = names.find((name) => MANAGED.test(name));
  if (managed !== undefined)
    throw notSupported(
      `unsetting property "${managed}" of table "${table}" is`,
    );
  return withConfiguration(definition, without(metadata.configuration, names));
}

export function without(
  configuration: Readonly<Record<string, string>>,
  keys: readonly string[],
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(configuration).filter(([key]) => !keys.includes(key)),
  );
}
