// The SELECT lists that turn log rows into rows of the file table. All traps of statistics (checklist K2-K6) are met here, once:
// a bound that cannot be trusted becomes NULL, which skips nothing.

import type {
  FileColumns,
  PartitionColumn,
  StatisticsColumn,
} from "./file-columns.ts";
import {
  jsonPointer,
  pathKey,
  quoteName,
  quoteText,
  quoteTexts,
} from "../sql.ts";

/** Columns every file table has; `FileColumns` adds its own. `removed_at` NULL means live; a version sees added_at <= v < removed_at. */
const FIXED_COLUMNS: readonly string[] = [
  "key VARCHAR",
  "dv_id VARCHAR",
  "added_at BIGINT",
  "removed_at BIGINT",
  "size BIGINT",
  "modified BIGINT",
  "dv_storage VARCHAR",
  "dv_path VARCHAR",
  "dv_offset BIGINT",
  "dv_size BIGINT",
  "dv_cardinality BIGINT",
  // The path as the log spells it, where that is not the key.
  "raw VARCHAR",
  "num_records BIGINT",
  "tight BOOLEAN",
];

export function createFileTable(name: string, columns: FileColumns): string {
  const own = [
    ...columns.partitions.map(
      (column) => `${column.sqlName} ${column.sqlType}`,
    ),
    ...columns.statistics.flatMap((column) => [
      ...(column.bounds === undefined
        ? []
        : [
            `${column.bounds.minName} ${column.bounds.sqlType}`,
            `${column.bounds.maxName} ${column.bounds.sqlType}`,
          ]),
      `${column.nullsName} BIGINT`,
    ]),
    ...columns.members.map(({ sqlName, sqlType }) => `${sqlName} ${sqlType}`),
  ];
  return `CREATE TABLE ${name} (${[...FIXED_COLUMNS, ...own].join(", ")})`;
}

/** Members of an `add` or `remove` line, in the order of the list `a` (from 1). */
const LINE_MEMBERS: readonly (readonly string[])[] = [
  ["add", "path"],
  ["add", "size"],
  ["add", "modificationTime"],
  ["add", "stats"],
  ["add", "deletionVector", "storageType"],
  ["add", "deletionVector", "pathOrInlineDv"],
  ["add", "deletionVector", "offset"],
  ["add", "deletionVector", "sizeInBytes"],
  ["add", "deletionVector", "cardinality"],
  ["remove", "path"],
  ["remove", "deletionVector", "storageType"],
  ["remove", "deletionVector", "pathOrInlineDv"],
  ["remove", "deletionVector", "offset"],
];

/**
 * File actions of commits as rows (version, is_add, key, dv_id, a, removed_at); `lines` has columns (version, json). `removed_at` is
 * the next version in the batch that speaks of the same key. Within one commit an add of a key beats a remove of it.
 */
export function fileActionBatch(lines: string, columns: FileColumns): string {
  const members = [
    ...LINE_MEMBERS,
    ...columns.partitions.map((column) => [
      "add",
      "partitionValues",
      column.physicalName,
    ]),
    ...columns.members.map(({ member }) => ["add", member]),
  ];
  return `
    WITH extracted AS MATERIALIZED (
      SELECT version, json_extract_string(json, ${quoteTexts(members.map(jsonPointer))}) AS a
      FROM (${lines})
    ), keyed AS (
      SELECT version, a[1] IS NOT NULL AS is_add, a,
        ${pathKey("coalesce(a[1], a[10])")} AS key,
        CASE WHEN a[1] IS NOT NULL THEN ${vectorId("a[5]", "a[6]", "a[7]")} ELSE ${vectorId("a[11]", "a[12]", "a[13]")} END AS dv_id
      FROM extracted WHERE a[1] IS NOT NULL OR a[10] IS NOT NULL
    )
    SELECT *, lead(version) OVER (PARTITION BY key, dv_id ORDER BY version, is_add) AS removed_at FROM keyed`;
}

/** Checklist R3; '' stands for no deletion vector, so that keys compare by `=`. */
export function vectorId(
  storage: string,
  path: string,
  offset: string,
): string {
  return `coalesce(${storage} || ${path} || coalesce('@' || ${offset}, ''), '')`;
}

/** Ends the life of files that a batch removes or adds again. */
export function retireFiles(name: string, batch: string): string {
  return `
    UPDATE ${name} AS files SET removed_at = first.version
    FROM (SELECT key, dv_id, min(version) AS version FROM ${batch} GROUP BY ALL) AS first
    WHERE files.key = first.key AND files.dv_id = first.dv_id AND files.removed_at IS NULL`;
}

/** Inserts the adds of a batch made by `fileActionBatch`. */
export function insertBatch(
  name: string,
  batch: string,
  columns: FileColumns,
): string {
  const values = columns.partitions.map((column, index) =>
    partitionValue(column, `a[${LINE_MEMBERS.length + 1 + index}]`),
  );
  return `
    INSERT INTO ${name}
    WITH source AS MATERIALIZED (
      SELECT key, dv_id, version, removed_at, a, ${statisticsList("a[4]", columns)} AS s FROM ${batch} WHERE is_add
    )
    SELECT ${[
      "key",
      "dv_id",
      "version",
      "removed_at",
      "CAST(a[2] AS BIGINT)",
      "TRY_CAST(a[3] AS BIGINT)",
      "a[5]",
      "a[6]",
      "CAST(a[7] AS BIGINT)",
      "CAST(a[8] AS BIGINT)",
      "CAST(a[9] AS BIGINT)",
      "nullif(a[1], key)",
      ...countsAndBounds(columns, undefined),
      ...columns.members.map(
        ({ sqlType }, index) =>
          `CAST(a[${LINE_MEMBERS.length + columns.partitions.length + 1 + index}] AS ${sqlType})`,
      ),
    ]
      .toSpliced(FIXED_COLUMNS.length, 0, ...values)
      .join(", ")}
    FROM source`;
}

/** Notes the removes of a batch as rows that were never live; for a table that is read together with another. */
export function insertTombstones(name: string, batch: string): string {
  return `INSERT INTO ${name} (key, dv_id, added_at, removed_at) SELECT key, dv_id, version, version FROM ${batch} WHERE NOT is_add`;
}

/** What a checkpoint's parquet `add` column holds, as the file's own schema tells. */
export interface CheckpointShape {
  readonly stats: boolean;
  readonly deletionVector: boolean;
  /** True when `add` has the member. */
  has(member: string): boolean;
  /** True when `stats_parsed` has a leaf at this path, such as minValues, a, b. */
  hasParsed(path: readonly string[]): boolean;
}

/** Inserts the adds of a checkpoint; `source` is a relation with its columns. `streamed` for large ones: no intermediate copy. */
export function insertCheckpoint(
  name: string,
  source: string,
  columns: FileColumns,
  options: {
    readonly version: number;
    readonly shape: CheckpointShape;
    readonly streamed: boolean;
  },
): string {
  const { version, shape, streamed } = options;
  const hasParsed =
    shape.hasParsed(["numRecords"]) || shape.hasParsed(["nullCount"]);
  const list = statisticsList('c."add".stats', columns);
  const texts = !shape.stats ? "CAST(NULL AS VARCHAR[])" : list;
  const vector = (member: string): string =>
    shape.deletionVector ? `dv."${member}"` : "NULL";
  const memberItems = columns.members
    .map(
      ({ member, sqlName, sqlType }) =>
        ` CAST(${shape.has(member) ? `c."add".${quoteName(member)}` : "NULL"} AS ${sqlType}) AS ${sqlName},`,
    )
    .join("");
  const values = columns.partitions.map((column) =>
    partitionValue(column, `pv[${quoteText(column.physicalName)}]`),
  );
  return `
    INSERT INTO ${name}
    WITH source AS ${streamed ? "NOT MATERIALIZED" : "MATERIALIZED"} (
      SELECT c."add".path AS path, c."add".size AS size, c."add"."modificationTime" AS modified,
        c."add"."partitionValues" AS pv, ${shape.deletionVector ? 'c."add"."deletionVector"' : "NULL"} AS dv,
        ${hasParsed ? 'c."add".stats_parsed' : "NULL"} AS sp,${memberItems}
        ${hasParsed && shape.stats ? `CASE WHEN c."add".stats_parsed IS NULL THEN ${texts} END` : texts} AS s
      FROM ${source} AS c WHERE c."add".path IS NOT NULL
    )
    SELECT ${[
      pathKey("path"),
      vectorId(
        vector("storageType"),
        vector("pathOrInlineDv"),
        `CAST(${vector("offset")} AS VARCHAR)`,
      ),
      String(version),
      "NULL",
      "size",
      "modified",
      ...[
        "storageType",
        "pathOrInlineDv",
        "offset",
        "sizeInBytes",
        "cardinality",
      ].map(vector),
      `nullif(path, ${pathKey("path")})`,
      ...countsAndBounds(columns, shape),
      ...columns.members.map(({ sqlName }) => sqlName),
    ]
      .toSpliced(FIXED_COLUMNS.length, 0, ...values)
      .join(", ")}
    FROM source`;
}

/** All statistics of a file as one list of texts: the JSON is parsed once. Unparseable statistics are none (K2). */
function statisticsList(stats: string, columns: FileColumns): string {
  const pointers = [
    ["numRecords"],
    ["tightBounds"],
    ...columns.statistics.flatMap((column) => [
      ["minValues", ...column.physicalPath],
      ["maxValues", ...column.physicalPath],
      ["nullCount", ...column.physicalPath],
    ]),
  ].map(jsonPointer);
  return `TRY(json_extract_string(${stats}, ${quoteTexts(pointers)}))`;
}

/** num_records, tight, then (in the file table's order, after the partition values) min, max and null count of each column. */
function countsAndBounds(
  columns: FileColumns,
  shape: CheckpointShape | undefined,
): readonly string[] {
  const either = (
    path: readonly string[],
    fromText: string,
    fromParsed: (value: string) => string,
  ): string => {
    if (shape?.hasParsed(path) !== true) return fromText;
    const value = fromParsed(`sp.${path.map(quoteName).join(".")}`);
    return shape.stats ? `coalesce(${value}, ${fromText})` : value;
  };
  const asIs = (value: string): string => value;
  const list = [
    either(["numRecords"], "TRY_CAST(s[1] AS BIGINT)", asIs),
    either(["tightBounds"], "TRY_CAST(s[2] AS BOOLEAN)", asIs),
  ];
  columns.statistics.forEach((column, index) => {
    for (const [side, at] of [
      ["minValues", 3],
      ["maxValues", 4],
    ] as const) {
      if (column.bounds === undefined) break;
      const text = boundValue(column, `s[${at + 3 * index}]`, {
        side,
        exact: false,
      });
      list.push(
        either([side, ...column.physicalPath], text, (value) =>
          boundValue(column, value, { side, exact: true }),
        ),
      );
    }
    const nulls = `TRY_CAST(s[${5 + 3 * index}] AS BIGINT)`;
    list.push(either(["nullCount", ...column.physicalPath], nulls, asIs));
  });
  return list;
}

interface BoundOptions {
  readonly side: "minValues" | "maxValues";
  /** From a typed column, not from a JSON number the kernel has read as a double. */
  readonly exact: boolean;
}

function boundValue(
  column: StatisticsColumn,
  value: string,
  { side, exact }: BoundOptions,
): string {
  const sqlType = column.bounds?.sqlType ?? "VARCHAR";
  const cast = `TRY_CAST(${value} AS ${sqlType})`;
  switch (column.type.kind) {
    case "float4":
      return withoutNaN(`TRY_CAST(TRY_CAST(${value} AS FLOAT) AS DOUBLE)`);
    case "float8":
      return withoutNaN(cast);
    case "date":
      return sinceGregorian(cast);
    case "timestamp":
    case "timestamptz":
      // K4: statistics are cut down to milliseconds.
      return sinceGregorian(
        side === "maxValues" ? `TRY(${cast} + INTERVAL 1 MILLISECOND)` : cast,
      );
    case "numeric":
      return exact || (column.type.precision ?? 38) <= 15
        ? cast
        : looseDecimal(column, value, side);
    default:
      return cast;
  }
}

/** T4: before the calendar's reform some writers' statistics count days as their files do not. */
function sinceGregorian(value: string): string {
  return `CASE WHEN ${value} >= '1582-10-15' THEN ${value} END`;
}

/** K5: NaN as a bound says nothing reliable: some writers leave NaN out, some let it win. */
function withoutNaN(value: string): string {
  return `CASE WHEN isnan(${value}) THEN NULL ELSE ${value} END`;
}

/** A JSON number with a point has passed through a double: 15 digits are right, so the bound is moved outwards by more than the error. */
function looseDecimal(
  column: StatisticsColumn,
  value: string,
  side: BoundOptions["side"],
): string {
  const { sqlType } = column.bounds ?? { sqlType: "VARCHAR" };
  const scale = column.type.kind === "numeric" ? (column.type.scale ?? 0) : 0;
  const slack = `CAST(abs(CAST(${value} AS DOUBLE)) * 1e-15 + 1e-${scale} AS ${sqlType})`;
  const sign = side === "maxValues" ? "+" : "-";
  return `CASE WHEN regexp_matches(${value}, '[.eE]')
    THEN TRY(CAST(CAST(${value} AS ${sqlType}) ${sign} ${slack} AS ${sqlType})) ELSE TRY_CAST(${value} AS ${sqlType}) END`;
}

/** Checklist V1, V2. CAST, not TRY_CAST: a value that is not of its type is damage, and must not read as NULL. */
export function partitionValue(column: PartitionColumn, text: string): string {
  const value = `nullif(${text}, '')`;
  switch (column.type.kind) {
    case "bytea":
      return `encode(${value})`;
    case "float4":
      return `CAST(CAST(${value} AS FLOAT) AS DOUBLE)`;
    default:
      return `CAST(${value} AS ${column.sqlType})`;
  }
}
