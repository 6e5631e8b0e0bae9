// The binder's one door to the function table and the types: which names are built in, which overload a call means.

import { functionById, functionsNamed } from "../functions/registry.ts";
import { someExpression } from "../logical/expression-walk.ts";
import type { Expression } from "../logical/expression.ts";
import type { LogicalPlan } from "../logical/plan.ts";
import { expressionsOf, nodesOf } from "../logical/walk.ts";

/** True for names that no function of the catalog can shadow. */
export function isBuiltinFunction(name: string): boolean {
  return (
    functionsNamed(name.toLowerCase()).length > 0 ||
    SPECIAL_FORMS.has(name.toLowerCase())
  );
}

/** Names the binder gives meaning to by itself. */
const SPECIAL_FORMS: ReadonlySet<string> = new Set([
  "nullif",
  "if",
  "struct",
  "named_struct",
  "map",
  "map_from_arrays",
  "table_changes",
  "read_files",
  "input_file_name",
  "current_user",
  "session_user",
  "user",
  "current_role",
  "current_catalog",
  "current_database",
  "current_schema",
  "is_member",
  "is_account_group_member",
  "is_group_member",
]);

const SESSION_FUNCTIONS: ReadonlySet<string> = new Set(
  `current_user session_user user current_role current_catalog current_database current_schema current_schemas
  current_setting version pg_backend_pid is_member is_account_group_member is_group_member pg_postmaster_start_time
  pg_conf_load_time pg_is_in_recovery pg_is_wal_replay_paused inet_client_addr inet_client_port inet_server_addr
  inet_server_port txid_current pg_current_xact_id current_query has_table_privilege has_schema_privilege
  has_database_privilege has_any_column_privilege pg_has_role pg_my_temp_schema pg_is_other_temp_schema pg_jit_available
  timeofday pg_client_encoding pg_encoding_to_char to_regclass pg_table_is_visible set_config pg_cancel_backend
  pg_terminate_backend`.split(/\s+/u),
);

/** True when a node of the plan, or of a subquery in it, calls a function that must run once a row. */
export function isVolatilePlan(plan: LogicalPlan): boolean {
  return [...nodesOf(plan)].some((node) => expressionsOf(node).some(callsOnce));
}

/** True when the expression, or a subquery in it, calls a function that must run once a row. */
export function isVolatile(expression: Expression): boolean {
  return someExpression(
    expression,
    (part) =>
      callsOnce(part) ||
      (part.kind === "subquery" && isVolatilePlan(part.plan)),
  );
}

function callsOnce(expression: Expression): boolean {
  return someExpression(
    expression,
    (part) =>
      part.kind === "call" &&
      functionById(part.function).volatility === "volatile",
  );
}

/** Session functions that do something: they run when the statement does, not when it is prepared. */
const SESSION_ACTIONS: ReadonlySet<string> = new Set([
  "set_config",
  "pg_cancel_backend",
  "pg_terminate_backend",
]);

export function isSessionAction(name: string): boolean {
  return SESSION_ACTIONS.has(name);
}

/** True for functions whose value the session gives: constants of one execution. */
export function isSessionFunction(name: string): boolean {
  return SESSION_FUNCTIONS.has(name);
}
