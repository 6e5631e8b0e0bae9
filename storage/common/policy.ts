// Row filters and column masks of a table (access-control section 14): which function each one calls, and with what.

import { notSupported, SqlError } from "./errors.ts";
import type { ObjectId } from "./ids.ts";

export interface TablePolicies {
  readonly rowFilter?: PolicyCall;
  readonly masks: readonly ColumnMask[];
  /** Versions below it were readable only through a policy that is gone since: they stay the owner's. */
  readonly floor?: number;
}

export interface PolicyCall {
  readonly function: ObjectId;
  /** In the order of the function's parameters; of a mask without the first, which is the column itself. */
  readonly args: readonly PolicyArgument[];
}

export interface ColumnMask extends PolicyCall {
  readonly column: PolicyColumn;
}

export type PolicyArgument =
  | ({ readonly kind: "column" } & PolicyColumn)
  /** Printed text of a constant expression. */
  | { readonly kind: "constant"; readonly text: string };

export interface PolicyColumn {
  /** When the policy was set, for messages. */
  readonly name: string;
  /** Its name in the files, which no renaming changes: what the policy follows. */
  readonly physicalName: string;
}

/** True while rows or values of the table are hidden from its readers. */
export function isGoverned(policies: TablePolicies | undefined): boolean {
  return (
    policies !== undefined &&
    (policies.rowFilter !== undefined || policies.masks.length > 0)
  );
}

export function callsOf(
  policies: TablePolicies | undefined,
): readonly PolicyCall[] {
  if (policies === undefined) return [];
  const { rowFilter, masks } = policies;
  return [...(rowFilter ? [rowFilter] : []), ...masks];
}

/** 55000: a policy that cannot be evaluated fails the query, and the error says nothing of why: it would tell of hidden rows. */
export function policyFailed(
  table: string,
  position?: number,
  cause?: unknown,
): SqlError {
  return new SqlError(
    "55000",
    `the row filter or a column mask of table "${table}" cannot be evaluated`,
    { position, cause },
  );
}

/** 0A000: what would show rows or values behind a policy, whoever asks. `what` begins the message: `time travel on`. */
export function governedTable(
  what: string,
  table: string,
  position?: number,
): SqlError {
  return notSupported(
    `${what} table "${table}", which has a row filter or a column mask, is`,
    position,
  );
}
