// Makes a table: commit 0 with protocol and metaData, and with files when it is made by a query (checklist F4, W2).

import { randomUUID } from "node:crypto";
import type { DataType } from "../common/data-type.ts";
import type { Schema } from "../common/schema.ts";
import type { Action, Metadata, Protocol } from "./actions.ts";
import { commitInfoAction, put } from "./commit.ts";
import { duplicateColumn, tableExists, unsupportedWrite } from "./errors.ts";
import { isTrue } from "./features.ts";
import { printJson, type Json } from "./json.ts";
import { listLog, newestVersion } from "./log.ts";
import { declaredMetadata, fieldJson, structJson } from "./schema-type.ts";
import type { TableRef } from "./table-ref.ts";
import type { DeltaTables } from "./tables.ts";

export interface NewTable {
  readonly schema: Schema;
  readonly partitionColumns: readonly string[];
  /** Table properties; those of `delta.` choose protocol features. */
  readonly properties: Readonly<Record<string, string>>;
  /** The managed table's name, so that a lost metastore can be rebuilt. */
  readonly name?: string;
  readonly description?: string;
  /** Files written by a query, for CREATE TABLE AS. */
  readonly files?: readonly Action[];
  readonly operation?: string;
  readonly operationParameters?: Readonly<Record<string, string>>;
  readonly operationMetrics?: Readonly<Record<string, string>>;
  readonly txnId?: string;
  readonly userName?: string;
}

/**
 * Commits version 0. Throws 42P07 when the folder holds a log already (also one that another writer made meanwhile), 0A000 for a
 * property we cannot keep to, 42701 for columns that differ by case alone. `now` in milliseconds since 1970.
 */
export async function createTable(
  tables: DeltaTables,
  table: TableRef,
  created: NewTable,
  now: () => number,
): Promise<void> {
  const context = tables.contextOf(table);
  const metadata = newMetadata(table, created, now());
  const protocol = protocolFor(table, created, metadata);
  if (newestVersion(await listLog(context.store, table.location)) !== undefined)
    throw tableExists(table.name);
  const txnId = created.txnId ?? randomUUID();
  const timestamp = now();
  const info = commitInfoAction({
    request: {
      readVersion: -1,
      operation: created.operation ?? "CREATE TABLE",
      operationParameters: created.operationParameters ?? {
        partitionBy: JSON.stringify(created.partitionColumns),
      },
      ...(created.operationMetrics === undefined
        ? {}
        : { operationMetrics: created.operationMetrics }),
      ...(created.userName === undefined ? {} : { userName: created.userName }),
      reads: { kind: "nothing" },
    },
    txnId,
    timestamp,
    inCommitTimestamp: isTrue(metadata, "delta.enableInCommitTimestamps")
      ? timestamp
      : undefined,
    isolationLevel: "Serializable",
  });
  const actions: readonly Action[] = [
    info,
    { kind: "protocol", protocol },
    { kind: "metaData", metadata },
    ...(created.files ?? []),
  ];
  if (!(await put(context, 0, txnId, actions))) throw tableExists(table.name);
}

function newMetadata(
  table: TableRef,
  created: NewTable,
  nowMs: number,
): Metadata {
  const seen = new Set<string>();
  for (const column of created.schema.columns) {
    if (seen.has(column.name.toLowerCase()))
      throw duplicateColumn(table.name, column.name);
    seen.add(column.name.toLowerCase());
  }
  return {
    id: randomUUID(),
    ...(created.name === undefined ? {} : { name: created.name }),
    ...(created.description === undefined
      ? {}
      : { description: created.description }),
    schemaString: printSchema(created.schema),
    partitionColumns: created.partitionColumns,
    configuration: created.properties,
    createdTime: nowMs,
  };
}

/** `schemaString` for columns without column mapping. Throws 0A000 for types no Delta table can hold. */
export function printSchema(schema: Schema): string {
  const fields = schema.columns.map((column) => {
    const comment: readonly (readonly [string, Json])[] =
      column.comment === undefined ? [] : [["comment", column.comment]];
    return fieldJson(column.name, column.type, column.nullable, [
      ...declaredMetadata(column.type),
      ...comment,
    ]);
  });
  return printJson(structJson(fields));
}

/** Properties that need a table feature, and which. */
const FEATURE_OF_PROPERTY: readonly (readonly [
  string,
  string,
  "reader" | "writer",
])[] = [
  ["delta.enableDeletionVectors", "deletionVectors", "reader"],
  ["delta.enableChangeDataFeed", "changeDataFeed", "writer"],
  ["delta.enableInCommitTimestamps", "inCommitTimestamp", "writer"],
];

/** Properties whose rules this version cannot keep, so that a table with them could not be written. */
const UNSUPPORTED_PROPERTIES: readonly string[] = [
  "delta.columnMapping.mode",
  "delta.enableRowTracking",
  "delta.enableIcebergCompatV1",
  "delta.enableIcebergCompatV2",
  "delta.checkpointPolicy",
];

/** The lowest protocol that holds the table: reader 1 and writer 2, or features when one is needed. */
function protocolFor(
  table: TableRef,
  created: NewTable,
  metadata: Metadata,
): Protocol {
  for (const property of UNSUPPORTED_PROPERTIES) {
    const value = metadata.configuration[property];
    if (
      value !== undefined &&
      !["none", "false", "classic"].includes(value.toLowerCase())
    ) {
      throw unsupportedWrite(
        table.name,
        `its property "${property}" is not supported`,
      );
    }
  }
  const constraint = Object.keys(metadata.configuration).find((key) =>
    key.startsWith("delta.constraints."),
  );
  if (constraint !== undefined)
    throw unsupportedWrite(
      table.name,
      `its property "${constraint}" is not supported`,
    );
  const needed = FEATURE_OF_PROPERTY.filter(([property]) =>
    isTrue(metadata, property),
  );
  const readerFeatures = needed.flatMap(([, feature, kind]) =>
    kind === "reader" ? [feature] : [],
  );
  if (created.schema.columns.some((column) => holdsTimestampNtz(column.type)))
    readerFeatures.push("timestampNtz");
  const writerFeatures = needed.flatMap(([, feature, kind]) =>
    kind === "writer" ? [feature] : [],
  );
  if (readerFeatures.length + writerFeatures.length === 0)
    return { minReaderVersion: 1, minWriterVersion: 2 };
  const all = [
    "appendOnly",
    "invariants",
    ...readerFeatures,
    ...writerFeatures,
  ];
  return readerFeatures.length === 0
    ? { minReaderVersion: 1, minWriterVersion: 7, writerFeatures: all }
    : {
        minReaderVersion: 3,
        minWriterVersion: 7,
        readerFeatures,
        writerFeatures: all,
      };
}

function holdsTimestampNtz(type: DataType): boolean {
  switch (type.kind) {
    case "timestamp":
      return true;
    case "array":
      return holdsTimestampNtz(type.element);
    case "map":
      return holdsTimestampNtz(type.key) || holdsTimestampNtz(type.value);
    case "struct":
      return type.fields.some((field) => holdsTimestampNtz(field.type));
    default:
      return false;
  }
}
