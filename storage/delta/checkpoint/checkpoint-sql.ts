// The rows of a checkpoint as kernel SQL (Delta protocol, "Checkpoint Schema"; checklist C1-C3): file actions from LOGGED_FILES, the
// others from lines of JSON.

import type {
  FileColumns,
  StatisticsColumn,
} from "../file-table/file-columns.ts";
import { partitionValue } from "../file-table/file-sql.ts";
import { LOGGED_FILES } from "./logged-files.ts";
import { jsonPointer, quoteName, quoteText } from "../sql.ts";

const MAP = "MAP(VARCHAR, VARCHAR)";
/** json_transform's notation: a type's name, a list of one, or members by name. */
type Structure = string | readonly [Structure] | Members;
interface Members {
  readonly [name: string]: Structure;
}

const VECTOR: Members = {
  storageType: "VARCHAR",
  pathOrInlineDv: "VARCHAR",
  offset: "INTEGER",
  sizeInBytes: "INTEGER",
  cardinality: "BIGINT",
};
const ADD: Members = {
  path: "VARCHAR",
  partitionValues: MAP,
  size: "BIGINT",
  modificationTime: "BIGINT",
  dataChange: "BOOLEAN",
  stats: "VARCHAR",
  tags: MAP,
  deletionVector: VECTOR,
  baseRowId: "BIGINT",
  defaultRowCommitVersion: "BIGINT",
  clusteringProvider: "VARCHAR",
};
const REMOVE: Members = {
  path: "VARCHAR",
  deletionTimestamp: "BIGINT",
  dataChange: "BOOLEAN",
  extendedFileMetadata: "BOOLEAN",
  partitionValues: MAP,
  size: "BIGINT",
  deletionVector: VECTOR,
  baseRowId: "BIGINT",
  defaultRowCommitVersion: "BIGINT",
};
const OTHERS: Readonly<Record<string, Members>> = {
  txn: { appId: "VARCHAR", version: "BIGINT", lastUpdated: "BIGINT" },
  metaData: {
    id: "VARCHAR",
    name: "VARCHAR",
    description: "VARCHAR",
    format: { provider: "VARCHAR", options: MAP },
    schemaString: "VARCHAR",
    partitionColumns: ["VARCHAR"],
    createdTime: "BIGINT",
    configuration: MAP,
  },
  protocol: {
    minReaderVersion: "INTEGER",
    minWriterVersion: "INTEGER",
    readerFeatures: ["VARCHAR"],
    writerFeatures: ["VARCHAR"],
  },
  domainMetadata: {
    domain: "VARCHAR",
    configuration: "VARCHAR",
    removed: "BOOLEAN",
  },
};
/** Only in the main file of a V2 checkpoint. */
const V2_ONLY: Readonly<Record<string, Members>> = {
  checkpointMetadata: { version: "BIGINT", tags: MAP },
  sidecar: {
    path: "VARCHAR",
    sizeInBytes: "BIGINT",
    modificationTime: "BIGINT",
    tags: MAP,
  },
};

/** How statistics stand in `add`: `delta.checkpoint.writeStatsAsJson` and `writeStatsAsStruct`. */
export interface StatsForm {
  readonly json: boolean;
  readonly struct: boolean;
}

export interface FileRows {
  readonly columns: FileColumns;
  readonly stats: StatsForm;
  /** Of the rows of LOGGED_FILES, this share; undefined: all. */
  readonly share?: { readonly index: number; readonly count: number };
}

/** A row an action: `lines` (as in a commit) and, when given, the file actions. */
export function mainRows(
  lines: readonly string[],
  files: FileRows | undefined,
  v2: boolean,
): string {
  const columns = { ...OTHERS, ...(v2 ? V2_ONLY : {}) };
  const names = Object.keys(columns);
  const values = lines.map((line) => `(${quoteText(line)}::JSON)`).join(", ");
  const others = names.map(
    (name) =>
      `${fromJson(`json_extract(line, '/${name}')`, columns[name] ?? {})} AS "${name}"`,
  );
  // The lines hold no file actions, but the columns must be there, with their types.
  const none = [
    `CASE WHEN json_exists(line, '/add') THEN ${addSql("json_extract(line, '/add')", files)} END AS "add"`,
    `CASE WHEN json_exists(line, '/remove') THEN ${fromJson("json_extract(line, '/remove')", REMOVE)} END AS "remove"`,
  ];
  const rows = `SELECT ${[...others, ...none].join(", ")} FROM (VALUES ${values}) AS t(line)`;
  if (files === undefined) return rows;
  const empty = names.map((name) => `NULL AS "${name}"`);
  return `${rows} UNION ALL SELECT ${[...empty, ...fileItems(files)].join(", ")} FROM ${sourceOf(files)}`;
}

/** The rows of a sidecar. */
export function sidecarRows(files: FileRows): string {
  return `SELECT ${fileItems(files).join(", ")} FROM ${sourceOf(files)}`;
}

function sourceOf({ share }: FileRows): string {
  return share === undefined
    ? LOGGED_FILES
    : `${LOGGED_FILES} WHERE hash(key) % ${share.count} = ${share.index}`;
}

function fileItems(files: FileRows): readonly string[] {
  return [
    `CASE WHEN is_add THEN ${addSql("j", files)} END AS "add"`,
    `CASE WHEN NOT is_add THEN ${fromJson("j", REMOVE)} END AS "remove"`,
  ];
}

function addSql(source: string, files: FileRows | undefined): string {
  const { stats: _stats, ...withoutStats } = ADD;
  const json = files?.stats.json !== false;
  const plain = fromJson(source, json ? ADD : withoutStats);
  if (files?.stats.struct !== true) return plain;
  const { columns } = files;
  const extra = [
    `stats_parsed := ${fromJson(`CAST(json_extract_string(${source}, '/stats') AS JSON)`, statsStructure(columns))}`,
  ];
  if (columns.partitions.length > 0) {
    const values = columns.partitions.map((column) => {
      const pointer = jsonPointer(["partitionValues", column.physicalName]);
      const text = `json_extract_string(${source}, ${quoteText(pointer)})`;
      return `${quoteName(column.physicalName)} := ${partitionValue(column, text)}`;
    });
    extra.push(`partitionValues_parsed := struct_pack(${values.join(", ")})`);
  }
  return `struct_insert(${plain}, ${extra.join(", ")})`;
}

function fromJson(source: string, structure: Structure): string {
  return `from_json(${source}, ${quoteText(JSON.stringify(structure))})`;
}

function statsStructure({ statistics }: FileColumns): Members {
  const bounds = nested(statistics, boundType);
  const nulls = nested(statistics, () => "BIGINT");
  return {
    numRecords: "BIGINT",
    tightBounds: "BOOLEAN",
    ...(Object.keys(bounds).length === 0
      ? {}
      : { minValues: bounds, maxValues: bounds }),
    ...(Object.keys(nulls).length === 0 ? {} : { nullCount: nulls }),
  };
}

/** More digits than a double has would be rounded on the way, so such decimals have no typed bounds. */
const EXACT_DIGITS = 15;

function boundType(column: StatisticsColumn): string | undefined {
  const { type, bounds } = column;
  if (type.kind === "float4") return bounds && "FLOAT";
  if (type.kind === "numeric" && (type.precision ?? 38) > EXACT_DIGITS)
    return undefined;
  return bounds?.sqlType;
}

function nested(
  columns: readonly StatisticsColumn[],
  typeOf: (column: StatisticsColumn) => string | undefined,
): Members {
  const root: MutableMembers = {};
  for (const column of columns) {
    const type = typeOf(column);
    const name = column.physicalPath.at(-1);
    if (type === undefined || name === undefined) continue;
    let at = root;
    for (const part of column.physicalPath.slice(0, -1)) {
      const known = at[part];
      const next: MutableMembers = typeof known === "object" ? known : {};
      at[part] = next;
      at = next;
    }
    at[name] = type;
  }
  return root;
}

interface MutableMembers {
  [name: string]: string | MutableMembers;
}
