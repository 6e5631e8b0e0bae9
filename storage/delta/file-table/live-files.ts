// Live files of a snapshot as the actions that remove them or add them again. Statistics are rebuilt from the file table, whose
// bounds may be wider than the log's: they are marked so (checklist K8), which a file with deleted rows needs anyway (D9).

import { canonicalText, printed } from "../../scan/canonical.ts";
import { mayMatch } from "../../scan/prune.ts";
import type { ScanPredicate } from "../../scan/predicate.ts";
import type { DeletionVectorDescriptor } from "../../scan/split.ts";
import type { AddFile, LoggedDeletionVector, RemoveFile } from "../actions.ts";
import { partitionValueText } from "../add-file.ts";
import { vectorLocation } from "../deletion-vector/deletion-vector-file.ts";
import type { StatisticsColumn } from "./file-columns.ts";
import { numberOf, queryRows, textOf, type KernelRow } from "../kernel-rows.ts";
import { resolveFile } from "../paths.ts";
import type { Snapshot } from "../snapshot.ts";
import { quoteTexts } from "../sql.ts";
import { statsJson } from "../stats.ts";

export interface LiveFile {
  /** Absolute, as a scan's splits and `_metadata.file_path` name it. */
  readonly path: string;
  /** Rows before its deletion vector; undefined when the log does not say. */
  readonly rowCount: number | undefined;
  /** Canonical scalar text, in the order of the partition columns. */
  readonly partitionValues: readonly (string | null)[];
  readonly deletionVector: DeletionVectorDescriptor | undefined;
  /** As the log would say it now. */
  readonly add: AddFile;
}

export type FileChoice =
  /** Every live file. */
  | { readonly kind: "all" }
  /** Those a scan with this predicate would read. */
  | { readonly kind: "matching"; readonly predicate: ScanPredicate }
  /** By `LiveFile.path`; those that are not live are left out. */
  | { readonly kind: "paths"; readonly paths: readonly string[] };

/** In order of their paths. Throws 42501 for a file outside the table's lake. */
export async function liveFiles(
  snapshot: Snapshot,
  choice: FileChoice,
): Promise<readonly LiveFile[]> {
  const { columns } = snapshot.files;
  const items = [
    ...FIXED,
    ...columns.partitions.map(({ type, sqlName }) => printed(type, sqlName)),
    ...columns.statistics.flatMap(statisticsItems),
    ...columns.members.map(({ sqlName }) => `CAST(${sqlName} AS VARCHAR)`),
  ];
  return snapshot.files.use(async (files) => {
    const rows = await queryRows(
      files.connection,
      `SELECT ${items.join(", ")} FROM ${files.table}
       WHERE ${files.live} AND ${choiceSql(snapshot, choice)} ORDER BY key, dv_id`,
    );
    const found = rows.map((row) => fileOf(snapshot, row));
    if (choice.kind !== "paths") return found;
    const wanted = new Set(choice.paths);
    return found.filter(({ path }) => wanted.has(path));
  });
}

const FIXED: readonly string[] = [
  "key",
  "raw",
  "size",
  "modified",
  "num_records",
  "dv_storage",
  "dv_path",
  "dv_offset",
  "dv_size",
  "dv_cardinality",
];

function choiceSql(snapshot: Snapshot, choice: FileChoice): string {
  switch (choice.kind) {
    case "all":
      return "true";
    case "matching":
      return mayMatch(
        choice.predicate,
        snapshot.files.columns,
        "partitions and statistics",
      );
    case "paths":
      return `key IN (SELECT unnest(${quoteTexts(keysOf(snapshot, choice.paths))}::VARCHAR[]))`;
  }
}

/** A path is the key itself, or the key below the table's folder. */
function keysOf(
  { table }: Snapshot,
  paths: readonly string[],
): readonly string[] {
  const root = resolveFile(table, "");
  return paths.flatMap((path) =>
    path.startsWith(root) ? [path, path.slice(root.length)] : [path],
  );
}

function statisticsItems(column: StatisticsColumn): readonly string[] {
  const { bounds, nullsName, type } = column;
  if (bounds === undefined) return ["NULL", "NULL", nullsName];
  // The file table keeps a maximum above what was cut off (K4).
  const cut = type.kind === "timestamp" || type.kind === "timestamptz";
  const max = cut
    ? `TRY(${bounds.maxName} - INTERVAL 1 MILLISECOND)`
    : bounds.maxName;
  return [printed(type, bounds.minName), printed(type, max), nullsName];
}

function fileOf(snapshot: Snapshot, row: KernelRow): LiveFile {
  const { partitions } = snapshot.files.columns;
  const key = textOf(row[0]) ?? "";
  const rowCount = numberOf(row[4]) ?? undefined;
  const vector = vectorOf(row);
  const partitionValues = partitions.map(({ type }, index) =>
    canonicalText(type, textOf(row[FIXED.length + index])),
  );
  return {
    path: resolveFile(snapshot.table, key),
    rowCount,
    partitionValues,
    deletionVector:
      vector === undefined ? undefined : vectorLocation(snapshot.table, vector),
    add: {
      path: textOf(row[1]) ?? key,
      partitionValues: Object.fromEntries(
        partitions.map(({ physicalName, type }, index) => {
          const text = partitionValues[index] ?? null;
          const logged = text === null ? null : partitionValueText(type, text);
          return [physicalName, logged];
        }),
      ),
      size: numberOf(row[2]) ?? 0,
      modificationTime: numberOf(row[3]) ?? 0,
      dataChange: true,
      ...(rowCount === undefined
        ? {}
        : { stats: statsOf(snapshot, row, rowCount) }),
      ...(vector === undefined ? {} : { deletionVector: vector }),
      ...membersOf(snapshot, row),
    },
  };
}

type Members = Pick<
  AddFile,
  "baseRowId" | "defaultRowCommitVersion" | "clusteringProvider"
>;

function membersOf(snapshot: Snapshot, row: KernelRow): Members {
  const { partitions, statistics, members } = snapshot.files.columns;
  const first = FIXED.length + partitions.length + 3 * statistics.length;
  const texts = new Map(
    members.map(({ member }, index) => [member, textOf(row[first + index])]),
  );
  const long = (member: "baseRowId" | "defaultRowCommitVersion"): Members => {
    const text = texts.get(member) ?? null;
    return text === null ? {} : { [member]: BigInt(text) };
  };
  const clusteringProvider = texts.get("clusteringProvider") ?? null;
  return {
    ...long("baseRowId"),
    ...long("defaultRowCommitVersion"),
    ...(clusteringProvider === null ? {} : { clusteringProvider }),
  };
}

function vectorOf(row: KernelRow): LoggedDeletionVector | undefined {
  const [storageType, path] = [textOf(row[5]), textOf(row[6])];
  if (path === null) return undefined;
  if (storageType !== "u" && storageType !== "p" && storageType !== "i")
    return undefined;
  const offset = numberOf(row[7]);
  return {
    storageType,
    pathOrInlineDv: path,
    ...(offset === null ? {} : { offset }),
    sizeInBytes: numberOf(row[8]) ?? 0,
    cardinality: numberOf(row[9]) ?? 0,
  };
}

function statsOf(snapshot: Snapshot, row: KernelRow, rowCount: number): string {
  const { partitions, statistics } = snapshot.files.columns;
  const first = FIXED.length + partitions.length;
  const bounds = statistics.map(({ physicalPath, type }, index) => {
    const [min, max, nulls] = row.slice(first + 3 * index);
    return {
      path: physicalPath,
      type,
      min: canonicalText(type, textOf(min)),
      max: canonicalText(type, textOf(max)),
      nullCount: numberOf(nulls) ?? undefined,
    };
  });
  return statsJson(rowCount, bounds, "wide");
}

/** `nowMs` in milliseconds since 1970. Checklist W6, D9: the vector the file has now goes with it. */
export function removeAction({ add }: LiveFile, nowMs: number): RemoveFile {
  return {
    path: add.path,
    deletionTimestamp: nowMs,
    dataChange: true,
    extendedFileMetadata: true,
    partitionValues: add.partitionValues,
    size: add.size,
    ...(add.deletionVector === undefined
      ? {}
      : { deletionVector: add.deletionVector }),
    ...(add.baseRowId === undefined ? {} : { baseRowId: add.baseRowId }),
    ...(add.defaultRowCommitVersion === undefined
      ? {}
      : { defaultRowCommitVersion: add.defaultRowCommitVersion }),
  };
}
