// The file actions of staged commits as rows, for the change data feed: what each added, removed, or recorded as changed.

import type { DuckDBConnection } from "../kernel/duckdb.ts";
import { canonicalText, printed } from "../scan/canonical.ts";
import type { LoggedVector } from "./deletion-vector/deletion-vector-file.ts";
import type { FileColumns } from "./file-table/file-columns.ts";
import { partitionValue } from "./file-table/file-sql.ts";
import { numberOf, queryRows, textOf, type KernelRow } from "./kernel-rows.ts";
import { jsonPointer, pathKey, quoteTexts } from "./sql.ts";

export interface ChangeAction {
  readonly version: number;
  readonly kind: "add" | "remove" | "cdc";
  /** Decoded, as in the file table. */
  readonly key: string;
  readonly sizeBytes: number;
  readonly rowCount: number | undefined;
  readonly vector: LoggedVector | undefined;
  /** Canonical scalar text in the order of the partition columns; undefined when a remove does not say them. */
  readonly partitionValues: readonly (string | null)[] | undefined;
}

const MEMBERS: readonly (readonly string[])[] = [
  ["path"],
  ["size"],
  ["stats"],
  ["deletionVector", "storageType"],
  ["deletionVector", "pathOrInlineDv"],
  ["deletionVector", "offset"],
  ["deletionVector", "sizeInBytes"],
  ["deletionVector", "cardinality"],
  ["dataChange"],
];

/** In log order by version; those that only rearrange data are left out (checklist G1). `lines` is made by `stageLines`. */
export async function changeActions(
  connection: DuckDBConnection,
  lines: string,
  { partitions }: FileColumns,
): Promise<readonly ChangeAction[]> {
  const pointers = [
    ...MEMBERS,
    ...partitions.map(({ physicalName }) => ["partitionValues", physicalName]),
  ].map(jsonPointer);
  const kinds = ["add", "remove", "cdc"].map(
    (kind) =>
      `SELECT version, '${kind}' AS kind, json_extract(json, '/${kind}') AS action FROM ${lines} WHERE json_extract_string(json, '/${kind}/path') IS NOT NULL`,
  );
  const values = partitions.map((column, index) =>
    printed(
      column.type,
      partitionValue(column, `m[${MEMBERS.length + 1 + index}]`),
    ),
  );
  const items = [
    "version",
    "kind",
    pathKey("m[1]"),
    "TRY_CAST(m[2] AS BIGINT)",
    "TRY_CAST(json_extract_string(TRY_CAST(m[3] AS JSON), '/numRecords') AS BIGINT)",
    "m[4]",
    "m[5]",
    "CAST(m[6] AS BIGINT)",
    "CAST(m[7] AS BIGINT)",
    "CAST(m[8] AS BIGINT)",
    "json_exists(action, '/partitionValues')",
    ...values,
  ];
  const rows = await queryRows(
    connection,
    `WITH kinds AS (${kinds.join(" UNION ALL ")}),
      members AS (SELECT version, kind, action, json_extract_string(action, ${quoteTexts(pointers)}) AS m FROM kinds)
     SELECT ${items.join(", ")} FROM members WHERE kind = 'cdc' OR m[9] IS DISTINCT FROM 'false' ORDER BY version, kind, m[1]`,
  );
  return rows.map((row) =>
    actionOf(
      row,
      partitions.map(({ type }, index) =>
        canonicalText(type, textOf(row[11 + index])),
      ),
    ),
  );
}

function actionOf(
  row: KernelRow,
  values: readonly (string | null)[],
): ChangeAction {
  const kind = textOf(row[1]);
  return {
    version: numberOf(row[0]) ?? 0,
    kind: kind === "add" || kind === "remove" ? kind : "cdc",
    key: textOf(row[2]) ?? "",
    sizeBytes: numberOf(row[3]) ?? 0,
    rowCount: numberOf(row[4]) ?? undefined,
    vector: vectorOf(row),
    partitionValues: values.length > 0 && row[10] !== true ? undefined : values,
  };
}

function vectorOf(row: KernelRow): LoggedVector | undefined {
  const [storageType, pathOrInlineDv] = [textOf(row[5]), textOf(row[6])];
  if (storageType === null || pathOrInlineDv === null) return undefined;
  const offset = numberOf(row[7]);
  return {
    storageType,
    pathOrInlineDv,
    ...(offset === null ? {} : { offset }),
    sizeInBytes: numberOf(row[8]) ?? 0,
    cardinality: numberOf(row[9]) ?? 0,
  };
}
