// The policies of a table that a statement reads, or is to get: their functions' bodies resolved with the rights of each function's
// owner (access-control sections 9.1 and 14). The reader needs nothing on them and is told nothing of them.

import type {
  FunctionEntry,
  TableEntry,
} from "../../../storage/catalog/objects.ts";
import { SqlError } from "../../../storage/common/errors.ts";
import {
  governedTable,
  isGoverned,
  type PolicyArgument,
  type PolicyCall,
  type PolicyColumn,
} from "../../../storage/common/policy.ts";
import type { Expr, QualifiedName } from "../../parse/ast.ts";
import { dotted } from "../names.ts";
import { useFunction } from "../resolve/resolve-call.ts";
import type { NameScope, ResolveState } from "../resolve/resolve-state.ts";
import type { FunctionTrees } from "../resolve/resolved.ts";
import { insideOf, parseStoredExpression } from "../define/stored-text.ts";

/** What stands between a scan and everything else, or why nothing may be read. */
export type ResolvedPolicies =
  | {
      readonly kind: "policies";
      /** As the user named the table, or the view it lies below: what errors show. */
      readonly name: string;
      readonly rowFilter: ResolvedPolicy | undefined;
      readonly masks: readonly ResolvedMask[];
    }
  | { readonly kind: "broken"; readonly name: string; readonly cause: unknown };

export interface ResolvedPolicy {
  readonly call: FunctionTrees;
  readonly args: readonly ResolvedArgument[];
}
export interface ResolvedMask extends ResolvedPolicy {
  readonly column: PolicyColumn;
}
export type ResolvedArgument =
  | Extract<PolicyArgument, { readonly kind: "column" }>
  | { readonly kind: "constant"; readonly value: Expr };

/** Undefined for a table without any. Anew for each use: the trees it holds are bound once. */
export function resolvePolicies(
  state: ResolveState,
  scope: NameScope,
  table: TableEntry,
  typed: QualifiedName,
): ResolvedPolicies | undefined {
  const { policies } = table;
  if (policies === undefined || !isGoverned(policies)) return undefined;
  const { stored } = scope;
  const name = stored?.outermostName ?? dotted(typed);
  if (stored?.link?.policy !== undefined) {
    const cause = governedTable("a policy that reads", table.name);
    return { kind: "broken", name, cause };
  }
  const { rowFilter, masks } = policies;
  const resolve = (call: PolicyCall): ResolvedPolicy =>
    resolvePolicy(state, scope, call, typed);
  try {
    return {
      kind: "policies",
      name,
      rowFilter: rowFilter && resolve(rowFilter),
      masks: masks.map((mask) => ({ ...resolve(mask), column: mask.column })),
    };
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    return { kind: "broken", name, cause: error };
  }
}

/** Throws what resolving the function's body throws, and 42883 for a function that is gone. */
function resolvePolicy(
  state: ResolveState,
  scope: NameScope,
  { function: id, args }: PolicyCall,
  typed: QualifiedName,
): ResolvedPolicy {
  const { lookup } = state.environment;
  const entry = lookup.unfiltered.function(id);
  if (entry === undefined)
    throw new SqlError("42883", "the function of a policy does not exist");
  return {
    call: resolvePolicyFunction(state, scope, entry, typed),
    args: args.map((argument): ResolvedArgument =>
      argument.kind === "column"
        ? argument
        : { kind: "constant", value: parseStoredExpression(argument.text) },
    ),
  };
}

/** The function's body, with its owner in the place of whoever reads the table. */
export function resolvePolicyFunction(
  state: ResolveState,
  scope: NameScope,
  entry: FunctionEntry,
  typed: QualifiedName,
): FunctionTrees {
  const { id } = entry;
  const name = scope.stored?.outermostName ?? dotted(typed);
  const position = scope.stored?.position ?? typed.position;
  const link = { definer: id, path: [id], outermostName: name, policy: id };
  // Whoever owned it must still be there.
  state.requirements.push({
    kind: "privilege",
    privilege: "SELECT",
    securable: { kind: "object", type: "FUNCTION", id },
    name,
    position,
    through: link,
  });
  const inside = insideOf(state, scope, { id, name, position }, link);
  return useFunction(state, inside, entry);
}
