// ALTER TABLE and COMMENT ON COLUMN: actions bound one after the other, each over the columns that those before it left.

import type { TableEntry } from "../../../storage/catalog/objects.ts";
import type { PinnedTable } from "../../../storage/catalog/view.ts";
import { notSupported, SqlError } from "../../../storage/common/errors.ts";
import { invariant } from "../../../storage/common/invariant.ts";
import type { Column } from "../../../storage/common/schema.ts";
import type { DefinitionChange } from "../../../storage/delta/definition/definition-change.ts";
import type { Place } from "../../../storage/delta/definition/schema-edit.ts";
import { resolveTypeName } from "../../functions/type-name.ts";
import type {
  AlterAction,
  AlterStatement,
  ColumnChange,
  ColumnDefinition,
  ColumnPlace,
  CommentStatement,
  Identifier,
  QualifiedName,
} from "../../parse/ast.ts";
import {
  addConstraint,
  dropConstraint,
  renameConstraint,
} from "./alter-constraint.ts";
import { refuseDependents } from "./alter-dependents.ts";
import { ruledTable } from "../change/target.ts";
import { anyRow, nullIn, type Obstacle } from "./alter-rows.ts";
import type { BoundAlterTable, StatementBody, TableKey } from "../bound.ts";
import { columnRule, defaultRule } from "./column-rule.ts";
import { plainColumns } from "./create-table.ts";
import { undefinedTargetColumn } from "../errors/errors-column.ts";
import { wrongObjectType } from "../errors/errors-object.ts";
import { matching } from "../names.ts";
import {
  bindPolicyChange,
  isCatalogAction,
  policyAction,
} from "../policy/change-policies.ts";
import type { StatementContext } from "../statement-context.ts";

export function bindAlterTable(
  statement: StatementContext,
  node: AlterStatement,
): StatementBody {
  const table = alteredTable(statement, node.name);
  if (table === undefined) return { kind: "alter-table", ...NOTHING };
  const policy = policyAction(node);
  if (policy) return bindPolicyChange(statement, table, policy);
  const work = startAltering(statement, table, node.name);
  for (const action of node.actions) bindAction(work, action, node.position);
  return finished(work);
}

/** COMMENT ON COLUMN, and Spark's ALTER COLUMN … COMMENT. */
export function bindColumnComment(
  statement: StatementContext,
  node: CommentStatement,
): StatementBody {
  const table = alteredTable(statement, node.name);
  invariant(table !== undefined, "COMMENT has no IF EXISTS");
  const work = startAltering(statement, table, node.name);
  const name = node.name.parts.at(-1);
  invariant(name !== undefined, "a column has a name");
  const change = { kind: "comment", comment: node.comment } as const;
  bindColumnChange(work, name, change);
  return finished(work);
}

const NOTHING: Omit<BoundAlterTable, "kind" | SharedKey> = {
  table: undefined,
  changes: [],
  addedKeys: [],
  obstacles: [],
  notices: [],
};
type SharedKey = "parameterTypes" | "sessionDependent" | "requirements";

export interface Altering {
  readonly statement: StatementContext;
  readonly table: TableEntry;
  readonly name: QualifiedName;
  readonly pinned: PinnedTable;
  columns: readonly Column[];
  readonly changes: DefinitionChange[];
  readonly addedKeys: TableKey[];
  readonly obstacles: Obstacle[];
  readonly notices: string[];
}

function alteredTable(
  statement: StatementContext,
  name: QualifiedName,
): TableEntry | undefined {
  const target = statement.resolved.targets.get(name);
  if (target?.kind === "absent") return undefined;
  invariant(target?.kind === "relation", "the table of ALTER was resolved");
  if (target.relation.kind === "view")
    throw wrongObjectType(target.relation.name, "table");
  return target.relation;
}

function startAltering(
  statement: StatementContext,
  table: TableEntry,
  name: QualifiedName,
): Altering {
  const pinned = statement.view.pinned(table.id, undefined);
  return {
    statement,
    table,
    name,
    pinned,
    columns: pinned.schema.columns,
    changes: [],
    addedKeys: [],
    obstacles: [],
    notices: [],
  };
}

function finished(work: Altering): StatementBody {
  const { table, changes, addedKeys, obstacles, notices } = work;
  return {
    kind: "alter-table",
    table,
    changes,
    addedKeys,
    obstacles,
    notices,
  };
}

function bindAction(
  work: Altering,
  action: AlterAction,
  position: number,
): void {
  if (isCatalogAction(action))
    throw notSupported("this action beside others is", position);
  switch (action.kind) {
    case "add-column":
      for (const column of action.columns)
        addColumn(work, column, action.ifNotExists);
      return;
    case "drop-column":
      for (const name of action.columns)
        dropColumn(work, name, action.ifExists);
      return;
    case "rename-column":
      return renameColumn(work, action.from, action.to);
    case "alter-column":
      return bindColumnChange(work, action.column, action.change);
    case "add-constraint":
      return addConstraint(work, action.constraint);
    case "drop-constraint":
      return dropConstraint(work, action.name, action.ifExists);
    case "rename-constraint":
      return renameConstraint(work, action.from, action.to);
    case "cluster-by": {
      const columns = action.columns.map((name) => found(work, name).name);
      work.changes.push({ kind: "cluster-by", columns });
      return;
    }
    case "set-properties":
      work.changes.push(action);
      return;
    case "unset-properties":
      return unsetProperties(work, action);
  }
}

function found({ columns, table }: Altering, name: Identifier): Column {
  const [column] = matching(columns, name, (it) => it.name);
  if (column) return column;
  throw undefinedTargetColumn(name.name, table.name, name.position);
}

function placeOf(
  work: Altering,
  place: ColumnPlace | undefined,
): Place | undefined {
  if (place === undefined || place.kind === "first") return place;
  return { kind: "after", column: found(work, place.column).name };
}

function addColumn(
  work: Altering,
  definition: ColumnDefinition,
  ifNotExists: boolean,
): void {
  const { statement, table, columns } = work;
  const { name } = definition.name;
  if (definition.mask)
    throw notSupported("a mask in ADD COLUMN is", definition.position);
  if (columns.some((it) => it.name.toLowerCase() === name.toLowerCase())) {
    const message = `column "${name}" of relation "${table.name}" already exists`;
    if (!ifNotExists)
      throw new SqlError("42701", message, { position: definition.position });
    work.notices.push(`${message}, skipping`);
    return;
  }
  const plain: Column = {
    name,
    type: resolveTypeName(definition.type),
    nullable: definition.nullable,
    comment: definition.comment,
  };
  const others = plainColumns(
    statement,
    columns.filter(({ generated }) => generated === undefined),
  );
  const rule = columnRule(statement, table, definition, {
    column: plain,
    others,
  });
  const column: Column = { ...plain, ...rule };
  requireEmptyFor(work, column);
  work.changes.push({
    kind: "add-column",
    column,
    place: placeOf(work, definition.place),
  });
  work.columns = [...columns, column];
  if (definition.check)
    addConstraint(work, { kind: "check", condition: definition.check });
}

/** Rows that are there read NULL in a new column, whatever it declares. */
function requireEmptyFor(work: Altering, column: Column): void {
  const { name, nullable, generated, identity } = column;
  const rule = generated
    ? "a generated column"
    : identity
      ? "an identity column"
      : column.default && "a column with a default";
  if (rule !== undefined) {
    work.obstacles.push(
      anyRow(
        work.statement,
        work,
        notSupported(
          `adding ${rule} to a table that has rows is`,
          undefined,
          column.default &&
            "Add the column without a default, then use ALTER COLUMN … SET DEFAULT and UPDATE.",
        ),
      ),
    );
  } else if (!nullable) {
    const error = containsNulls(work, name);
    work.obstacles.push(anyRow(work.statement, work, error));
  }
}

function containsNulls(
  { statement, table }: Altering,
  column: string,
): SqlError {
  return new SqlError(
    "23502",
    `column "${column}" of relation "${table.name}" contains null values`,
    { object: { ...ruledTable(statement, table), column } },
  );
}

function dropColumn(work: Altering, name: Identifier, ifExists: boolean): void {
  const { columns, table } = work;
  const [column] = matching(columns, name, (it) => it.name);
  if (column === undefined && ifExists) {
    work.notices.push(
      `column "${name.name}" of relation "${table.name}" does not exist, skipping`,
    );
    return;
  }
  const dropped = found(work, name);
  refuseDependents(work, dropped.name, "drop");
  work.changes.push({ kind: "drop-column", name: dropped.name });
  work.columns = columns.filter((it) => it !== dropped);
}

function renameColumn(work: Altering, from: Identifier, to: Identifier): void {
  const column = found(work, from);
  refuseDependents(work, column.name, "rename");
  work.changes.push({ kind: "rename-column", from: column.name, to: to.name });
  work.columns = work.columns.map((it) =>
    it === column ? { ...it, name: to.name } : it,
  );
}

function bindColumnChange(
  work: Altering,
  name: Identifier,
  change: ColumnChange,
): void {
  const column = found(work, name);
  const changed = columnChanged(work, column, change);
  work.columns = work.columns.map((it) => (it === column ? changed : it));
}

/** Notes the change and answers the column it makes. */
function columnChanged(
  work: Altering,
  column: Column,
  change: ColumnChange,
): Column {
  const { statement, table, changes } = work;
  const { name } = column;
  switch (change.kind) {
    case "type": {
      const type = resolveTypeName(change.type);
      refuseDependents(work, name, "alter the type of");
      changes.push({ kind: "set-type", name, type });
      return { ...column, type };
    }
    case "set-not-null": {
      const error = containsNulls(work, name);
      work.obstacles.push(nullIn(statement, work, name, error));
      changes.push({ kind: "set-nullable", name, nullable: false });
      return { ...column, nullable: false };
    }
    case "drop-not-null":
      if (column.identity) refuseRuled(table.name, column);
      changes.push({ kind: "set-nullable", name, nullable: true });
      return { ...column, nullable: true };
    case "set-default": {
      refuseRuled(table.name, column);
      const value = defaultRule(statement, table, column, change.value);
      changes.push({ kind: "set-default", name, value });
      return { ...column, default: value };
    }
    case "drop-default":
      refuseRuled(table.name, column);
      changes.push({ kind: "set-default", name, value: undefined });
      return { ...column, default: undefined };
    case "place": {
      const place = placeOf(work, change.place);
      invariant(place !== undefined, "a place was given");
      if (place.kind !== "after" || place.column !== name)
        changes.push({ kind: "move-column", name, place });
      return column;
    }
    case "comment": {
      const comment = change.comment ?? undefined;
      changes.push({ kind: "set-comment", name, comment });
      return { ...column, comment };
    }
  }
}

/** Throws 42601 for a column whose values follow another rule. */
function refuseRuled(table: string, column: Column): void {
  const rule = column.generated
    ? "a generated column"
    : column.identity && "an identity column";
  if (rule === undefined) return;
  throw new SqlError(
    "42601",
    `column "${column.name}" of relation "${table}" is ${rule}`,
  );
}

/** Spark refuses to unset what is not set, unless IF EXISTS is said. */
function unsetProperties(
  work: Altering,
  action: Extract<AlterAction, { readonly kind: "unset-properties" }>,
): void {
  const { properties } = work.pinned;
  const absent = action.keys.find(
    (key) =>
      !Object.keys(properties).some(
        (it) => it.toLowerCase() === key.toLowerCase(),
      ),
  );
  if (absent !== undefined && !action.ifExists)
    throw new SqlError(
      "42704",
      `property "${absent}" of table "${work.table.name}" does not exist`,
    );
  work.changes.push({ kind: "unset-properties", keys: action.keys });
}
