// The only file that imports DuckDB: everything else sees these names.

import { createRequire } from "node:module";
import type * as DuckDBBindings from "@duckdb/node-bindings";

const load = createRequire(import.meta.url) as (name: string) => unknown;

/** The raw vectors of a result: their memory is read in place by server/compute/node/encode. */
export const bindings: typeof DuckDBBindings = load(
  "@duckdb/node-bindings",
) as typeof DuckDBBindings;

export {
  BIGINT,
  BLOB,
  blobValue,
  BOOLEAN,
  DOUBLE,
  DuckDBBlobValue,
  DuckDBDataChunk,
  DuckDBInstance,
  DuckDBIntervalValue,
  DuckDBListValue,
  DuckDBScalarFunction,
  DuckDBStructType,
  DuckDBTypeId,
  DuckDBVector,
  FLOAT,
  INTEGER,
  INTERVAL,
  LIST,
  listValue,
  STRUCT,
  structValue,
  VARCHAR,
} from "@duckdb/node-api";
export type {
  DuckDBAppender,
  DuckDBConnection,
  DuckDBResult,
  DuckDBType,
  DuckDBValue,
} from "@duckdb/node-api";
export type { Vector as RawVector } from "@duckdb/node-bindings";
