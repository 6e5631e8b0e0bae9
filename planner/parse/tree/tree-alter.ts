// ALTER, DROP, COMMENT and their like of the grammar's tree -> ours. What is not listed in ast.ts answers undefined: the caller makes
// an unsupported statement of it.

import type {
  AlterAction,
  ColumnChange,
  CommentStatement,
  Expr,
  ObjectType,
  QualifiedName,
  Statement,
  TableConstraint,
  TypeName,
} from "../ast.ts";
import type * as Tree from "../grammar.ts";
import { takeNote } from "../source.ts";
import { readColumnDefinition, readTableConstraint } from "./tree-create.ts";
import {
  at,
  identifier,
  isNode,
  nameText,
  placelessName,
  refuseIf,
  relationName,
  stringOf,
  strings,
  tokenAt,
  type TreeReader,
} from "./tree.ts";

const OBJECT_TYPES: ReadonlyMap<string, ObjectType> = new Map<
  string,
  ObjectType
>([
  ["OBJECT_TABLE", "table"],
  ["OBJECT_VIEW", "view"],
  ["OBJECT_SCHEMA", "schema"],
  ["OBJECT_FUNCTION", "function"],
  ["OBJECT_DATABASE", "catalog"],
]);

/** Names in DROP, COMMENT and ALTER: a list of strings, a string, a function with arguments, or a type. */
function objectNames(node: Tree.Node | undefined): string[] {
  if (node === undefined) return [];
  if (isNode(node, "List")) return strings(node.List.items);
  if (isNode(node, "String")) return [stringOf(node)];
  if (isNode(node, "ObjectWithArgs"))
    return strings(node.ObjectWithArgs.objname);
  return isNode(node, "TypeName") ? strings(node.TypeName.names) : [];
}

export function readDrop(
  c: TreeReader,
  drop: Tree.DropStmt,
  position: number,
): Statement | undefined {
  const type = OBJECT_TYPES.get(drop.removeType ?? "");
  if (type === undefined) return undefined;
  return {
    kind: "drop",
    type,
    names: (drop.objects ?? []).map((object) =>
      placelessName(c, objectNames(object), position),
    ),
    ifExists: drop.missing_ok === true,
    cascade: drop.behavior === "DROP_CASCADE",
    position,
  };
}

export function readComment(
  c: TreeReader,
  comment: Tree.CommentStmt,
  position: number,
): CommentStatement | undefined {
  const kind = comment.objtype ?? "";
  const type =
    kind === "OBJECT_COLUMN" ? ("column" as const) : OBJECT_TYPES.get(kind);
  if (type === undefined) return undefined;
  const name = placelessName(c, objectNames(comment.object), position);
  const text = comment.comment ?? null;
  return { kind: "comment", type, name, comment: text, position };
}

/** Parts of a relation that have names of their own. */
interface RenamedPart {
  readonly kind: "rename-column" | "rename-constraint";
  /** What they are part of, where the tree does not say. */
  readonly of?: "OBJECT_TABLE";
}
const RENAMED_PARTS: ReadonlyMap<string, RenamedPart> = new Map<
  string,
  RenamedPart
>([
  ["OBJECT_COLUMN", { kind: "rename-column" }],
  ["OBJECT_TABCONSTRAINT", { kind: "rename-constraint", of: "OBJECT_TABLE" }],
]);

export function readRename(
  c: TreeReader,
  rename: Tree.RenameStmt,
  position: number,
): Statement | undefined {
  const part = RENAMED_PARTS.get(rename.renameType ?? "");
  const type = OBJECT_TYPES.get(
    (part ? (part.of ?? rename.relationType) : rename.renameType) ?? "",
  );
  if (type === undefined) return undefined;
  const name =
    rename.relation === undefined
      ? placelessName(c, renamedParts(rename), position)
      : relationName(c, rename.relation);
  const to = identifier(c, rename.newname ?? "", name.position);
  const action: AlterAction = part
    ? {
        kind: part.kind,
        from: identifier(c, rename.subname ?? "", name.position),
        to,
      }
    : { kind: "rename", to: { parts: [to], position: to.position } };
  const ifExists = rename.missing_ok === true;
  return { kind: "alter", type, name, ifExists, actions: [action], position };
}

/** ALTER SCHEMA and ALTER DATABASE keep the old name in `subname`. */
function renamedParts(rename: Tree.RenameStmt): string[] {
  return rename.object === undefined
    ? [rename.subname ?? ""]
    : objectNames(rename.object);
}

export function readSetSchema(
  c: TreeReader,
  alter: Tree.AlterObjectSchemaStmt,
  position: number,
): Statement | undefined {
  const type = OBJECT_TYPES.get(alter.objectType ?? "");
  if (type === undefined) return undefined;
  const name =
    alter.relation === undefined
      ? placelessName(c, objectNames(alter.object), position)
      : relationName(c, alter.relation);
  const schema = identifier(c, alter.newschema ?? "", name.position);
  return {
    kind: "alter",
    type,
    name,
    ifExists: alter.missing_ok === true,
    actions: [{ kind: "set-schema", schema }],
    position,
  };
}

export function readAlterTable(
  c: TreeReader,
  alter: Tree.AlterTableStmt,
  position: number,
): Statement | undefined {
  const type = OBJECT_TYPES.get(alter.objtype ?? "");
  const commands = (alter.cmds ?? []).flatMap((node) =>
    isNode(node, "AlterTableCmd") ? [node.AlterTableCmd] : [],
  );
  const name = relationName(c, alter.relation);
  const actions = alterActions(c, commands, name);
  if (type === undefined || actions === undefined) return undefined;
  const ifExists = alter.missing_ok === true;
  return { kind: "alter", type, name, ifExists, actions, position };
}

/** Undefined when one of them is not ours. Neighbours that add, or drop, columns become one action. */
function alterActions(
  c: TreeReader,
  commands: readonly Tree.AlterTableCmd[],
  name: QualifiedName,
): readonly AlterAction[] | undefined {
  const actions: AlterAction[] = [];
  for (const command of commands) {
    const read = alterActionsOf(c, command, name);
    if (read === undefined) return undefined;
    for (const action of read) addAction(actions, action);
  }
  return actions;
}

function addAction(actions: AlterAction[], action: AlterAction): void {
  const last = actions.at(-1);
  if (
    last?.kind === "add-column" &&
    action.kind === "add-column" &&
    last.ifNotExists === action.ifNotExists
  ) {
    const columns = [...last.columns, ...action.columns];
    actions[actions.length - 1] = { ...last, columns };
  } else if (
    last?.kind === "drop-column" &&
    action.kind === "drop-column" &&
    last.ifExists === action.ifExists
  ) {
    const columns = [...last.columns, ...action.columns];
    actions[actions.length - 1] = { ...last, columns };
  } else actions.push(action);
}

function alterActionsOf(
  c: TreeReader,
  command: Tree.AlterTableCmd,
  name: QualifiedName,
): readonly AlterAction[] | undefined {
  const column = identifier(c, command.name ?? "", name.position);
  const conditional = command.missing_ok === true;
  switch (command.subtype) {
    case "AT_AddColumn":
      return addedColumn(c, command);
    case "AT_DropColumn":
      return [
        { kind: "drop-column", columns: [column], ifExists: conditional },
      ];
    case "AT_AddConstraint":
      return addedConstraint(c, command);
    case "AT_DropConstraint":
      return [{ kind: "drop-constraint", name: column, ifExists: conditional }];
    default: {
      const change = columnChange(c, command);
      return (
        change &&
        [change, ...besideType(c, command)].map((it): AlterAction => ({
          kind: "alter-column",
          column,
          change: it,
        }))
      );
    }
  }
}

/** What CHANGE COLUMN says besides the type. */
function besideType(
  c: TreeReader,
  { subtype, def }: Tree.AlterTableCmd,
): readonly ColumnChange[] {
  if (subtype !== "AT_AlterColumnType" || !def || !isNode(def, "ColumnDef"))
    return [];
  const token = tokenAt(c, def.ColumnDef.location);
  const comment = takeNote(c.source, token, "comment");
  const place = takeNote(c.source, token, "place");
  return [
    ...(comment ? [{ kind: "comment" as const, comment: comment.text }] : []),
    ...(place ? [{ kind: "place" as const, place: place.place }] : []),
  ];
}

function columnChange(
  c: TreeReader,
  { subtype, def, name }: Tree.AlterTableCmd,
): ColumnChange | undefined {
  switch (subtype) {
    case "AT_SetNotNull":
      return { kind: "set-not-null" };
    case "AT_DropNotNull":
      return { kind: "drop-not-null" };
    case "AT_ColumnDefault":
      return def === undefined
        ? { kind: "drop-default" }
        : { kind: "set-default", value: c.expression(def) };
    case "AT_AlterColumnType": {
      if (def === undefined || !isNode(def, "ColumnDef")) return undefined;
      const { typeName, raw_default: using, location } = def.ColumnDef;
      if (typeName === undefined) return undefined;
      const type = c.type(typeName);
      refuseIf(
        using !== undefined &&
          !isCastOf(c.expression(using), nameText(c, name), type),
        "USING of ALTER COLUMN is",
        at(c, location),
      );
      return { kind: "type", type };
    }
    default:
      return undefined;
  }
}

/** `USING c::type` says what happens without it. */
function isCastOf(value: Expr, column: string, type: TypeName): boolean {
  const operand = value.kind === "cast" ? value.operand : value;
  if (operand.kind !== "column" || operand.name.parts.length !== 1)
    return false;
  if (operand.name.parts[0]?.name !== column) return false;
  return value.kind !== "cast" || sameType(value.type, type);
}

function sameType(one: TypeName, other: TypeName): boolean {
  const { position: _one, ...a } = one;
  const { position: _other, ...b } = other;
  return JSON.stringify(a) === JSON.stringify(b);
}

function addedConstraint(
  c: TreeReader,
  { def }: Tree.AlterTableCmd,
): readonly AlterAction[] | undefined {
  if (def === undefined || !isNode(def, "Constraint")) return undefined;
  const constraint = readTableConstraint(c, def.Constraint);
  return [{ kind: "add-constraint", constraint }];
}

/** Constraints with names of their own follow the column. */
function addedColumn(
  c: TreeReader,
  { def, missing_ok: conditional }: Tree.AlterTableCmd,
): readonly AlterAction[] | undefined {
  if (def === undefined || !isNode(def, "ColumnDef")) return undefined;
  const constraints: TableConstraint[] = [];
  const column = readColumnDefinition(c, def.ColumnDef, constraints);
  return [
    {
      kind: "add-column",
      columns: [column],
      ifNotExists: conditional === true,
    },
    ...constraints.map((constraint): AlterAction => ({
      kind: "add-constraint",
      constraint,
    })),
  ];
}
