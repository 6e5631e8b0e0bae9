// ALTER TABLE … ROW FILTER and MASK: a change of the catalog, told to the audit in the same transaction (access-control sections 14, 18).

import { changeAudited } from "../../auth/governance.ts";
import { fullName, SECURABLE_WORDS } from "../../auth/object-words.ts";
import type { BoundSetPolicies } from "../../planner/bind/bound.ts";
import { notSupported, SqlError } from "../../storage/common/errors.ts";
import { callsOf, type TablePolicies } from "../../storage/common/policy.ts";
import { overlappingTables } from "../files/file-place.ts";
import type { RunContext } from "../run-query.ts";
import type { Result } from "../session/result.ts";

const ACTIONS: Readonly<Record<BoundSetPolicies["action"], string>> = {
  "set-row-filter": "setRowFilter",
  "drop-row-filter": "dropRowFilter",
  "set-mask": "setColumnMask",
  "drop-mask": "dropColumnMask",
};

/** Throws 0A000 for a table whose files another table has too. */
export function runSetPolicies(
  bound: BoundSetPolicies,
  { services, session, pinned }: RunContext,
): Result {
  const { governance } = services;
  const { table, action, column } = bound;
  if (table.origin === "temporary") throw temporaryPolicies();
  refuseStale(bound, governance.catalog);
  const drops = action === "drop-row-filter" || action === "drop-mask";
  if (!drops) refuseShared(bound, services);
  const { version } = pinned.view.pinned(table.id, undefined);
  const policies: TablePolicies = drops
    ? { ...bound.policies, floor: version + 1 }
    : bound.policies;
  changeAudited(
    governance,
    {
      service: "sqlPermissions",
      action: ACTIONS[action],
      identity: session.identity,
      status: "ok",
      request: {
        securable: `${SECURABLE_WORDS.table} ${fullName(governance.access, table)}`,
        column,
        functions: functionsOf(policies, governance),
      },
    },
    () => governance.catalog.setPolicies(table.id, policies),
  );
  return { kind: "command", tag: "ALTER TABLE" };
}

/** 0A000: rights and policies are the catalog's. */
export function temporaryPolicies(): SqlError {
  return notSupported(
    "a row filter or column mask of a temporary table is",
    undefined,
    "Nobody but its session sees its rows.",
  );
}

/** 40001, and the statement is bound again: policies were changed since, or a function is gone. */
function refuseStale(
  { table, policies }: BoundSetPolicies,
  catalog: RunContext["services"]["governance"]["catalog"],
): void {
  const now = catalog.object(table.id);
  const same =
    now?.kind === "table" &&
    now.policies === table.policies &&
    callsOf(policies).every((it) => catalog.object(it.function) !== undefined);
  if (!same)
    throw new SqlError(
      "40001",
      "could not serialize access due to concurrent update",
    );
}

/** The other table would show what is hidden here. */
function refuseShared(
  { table }: BoundSetPolicies,
  services: RunContext["services"],
): void {
  const shared = overlappingTables(services, table.location).some(
    ({ id }) => id !== table.id,
  );
  if (shared)
    throw notSupported(
      `a row filter or a column mask of table "${table.name}", whose folder holds another table's files too, is`,
    );
}

/** All that guard the table from now on. */
function functionsOf(
  policies: TablePolicies,
  { catalog, access }: RunContext["services"]["governance"],
): readonly string[] {
  return callsOf(policies).flatMap((call) => {
    const entry = catalog.object(call.function);
    return entry === undefined ? [] : [fullName(access, entry)];
  });
}
