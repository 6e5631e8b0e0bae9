// The row filter and the column masks of a table as owners and administrators are shown them (access-control section 16): functions by
// their full names, columns by the names they have now.

import { owns } from "../auth/acl.ts";
import type { Governance } from "../auth/governance.ts";
import { fullName } from "../auth/object-words.ts";
import type { TableEntry } from "../storage/catalog/objects.ts";
import type { PrincipalId } from "../storage/common/ids.ts";
import type {
  PolicyArgument,
  PolicyCall,
  PolicyColumn,
} from "../storage/common/policy.ts";

export interface PolicyText {
  readonly function: string;
  /** Columns and constants it is called with, of a mask those behind the column itself; joined by commas, as Databricks has them. */
  readonly arguments: string;
}

export interface PoliciesText {
  readonly rowFilter: PolicyText | undefined;
  readonly masks: readonly (PolicyText & { readonly column: string })[];
}

/** A table's columns: their names, and those in its files. */
export type ColumnNames = readonly {
  readonly name: string;
  readonly physicalName: string;
}[];

/** Undefined for a table without policies, and for whoever may not be shown them. */
export function policiesText(
  { access }: Governance,
  principal: PrincipalId,
  table: TableEntry,
  columns: ColumnNames,
): PoliciesText | undefined {
  const { policies } = table;
  const may = access.isAdmin(principal) || owns(access, principal, table);
  if (policies === undefined || !may) return undefined;
  const { rowFilter, masks } = policies;
  if (rowFilter === undefined && masks.length === 0) return undefined;
  const columnText = ({ name, physicalName }: PolicyColumn): string =>
    columns.find((column) => column.physicalName === physicalName)?.name ??
    name;
  const argumentText = (argument: PolicyArgument): string =>
    argument.kind === "constant" ? argument.text : columnText(argument);
  const callText = (call: PolicyCall): PolicyText => {
    const object = access.object(call.function);
    return {
      function: object === undefined ? "" : fullName(access, object),
      arguments: call.args.map(argumentText).join(", "),
    };
  };
  return {
    rowFilter: rowFilter && callText(rowFilter),
    masks: masks.map((mask) => ({
      ...callText(mask),
      column: columnText(mask.column),
    })),
  };
}
