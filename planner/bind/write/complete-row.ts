// The row a write stores: what the statement gives, and for the rest defaults, generated columns and identity values; and what is wrong
// with it. INSERT, COPY, UPDATE and MERGE all build their rows here (checklist W4).

import type { TableEntry } from "../../../storage/catalog/objects.ts";
import type { PinnedTable } from "../../../storage/catalog/view.ts";
import { BOOL, INT8, TEXT } from "../../../storage/common/data-type.ts";
import { notSupported } from "../../../storage/common/errors.ts";
import { invariant } from "../../../storage/common/invariant.ts";
import { isGoverned } from "../../../storage/common/policy.ts";
import type { Column, Identity } from "../../../storage/common/schema.ts";
import type { Expression } from "../../logical/expression.ts";
import type {
  LogicalPlan,
  PlanColumn,
  ProjectItem,
} from "../../logical/plan.ts";
import { outputOf } from "../../logical/walk.ts";
import { assign } from "./assign.ts";
import { applyOperator } from "../expression/operator.ts";
import { identityAssigned, noSpaceForIdentity } from "../errors/errors-row.ts";
import { isNullable } from "../nullability.ts";
import { ruledTable } from "../change/target.ts";
import { reference } from "../query/output.ts";
import type { StatementContext } from "../statement-context.ts";
import { bindStored } from "../define/stored-expression.ts";
import {
  checkBreach,
  generatedBreach,
  nullBreaches,
  violationOf,
  type Breach,
  type RuledTable,
} from "./violation.ts";

/** What a statement says about one column of the rows it writes; undefined: nothing, or DEFAULT. */
export interface GivenValue {
  /** Over the input, already assigned to the column's type. */
  readonly value: Expression;
  /** True for the rows that give it, of which the others get what the table says; absent when all do. */
  readonly when?: Expression | undefined;
}

export interface RowInput {
  readonly plan: LogicalPlan;
  /** Columns of `plan` that go on beside the row: the action and place of a change, old values. */
  readonly keep: readonly PlanColumn[];
  /** True for rows that will be written, over `keep`; absent when all are. Other rows break no rule. */
  readonly applies?: Expression | undefined;
  /** Rules of the statement, besides those of the table. */
  readonly rules?:
    ((row: readonly PlanColumn[]) => readonly Breach[]) | undefined;
}

export interface CompleteRow {
  /** Gives `keep`, then `columns`, then `violation`. */
  readonly plan: LogicalPlan;
  /** One a table column, in the table's order and types. */
  readonly columns: readonly PlanColumn[];
  /** text: NULL for a good row, else `SQLSTATE:message` of the error the write ends with. Undefined: no rule to break. */
  readonly violation: PlanColumn | undefined;
  readonly identity: IdentityUse | undefined;
}

/** Identity values a statement takes: at most one a row written, from the one after the high-water mark. */
export interface IdentityUse {
  readonly column: string;
  readonly first: bigint;
  readonly step: bigint;
}

/**
 * `given[i]` is about the table's i-th column. Throws 0A000 for rules that cannot be understood, and what `assign` throws for
 * defaults that do not fit.
 */
export function completeRow(
  statement: StatementContext,
  pinned: PinnedTable,
  given: readonly (GivenValue | undefined)[],
  input: RowInput,
): CompleteRow {
  const { table, schema } = pinned;
  const ruled = ruledTable(statement, table);
  const work: Work = { statement, table, ruled, keep: input.keep };
  const numbered = withNumbers(work, schema.columns, given, input.plan);
  const stored = storedColumns(work, schema.columns, given, numbered);
  const complete = withGenerated(work, schema.columns, stored);
  const breaches = [
    ...nullsIn(statement, pinned, complete.columns),
    ...complete.breaches,
    ...brokenChecks(statement, pinned, complete.columns),
    ...(input.rules?.(complete.columns) ?? []),
  ];
  const checked = withViolation(work, complete, breaches, input.applies);
  return {
    ...checked,
    columns: complete.columns,
    identity: numbered.identity,
  };
}

/** NOT NULL over a row of the table. */
export function nullsIn(
  statement: StatementContext,
  { table, schema }: PinnedTable,
  row: readonly PlanColumn[],
): readonly Breach[] {
  const ruled = ruledTable(statement, table);
  return row.flatMap((column, i) =>
    nullBreaches(ruled, column, schema.columns[i]?.nullable ?? true),
  );
}

/** CHECK over a row of the table. */
export function brokenChecks(
  statement: StatementContext,
  { table, schema }: PinnedTable,
  row: readonly PlanColumn[],
): readonly Breach[] {
  const ruled = ruledTable(statement, table);
  return (schema.checks ?? []).map(({ name, expression }) =>
    checkBreach(
      ruled,
      name,
      bindStored(statement, expression, row, {
        table,
        use: "check",
        subject: `check constraint "${name}"`,
      }),
    ),
  );
}

/** Throws 428C9 for a value that a statement gives to a GENERATED ALWAYS AS IDENTITY column. */
export function refuseAssigned(
  column: Column,
  command: "insert" | "update",
  position: number | undefined,
): void {
  const { identity } = column;
  if (identity === undefined || identity.allowsValues) return;
  throw identityAssigned(column.name, command, position);
}

interface Work {
  readonly statement: StatementContext;
  readonly table: TableEntry;
  readonly ruled: RuledTable;
  readonly keep: readonly PlanColumn[];
}

interface Numbered {
  readonly plan: LogicalPlan;
  /** The identity column's value for rows that give none; absent when all rows give one. */
  readonly value: Expression | undefined;
  readonly identity: IdentityUse | undefined;
}

/** Rows that need an identity value are numbered from 1, those that do not by themselves. */
function withNumbers(
  { statement }: Work,
  columns: readonly Column[],
  given: readonly (GivenValue | undefined)[],
  plan: LogicalPlan,
): Numbered {
  const at = columns.findIndex(
    (column, i) =>
      column.identity !== undefined &&
      (given[i] === undefined || given[i].when !== undefined),
  );
  const column = columns[at];
  const missing = columns.filter(
    (it, i) =>
      it.identity !== undefined &&
      (given[i] === undefined || given[i].when !== undefined),
  );
  if (missing.length > 1)
    throw notSupported("more than one identity column in a table is");
  if (column?.identity === undefined)
    return { plan, value: undefined, identity: undefined };
  const when = given[at]?.when;
  const number = statement.newColumn("number", INT8, false);
  const numbered: LogicalPlan = {
    kind: "window",
    partitionBy: when === undefined ? [] : [when],
    orderBy: [],
    frame: undefined,
    calls: [
      {
        column: number,
        call: {
          function: "row_number()",
          args: [],
          distinct: false,
          filter: undefined,
          ignoreNulls: false,
          type: INT8,
        },
      },
    ],
    input: plan,
  };
  const { step } = column.identity;
  const first = nextIdentity(column.name, column.identity);
  const bigint = (value: bigint): Expression => ({
    kind: "literal",
    type: INT8,
    value: String(value),
  });
  const operate = (symbol: string, a: Expression, b: Expression): Expression =>
    applyOperator(statement, symbol, [a, b], undefined);
  return {
    plan: numbered,
    value: operate(
      "+",
      bigint(first - step),
      operate("*", bigint(step), reference(number)),
    ),
    identity: { column: column.name, first, step },
  };
}

const INT8_MAX = 2n ** 63n - 1n;

function nextIdentity(
  name: string,
  { start, step, highWaterMark }: Identity,
): bigint {
  const next = highWaterMark === undefined ? start : highWaterMark + step;
  if (next > INT8_MAX || next < -INT8_MAX - 1n) throw noSpaceForIdentity(name);
  return next;
}

interface Stored {
  readonly plan: LogicalPlan;
  /** By the table's order; undefined for generated columns. */
  readonly columns: readonly (PlanColumn | undefined)[];
  /** Values given for generated columns, and for which rows. */
  readonly given: readonly (
    { readonly value: PlanColumn; readonly when?: PlanColumn } | undefined
  )[];
}

/** Every column that does not follow from others. */
function storedColumns(
  work: Work,
  columns: readonly Column[],
  given: readonly (GivenValue | undefined)[],
  numbered: Numbered,
): Stored {
  const { statement } = work;
  const items: ProjectItem[] = keepItems(work.keep);
  const add = (
    { name, type }: Pick<Column, "name" | "type">,
    value: Expression,
  ): PlanColumn => {
    const column = statement.newColumn(name, type, isNullable(value));
    items.push({ column, value });
    return column;
  };
  const stored = columns.map((column, i) => {
    if (column.generated !== undefined) return undefined;
    const value = storedValue(work, column, given[i], numbered.value);
    return add(column, value);
  });
  const values = columns.map((column, i) => {
    const value = given[i];
    if (column.generated === undefined || value === undefined) return undefined;
    return {
      value: add(column, value.value),
      ...(value.when === undefined
        ? {}
        : { when: add({ name: "given", type: BOOL }, value.when) }),
    };
  });
  const plan: LogicalPlan = { kind: "project", items, input: numbered.plan };
  return { plan, columns: stored, given: values };
}

function storedValue(
  work: Work,
  column: Column,
  given: GivenValue | undefined,
  number: Expression | undefined,
): Expression {
  if (given !== undefined && given.when === undefined) return given.value;
  const missing =
    column.identity !== undefined && number !== undefined
      ? assign(work.statement, number, column)
      : defaultValue(work.statement, work.table, column);
  if (given?.when === undefined) return missing;
  return {
    kind: "case",
    type: column.type,
    branches: [{ when: given.when, then: given.value }],
    otherwise: missing,
  };
}

/** What DEFAULT stands for; NULL without one. Not for generated and identity columns. */
export function defaultValue(
  statement: StatementContext,
  table: TableEntry,
  column: Column,
): Expression {
  if (column.default === undefined)
    return { kind: "literal", type: column.type, value: null };
  const value = bindStored(statement, column.default, [], {
    table,
    use: "default",
    subject: `default of column "${column.name}"`,
  });
  return assign(statement, value, column);
}

interface Complete {
  readonly plan: LogicalPlan;
  readonly columns: readonly PlanColumn[];
  readonly breaches: readonly Breach[];
}

/** Generated columns follow from the stored ones; they may not refer to each other (Delta protocol, "Generated Columns"). */
function withGenerated(
  work: Work,
  columns: readonly Column[],
  stored: Stored,
): Complete {
  const { statement, table } = work;
  const base = stored.columns.flatMap((column) => column ?? []);
  if (base.length === columns.length)
    return { plan: stored.plan, columns: base, breaches: [] };
  const items = keepItems([...work.keep, ...base]);
  const breaches: Breach[] = [];
  const kept = stored.given.flatMap((it) =>
    it === undefined ? [] : [it.value, ...(it.when ? [it.when] : [])],
  );
  items.push(...keepItems(kept));
  const complete = columns.map((column, i): PlanColumn => {
    const known = stored.columns[i];
    if (known !== undefined) return known;
    invariant(column.generated !== undefined, "the column is generated");
    const value = assign(
      statement,
      bindStored(statement, column.generated, base, {
        table,
        use: "generated",
        subject: `generated column "${column.name}"`,
      }),
      column,
    );
    const made = statement.newColumn(column.name, column.type);
    items.push({ column: made, value });
    const by = stored.given[i];
    if (by !== undefined) {
      breaches.push(
        generatedBreach(statement, work.ruled, made, {
          value: reference(by.value),
          when: by.when && reference(by.when),
        }),
      );
    }
    return made;
  });
  return {
    plan: { kind: "project", items, input: stored.plan },
    columns: complete,
    breaches,
  };
}

/** Exactly `keep`, the row and the violation, in this order. */
function withViolation(
  work: Work,
  complete: Complete,
  breaches: readonly Breach[],
  applies: Expression | undefined,
): {
  readonly plan: LogicalPlan;
  readonly violation: PlanColumn | undefined;
} {
  const value = violationOf(
    work.statement,
    breaches,
    // Values behind a mask are in the row too.
    isGoverned(work.table.policies) ? undefined : complete.columns,
    applies,
  );
  const items = keepItems([...work.keep, ...complete.columns]);
  if (value === undefined) {
    const exact = outputOf(complete.plan).length === items.length;
    return {
      plan: exact
        ? complete.plan
        : { kind: "project", items, input: complete.plan },
      violation: undefined,
    };
  }
  const violation = work.statement.newColumn("violation", TEXT);
  items.push({ column: violation, value });
  return {
    plan: { kind: "project", items, input: complete.plan },
    violation,
  };
}

function keepItems(columns: readonly PlanColumn[]): ProjectItem[] {
  return columns.map((column) => ({ column, value: reference(column) }));
}
