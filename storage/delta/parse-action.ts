// Text -> Action: the only place that sees untyped JSON of a log. Fields and actions nobody knows are skipped (checklist L4),
// wrong types of known fields are damage. `where` names file and line for the error.

import type {
  Action,
  AddFile,
  ChangeFile,
  CommitInfo,
  DomainMetadata,
  LoggedDeletionVector,
  Metadata,
  Protocol,
  RemoveFile,
  Sidecar,
  Transaction,
} from "./actions.ts";
import {
  isArray,
  isObject,
  JsonNumber,
  parseJson,
  printJson,
  type Json,
  type JsonObject,
} from "./json.ts";

export type ParsedLine =
  | { readonly kind: "action"; readonly action: Action }
  /** An action of a newer protocol, or a blank line. */
  | { readonly kind: "skipped" }
  /** `reason` completes "File x: …". */
  | { readonly kind: "damaged"; readonly reason: string };

/** One line of a commit, or one row of a checkpoint as JSON, where null members stand for absent ones. */
export function parseAction(line: string): ParsedLine {
  if (line.trim() === "") return { kind: "skipped" };
  const json = parseJson(line);
  if (!isObject(json)) return { kind: "damaged", reason: "not a JSON object" };
  for (const [name, parse] of PARSERS) {
    const value = json.get(name);
    if (value === undefined || value === null) continue;
    if (!isObject(value))
      return { kind: "damaged", reason: `action "${name}" is not an object` };
    const reader = fieldReader(value);
    const action = parse(reader);
    const problem = reader.problem();
    return problem === undefined
      ? { kind: "action", action }
      : { kind: "damaged", reason: `action "${name}" ${problem}` };
  }
  return { kind: "skipped" };
}

const PARSERS: readonly (readonly [string, (fields: FieldReader) => Action])[] =
  [
    ["add", (fields) => ({ kind: "add", add: parseAdd(fields) })],
    ["remove", (fields) => ({ kind: "remove", remove: parseRemove(fields) })],
    [
      "commitInfo",
      (fields) => ({ kind: "commitInfo", commitInfo: parseCommitInfo(fields) }),
    ],
    [
      "metaData",
      (fields) => ({ kind: "metaData", metadata: parseMetadata(fields) }),
    ],
    [
      "protocol",
      (fields) => ({ kind: "protocol", protocol: parseProtocol(fields) }),
    ],
    ["txn", (fields) => ({ kind: "txn", txn: parseTransaction(fields) })],
    [
      "domainMetadata",
      (fields) => ({ kind: "domainMetadata", domain: parseDomain(fields) }),
    ],
    ["cdc", (fields) => ({ kind: "cdc", cdc: parseChangeFile(fields) })],
    [
      "sidecar",
      (fields) => ({ kind: "sidecar", sidecar: parseSidecar(fields) }),
    ],
    [
      "checkpointMetadata",
      (fields) => ({
        kind: "checkpointMetadata",
        version: fields.int("version"),
      }),
    ],
  ];

function parseProtocol(fields: FieldReader): Protocol {
  return {
    minReaderVersion: fields.int("minReaderVersion"),
    minWriterVersion: fields.int("minWriterVersion"),
    ...optional("readerFeatures", fields.optionalStrings("readerFeatures")),
    ...optional("writerFeatures", fields.optionalStrings("writerFeatures")),
  };
}

function parseMetadata(fields: FieldReader): Metadata {
  return {
    id: fields.string("id"),
    ...optional("name", fields.optionalString("name")),
    ...optional("description", fields.optionalString("description")),
    schemaString: fields.string("schemaString"),
    partitionColumns: fields.optionalStrings("partitionColumns") ?? [],
    configuration: fields.printedMap("configuration"),
    ...optional("createdTime", fields.optionalInt("createdTime")),
  };
}

function parseAdd(fields: FieldReader): AddFile {
  return {
    path: fields.string("path"),
    partitionValues: fields.stringMap("partitionValues"),
    size: fields.int("size"),
    modificationTime: fields.optionalInt("modificationTime") ?? 0,
    dataChange: fields.optionalBoolean("dataChange") ?? true,
    ...optional("stats", fields.optionalString("stats")),
    ...optional("tags", fields.optionalStringMap("tags")),
    ...optional(
      "deletionVector",
      parseVector(fields.optionalObject("deletionVector")),
    ),
    ...optional("baseRowId", fields.optionalLong("baseRowId")),
    ...optional(
      "defaultRowCommitVersion",
      fields.optionalLong("defaultRowCommitVersion"),
    ),
    ...optional(
      "clusteringProvider",
      fields.optionalString("clusteringProvider"),
    ),
  };
}

function parseRemove(fields: FieldReader): RemoveFile {
  const values = fields.optionalObject("partitionValues");
  return {
    path: fields.string("path"),
    ...optional("deletionTimestamp", fields.optionalInt("deletionTimestamp")),
    dataChange: fields.optionalBoolean("dataChange") ?? true,
    ...optional(
      "extendedFileMetadata",
      fields.optionalBoolean("extendedFileMetadata"),
    ),
    ...(values === undefined
      ? {}
      : { partitionValues: fields.stringMap("partitionValues") }),
    ...optional("size", fields.optionalInt("size")),
    ...optional("stats", fields.optionalString("stats")),
    ...optional("tags", fields.optionalStringMap("tags")),
    ...optional(
      "deletionVector",
      parseVector(fields.optionalObject("deletionVector")),
    ),
    ...optional("baseRowId", fields.optionalLong("baseRowId")),
    ...optional(
      "defaultRowCommitVersion",
      fields.optionalLong("defaultRowCommitVersion"),
    ),
  };
}

function parseVector(
  fields: FieldReader | undefined,
): LoggedDeletionVector | undefined {
  if (fields === undefined) return undefined;
  const storageType = fields.string("storageType");
  if (storageType !== "u" && storageType !== "p" && storageType !== "i") {
    fields.fail(`has a deletion vector of storage type "${storageType}"`);
    return undefined;
  }
  return {
    storageType,
    pathOrInlineDv: fields.string("pathOrInlineDv"),
    ...optional("offset", fields.optionalInt("offset")),
    sizeInBytes: fields.int("sizeInBytes"),
    cardinality: fields.int("cardinality"),
  };
}

function parseTransaction(fields: FieldReader): Transaction {
  return {
    appId: fields.string("appId"),
    version: fields.long("version"),
    ...optional("lastUpdated", fields.optionalLong("lastUpdated")),
  };
}

function parseDomain(fields: FieldReader): DomainMetadata {
  return {
    domain: fields.string("domain"),
    configuration: fields.optionalString("configuration") ?? "",
    removed: fields.optionalBoolean("removed") ?? false,
  };
}

function parseChangeFile(fields: FieldReader): ChangeFile {
  return {
    path: fields.string("path"),
    partitionValues: fields.stringMap("partitionValues"),
    size: fields.int("size"),
  };
}

function parseSidecar(fields: FieldReader): Sidecar {
  return {
    path: fields.string("path"),
    sizeInBytes: fields.int("sizeInBytes"),
  };
}

/** commitInfo is free-form: what has not the usual type is left out, never damage. */
function parseCommitInfo(fields: FieldReader): CommitInfo {
  return {
    ...optional("timestamp", fields.tolerantInt("timestamp")),
    ...optional("inCommitTimestamp", fields.tolerantInt("inCommitTimestamp")),
    ...optional("operation", fields.tolerantString("operation")),
    operationParameters: fields.printedMap("operationParameters"),
    operationMetrics: fields.printedMap("operationMetrics"),
    ...optional("readVersion", fields.tolerantInt("readVersion")),
    ...optional("isolationLevel", fields.tolerantString("isolationLevel")),
    ...optional("isBlindAppend", fields.tolerantBoolean("isBlindAppend")),
    ...optional("userName", fields.tolerantString("userName")),
    ...optional("engineInfo", fields.tolerantString("engineInfo")),
    ...optional("txnId", fields.tolerantString("txnId")),
    fields: fields.all,
  };
}

function optional<K extends string, V>(
  key: K,
  value: V | undefined,
): Partial<Record<K, V>> {
  const result: Partial<Record<K, V>> = {};
  if (value !== undefined) result[key] = value;
  return result;
}

function withoutNulls(
  map: Readonly<Record<string, string | null>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(map).flatMap(([key, value]) =>
      value === null ? [] : [[key, value]],
    ),
  );
}

/** Typed access to an object's members; the first wrong one is kept as the problem. */
interface FieldReader {
  readonly all: JsonObject;
  problem(): string | undefined;
  fail(problem: string): void;
  string(name: string): string;
  int(name: string): number;
  long(name: string): bigint;
  stringMap(name: string): Readonly<Record<string, string | null>>;
  optionalString(name: string): string | undefined;
  optionalInt(name: string): number | undefined;
  optionalLong(name: string): bigint | undefined;
  optionalBoolean(name: string): boolean | undefined;
  optionalStrings(name: string): readonly string[] | undefined;
  optionalStringMap(name: string): Readonly<Record<string, string>> | undefined;
  optionalObject(name: string): FieldReader | undefined;
  tolerantString(name: string): string | undefined;
  tolerantInt(name: string): number | undefined;
  tolerantBoolean(name: string): boolean | undefined;
  printedMap(name: string): Readonly<Record<string, string>>;
}

function fieldReader(
  all: JsonObject,
  outer?: (problem: string) => void,
): FieldReader {
  let problem: string | undefined;
  const fail =
    outer ??
    ((text: string): void => {
      problem ??= text;
    });
  const present = (name: string): Json | undefined =>
    all.get(name) ?? undefined;
  function checked<T>(
    name: string,
    read: (value: Json) => T | undefined,
    what: string,
  ): T | undefined {
    const value = present(name);
    if (value === undefined) return undefined;
    const result = read(value);
    if (result === undefined) fail(`has a field "${name}" that is not ${what}`);
    return result;
  }
  function required<T>(name: string, value: T | undefined, fallback: T): T {
    if (value === undefined) fail(`has no valid field "${name}"`);
    return value ?? fallback;
  }
  const reader: FieldReader = {
    all,
    problem: () => problem,
    fail,
    string: (name) => required(name, reader.optionalString(name), ""),
    int: (name) => required(name, reader.optionalInt(name), 0),
    long: (name) => required(name, reader.optionalLong(name), 0n),
    stringMap: (name) =>
      checked(name, readStringMap, "an object of strings") ?? {},
    optionalString: (name) => checked(name, readString, "a string"),
    optionalInt: (name) => checked(name, readInt, "an integer"),
    optionalLong: (name) => checked(name, readLong, "an integer"),
    optionalBoolean: (name) => checked(name, readBoolean, "true or false"),
    optionalStrings: (name) =>
      checked(name, readStrings, "an array of strings"),
    optionalStringMap: (name) => {
      const map = checked(name, readStringMap, "an object of strings");
      return map === undefined ? undefined : withoutNulls(map);
    },
    optionalObject: (name) => {
      const value = checked(
        name,
        (json) => (isObject(json) ? json : undefined),
        "an object",
      );
      return value === undefined ? undefined : fieldReader(value, fail);
    },
    tolerantString: (name) => readString(present(name)),
    tolerantInt: (name) => readInt(present(name)),
    tolerantBoolean: (name) => readBoolean(present(name)),
    printedMap: (name) => printedMap(present(name)),
  };
  return reader;
}

function readString(value: Json | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function readBoolean(value: Json | undefined): boolean | undefined {
  return typeof value === "boolean" ? value : undefined;
}

function readLong(value: Json | undefined): bigint | undefined {
  if (!(value instanceof JsonNumber) || !/^-?[0-9]+$/.test(value.text))
    return undefined;
  const long = BigInt(value.text);
  return BigInt.asIntN(64, long) === long ? long : undefined;
}

function readInt(value: Json | undefined): number | undefined {
  const long = readLong(value);
  const int = long === undefined ? undefined : Number(long);
  return int !== undefined && Number.isSafeInteger(int) ? int : undefined;
}

function readStrings(value: Json | undefined): readonly string[] | undefined {
  if (!isArray(value)) return undefined;
  const strings = value.filter((item) => typeof item === "string");
  return strings.length === value.length ? strings : undefined;
}

function readStringMap(
  value: Json,
): Readonly<Record<string, string | null>> | undefined {
  if (!isObject(value)) return undefined;
  const entries: [string, string | null][] = [];
  for (const [key, member] of value) {
    // Some writers put numbers and booleans where the protocol says strings.
    entries.push([
      key,
      typeof member === "string" || member === null
        ? member
        : printJson(member),
    ]);
  }
  return Object.fromEntries(entries);
}

/** Values of any type as text, since writers put numbers and arrays where the reference puts strings. */
function printedMap(value: Json | undefined): Readonly<Record<string, string>> {
  if (!isObject(value)) return {};
  const entries: [string, string][] = [];
  for (const [key, member] of value) {
    if (member !== null)
      entries.push([
        key,
        typeof member === "string" ? member : printJson(member),
      ]);
  }
  return Object.fromEntries(entries);
}
