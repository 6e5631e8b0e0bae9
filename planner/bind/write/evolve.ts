// WITH SCHEMA EVOLUTION: columns and fields that a source has and its target lacks are added to the target; types widen where the
// table has type widening. Pure: the definition's changes are bound with the rows, one commit makes both.

import type { PinnedTable } from "../../../storage/catalog/view.ts";
import { type DataType } from "../../../storage/common/data-type.ts";
import type { Column } from "../../../storage/common/schema.ts";
import type { DefinitionChange } from "../../../storage/delta/definition/definition-change.ts";
import { dependentOn } from "../define/alter-dependents.ts";
import { policyColumns } from "../policy/policy-columns.ts";
import type { Evolution } from "../bound.ts";
import { columnSpecifiedTwice } from "../errors/errors-value.ts";
import { dotted, sameWithoutCase } from "../names.ts";
import { relationSecurable } from "../resolve/resolve-target.ts";
import type { StatementContext } from "../statement-context.ts";
import type { QualifiedName } from "../../parse/ast.ts";

/** A column of the source, and the target's column it goes to; undefined: it is new. */
export interface Offered {
  readonly target: Column | undefined;
  readonly name: string;
  readonly type: DataType;
  readonly position?: number | undefined;
}

export interface EvolvedTable {
  /** The table as it will be: its columns in the order they have, new ones behind them. */
  readonly pinned: PinnedTable;
  readonly evolution: Evolution;
}

export function mayEvolve(
  { environment }: StatementContext,
  node: { readonly evolves: boolean },
): boolean {
  return node.evolves || environment.evolvesSchemas === true;
}

/** Throws 42701 for two new columns of one name. Whoever changes a definition must own the table (access-control: section 6). */
export function evolve(
  statement: StatementContext,
  pinned: PinnedTable,
  name: QualifiedName,
  offered: readonly Offered[],
): EvolvedTable {
  const changes: DefinitionChange[] = [];
  const columns = [...pinned.schema.columns];
  for (const { target, name: added, type, position } of offered) {
    if (target === undefined) {
      if (columns.some((it) => sameWithoutCase(it.name, added)))
        throw columnSpecifiedTwice(added, position);
      const column: Column = { name: added, type, nullable: true };
      columns.push(column);
      changes.push({ kind: "add-column", column });
      continue;
    }
    const at = columns.findIndex((it) => it.name === target.name);
    const before = columns[at];
    if (before === undefined) continue;
    const grown = grownType(pinned, before, type);
    if (grown === undefined) continue;
    changes.push(...grown.changes);
    columns[at] = { ...before, type: grown.type };
  }
  if (changes.length === 0) return { pinned, evolution: [] };
  if (pinned.table.origin !== "temporary")
    statement.requirements.push({
      kind: "owner",
      securable: relationSecurable(pinned.table),
      name: dotted(name),
      position: name.position,
    });
  const schema = { ...pinned.schema, columns };
  return { pinned: { ...pinned, schema }, evolution: changes };
}

interface Grown {
  readonly type: DataType;
  readonly changes: readonly DefinitionChange[];
}

/** Undefined: values of `offered` go into the column as it is, or by no means. */
function grownType(
  pinned: PinnedTable,
  column: Column,
  offered: DataType,
): Grown | undefined {
  const { name, type } = column;
  if (type.kind === "struct") {
    const grown = grownStruct([name], type, offered);
    return grown.changes.length === 0 ? undefined : grown;
  }
  return isWider(type, offered) && mayWiden(pinned, column)
    ? { type: offered, changes: [{ kind: "set-type", name, type: offered }] }
    : undefined;
}

function grownStruct(
  path: readonly string[],
  type: DataType,
  offered: DataType,
): Grown {
  if (type.kind !== "struct" || offered.kind !== "struct")
    return { type, changes: [] };
  const changes: DefinitionChange[] = [];
  const fields = [...type.fields];
  for (const field of offered.fields) {
    const at = fields.findIndex((it) => sameWithoutCase(it.name, field.name));
    const known = fields[at];
    if (known === undefined) {
      const { name } = field;
      fields.push({ name, type: field.type, nullable: true });
      changes.push({ kind: "add-field", path, name, type: field.type });
      continue;
    }
    const below = grownStruct([...path, known.name], known.type, field.type);
    fields[at] = { ...known, type: below.type };
    changes.push(...below.changes);
  }
  return { type: { kind: "struct", fields }, changes };
}

/** What follows another rule, or what a stored text or a folder name refers to, keeps its type. */
function mayWiden(
  { table, schema, layout, properties }: PinnedTable,
  { name, default: value, generated, identity }: Column,
): boolean {
  return (
    properties["delta.enableTypeWidening"] === "true" &&
    !layout.partitionColumns.includes(name) &&
    value === undefined &&
    generated === undefined &&
    identity === undefined &&
    dependentOn(schema, name) === undefined &&
    !policyColumns(table.policies, layout).has(name)
  );
}

const INTEGERS: readonly DataType["kind"][] = ["int1", "int2", "int4", "int8"];

/** Delta widens by itself within a family of types only ("Type Widening"; an integer does not become a double unasked). */
function isWider(from: DataType, to: DataType): boolean {
  if (from.kind === "numeric" && to.kind === "numeric") {
    if (from.precision === undefined || to.precision === undefined)
      return false;
    const addedScale = (to.scale ?? 0) - (from.scale ?? 0);
    const addedDigits = to.precision - from.precision;
    return addedScale >= 0 && addedDigits >= addedScale && addedDigits > 0;
  }
  const rank = INTEGERS.indexOf(from.kind);
  if (rank >= 0) return INTEGERS.indexOf(to.kind) > rank;
  return (
    (from.kind === "float4" && to.kind === "float8") ||
    (from.kind === "date" && to.kind === "timestamp")
  );
}
