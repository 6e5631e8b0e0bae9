// A checkpoint's `stats_parsed` back to the JSON text an `add` carries (checklist C2, K4-K6), in kernel SQL.

import {
  DuckDBStructType,
  DuckDBTypeId,
  type DuckDBType,
} from "../../kernel/duckdb.ts";
import { quoteName, quoteText } from "../sql.ts";

/**
 * Kernel SQL of the text; NULL when `source` is NULL. Put together as text, because the kernel's JSON functions pass numbers through
 * doubles.
 */
export function statsTextSql(source: string, type: DuckDBType): string {
  if (type instanceof DuckDBStructType) {
    const members = type.entryNames.flatMap((name, index) => {
      const member = type.entryTypes[index];
      if (member === undefined) return [];
      const value = statsTextSql(`${source}.${quoteName(name)}`, member);
      return `${quoteText(`${JSON.stringify(name)}:`)} || coalesce(${value}, 'null')`;
    });
    const text = ["'{'", members.join(" || ',' || "), "'}'"].join(" || ");
    return `CASE WHEN ${source} IS NOT NULL THEN ${text} END`;
  }
  return LEAVES[type.typeId]?.(source) ?? quoted(source);
}

function plain(source: string): string {
  return `CAST(${source} AS VARCHAR)`;
}

function quoted(source: string): string {
  return `CAST(to_json(CAST(${source} AS VARCHAR)) AS VARCHAR)`;
}

/** K5: what is no JSON number is a string. */
function float(source: string): string {
  const special = `CASE WHEN isnan(${source}) THEN '"NaN"' WHEN ${source} > 0 THEN '"Infinity"' ELSE '"-Infinity"' END`;
  return `CASE WHEN isnan(${source}) OR isinf(${source}) THEN ${special} ELSE ${plain(source)} END`;
}

/** K4: in milliseconds, as everybody writes and expects them. */
function instant(source: string, end: string): string {
  return `strftime(${source}, '"%Y-%m-%dT%H:%M:%S.%g${end}"')`;
}

/** Types whose JSON is not their text in quotes. */
const LEAVES: Partial<Record<DuckDBTypeId, (source: string) => string>> = {
  [DuckDBTypeId.BOOLEAN]: plain,
  [DuckDBTypeId.TINYINT]: plain,
  [DuckDBTypeId.SMALLINT]: plain,
  [DuckDBTypeId.INTEGER]: plain,
  [DuckDBTypeId.BIGINT]: plain,
  [DuckDBTypeId.DECIMAL]: plain,
  [DuckDBTypeId.FLOAT]: float,
  [DuckDBTypeId.DOUBLE]: float,
  [DuckDBTypeId.TIMESTAMP]: (source) => instant(source, ""),
  [DuckDBTypeId.TIMESTAMP_TZ]: (source) =>
    instant(`${source} AT TIME ZONE 'UTC'`, "Z"),
};
