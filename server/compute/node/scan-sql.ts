// A scan's files -> the kernel relation `scan_<id>`: one read_parquet for each set of files that are read alike, the
// partition values and file facts as constants by file. On the usual path (all files alike) columns stay plain, so that
// the kernel pushes filters and projections into its Parquet reader.

import { notSupported } from "../../../storage/common/errors.ts";
import type { DataType } from "../../../storage/common/data-type.ts";
import type { LayoutColumn, Split } from "../../../storage/scan/split.ts";
import type { FragmentScan } from "../fragment.ts";
import { columnSql, findColumn } from "./column-sql.ts";
import {
  columnSignature,
  type FileColumn,
  type FileSchema,
} from "./file-schema.ts";
import { escapeGlob } from "./glob.ts";
import { quoteName, quoteText, scanType } from "./kernel-types.ts";

type ScanColumn = FragmentScan["columns"][number];

/** Files read by one SELECT, with the number of its deletion table when some of them have deleted rows. */
export interface FileGroup {
  readonly splits: readonly Split[];
  readonly schema: FileSchema;
  /** Kernel table of (file_index, row_number): rows to leave out, or with `keeps` the only ones to read. */
  readonly deletions: string | undefined;
  readonly keeps: boolean;
  /** Kernel table of (file_index, chunk, bits): rows to leave out besides, 65,536 a chunk. */
  readonly bitmaps?: string;
  /** Rows of text files: the relation that holds them, and the column of each table column. */
  readonly texts?: {
    readonly relation: string;
    readonly columns: ReadonlyMap<string, string>;
  };
}

/** Groups in the order of their first file, so that results do not depend on timing. `schemas[i]` belongs to `splits[i]`. */
export function groupFiles(
  scan: FragmentScan,
  schemas: readonly FileSchema[],
): readonly FileGroup[] {
  const wanted = fileColumns(scan);
  const groups = new Map<
    string,
    {
      splits: Split[];
      schema: FileSchema;
      deletions: string | undefined;
      keeps: boolean;
    }
  >();
  scan.splits.forEach((split, index) => {
    const schema = schemas[index] ?? EMPTY;
    const clash = virtualClash(schema) ? `#${index}` : "";
    const signature = wanted
      .map((column) =>
        columnSignature(
          findColumn(schema.columns, column, scan.layout.mapping),
        ),
      )
      .join("|");
    const tracked = trackedFields(scan).map((name) =>
      columnSignature(trackedColumn(scan.layout, schema, name)),
    );
    const keeps = split.onlyRows !== undefined;
    const deleted = keeps || split.deletionVector !== undefined;
    const key = `${keeps ? "k" : deleted ? "d" : ""}${clash}${[signature, ...tracked].join("|")}`;
    const group = groups.get(key);
    if (group !== undefined) group.splits.push(split);
    else {
      const deletions = deleted
        ? `dv_${scan.scanId}_${groups.size}`
        : undefined;
      groups.set(key, { splits: [split], schema, deletions, keeps });
    }
  });
  return [...groups.values()];
}

const EMPTY: FileSchema = { columns: [], properties: new Map() };

/** File columns of row ids that the scan asks for. */
function trackedFields({ columns, layout }: FragmentScan): readonly string[] {
  const { rowTracking } = layout;
  if (rowTracking === undefined) return [];
  return columns.flatMap(({ source }) => {
    if (source.kind === "column") return [];
    if (source.field === "row_id") return [rowTracking.rowId];
    return source.field === "row_commit_version"
      ? [rowTracking.rowCommitVersion]
      : [];
  });
}

/** Table columns read from files, that is, all but partition columns. */
function fileColumns(scan: FragmentScan): readonly LayoutColumn[] {
  return scan.columns.flatMap(({ source }) =>
    source.kind === "column" &&
    !scan.layout.partitionColumns.includes(source.name)
      ? [layoutColumn(scan, source.name)]
      : [],
  );
}

function layoutColumn(scan: FragmentScan, name: string): LayoutColumn {
  const column = scan.layout.columns.find(
    (candidate) => candidate.name === name,
  );
  if (column === undefined) {
    throw notSupported(
      `column "${name}" of table "${scan.tableName}" without a layout is`,
    );
  }
  return column;
}

/** A file's own column of that name would hide the kernel's. */
function virtualClash(schema: FileSchema): boolean {
  return schema.columns.some(({ name }) => name.toLowerCase() === "file_index");
}

/** The SELECT behind `scan_<id>`. */
export function scanSql(
  scan: FragmentScan,
  groups: readonly FileGroup[],
): string {
  if (groups.length === 0) {
    return `SELECT ${emptyColumns(scan).join(", ")} WHERE false`;
  }
  return groups.map((group) => groupSql(scan, group)).join(" UNION ALL ");
}

function emptyColumns(scan: FragmentScan): readonly string[] {
  if (scan.columns.length === 0) return ["1 AS one"];
  return scan.columns.map(
    ({ alias, source }) =>
      `CAST(NULL AS ${source.kind === "column" ? scanType(layoutColumn(scan, source.name).type) : METADATA_TYPES[source.field]}) AS ${quoteName(alias)}`,
  );
}

const METADATA_TYPES = {
  file_path: "VARCHAR",
  file_name: "VARCHAR",
  file_size: "BIGINT",
  row_index: "BIGINT",
  row_id: "BIGINT",
  row_commit_version: "BIGINT",
  tableoid: "BIGINT",
} as const;

function groupSql(scan: FragmentScan, group: FileGroup): string {
  const columns = scan.columns.map(
    (column) =>
      `${groupColumnSql(scan, group, column)} AS ${quoteName(column.alias)}`,
  );
  const paths = group.splits.map(({ path, localPath }) =>
    quoteText(escapeGlob(localPath ?? path)),
  );
  const deletions =
    group.deletions === undefined
      ? ""
      : ` ${group.keeps ? "SEMI" : "ANTI"} JOIN ${group.deletions} AS d ON d.file_index = ${fileIndex(group)} AND d.row_number = ${rowNumber(scan, group)}${bitmapSql(scan, group)}`;
  return `SELECT ${columns.length === 0 ? "1 AS one" : columns.join(", ")} FROM ${group.texts?.relation ?? `read_parquet([${paths.join(", ")}], hive_partitioning = false)`} AS f${deletions}`;
}

function bitmapSql(scan: FragmentScan, group: FileGroup): string {
  if (group.bitmaps === undefined) return "";
  const row = rowNumber(scan, group);
  return ` LEFT JOIN ${group.bitmaps} AS b ON b.file_index = ${fileIndex(group)} AND b.chunk = (${row} >> 16) WHERE b.bits IS NULL OR get_bit(b.bits, CAST(${row} & 65535 AS INTEGER)) = 0`;
}

function groupColumnSql(
  scan: FragmentScan,
  group: FileGroup,
  { source }: ScanColumn,
): string {
  if (source.kind === "metadata") return metadataSql(scan, group, source.field);
  const column = layoutColumn(scan, source.name);
  const partition = scan.layout.partitionColumns.indexOf(source.name);
  if (partition >= 0) {
    const values = group.splits.map(
      ({ partitionValues }) => partitionValues[partition] ?? null,
    );
    return perFile(group, values, column.type);
  }
  const text = group.texts?.columns.get(source.name);
  if (text !== undefined) return `f.${text}`;
  const found = findColumn(group.schema.columns, column, scan.layout.mapping);
  return columnSql(found, column, {
    mapping: scan.layout.mapping,
    typeOf: scanType,
  });
}

function metadataSql(
  scan: FragmentScan,
  group: FileGroup,
  field: keyof typeof METADATA_TYPES,
): string {
  switch (field) {
    case "file_path":
      return perFile(
        group,
        group.splits.map(({ path }) => path),
        TEXT,
      );
    case "file_name":
      return perFile(
        group,
        group.splits.map(({ path }) => path.slice(path.lastIndexOf("/") + 1)),
        TEXT,
      );
    case "file_size":
      return perFile(
        group,
        group.splits.map(({ sizeBytes }) => String(sizeBytes)),
        INT8,
      );
    case "row_index":
      return rowNumber(scan, group);
    case "row_id":
      return trackedSql(scan, group, {
        column: scan.layout.rowTracking?.rowId,
        fresh: `${perFile(group, group.splits.map(baseRowIdOf), INT8)} + ${rowNumber(scan, group)}`,
      });
    case "row_commit_version":
      return trackedSql(scan, group, {
        column: scan.layout.rowTracking?.rowCommitVersion,
        fresh: perFile(group, group.splits.map(commitVersionOf), INT8),
      });
    case "tableoid":
      return `CAST(${scan.tableOid} AS BIGINT)`;
  }
}

function baseRowIdOf({ baseRowId }: Split): string | null {
  return baseRowId ?? null;
}

function commitVersionOf({ defaultRowCommitVersion }: Split): string | null {
  return defaultRowCommitVersion ?? null;
}

/** What a row took along from another file, else what its own file says of all its rows (Delta protocol, "Row Tracking"). */
function trackedSql(
  { layout }: FragmentScan,
  { schema }: FileGroup,
  {
    column,
    fresh,
  }: { readonly column: string | undefined; readonly fresh: string },
): string {
  const kept = trackedColumn(layout, schema, column);
  return kept === undefined
    ? `CAST(${fresh} AS BIGINT)`
    : `coalesce(CAST(f.${quoteName(kept.name)} AS BIGINT), ${fresh})`;
}

/** Undefined when the file has no such column: none of its rows comes from another file. */
function trackedColumn(
  layout: FragmentScan["layout"],
  schema: FileSchema,
  name: string | undefined,
): FileColumn | undefined {
  return layout.rowTracking === undefined
    ? undefined
    : schema.columns.find((column) => column.name === name);
}

const TEXT: DataType = { kind: "text" };
const INT8: DataType = { kind: "int8" };

/** One value for each file of the group: a constant where all agree, else picked by the file's number. */
function perFile(
  group: FileGroup,
  values: readonly (string | null)[],
  type: DataType,
): string {
  const kernelType = scanType(type);
  const [first = null] = values;
  if (values.every((value) => value === first)) {
    return `CAST(${valueSql(first, type)} AS ${kernelType})`;
  }
  const list = values.map((value) => valueSql(value, type)).join(", ");
  return `list_extract(CAST([${list}] AS ${kernelType}[]), ${fileIndex(group)} + 1)`;
}

/** Canonical scalar text as the kernel's literal of that type. */
function valueSql(text: string | null, type: DataType): string {
  if (text === null) return "NULL";
  if (type.kind === "bytea")
    return `from_hex(${quoteText(text.replace(/^\\x/, ""))})`;
  // The kernel wants the era behind the date, not behind the time.
  return quoteText(text.replace(/^(\S+)(.*) BC$/, "$1 (BC)$2"));
}

function fileIndex(group: FileGroup): string {
  return group.splits.length === 1 && group.texts === undefined
    ? "CAST(0 AS BIGINT)"
    : "CAST(f.file_index AS BIGINT)";
}

function rowNumber(scan: FragmentScan, group: FileGroup): string {
  const taken = group.schema.columns.some(
    ({ name }) => name.toLowerCase() === "file_row_number",
  );
  if (taken) {
    throw notSupported(
      `row positions of table "${scan.tableName}", whose files have a column "file_row_number", are`,
    );
  }
  return "f.file_row_number";
}
