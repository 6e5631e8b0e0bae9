// Rows between stages as Parquet. Kernel types that Parquet would round (HUGEINT to double, intervals to milliseconds)
// travel as text; the file says in its own properties which columns to cast back.

import { readFile } from "node:fs/promises";
import type { DuckDBConnection } from "../../../storage/kernel/duckdb.ts";
import type { Fragment } from "../fragment.ts";
import type { FileSchema } from "./file-schema.ts";
import type { FooterCache } from "./footers.ts";
import { quoteName, quoteText, stageType } from "./kernel-types.ts";
import type { SpoolFiles } from "./spool.ts";

const PROPERTY = "sluice.casts";
const LOSSY =
  /\b(HUGEINT|UHUGEINT|INTERVAL|BIT|BIGNUM|TIME_NS|VARIANT|TIMESTAMP_S|TIMESTAMP_MS)\b/g;

/** Runs the query and gives its rows as one Parquet file's bytes. */
export async function exchangeRows(
  connection: DuckDBConnection,
  sql: string,
  files: SpoolFiles,
): Promise<{ readonly bytes: Uint8Array; readonly rowCount: number }> {
  const prepared = await connection.prepare(sql);
  const columns = Array.from({ length: prepared.columnCount }, (_, index) => ({
    name: prepared.columnName(index),
    type: String(prepared.columnType(index)),
  }));
  prepared.destroySync();
  const casts = columns.filter(({ type }) => type.search(LOSSY) >= 0);
  const selected = columns.map(({ name, type }) =>
    type.search(LOSSY) >= 0
      ? `CAST(${quoteName(name)} AS ${type.replace(LOSSY, "VARCHAR")}) AS ${quoteName(name)}`
      : quoteName(name),
  );
  const path = files.path("exchange.parquet");
  const source =
    casts.length === 0 ? sql : `SELECT ${selected.join(", ")} FROM (${sql})`;
  const result = await connection.run(
    `COPY (${source}) TO ${quoteText(path)} (FORMAT parquet, COMPRESSION snappy, KV_METADATA {"${PROPERTY}": ${quoteText(JSON.stringify(casts))}})`,
  );
  const bytes = await readFile(path);
  return { bytes, rowCount: result.rowsChanged };
}

/** The relation `stage_<id>` over its parts, or an empty one of the right types. */
export async function stageSql(
  input: Fragment["inputs"][number],
  paths: readonly string[],
  footers: FooterCache,
): Promise<string> {
  if (paths.length === 0) {
    const columns = input.columns.map(
      (column) =>
        `CAST(NULL AS ${stageType(column)}) AS ${quoteName(column.name)}`,
    );
    return `SELECT ${columns.length === 0 ? "1 AS one" : columns.join(", ")} WHERE false`;
  }
  // A part's name is never used again, so its size need not tell versions apart.
  const schemas = await footers.read(
    `stage ${input.stageId}`,
    paths.map((path) => ({ path, sizeBytes: 0 })),
  );
  const list = paths.map((path) => quoteText(path)).join(", ");
  const source = `read_parquet([${list}], hive_partitioning = false)`;
  const [schema] = schemas;
  const casts = schema === undefined ? [] : castsOf(schema);
  if (casts.length === 0) return `SELECT * FROM ${source}`;
  const replaced = casts.map(
    ({ name, type }) =>
      `CAST(${quoteName(name)} AS ${type}) AS ${quoteName(name)}`,
  );
  return `SELECT * REPLACE (${replaced.join(", ")}) FROM ${source}`;
}

interface Cast {
  readonly name: string;
  readonly type: string;
}

function castsOf(schema: FileSchema): readonly Cast[] {
  const value: unknown = JSON.parse(schema.properties.get(PROPERTY) ?? "[]");
  return Array.isArray(value) ? value.filter(isCast) : [];
}

function isCast(value: unknown): value is Cast {
  return (
    typeof value === "object" &&
    value !== null &&
    "name" in value &&
    typeof value.name === "string" &&
    "type" in value &&
    typeof value.type === "string"
  );
}
