// Which columns the file table of a snapshot has: one a partition column, three a leaf column with statistics (min, max, null
// count), named by position so that no user's name enters SQL. Checklist K1, M2, V1.

import type { DataType } from "../../common/data-type.ts";
import type { Metadata, Protocol } from "../actions.ts";
import type { DeltaField, TableSchema } from "../definition/schema-json.ts";
import { supportsWriterFeature } from "../features.ts";
import { wasFloat } from "../definition/type-widening.ts";

export interface FileColumns {
  /** In the order of `TableLayout.partitionColumns`. */
  readonly partitions: readonly PartitionColumn[];
  readonly statistics: readonly StatisticsColumn[];
  /** Members of `add` that only some tables have. */
  readonly members: readonly MemberColumn[];
}

export interface MemberColumn {
  readonly member:
    "baseRowId" | "defaultRowCommitVersion" | "clusteringProvider";
  readonly sqlName: string;
  readonly sqlType: string;
}

export interface PartitionColumn {
  readonly name: string;
  readonly physicalName: string;
  readonly type: DataType;
  readonly sqlName: string;
  readonly sqlType: string;
}

export interface StatisticsColumn {
  /** Logical names from the outside in. */
  readonly path: readonly string[];
  readonly physicalPath: readonly string[];
  readonly type: DataType;
  /** Undefined for types without min and max. */
  readonly bounds: StatisticsBounds | undefined;
  readonly nullsName: string;
}

export interface StatisticsBounds {
  readonly minName: string;
  readonly maxName: string;
  readonly sqlType: string;
}

export function fileColumns(
  table: TableSchema,
  metadata: Metadata,
  protocol: Protocol,
): FileColumns {
  const partitionNames = table.layout.partitionColumns;
  const partitions = partitionNames.flatMap((name, index) => {
    const field = table.fields.find((candidate) => candidate.name === name);
    if (field === undefined) return [];
    return [
      {
        name,
        physicalName: field.physicalName,
        type: field.type,
        sqlName: `p${index}`,
        sqlType: partitionSqlType(field.type),
      },
    ];
  });
  const leaves = indexedLeaves(
    table.fields.filter((field) => !partitionNames.includes(field.name)),
    metadata,
  );
  return {
    partitions,
    statistics: leaves.map(statisticsColumn),
    members: MEMBERS.flatMap(([feature, columns]) =>
      supportsWriterFeature(protocol, feature) ? columns : [],
    ),
  };
}

const MEMBERS: readonly (readonly [string, readonly MemberColumn[]])[] = [
  [
    "rowTracking",
    [
      { member: "baseRowId", sqlName: "base_row_id", sqlType: "BIGINT" },
      {
        member: "defaultRowCommitVersion",
        sqlName: "row_commit_version",
        sqlType: "BIGINT",
      },
    ],
  ],
  [
    "clustering",
    [
      {
        member: "clusteringProvider",
        sqlName: "clustering_provider",
        sqlType: "VARCHAR",
      },
    ],
  ],
];

/** Tables with equal answers have file tables of equal columns, as far as the protocol decides. */
export function memberNames({ members }: FileColumns): string {
  return members.map(({ member }) => member).join();
}

interface Leaf {
  readonly path: readonly string[];
  readonly physicalPath: readonly string[];
  readonly field: DeltaField;
}

function leavesOf(
  fields: readonly DeltaField[],
  path: readonly string[],
  physical: readonly string[],
): readonly Leaf[] {
  return fields.flatMap((field) => {
    const leaf: Leaf = {
      path: [...path, field.name],
      physicalPath: [...physical, field.physicalName],
      field,
    };
    return field.type.kind === "struct"
      ? leavesOf(field.children, leaf.path, leaf.physicalPath)
      : [leaf];
  });
}

const DEFAULT_INDEXED_COLUMNS = 32;
/** More would make the kernel's statements slow to plan for every table with "all columns" set. */
const MAX_INDEXED_COLUMNS = 256;

/** Leaves in schema order that statistics are kept for; statistics on others are not used. */
function indexedLeaves(
  fields: readonly DeltaField[],
  metadata: Metadata,
): readonly Leaf[] {
  const leaves = leavesOf(fields, [], []).filter(
    (leaf) => leaf.field.type.kind !== "void",
  );
  const named = metadata.configuration["delta.dataSkippingStatsColumns"];
  if (named !== undefined) {
    const wanted = columnList(named);
    const chosen = leaves.filter((leaf) =>
      wanted.some((name) => isWithin(leaf.path.join("."), name)),
    );
    return chosen.slice(0, MAX_INDEXED_COLUMNS);
  }
  return leaves.slice(0, indexedColumnCount(metadata));
}

/** `delta.dataSkippingNumIndexedCols`: leaf columns with statistics, 32 by default, capped. */
export function indexedColumnCount(metadata: Metadata): number {
  const text = metadata.configuration["delta.dataSkippingNumIndexedCols"];
  const count = text === undefined ? DEFAULT_INDEXED_COLUMNS : Number(text);
  if (!Number.isInteger(count)) return DEFAULT_INDEXED_COLUMNS;
  return count < 0 ? MAX_INDEXED_COLUMNS : Math.min(count, MAX_INDEXED_COLUMNS);
}

function isWithin(path: string, name: string): boolean {
  return path === name || path.startsWith(`${name}.`);
}

/** A comma-separated list of dotted names, each part perhaps in backticks; returned without them. */
function columnList(text: string): readonly string[] {
  const items = text.match(/(?:`(?:[^`]|``)*`|[^,`])+/g) ?? [];
  return items.map((item) =>
    item
      .trim()
      .replace(/`((?:[^`]|``)*)`/g, (_, name: string) =>
        name.replaceAll("``", "`"),
      ),
  );
}

function statisticsColumn(leaf: Leaf, index: number): StatisticsColumn {
  const { type, metadata } = leaf.field;
  const usable = !(type.kind === "float8" && wasFloat(metadata));
  const sqlType = usable ? boundsSqlType(type) : undefined;
  return {
    path: leaf.path,
    physicalPath: leaf.physicalPath,
    type,
    bounds:
      sqlType === undefined
        ? undefined
        : { minName: `min${index}`, maxName: `max${index}`, sqlType },
    nullsName: `nul${index}`,
  };
}

/** Undefined for types that have no min and max, or whose stored text does not order as they do. */
function boundsSqlType(type: DataType): string | undefined {
  switch (type.kind) {
    case "int1":
    case "int2":
    case "int4":
    case "int8":
    case "float4":
    case "float8":
    case "numeric":
    case "text":
    case "varchar":
    case "uuid":
    case "time":
    case "date":
    case "timestamp":
    case "timestamptz":
      return partitionSqlType(type);
    default:
      return undefined;
  }
}

const SQL_TYPES: Partial<Record<DataType["kind"], string>> = {
  bool: "BOOLEAN",
  int1: "TINYINT",
  int2: "SMALLINT",
  int4: "INTEGER",
  int8: "BIGINT",
  // Statistics and partition values of float4 are rounded to float first, then compared as double.
  float4: "DOUBLE",
  float8: "DOUBLE",
  bytea: "BLOB",
  date: "DATE",
  timestamp: "TIMESTAMP",
  timestamptz: "TIMESTAMPTZ",
};

function partitionSqlType(type: DataType): string {
  if (type.kind === "numeric")
    return `DECIMAL(${type.precision ?? 38},${type.scale ?? 0})`;
  return SQL_TYPES[type.kind] ?? "VARCHAR";
}
