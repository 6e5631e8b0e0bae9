// The only file that imports DuckDB: everything else sees these names.
//
// The packages are CommonJS and asked for as such: an import statement would first scan the texts of their files for the names
// they export, which takes longer than running them, at the start of the gateway and of every node.

import { createRequire } from "node:module";
import type * as DuckDB from "@duckdb/node-api";
import type * as DuckDBBindings from "@duckdb/node-bindings";

const load = createRequire(import.meta.url) as (name: string) => unknown;
const api = load("@duckdb/node-api") as typeof DuckDB;

/** The raw vectors of a result: their memory is read in place by server/compute/node/encode. */
export const bindings: typeof DuckDBBindings = load(
  "@duckdb/node-bindings",
) as typeof DuckDBBindings;

export const DuckDBBlobValue: typeof DuckDB.DuckDBBlobValue =
  api.DuckDBBlobValue;
export type DuckDBBlobValue = DuckDB.DuckDBBlobValue;
export const DuckDBDataChunk: typeof DuckDB.DuckDBDataChunk =
  api.DuckDBDataChunk;
export type DuckDBDataChunk = DuckDB.DuckDBDataChunk;
export const DuckDBInstance: typeof DuckDB.DuckDBInstance = api.DuckDBInstance;
export type DuckDBInstance = DuckDB.DuckDBInstance;
export const DuckDBIntervalValue: typeof DuckDB.DuckDBIntervalValue =
  api.DuckDBIntervalValue;
export type DuckDBIntervalValue = DuckDB.DuckDBIntervalValue;
export const DuckDBListValue: typeof DuckDB.DuckDBListValue =
  api.DuckDBListValue;
export type DuckDBListValue = DuckDB.DuckDBListValue;
export const DuckDBScalarFunction: typeof DuckDB.DuckDBScalarFunction =
  api.DuckDBScalarFunction;
export type DuckDBScalarFunction = DuckDB.DuckDBScalarFunction;
export const DuckDBStructType: typeof DuckDB.DuckDBStructType =
  api.DuckDBStructType;
export type DuckDBStructType = DuckDB.DuckDBStructType;
export const DuckDBTypeId: typeof DuckDB.DuckDBTypeId = api.DuckDBTypeId;
export type DuckDBTypeId = DuckDB.DuckDBTypeId;
export const DuckDBVector: typeof DuckDB.DuckDBVector = api.DuckDBVector;
export type DuckDBVector = DuckDB.DuckDBVector;
export const VARCHAR: typeof DuckDB.VARCHAR = api.VARCHAR;
export const INTEGER: typeof DuckDB.INTEGER = api.INTEGER;
export const BIGINT: typeof DuckDB.BIGINT = api.BIGINT;
export const DOUBLE: typeof DuckDB.DOUBLE = api.DOUBLE;
export const BOOLEAN: typeof DuckDB.BOOLEAN = api.BOOLEAN;
export const BLOB: typeof DuckDB.BLOB = api.BLOB;
export const FLOAT: typeof DuckDB.FLOAT = api.FLOAT;
export const INTERVAL: typeof DuckDB.INTERVAL = api.INTERVAL;
export const LIST: typeof DuckDB.LIST = api.LIST;
export const listValue: typeof DuckDB.listValue = api.listValue;
export const structValue: typeof DuckDB.structValue = api.structValue;
export const blobValue: typeof DuckDB.blobValue = api.blobValue;
export const STRUCT: typeof DuckDB.STRUCT = api.STRUCT;
export type {
  DuckDBConnection,
  DuckDBResult,
  DuckDBAppender,
  DuckDBType,
  DuckDBValue,
} from "@duckdb/node-api";
export type { Vector as RawVector } from "@duckdb/node-bindings";
