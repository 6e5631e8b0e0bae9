// The only file that imports DuckDB: everything else sees these names.

export {
  DuckDBInstance,
  DuckDBScalarFunction,
  VARCHAR,
  INTEGER,
  BIGINT,
  DOUBLE,
  BOOLEAN,
} from "@duckdb/node-api";
export type {
  DuckDBConnection,
  DuckDBDataChunk,
  DuckDBResult,
  DuckDBVector,
  DuckDBType,
  DuckDBValue,
} from "@duckdb/node-api";
