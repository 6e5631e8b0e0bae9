// A table's policies after ALTER TABLE or as CREATE TABLE gives them, by column names: each is bound once over the table's columns, so
// that what cannot be evaluated is refused now.

import { notSupported, SqlError } from "../../../storage/common/errors.ts";
import { invariant } from "../../../storage/common/invariant.ts";
import type { TableEntry } from "../../../storage/catalog/objects.ts";
import type {
  ColumnMask,
  PolicyArgument,
  PolicyCall as StoredCall,
  PolicyColumn,
  TablePolicies,
} from "../../../storage/common/policy.ts";
import type { TableLayout } from "../../../storage/scan/split.ts";
import type { PlanColumn } from "../../logical/plan.ts";
import type {
  AlterAction,
  AlterStatement,
  ColumnDefinition,
  Expr,
  Identifier,
  PolicyCall,
} from "../../parse/ast.ts";
import { printExpr } from "../../parse/print.ts";
import type { BoundPolicies, StatementBody } from "../bound.ts";
import { undefinedTargetColumn } from "../errors/errors-column.ts";
import { matching } from "../names.ts";
import type { StatementContext } from "../statement-context.ts";
import { filterValue, maskValue } from "./policy-value.ts";
import type { ResolvedArgument, ResolvedPolicy } from "./resolve-policies.ts";

type PolicyAction = Extract<
  AlterAction,
  {
    readonly kind:
      "set-row-filter" | "drop-row-filter" | "set-mask" | "drop-mask";
  }
>;

type CatalogAction =
  | PolicyAction
  | Extract<
      AlterAction,
      { readonly kind: "rename" | "set-schema" | "comment" }
    >;

const CATALOG_ACTIONS: ReadonlySet<AlterAction["kind"]> = new Set([
  "rename",
  "set-schema",
  "comment",
  "set-row-filter",
  "drop-row-filter",
  "set-mask",
  "drop-mask",
]);

/** Changes no table's log, and stands alone. */
export function isCatalogAction(action: AlterAction): action is CatalogAction {
  return CATALOG_ACTIONS.has(action.kind);
}

/** The statement's only action, if it is about a policy. */
export function policyAction({
  actions,
}: AlterStatement): PolicyAction | undefined {
  const [action] = actions;
  switch (action?.kind) {
    case "set-row-filter":
    case "drop-row-filter":
    case "set-mask":
    case "drop-mask":
      return action;
    default:
      return undefined;
  }
}

/** Throws 42703, 42804, 42883, and 42704 for a policy to drop that is not there. */
export function bindPolicyChange(
  statement: StatementContext,
  table: TableEntry,
  action: PolicyAction,
): StatementBody {
  if (table.files !== undefined) throw onPlainFiles();
  const { schema, layout } = statement.view.pinned(table.id, undefined);
  const columns = schema.columns.map(({ name, type, nullable }) =>
    statement.newColumn(name, type, nullable),
  );
  const over: PolicyTable = { table, columns, layout };
  const before: TablePolicies = table.policies ?? { masks: [] };
  return {
    kind: "set-policies",
    table,
    action: action.kind,
    ...changed(statement, over, before, action),
  };
}

/** 0A000: their paths stay open to whoever may read any file. */
export function onPlainFiles(): SqlError {
  return notSupported("a row filter or a column mask on plain files is");
}

interface PolicyTable {
  readonly table: { readonly name: string };
  readonly columns: readonly PlanColumn[];
  /** Undefined for a table yet to be made: names stand for the columns. */
  readonly layout: TableLayout | undefined;
}

function changed(
  statement: StatementContext,
  over: PolicyTable,
  before: TablePolicies,
  action: PolicyAction,
): { readonly policies: TablePolicies; readonly column?: string } {
  switch (action.kind) {
    case "set-row-filter": {
      const rowFilter = rowFilterOf(statement, over, action.filter);
      return { policies: { ...before, rowFilter } };
    }
    case "drop-row-filter": {
      const { rowFilter, ...rest } = before;
      if (rowFilter === undefined)
        throw new SqlError(
          "42704",
          `table "${over.table.name}" has no row filter`,
        );
      return { policies: rest };
    }
    case "set-mask": {
      const column = columnNamed(over, action.column);
      const mask = maskOf(statement, over, column, action.mask);
      const others = without(before.masks, mask.column);
      return {
        policies: { ...before, masks: [...others, mask] },
        column: column.name,
      };
    }
    case "drop-mask": {
      const mask = maskNamed(over, before.masks, action.column);
      return {
        policies: { ...before, masks: without(before.masks, mask.column) },
        column: action.column.name,
      };
    }
  }
}

function without(
  masks: readonly ColumnMask[],
  { physicalName }: PolicyColumn,
): readonly ColumnMask[] {
  return masks.filter(({ column }) => column.physicalName !== physicalName);
}

/** By the name the column has now, or had when it was masked if it is gone. */
function maskNamed(
  { table, layout }: PolicyTable,
  masks: readonly ColumnMask[],
  name: Identifier,
): ColumnMask {
  const nameOf = ({ column }: ColumnMask): string =>
    layout?.columns.find((it) => it.physicalName === column.physicalName)
      ?.name ?? column.name;
  const [mask] = matching(masks, name, nameOf);
  if (mask) return mask;
  throw new SqlError(
    "42704",
    `column "${name.name}" of table "${table.name}" has no mask`,
    { position: name.position },
  );
}

/** What CREATE TABLE says, to be kept once the table is there; undefined when it says nothing. */
export function createdPolicies(
  statement: StatementContext,
  name: string,
  columns: readonly PlanColumn[],
  given: {
    readonly rowFilter: PolicyCall | undefined;
    readonly definitions: readonly ColumnDefinition[];
  },
): BoundPolicies | undefined {
  const over: PolicyTable = { table: { name }, columns, layout: undefined };
  const masks = given.definitions.flatMap((definition) => {
    const { mask } = definition;
    if (mask === undefined) return [];
    const column = columnNamed(over, definition.name);
    return [maskOf(statement, over, column, mask)];
  });
  if (given.rowFilter === undefined)
    return masks.length === 0 ? undefined : { masks };
  return { rowFilter: rowFilterOf(statement, over, given.rowFilter), masks };
}

function rowFilterOf(
  statement: StatementContext,
  over: PolicyTable,
  call: PolicyCall,
): StoredCall {
  const policy = resolved(statement, over, call);
  filterValue(statement, policy, (column) => finder(over, column));
  return stored(policy);
}

function maskOf(
  statement: StatementContext,
  over: PolicyTable,
  column: PlanColumn,
  call: PolicyCall,
): ColumnMask {
  const policy = resolved(statement, over, call);
  maskValue(statement, policy, column, (it) => finder(over, it));
  return { ...stored(policy), column: policyColumn(over, column) };
}

function resolved(
  statement: StatementContext,
  over: PolicyTable,
  call: PolicyCall,
): ResolvedPolicy {
  const trees = statement.resolved.policyFunctions.get(call);
  invariant(trees !== undefined, "the function of a policy was resolved");
  const args = call.args.map((arg) => argumentOf(over, arg));
  return { call: trees, args };
}

/** A column of the table, or a literal: the grammar takes nothing else. */
function argumentOf(over: PolicyTable, arg: Expr): ResolvedArgument {
  const name = arg.kind === "column" ? arg.name.parts[0] : undefined;
  if (name === undefined) return { kind: "constant", value: arg };
  const column = columnNamed(over, name);
  return { kind: "column", ...policyColumn(over, column) };
}

function stored({ call, args }: ResolvedPolicy): StoredCall {
  return {
    function: call.function.id,
    args: args.map((argument): PolicyArgument =>
      argument.kind === "column"
        ? argument
        : { kind: "constant", text: printExpr(argument.value) },
    ),
  };
}

function columnNamed(
  { table, columns }: PolicyTable,
  name: Identifier,
): PlanColumn {
  const [column] = matching(columns, name, (it) => it.name);
  if (column) return column;
  throw undefinedTargetColumn(name.name, table.name, name.position);
}

function policyColumn(
  { layout }: PolicyTable,
  { name }: PlanColumn,
): PolicyColumn {
  const found = layout?.columns.find((it) => it.name === name);
  return { name, physicalName: found?.physicalName ?? name };
}

function finder(over: PolicyTable, { name }: PolicyColumn): PlanColumn {
  return columnNamed(over, { name, quoted: true, position: 0 });
}
