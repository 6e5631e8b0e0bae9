// Session functions: rows give types for the binder, which folds each to a constant of the session. A kernel never sees them.

import {
  BOOL,
  INT4,
  INT8,
  NAME,
  OID,
  TEXT,
  TIMESTAMPTZ,
  type DataType,
} from "../../storage/common/data-type.ts";
import { notSupported } from "../../storage/common/errors.ts";
import { define, type ArgPattern } from "./define.ts";
import type { DuckDbEmitter, FunctionRow } from "./function.ts";

/** Arguments were columns, or anything else that is no constant when the statement runs. */
function unsettled(name: string): DuckDbEmitter {
  return () => {
    throw notSupported(`${name} of values that are not constants is`);
  };
}

function session(
  name: string,
  args: readonly ArgPattern[],
  returns: DataType,
): FunctionRow {
  const traits = {
    duckdb: unsettled(name),
    total: false,
    volatility: "stable",
    strict: false,
  } as const;
  return {
    ...define("scalar", { name, args, returns }, traits),
    session: true,
  };
}

const NAMES: readonly FunctionRow[] = [
  ...[
    "current_user",
    "session_user",
    "user",
    "current_role",
    "current_catalog",
    "current_database",
    "current_schema",
  ].map((name) => session(name, [], NAME)),
  session("current_schemas", [BOOL], { kind: "array", element: NAME }),
  session("current_query", [], TEXT),
  session("version", [], TEXT),
];

const SETTINGS: readonly FunctionRow[] = [
  session("current_setting", [TEXT], TEXT),
  session("current_setting", [TEXT, BOOL], TEXT),
  session("set_config", [TEXT, TEXT, BOOL], TEXT),
  session("pg_client_encoding", [], NAME),
];

const SERVER: readonly FunctionRow[] = [
  session("pg_backend_pid", [], INT4),
  session("pg_postmaster_start_time", [], TIMESTAMPTZ),
  session("pg_conf_load_time", [], TIMESTAMPTZ),
  session("pg_is_in_recovery", [], BOOL),
  session("pg_my_temp_schema", [], OID),
  session("pg_cancel_backend", [INT4], BOOL),
  session("pg_terminate_backend", [INT4], BOOL),
  session("inet_server_port", [], INT4),
  session("inet_client_port", [], INT4),
  session("txid_current", [], INT8),
  session("pg_advisory_unlock_all", [], { kind: "void" }),
];

const RIGHTS: readonly FunctionRow[] = [
  ...["is_member", "is_group_member", "is_account_group_member"].map((name) =>
    session(name, [TEXT], BOOL),
  ),
  ...[
    "has_table_privilege",
    "has_schema_privilege",
    "has_database_privilege",
    "has_function_privilege",
  ].flatMap((name) => [
    session(name, [TEXT, TEXT], BOOL),
    session(name, [NAME, TEXT, TEXT], BOOL),
  ]),
  session("has_column_privilege", [TEXT, TEXT, TEXT], BOOL),
  session("has_any_column_privilege", [TEXT, TEXT], BOOL),
  session("pg_has_role", [NAME, TEXT], BOOL),
  session("pg_table_is_visible", [OID], BOOL),
];

const INSPECTION: readonly FunctionRow[] = [
  session("pg_typeof", ["any"], { kind: "regtype" }),
  session("pg_column_size", ["any"], INT4),
  session("format_type", [OID, INT4], TEXT),
  session("obj_description", [OID, NAME], TEXT),
  session("col_description", [OID, INT4], TEXT),
  session("pg_encoding_to_char", [INT4], NAME),
  session("pg_get_userbyid", [OID], NAME),
  session("pg_relation_size", [{ kind: "regclass" }], INT8),
  session("pg_total_relation_size", [{ kind: "regclass" }], INT8),
  session("pg_table_size", [{ kind: "regclass" }], INT8),
  session("to_regclass", [TEXT], { kind: "regclass" }),
  session("to_regtype", [TEXT], { kind: "regtype" }),
  session(
    "pg_index_column_has_property",
    [{ kind: "regclass" }, INT4, TEXT],
    BOOL,
  ),
  session("pg_get_viewdef", [OID], TEXT),
  session("pg_stat_get_numscans", [OID], INT8),
  session("getdatabaseencoding", [], NAME),
  session("pg_advisory_lock", [INT8], { kind: "void" }),
  session("pg_try_advisory_lock", [INT8], BOOL),
  session("pg_advisory_unlock", [INT8], BOOL),
  session("has_sequence_privilege", [TEXT, TEXT], BOOL),
];

export const SESSION_ROWS: readonly FunctionRow[] = [
  ...NAMES,
  ...SETTINGS,
  ...SERVER,
  ...RIGHTS,
  ...INSPECTION,
];

/** Ids of the rows above: the binder gives their values or refuses them. */
export const SESSION_FUNCTIONS: ReadonlySet<string> = new Set(
  SESSION_ROWS.map((row) => row.id),
);
