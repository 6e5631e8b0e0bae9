// What a table is apart from its rows: metadata, protocol, clustering. Pure; definition-change.ts changes one, commits write it (checklist
// F4, M3, M4).

import { randomUUID } from "node:crypto";
import { typeName } from "../../common/data-type.ts";
import { notSupported } from "../../common/errors.ts";
import { invariant } from "../../common/invariant.ts";
import type { Check, Column } from "../../common/schema.ts";
import type { Action, Metadata, Protocol } from "../actions.ts";
import {
  mapFields,
  MAPPING_MODE,
  MAX_COLUMN_ID,
  maxIdOf,
} from "./column-mapping.ts";
import { constraintEntries } from "./column-rules.ts";
import { duplicateColumn } from "../errors.ts";
import {
  isArray,
  isObject,
  parseJson,
  printJson,
  type Json,
  type JsonObject,
} from "../json.ts";
import { schemaFields } from "./schema-edit.ts";
import type { Snapshot } from "../snapshot.ts";
import { parseTableSchema, type TableSchema } from "./schema-json.ts";
import { columnJson, printFields } from "./schema-print.ts";
import {
  neededFeatures,
  newProtocol,
  upgradedProtocol,
  withRequired,
} from "./table-features.ts";
import { isTrue } from "../features.ts";
import {
  ENABLE_ROW_TRACKING,
  ROW_COMMIT_VERSION_NAME,
  ROW_ID_NAME,
} from "../row-tracking.ts";
import { requestedProperties } from "./table-properties.ts";

export interface Definition {
  readonly table: string;
  readonly metadata: Metadata;
  readonly protocol: Protocol;
  /** Physical names of the clustering columns; undefined: the table has none. */
  readonly clustering: readonly string[] | undefined;
}

export function definitionOf(snapshot: Snapshot): Definition {
  const { table, metadata, protocol, domains } = snapshot;
  const domain = domains.get(CLUSTERING);
  return {
    table: table.name,
    metadata,
    protocol,
    clustering:
      domain === undefined ? undefined : clusteringOf(domain.configuration),
  };
}

/** Nested columns, which only others make, by their dotted path. */
function clusteringOf(configuration: string): readonly string[] {
  const json = parseJson(configuration);
  const columns = isObject(json) ? json.get("clusteringColumns") : undefined;
  if (!isArray(columns)) return [];
  return columns.flatMap((path) =>
    isArray(path)
      ? [path.filter((name) => typeof name === "string").join(".")]
      : [],
  );
}

export interface NewDefinition {
  /** A new one, when absent. */
  readonly id?: string | undefined;
  /** The managed table's name, so that a lost metastore can be rebuilt. */
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly columns: readonly Column[];
  readonly partitionColumns: readonly string[];
  readonly clusterBy?: readonly string[];
  readonly checks?: readonly Check[];
  /** As the user gave them; those of `delta.` choose protocol features. */
  readonly properties?: Readonly<Record<string, string>>;
  /** Properties of ours: informational keys. */
  readonly keys?: Readonly<Record<string, string>>;
  /** In milliseconds since 1970. */
  readonly createdTime: number;
}

/**
 * The lowest protocol that holds the table; `replaced`: the protocol it already has, which only grows. Throws 42701 for columns that
 * differ by case alone, 22023 and 0A000 for properties, 0A000 for types no Delta table can hold.
 */
export function newDefinition(
  table: string,
  created: NewDefinition,
  replaced:
    { readonly protocol: Protocol; readonly maxColumnId: number } | undefined,
): Definition {
  const requested = requestedProperties(table, created.properties ?? {});
  refuseRepeated(table, created.columns);
  const configuration: Record<string, string> = {
    ...requested.configuration,
    ...created.keys,
  };
  for (const { name, expression } of created.checks ?? [])
    Object.assign(configuration, constraintEntries(name, expression));
  let fields: readonly JsonObject[] = created.columns.map(columnJson);
  if (isMapped(configuration)) {
    const mapped = mapFields(fields, replaced?.maxColumnId ?? 0, false);
    fields = mapped.fields;
    configuration[MAX_COLUMN_ID] = String(mapped.maxId);
  }
  const { name, description, createdTime } = created;
  const metadata: Metadata = {
    id: created.id ?? randomUUID(),
    ...(name === undefined ? {} : { name }),
    ...(description === undefined ? {} : { description }),
    schemaString: printFields(fields),
    partitionColumns: created.partitionColumns,
    configuration,
    createdTime,
  };
  return settled(
    {
      table,
      metadata,
      protocol: replaced?.protocol ?? NEW,
      clustering: undefined,
    },
    requested.features,
    created.clusterBy,
  );
}

/** Stands for "none yet": replaced by the lowest that fits. */
const NEW: Protocol = { minReaderVersion: 1, minWriterVersion: 1 };

/** What turns `before` into `after`; a definition that did not exist before is written whole. */
export function definitionActions(
  before: Definition | undefined,
  after: Definition,
): readonly Action[] {
  const actions: Action[] = [];
  if (before?.protocol !== after.protocol)
    actions.push({ kind: "protocol", protocol: after.protocol });
  actions.push({ kind: "metaData", metadata: after.metadata });
  const clustering = clusteringText(after.clustering);
  if (clustering !== clusteringText(before?.clustering)) {
    actions.push({
      kind: "domainMetadata",
      domain: {
        domain: CLUSTERING,
        configuration: clustering ?? "",
        removed: clustering === undefined,
      },
    });
  }
  return actions;
}

const CLUSTERING = "delta.clustering";

function clusteringText(
  columns: readonly string[] | undefined,
): string | undefined {
  if (columns === undefined) return undefined;
  return printJson(
    new Map<string, Json>([
      ["clusteringColumns", columns.map((column) => [column])],
      ["domainName", CLUSTERING],
    ]),
  );
}

export function withFields(
  definition: Definition,
  edit: (fields: readonly JsonObject[]) => readonly JsonObject[],
): Definition {
  const { metadata } = definition;
  let fields = edit(schemaFields(metadata.schemaString));
  let { configuration } = metadata;
  if (isMapped(configuration)) {
    const mapped = mapFields(fields, lastColumnId(metadata, fields), false);
    fields = mapped.fields;
    configuration = { ...configuration, [MAX_COLUMN_ID]: String(mapped.maxId) };
  }
  return settled({
    ...definition,
    metadata: { ...metadata, schemaString: printFields(fields), configuration },
  });
}

export function withConfiguration(
  definition: Definition,
  configuration: Readonly<Record<string, string>>,
): Definition {
  const { metadata } = definition;
  return settled({ ...definition, metadata: { ...metadata, configuration } });
}

/** The protocol raised to what the definition needs. `clusterBy`: display names to cluster by from now on. */
export function settled(
  definition: Definition,
  features: readonly string[] = [],
  clusterBy?: readonly string[],
): Definition {
  const { table, protocol } = definition;
  const metadata = withTrackedNames(definition.metadata);
  // Parsed as if everything were supported: what is in use decides what must be.
  const parsed = parsedSchema(table, metadata);
  const clustering =
    clusterBy === undefined || clusterBy.length === 0
      ? definition.clustering
      : physicalNames(table, parsed, clusterBy);
  const needed = withRequired(
    new Set([
      ...neededFeatures(
        parsed.fields,
        metadata,
        clustering === undefined ? [] : [CLUSTERING],
      ),
      ...features,
    ]),
  );
  return {
    ...definition,
    metadata,
    clustering,
    protocol:
      protocol === NEW
        ? newProtocol(needed)
        : upgradedProtocol(protocol, needed),
  };
}

/** Names for the file columns of row ids, which no other column may have, given once. */
function withTrackedNames(metadata: Metadata): Metadata {
  const { configuration } = metadata;
  const named =
    configuration[ROW_ID_NAME] !== undefined &&
    configuration[ROW_COMMIT_VERSION_NAME] !== undefined;
  if (named || !isTrue(metadata, ENABLE_ROW_TRACKING)) return metadata;
  const names = {
    [ROW_ID_NAME]: `_row-id-col-${randomUUID()}`,
    [ROW_COMMIT_VERSION_NAME]: `_row-commit-version-col-${randomUUID()}`,
  };
  return { ...metadata, configuration: { ...configuration, ...names } };
}

/** Columns and layout under the definition's own protocol. */
export function definedSchema({
  table,
  metadata,
  protocol,
}: Definition): TableSchema {
  return parseTableSchema(table, metadata, protocol);
}

const EVERYTHING: Protocol = { minReaderVersion: 2, minWriterVersion: 6 };

export function parsedSchema(table: string, metadata: Metadata): TableSchema {
  return parseTableSchema(table, metadata, EVERYTHING);
}

function physicalNames(
  table: string,
  { fields }: TableSchema,
  columns: readonly string[],
): readonly string[] {
  return columns.map((name) => {
    const field = fields.find((it) => it.name === name);
    invariant(field !== undefined, "clustering columns were found");
    if (["bool", "bytea", "struct", "array", "map"].includes(field.type.kind))
      throw notSupported(
        `clustering table "${table}" by column "${name}" of type ${typeName(field.type)} is`,
      );
    return field.physicalName;
  });
}

export function isMapped(
  configuration: Readonly<Record<string, string>>,
): boolean {
  return ["name", "id"].includes(configuration[MAPPING_MODE] ?? "none");
}

export function lastColumnIdOf({ metadata }: Definition): number {
  return lastColumnId(metadata, schemaFields(metadata.schemaString));
}

/** Ids of dropped columns are never given again. */
export function lastColumnId(
  metadata: Metadata,
  fields: readonly JsonObject[],
): number {
  return Math.max(
    maxIdOf(fields),
    Number(metadata.configuration[MAX_COLUMN_ID] ?? 0),
  );
}

function refuseRepeated(table: string, columns: readonly Column[]): void {
  const seen = new Set<string>();
  for (const { name } of columns) {
    if (seen.has(name.toLowerCase())) throw duplicateColumn(table, name);
    seen.add(name.toLowerCase());
  }
}
