// The files of a snapshot that a predicate keeps, with what is known of their rows: two kernel statements over the file table.

import type { DataType } from "../common/data-type.ts";
import type { KernelRow } from "../delta/kernel-rows.ts";
import { numberOf, queryRows, textOf } from "../delta/kernel-rows.ts";
import { vectorLocation } from "../delta/deletion-vector/deletion-vector-file.ts";
import type { StatisticsColumn } from "../delta/file-table/file-columns.ts";
import { resolveFile } from "../delta/paths.ts";
import type { FileTotals, LiveFiles, Snapshot } from "../delta/snapshot.ts";
import { canonicalText, printed } from "./canonical.ts";
import type { ScanPredicate } from "./predicate.ts";
import { mayMatch } from "./prune.ts";
import type {
  ColumnStatistics,
  DeletionVectorDescriptor,
  ScanFiles,
  ScanStatistics,
  Split,
} from "./split.ts";

/**
 * Splits in order of their path, and statistics over them. A predicate keeps every file that may hold a matching row. Throws 42501
 * when a kept file lies outside the table's lake. The answer is remembered with the snapshot: do not change it.
 */
export function scanFiles(
  snapshot: Snapshot,
  predicate: ScanPredicate | undefined,
): Promise<ScanFiles> {
  return snapshot.files.memo(JSON.stringify(predicate ?? null), () =>
    snapshot.files.use((files) => select(snapshot, files, predicate)),
  );
}

/** Live rows and bytes of a version; undefined when some file has no statistics. */
export async function tableSize(
  snapshot: Snapshot,
): Promise<
  { readonly rowCount: number; readonly sizeBytes: number } | undefined
> {
  return snapshot.files.use(async (files) => {
    const [row = []] = await queryRows(
      files.connection,
      `SELECT coalesce(sum(num_records - coalesce(dv_cardinality, 0)), 0)::BIGINT, coalesce(sum(size), 0)::BIGINT,
         count(*) = count(num_records) FROM ${files.table} WHERE ${files.live}`,
    );
    const rowCount = numberOf(row[0]);
    const sizeBytes = numberOf(row[1]);
    if (row[2] !== true || rowCount === null || sizeBytes === null)
      return undefined;
    return { rowCount, sizeBytes };
  });
}

async function select(
  snapshot: Snapshot,
  files: LiveFiles,
  predicate: ScanPredicate | undefined,
): Promise<ScanFiles> {
  const { columns } = snapshot.files;
  const wanted: ScanPredicate = predicate ?? { kind: "constant", value: true };
  const byPartition = mayMatch(wanted, columns, "partitions");
  const byAll = mayMatch(wanted, columns, "partitions and statistics");
  const kept = `${files.live} AND ${byAll}`;
  const rowIds =
    snapshot.layout.rowTracking === undefined ? [] : ROW_ID_COLUMNS;
  const rows = await queryRows(
    files.connection,
    `SELECT ${[...SPLIT_COLUMNS, ...columns.partitions.map((column) => printed(column.type, column.sqlName)), ...rowIds].join(", ")}
     FROM ${files.table} WHERE ${kept} ORDER BY key, dv_id`,
  );
  const splits = rows.map((row) => splitOf(snapshot, row));
  const summary = await summarize(snapshot, files, splits, {
    byPartition,
    byAll,
  });
  return {
    splits,
    statistics: {
      ...summary.files,
      ...rowEstimate(splits),
      prunedBy: summary.prunedBy,
      deletionVectors: splits.filter(
        (split) => split.deletionVector !== undefined,
      ).length,
      columns: summary.columns,
    },
  };
}

const SPLIT_COLUMNS: readonly string[] = [
  "key",
  "size",
  "num_records",
  "dv_storage",
  "dv_path",
  "dv_offset",
  "dv_size",
  "dv_cardinality",
];

/** Of a table whose rows keep their ids. */
const ROW_ID_COLUMNS: readonly string[] = [
  "CAST(base_row_id AS VARCHAR)",
  "CAST(row_commit_version AS VARCHAR)",
];

function splitOf(snapshot: Snapshot, row: KernelRow): Split {
  const { partitions } = snapshot.files.columns;
  const [baseRowId, defaultRowCommitVersion] = row
    .slice(SPLIT_COLUMNS.length + partitions.length)
    .map(textOf);
  const rowCount = numberOf(row[2]);
  const deletionVector = vectorOf(snapshot, row);
  return {
    path: resolveFile(snapshot.table, textOf(row[0]) ?? ""),
    sizeBytes: numberOf(row[1]) ?? 0,
    ...(rowCount === null ? {} : { rowCount }),
    partitionValues: partitions.map((column, index) =>
      canonicalText(column.type, textOf(row[SPLIT_COLUMNS.length + index])),
    ),
    ...(deletionVector === undefined ? {} : { deletionVector }),
    ...(baseRowId == null ? {} : { baseRowId }),
    ...(defaultRowCommitVersion == null ? {} : { defaultRowCommitVersion }),
  };
}

function vectorOf(
  snapshot: Snapshot,
  row: KernelRow,
): DeletionVectorDescriptor | undefined {
  const [storageType, path] = [textOf(row[3]), textOf(row[4])];
  if (storageType === null || path === null) return undefined;
  const offset = numberOf(row[5]);
  return vectorLocation(snapshot.table, {
    storageType,
    pathOrInlineDv: path,
    ...(offset === null ? {} : { offset }),
    sizeInBytes: numberOf(row[6]) ?? 0,
    cardinality: numberOf(row[7]) ?? 0,
  });
}

/** Bytes a row takes when no file of the scan says: a guess for cost only. */
const GUESSED_ROW_BYTES = 64;

function rowEstimate(
  splits: readonly Split[],
): Pick<ScanStatistics, "rowCount" | "exact"> {
  let rowCount = 0;
  let knownBytes = 0;
  let unknownBytes = 0;
  let physical = 0;
  for (const split of splits) {
    if (split.rowCount === undefined) {
      unknownBytes += split.sizeBytes;
      continue;
    }
    physical += split.rowCount;
    knownBytes += split.sizeBytes;
    rowCount += split.rowCount - (split.deletionVector?.cardinality ?? 0);
  }
  const rowBytes = physical > 0 ? knownBytes / physical : GUESSED_ROW_BYTES;
  const exact = splits.every((split) => split.rowCount !== undefined);
  return {
    rowCount: exact ? rowCount : rowCount + Math.ceil(unknownBytes / rowBytes),
    exact,
  };
}

interface Conditions {
  readonly byPartition: string;
  readonly byAll: string;
}

interface Summary {
  readonly files: Pick<
    ScanStatistics,
    | "filesTotal"
    | "filesKept"
    | "partitionsTotal"
    | "partitionsKept"
    | "bytesTotal"
    | "bytesKept"
  >;
  readonly prunedBy: ScanStatistics["prunedBy"];
  readonly columns: ScanStatistics["columns"];
}

async function summarize(
  snapshot: Snapshot,
  files: LiveFiles,
  splits: readonly Split[],
  { byPartition, byAll }: Conditions,
): Promise<Summary> {
  const totals = await snapshot.files.totals(() => countAll(snapshot, files));
  const filesKept = splits.length;
  // Most predicates are about one kind of column alone.
  const afterPartitions =
    byPartition === "true"
      ? totals.filesTotal
      : byPartition === byAll
        ? filesKept
        : await countFiles(files, byPartition);
  const prunedBy: ("partition" | "statistics")[] = [];
  if (afterPartitions < totals.filesTotal) prunedBy.push("partition");
  if (filesKept < afterPartitions) prunedBy.push("statistics");
  const all = filesKept === totals.filesTotal;
  return {
    files: {
      ...totals,
      filesKept,
      partitionsKept: all ? totals.partitionsTotal : partitionsOf(splits),
      bytesKept: all
        ? totals.bytesTotal
        : splits.reduce((sum, split) => sum + split.sizeBytes, 0),
    },
    prunedBy,
    columns: await columnStatistics(snapshot, files, byAll),
  };
}

async function countAll(
  snapshot: Snapshot,
  files: LiveFiles,
): Promise<FileTotals> {
  const names = snapshot.files.columns.partitions.map(({ sqlName }) => sqlName);
  const partitions =
    names.length === 0
      ? "least(count(*), 1)"
      : `count(DISTINCT (${names.length === 1 ? `${names[0] ?? ""}, 0` : names.join(", ")}))`;
  const [row = []] = await queryRows(
    files.connection,
    `SELECT count(*), coalesce(sum(size), 0)::BIGINT, ${partitions} FROM ${files.table} WHERE ${files.live}`,
  );
  const [filesTotal = 0, bytesTotal = 0, partitionsTotal = 0] = row.map(
    (value) => numberOf(value) ?? 0,
  );
  return { filesTotal, bytesTotal, partitionsTotal };
}

async function countFiles(
  files: LiveFiles,
  condition: string,
): Promise<number> {
  const [row = []] = await queryRows(
    files.connection,
    `SELECT count(*) FROM ${files.table} WHERE ${files.live} AND ${condition}`,
  );
  return numberOf(row[0]) ?? 0;
}

function partitionsOf(splits: readonly Split[]): number {
  return new Set(
    splits.map(({ partitionValues }) => JSON.stringify(partitionValues)),
  ).size;
}

/** Only columns for which every kept file has a null count and (where the type has bounds, and some row is not null) both bounds. */
async function columnStatistics(
  snapshot: Snapshot,
  files: LiveFiles,
  condition: string,
): Promise<Readonly<Record<string, ColumnStatistics>>> {
  const leaves = snapshot.files.columns.statistics.filter(
    (column) => column.path.length === 1,
  );
  const { partitions } = snapshot.files.columns;
  const items = [
    "count(*)",
    ...leaves.flatMap(leafAggregates),
    ...partitions.flatMap((column) => [
      printed(column.type, `min(${column.sqlName})`),
      printed(column.type, `max(${column.sqlName})`),
      `sum(num_records - coalesce(dv_cardinality, 0)) FILTER (WHERE ${column.sqlName} IS NULL)::BIGINT`,
    ]),
    // A partition's value is a row's value only where a row is left (K10).
    "count(*) FILTER (WHERE coalesce(num_records <= coalesce(dv_cardinality, 0), true)) = 0",
  ];
  const [row = []] = await queryRows(
    files.connection,
    `SELECT ${items.join(", ")} FROM ${files.table} WHERE ${files.live} AND ${condition}`,
  );
  const result: Record<string, ColumnStatistics> = {};
  let at = 1;
  for (const column of leaves) {
    const [complete, nullCount, min, max, tight] = [
      row[at],
      numberOf(row[at + 1]),
      textOf(row[at + 2]),
      textOf(row[at + 3]),
      row[at + 4] === true,
    ];
    at += 5;
    if (complete !== true) continue;
    result[column.path[0] ?? ""] = {
      min: canonicalText(column.type, min),
      max: canonicalText(column.type, max),
      nullCount: nullCount ?? 0,
      ...exactness(tight && hasExactBounds(column.type), tight),
    };
  }
  const occupied = row[at + 3 * partitions.length] === true;
  for (const column of partitions) {
    const [min, max, nullCount] = [
      textOf(row[at]),
      textOf(row[at + 1]),
      numberOf(row[at + 2]),
    ];
    at += 3;
    const bounds = {
      min: canonicalText(column.type, min),
      max: canonicalText(column.type, max),
    };
    result[column.name] = {
      ...bounds,
      nullCount: nullCount ?? 0,
      ...exactness(occupied, occupied),
    };
  }
  return result;
}

function leafAggregates(column: StatisticsColumn): readonly string[] {
  const nulls = column.nullsName;
  const sum = `sum(${nulls})::BIGINT`;
  if (column.bounds === undefined)
    return [`count(${nulls}) = count(*)`, sum, "NULL", "NULL", TIGHT];
  const { minName, maxName } = column.bounds;
  const unknown = `${nulls} IS NULL OR ((${minName} IS NULL OR ${maxName} IS NULL) AND ${nulls} IS DISTINCT FROM num_records)`;
  return [
    `count(*) FILTER (WHERE ${unknown}) = 0`,
    sum,
    printed(column.type, `min(${minName})`),
    printed(column.type, `max(${maxName})`),
    TIGHT,
  ];
}

function exactness(
  bounds: boolean,
  nullCount: boolean,
): Pick<ColumnStatistics, "exactBounds" | "exactNullCount"> {
  return {
    ...(bounds ? { exactBounds: true } : {}),
    ...(nullCount ? { exactNullCount: true } : {}),
  };
}

/** Checklist K8, K9. */
const TIGHT =
  "count(*) FILTER (WHERE dv_id <> '' OR NOT coalesce(tight, true)) = 0";

/** Text may be cut (K3), instants are (K4), floats leave out NaN (K5), and long decimals passed through a double. */
function hasExactBounds(type: DataType): boolean {
  switch (type.kind) {
    case "int1":
    case "int2":
    case "int4":
    case "int8":
    case "date":
      return true;
    case "numeric":
      return (type.precision ?? 38) <= EXACT_DIGITS;
    default:
      return false;
  }
}

const EXACT_DIGITS = 15;
