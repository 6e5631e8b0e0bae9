// The only file that imports DuckDB: everything else sees these names.

export {
  DuckDBBlobValue,
  DuckDBDataChunk,
  DuckDBDecimalValue,
  DuckDBInstance,
  DuckDBIntervalValue,
  DuckDBListValue,
  DuckDBScalarFunction,
  DuckDBStructType,
  DuckDBStructValue,
  DuckDBTypeId,
  DuckDBVector,
  VARCHAR,
  INTEGER,
  BIGINT,
  DOUBLE,
  BOOLEAN,
  BLOB,
  FLOAT,
  INTERVAL,
  LIST,
  listValue,
  structValue,
  blobValue,
  STRUCT,
} from "@duckdb/node-api";
export type {
  DuckDBConnection,
  DuckDBResult,
  DuckDBType,
  DuckDBValue,
} from "@duckdb/node-api";

// The raw vectors of a result: their memory is read in place by server/compute/node/encode.
export { default as bindings } from "@duckdb/node-bindings";
export type { Vector as RawVector } from "@duckdb/node-bindings";
