// One statement of the grammar's tree -> ours. Kinds that ast.ts does not list become `unsupported`, with the tables they name.

import type { QualifiedName, Query, Statement } from "../ast.ts";
import type * as Tree from "../grammar.ts";
import type { Source } from "../source.ts";
import {
  readAlterTable,
  readComment,
  readDrop,
  readRename,
  readSetSchema,
} from "./tree-alter.ts";
import {
  readCreateTable,
  readCreateTableAs,
  readCreateView,
} from "./tree-create.ts";
import { readCopy } from "./tree-copy.ts";
import { readQuery } from "./tree-query.ts";
import {
  readDeclareCursor,
  readExecute,
  readExplain,
  readFetch,
  readPrepare,
  readSet,
  readShow,
  readTransaction,
} from "./tree-session.ts";
import { readDelete, readInsert, readMerge, readUpdate } from "./tree-write.ts";
import {
  identifier,
  identifiers,
  isNode,
  kindOf,
  nameText,
  optional,
  relationName,
  type NodeKind,
  type NodeOf,
  type TreeReader,
} from "./tree.ts";

type Reader = (
  c: TreeReader,
  node: Tree.Node,
  position: number,
) => Statement | undefined;

/** A row of the table below; `undefined` from a reader means "unsupported". */
function on<K extends NodeKind>(
  kind: K,
  read: (
    c: TreeReader,
    node: NodeOf<K>,
    position: number,
  ) => Statement | undefined,
): readonly [string, Reader] {
  return [
    kind,
    (c, node, position) =>
      isNode(node, kind) ? read(c, node, position) : undefined,
  ];
}

const READERS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  on("SelectStmt", (c, n, p) => readSelect(c, n.SelectStmt, p)),
  on("InsertStmt", (c, n, p) => readInsert(c, n.InsertStmt, p)),
  on("UpdateStmt", (c, n, p) => readUpdate(c, n.UpdateStmt, p)),
  on("DeleteStmt", (c, n, p) => readDelete(c, n.DeleteStmt, p)),
  on("MergeStmt", (c, n, p) => readMerge(c, n.MergeStmt, p)),
  on("CopyStmt", (c, n, p) => readCopy(c, n.CopyStmt, p)),
  on("CreateStmt", (c, n, p) => readCreateTable(c, n.CreateStmt, p)),
  on("CreateTableAsStmt", (c, n, p) => readTableAs(c, n.CreateTableAsStmt, p)),
  on("ViewStmt", (c, n, p) => readCreateView(c, n.ViewStmt, p)),
  on("DropStmt", (c, n, p) => readDrop(c, n.DropStmt, p)),
  on("TruncateStmt", (c, n, position) => ({
    kind: "truncate",
    tables: relations(c, n.TruncateStmt.relations),
    position,
  })),
  on("AlterTableStmt", (c, n, p) => readAlterTable(c, n.AlterTableStmt, p)),
  on("RenameStmt", (c, n, p) => readRename(c, n.RenameStmt, p)),
  on("AlterObjectSchemaStmt", (c, n, p) =>
    readSetSchema(c, n.AlterObjectSchemaStmt, p),
  ),
  on("CommentStmt", (c, n, p) => readComment(c, n.CommentStmt, p)),
  on("ExplainStmt", (c, n, p) => readExplain(c, n.ExplainStmt, p)),
  on("VariableShowStmt", (c, n, p) => readShow(c, n.VariableShowStmt, p)),
  on("VariableSetStmt", (c, n, p) => readSet(c, n.VariableSetStmt, p)),
  on("TransactionStmt", (c, n, p) => readTransaction(c, n.TransactionStmt, p)),
  on("PrepareStmt", (c, n, p) => readPrepare(c, n.PrepareStmt, p)),
  on("ExecuteStmt", (c, n, p) => readExecute(c, n.ExecuteStmt, p)),
  on("DeallocateStmt", (c, n, position) => ({
    kind: "deallocate",
    ...optional("name", optionalName(c, n.DeallocateStmt.name)),
    position,
  })),
  on("DeclareCursorStmt", (c, n, p) =>
    readDeclareCursor(c, n.DeclareCursorStmt, p),
  ),
  on("FetchStmt", (c, n, p) => readFetch(c, n.FetchStmt, p)),
  on("ClosePortalStmt", (c, n, position) => ({
    kind: "close",
    ...optional("cursor", optionalName(c, n.ClosePortalStmt.portalname)),
    position,
  })),
  on("DiscardStmt", (_c, n, position) => ({
    kind: "discard",
    what: DISCARDED[n.DiscardStmt.target ?? "DISCARD_ALL"],
    position,
  })),
  on("ListenStmt", (c, n, position) => ({
    kind: "listen",
    channel: nameText(c, n.ListenStmt.conditionname),
    position,
  })),
  on("UnlistenStmt", (c, n, position) => ({
    kind: "unlisten",
    channel: optionalName(c, n.UnlistenStmt.conditionname) ?? "*",
    position,
  })),
  on("NotifyStmt", (c, n, position) => ({
    kind: "notify",
    channel: nameText(c, n.NotifyStmt.conditionname),
    position,
  })),
  on("LockStmt", (c, n, position) => ({
    kind: "lock",
    tables: relations(c, n.LockStmt.relations),
    position,
  })),
  on("VacuumStmt", (c, n, p) => readAnalyze(c, n.VacuumStmt, p)),
  on("CreateSchemaStmt", (c, n, p) =>
    readCreateSchema(c, n.CreateSchemaStmt, p),
  ),
]);

const DISCARDED = {
  DISCARD_ALL: "all",
  DISCARD_PLANS: "plans",
  DISCARD_SEQUENCES: "sequences",
  DISCARD_TEMP: "temp",
} as const;

/** Never fails for a kind it does not know; constructs inside a known kind are refused with 0A000. */
export function readStatement(
  c: TreeReader,
  node: Tree.Node,
  position: number,
): Statement {
  return (
    READERS.get(kindOf(node))?.(c, node, position) ?? {
      kind: "unsupported",
      construct: `${commandName(c.source)} is`,
      tables: MAKERS.has(kindOf(node))
        ? []
        : relationsWithin(c, readPart(node)),
      position,
    }
  );
}

/** Statements whose only relation is the one to be made. */
const MAKERS: ReadonlySet<string> = new Set([
  "CreateSeqStmt",
  "CreateForeignTableStmt",
  "CompositeTypeStmt",
]);

/** What is to be made is not there yet. */
function readPart(node: Tree.Node): Tree.Node {
  if (!isNode(node, "CreateTableAsStmt")) return node;
  return node.CreateTableAsStmt.query ?? node;
}

function readSelect(
  c: TreeReader,
  select: Tree.SelectStmt,
  position: number,
): Statement {
  const { intoClause, ...rest } = withoutInto(select);
  const query = readQuery(c, rest, position);
  if (intoClause === undefined) return { kind: "select", query, position };
  return readCreateTableAs(c, intoClause, query, {
    ifNotExists: false,
    position,
  });
}

/** SELECT INTO of a set operation hangs on its leftmost SELECT. */
function withoutInto(select: Tree.SelectStmt): Tree.SelectStmt {
  if (select.larg === undefined) return select;
  const { intoClause, ...larg } = withoutInto(select.larg);
  return intoClause === undefined ? select : { ...select, larg, intoClause };
}

function readTableAs(
  c: TreeReader,
  create: Tree.CreateTableAsStmt,
  position: number,
): Statement | undefined {
  const { query, into } = create;
  if (create.objtype !== "OBJECT_TABLE" || into === undefined) return undefined;
  if (query === undefined || !isNode(query, "SelectStmt")) return undefined;
  const source: Query = c.query(query.SelectStmt, position);
  const ifNotExists = create.if_not_exists === true;
  return readCreateTableAs(c, into, source, { ifNotExists, position });
}

function readCreateSchema(
  c: TreeReader,
  create: Tree.CreateSchemaStmt,
  position: number,
): Statement | undefined {
  const extra = create.schemaElts ?? create.authrole;
  if (extra !== undefined || create.schemaname === undefined) return undefined;
  const name = identifier(c, create.schemaname, position);
  return {
    kind: "create-schema",
    name: { parts: [name], position: name.position },
    ifNotExists: create.if_not_exists === true,
    position,
  };
}

/** ANALYZE with one table or none; VACUUM comes with another issue. */
function readAnalyze(
  c: TreeReader,
  vacuum: Tree.VacuumStmt,
  position: number,
): Statement | undefined {
  const relations = (vacuum.rels ?? []).flatMap((node) =>
    isNode(node, "VacuumRelation") ? [node.VacuumRelation] : [],
  );
  if (vacuum.is_vacuumcmd === true || relations.length > 1) return undefined;
  const [only] = relations;
  if (only === undefined) return { kind: "analyze", position };
  const table = relationName(c, only.relation);
  const columns =
    only.va_cols === undefined
      ? undefined
      : identifiers(c, only.va_cols, table.position);
  return { kind: "analyze", table, ...optional("columns", columns), position };
}

function optionalName(
  c: TreeReader,
  name: string | undefined,
): string | undefined {
  return name === undefined || name === "" ? undefined : nameText(c, name);
}

function relations(
  c: TreeReader,
  nodes: readonly Tree.Node[] | undefined,
): QualifiedName[] {
  return (nodes ?? []).flatMap((node) =>
    isNode(node, "RangeVar") ? [relationName(c, node.RangeVar)] : [],
  );
}

/** Every relation anywhere in a tree we do not read otherwise, in the order of the text. */
function relationsWithin(c: TreeReader, root: unknown): QualifiedName[] {
  const found: QualifiedName[] = [];
  const pending: unknown[] = [root];
  while (pending.length > 0) {
    const value = pending.pop();
    if (typeof value !== "object" || value === null) continue;
    if (isRelation(value)) {
      found.push(relationName(c, value));
      continue;
    }
    const children: readonly unknown[] = Object.values(value);
    for (const child of children) pending.push(child);
  }
  return found.sort((a, b) => a.position - b.position);
}

// By the fields that only a RangeVar has.
function isRelation(value: object): value is Tree.RangeVar {
  return "relname" in value && "relpersistence" in value;
}

const OBJECT_COMMANDS: ReadonlySet<string> = new Set([
  "create",
  "alter",
  "drop",
  "comment",
]);
const SKIPPED_WORDS: ReadonlySet<string> = new Set(
  `or replace temp temporary unlogged unique trusted recursive local global constraint on`.split(
    " ",
  ),
);
// Objects whose kind has two words.
const TWO_WORD_OBJECTS: ReadonlySet<string> = new Set([
  "materialized view",
  "foreign table",
  "foreign data",
  "event trigger",
  "text search",
  "access method",
  "default privileges",
  "operator class",
  "operator family",
  "user mapping",
  "large object",
]);

/** The command's name for a message: `CREATE TRIGGER`, `DROP MATERIALIZED VIEW`, `VACUUM`. */
export function commandName(source: Pick<Source, "tokens">): string {
  const words = source.tokens
    .slice(0, 8)
    .filter((token) => token.kind === "word")
    .map((token) => token.text);
  const [verb, ...rest] = words;
  if (verb === undefined) return "this statement";
  if (!OBJECT_COMMANDS.has(verb)) return verb.toUpperCase();
  const objects = rest.filter((word) => !SKIPPED_WORDS.has(word));
  const count = TWO_WORD_OBJECTS.has(objects.slice(0, 2).join(" ")) ? 2 : 1;
  return [verb, ...objects.slice(0, count)].join(" ").toUpperCase();
}
