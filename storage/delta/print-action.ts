// Action -> one line of a commit, with the protocol's field names; the inverse of parse-action.ts.

import { unreachable } from "../common/invariant.ts";
import type {
  Action,
  AddFile,
  LoggedDeletionVector,
  Metadata,
  Protocol,
  RemoveFile,
} from "./actions.ts";
import { JsonNumber, printJson, type Json, type JsonObject } from "./json.ts";

/** Without a line break. */
export function printAction(action: Action): string {
  switch (action.kind) {
    case "protocol":
      return line("protocol", protocolJson(action.protocol));
    case "metaData":
      return line("metaData", metadataJson(action.metadata));
    case "add":
      return line("add", addJson(action.add));
    case "remove":
      return line("remove", removeJson(action.remove));
    case "cdc":
      return line("cdc", {
        ...action.cdc,
        partitionValues: record(action.cdc.partitionValues),
        dataChange: false,
      });
    case "txn":
      return line("txn", { ...action.txn });
    case "domainMetadata":
      return line("domainMetadata", { ...action.domain });
    case "commitInfo":
      return printJson(
        new Map<string, Json>([["commitInfo", action.commitInfo.fields]]),
      );
    case "sidecar":
      return line("sidecar", { ...action.sidecar });
    case "checkpointMetadata":
      return line("checkpointMetadata", { version: action.version });
    default:
      return unreachable(action);
  }
}

type Field = Json | number | bigint | undefined;
type Fields = Readonly<Record<string, Field>>;

/** Members in the order given; undefined ones are left out. */
export function fieldsJson(fields: Fields): JsonObject {
  const members: [string, Json][] = [];
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    members.push([
      name,
      typeof value === "number" || typeof value === "bigint"
        ? new JsonNumber(String(value))
        : value,
    ]);
  }
  return new Map(members);
}

function line(name: string, fields: Fields): string {
  return printJson(new Map<string, Json>([[name, fieldsJson(fields)]]));
}

export function record(
  values: Readonly<Record<string, string | null>>,
): JsonObject {
  return new Map(Object.entries(values));
}

function optionalRecord(
  values: Readonly<Record<string, string | null>> | undefined,
): JsonObject | undefined {
  return values === undefined ? undefined : record(values);
}

function protocolJson(protocol: Protocol): Fields {
  return { ...protocol };
}

function metadataJson(metadata: Metadata): Fields {
  return {
    id: metadata.id,
    name: metadata.name,
    description: metadata.description,
    format: fieldsJson({ provider: "parquet", options: new Map() }),
    schemaString: metadata.schemaString,
    partitionColumns: metadata.partitionColumns,
    configuration: record(metadata.configuration),
    createdTime: metadata.createdTime,
  };
}

function addJson(add: AddFile): Fields {
  return {
    path: add.path,
    partitionValues: record(add.partitionValues),
    size: add.size,
    modificationTime: add.modificationTime,
    dataChange: add.dataChange,
    stats: add.stats,
    tags: optionalRecord(add.tags),
    deletionVector: vectorJson(add.deletionVector),
    baseRowId: add.baseRowId,
    defaultRowCommitVersion: add.defaultRowCommitVersion,
    clusteringProvider: add.clusteringProvider,
  };
}

function removeJson(remove: RemoveFile): Fields {
  return {
    path: remove.path,
    deletionTimestamp: remove.deletionTimestamp,
    dataChange: remove.dataChange,
    extendedFileMetadata: remove.extendedFileMetadata,
    partitionValues: optionalRecord(remove.partitionValues),
    size: remove.size,
    stats: remove.stats,
    tags: optionalRecord(remove.tags),
    deletionVector: vectorJson(remove.deletionVector),
    baseRowId: remove.baseRowId,
    defaultRowCommitVersion: remove.defaultRowCommitVersion,
  };
}

function vectorJson(
  vector: LoggedDeletionVector | undefined,
): JsonObject | undefined {
  return vector === undefined ? undefined : fieldsJson({ ...vector });
}
