// ALTER, DROP, COMMENT and their like of the grammar's tree -> ours. What is not listed in ast.ts answers undefined: the caller makes
// an unsupported statement of it.

import type {
  AlterAction,
  ColumnDefinition,
  CommentStatement,
  ObjectType,
  QualifiedName,
  Statement,
  TableConstraint,
} from "./ast.ts";
import { unsupported } from "./errors.ts";
import type * as Tree from "./grammar.ts";
import { readColumnDefinition } from "./tree-create.ts";
import {
  identifier,
  isNode,
  placelessName,
  refuseIf,
  relationName,
  stringOf,
  strings,
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

export function readRename(
  c: TreeReader,
  rename: Tree.RenameStmt,
  position: number,
): Statement | undefined {
  const column = rename.renameType === "OBJECT_COLUMN";
  const kind = column ? rename.relationType : rename.renameType;
  const type = OBJECT_TYPES.get(kind ?? "");
  if (type === undefined) return undefined;
  const name =
    rename.relation === undefined
      ? placelessName(c, renamedParts(rename), position)
      : relationName(c, rename.relation);
  const to = identifier(c, rename.newname ?? "", name.position);
  const action: AlterAction = column
    ? {
        kind: "rename-column",
        from: identifier(c, rename.subname ?? "", name.position),
        to,
      }
    : { kind: "rename", to: { parts: [to], position: to.position } };
  const ifExists = rename.missing_ok === true;
  return { kind: "alter", type, name, ifExists, action, position };
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
    action: { kind: "set-schema", schema },
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
  const action = alterAction(c, commands, name, position);
  if (type === undefined || action === undefined) return undefined;
  const ifExists = alter.missing_ok === true;
  return { kind: "alter", type, name, ifExists, action, position };
}

function alterAction(
  c: TreeReader,
  commands: readonly Tree.AlterTableCmd[],
  name: QualifiedName,
  position: number,
): AlterAction | undefined {
  const kinds = new Set(commands.map((command) => command.subtype));
  const [kind] = kinds;
  if (kind !== "AT_AddColumn" && kind !== "AT_DropColumn") return undefined;
  refuseIf(
    kinds.size > 1,
    "several kinds of action in one ALTER are",
    position,
  );
  const conditional = commands.some((command) => command.missing_ok === true);
  if (kind === "AT_DropColumn") {
    const columns = commands.map((command) =>
      identifier(c, command.name ?? "", name.position),
    );
    return { kind: "drop-column", columns, ifExists: conditional };
  }
  refuseIf(conditional, "ADD COLUMN IF NOT EXISTS is", position);
  return { kind: "add-column", columns: addedColumns(c, commands) };
}

function addedColumns(
  c: TreeReader,
  commands: readonly Tree.AlterTableCmd[],
): readonly ColumnDefinition[] {
  const constraints: TableConstraint[] = [];
  const columns = commands.flatMap(({ def }) =>
    def !== undefined && isNode(def, "ColumnDef")
      ? [readColumnDefinition(c, def.ColumnDef, constraints)]
      : [],
  );
  if (constraints.length > 0) {
    const place = columns[0]?.position ?? 1;
    throw unsupported("a constraint in ADD COLUMN is", place);
  }
  return columns;
}
