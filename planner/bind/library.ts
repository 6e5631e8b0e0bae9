// The binder's one door to the function table and the types: which names are built in, which overload a call means.

import type { FunctionRow } from "../functions/function.ts";
import { functionById, functionsNamed } from "../functions/registry.ts";

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
  "table_changes",
  "read_files",
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

/** True when calls of the row must run once a row: they are neither folded nor evaluated twice. */
export function isVolatile(row: FunctionRow): boolean {
  return row.volatility === "volatile";
}

export function volatilityOf(id: string): FunctionRow["volatility"] {
  return functionById(id).volatility;
}
