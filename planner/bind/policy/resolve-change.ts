// ALTER TABLE … ROW FILTER and MASK, CREATE TABLE with them: the functions named, and SELECT on each (access-control section 6).

import type {
  AlterAction,
  PolicyCall,
  QualifiedName,
} from "../../parse/ast.ts";
import { notSupported } from "../../../storage/common/errors.ts";
import { dotted } from "../names.ts";
import type { NameScope, ResolveState } from "../resolve/resolve-state.ts";
import {
  objectSecurable,
  resolveFunctionName,
} from "../resolve/resolve-target.ts";
import { resolvePolicyFunction } from "./resolve-policies.ts";

/** The policy an action sets; undefined for what sets none. */
export function policyOf(action: AlterAction): PolicyCall | undefined {
  switch (action.kind) {
    case "set-row-filter":
      return action.filter;
    case "set-mask":
      return action.mask;
    default:
      return undefined;
  }
}

/** `table`: as the statement names it. Throws 42883, and 0A000 for a temporary function and for one that would read the table it is for. */
export function resolvePolicyCall(
  state: ResolveState,
  scope: NameScope,
  table: QualifiedName,
  call: PolicyCall,
): void {
  const { kind, entry } = resolveFunctionName(state, scope, call.function);
  if (kind === "temporary")
    throw notSupported(
      "a row filter or column mask by a temporary function is",
      call.function.position,
      "It would end with the session.",
    );
  state.requirements.push({
    kind: "privilege",
    privilege: "SELECT",
    securable: objectSecurable("FUNCTION", entry.id),
    name: dotted(call.function),
    position: call.function.position,
  });
  const trees = resolvePolicyFunction(state, scope, entry, table);
  state.policyFunctions.set(call, trees);
  const target = state.targets.get(table);
  const own =
    target?.kind === "relation" && state.policyTables.has(target.relation.id);
  if (own)
    throw notSupported(
      "a policy that reads its own table is",
      call.function.position,
    );
}
