// INSERT, UPDATE, DELETE and MERGE of the grammar's tree -> ours.

import type {
  Assignment,
  DeleteStatement,
  Expr,
  Identifier,
  InsertStatement,
  MergeClause,
  MergeStatement,
  OnConflict,
  PartitionColumn,
  QualifiedName,
  SelectItem,
  UpdateStatement,
} from "../ast.ts";
import { SqlError } from "../../../storage/common/errors.ts";
import { unsupported } from "../errors.ts";
import type * as Tree from "../grammar.ts";
import { markOf, takeNote } from "../source.ts";
import { readAlias, readFrom } from "./tree-from.ts";
import { readWith, selectItems } from "./tree-query.ts";
import {
  at,
  expressions,
  identifier,
  isNode,
  optional,
  optionalExpression,
  qualifiedName,
  refuseIf,
  relationName,
  stringOf,
  tokenAt,
  type TreeReader,
} from "./tree.ts";

export function readInsert(
  c: TreeReader,
  insert: Tree.InsertStmt,
  position: number,
): InsertStatement {
  const { relation, selectStmt: select } = insert;
  const overriding =
    insert.override !== undefined && insert.override !== "OVERRIDING_NOT_SET";
  refuseIf(overriding, "OVERRIDING is", position);
  const target = tokenAt(c, relation?.location);
  const byName = takeNote(c.source, target, "by-name") !== undefined;
  const overwrite = takeNote(c.source, target, "overwrite") !== undefined;
  const { columns, partition, replaceWhere } = readColumns(
    c,
    insert.cols ?? [],
    takeNote(c.source, target, "partition")?.names ?? 0,
  );
  if (byName && columns.length > 0) throw columnsAndByName(position);
  if (replaceWhere !== undefined && (overwrite || partition.length > 0))
    throw replacedTwice(replaceWhere.position);
  const alias = readAlias(c, relation?.alias, position)?.name;
  const source =
    select !== undefined && isNode(select, "SelectStmt")
      ? c.query(select.SelectStmt, position)
      : undefined;
  return {
    kind: "insert",
    table: relationName(c, relation),
    ...optional("alias", alias),
    columns,
    ...optional("source", source),
    overwrite,
    partition,
    ...optional("replaceWhere", replaceWhere),
    byName,
    evolves: takeNote(c.source, target, "evolution") !== undefined,
    ...optional("onConflict", readOnConflict(c, insert.onConflictClause)),
    returning: readReturning(c, insert.returningClause, position),
    ...optional("with", readWith(c, insert.withClause)),
    position,
  };
}

/** Throws 42601 for DO UPDATE without a key to look at. */
function readOnConflict(
  c: TreeReader,
  clause: Tree.OnConflictClause | undefined,
): OnConflict | undefined {
  if (clause === undefined) return undefined;
  const position = at(c, clause.location);
  const updates = clause.action === "ONCONFLICT_UPDATE";
  if (updates && clause.infer === undefined) throw noConflictTarget(position);
  const where = optionalExpression(c, clause.whereClause);
  return {
    ...optional("target", readConflictTarget(c, clause.infer)),
    ...(updates && {
      update: {
        assignments: readAssignments(c, clause.targetList),
        ...optional("where", where),
      },
    }),
    position,
  };
}

/** Keys are declared without expressions and collations: with one, no key is meant. Throws 0A000 for predicates. */
function readConflictTarget(
  c: TreeReader,
  infer: Tree.InferClause | undefined,
): OnConflict["target"] {
  if (infer === undefined) return undefined;
  const position = at(c, infer.location);
  if (infer.conname !== undefined)
    return { kind: "constraint", name: identifier(c, infer.conname, position) };
  refuseIf(
    infer.whereClause !== undefined,
    "a predicate of the key in ON CONFLICT is",
    position,
  );
  const columns = (infer.indexElems ?? []).flatMap((node) => {
    const element = isNode(node, "IndexElem") ? node.IndexElem : {};
    const { name, collation, opclass } = element;
    const plain = collation === undefined && opclass === undefined;
    return plain && name !== undefined ? identifier(c, name, position) : [];
  });
  const all = columns.length === infer.indexElems?.length;
  return { kind: "columns", columns: all ? columns : [] };
}

function noConflictTarget(position: number): SqlError {
  return new SqlError(
    "42601",
    "ON CONFLICT DO UPDATE requires inference specification or constraint name",
    { hint: "For example, ON CONFLICT (column_name).", position },
  );
}

function columnsAndByName(position: number): SqlError {
  return new SqlError(
    "42601",
    "INSERT with a column list cannot be BY NAME as well",
    { position },
  );
}

function replacedTwice(position: number): SqlError {
  return new SqlError(
    "42601",
    "REPLACE WHERE cannot be combined with OVERWRITE or PARTITION",
    { position },
  );
}

interface InsertColumns {
  readonly columns: readonly Identifier[];
  readonly partition: readonly PartitionColumn[];
  readonly replaceWhere: Expr | undefined;
}

/** The grammar's list of columns is what dialect-replace.ts made of three clauses. `names`: how many PARTITION has. */
function readColumns(
  c: TreeReader,
  nodes: readonly Tree.Node[],
  names: number,
): InsertColumns {
  const last = nodes.at(-1);
  const replaced =
    last !== undefined && isMarked(c, last, "replace-where") ? last : undefined;
  const listed = replaced === undefined ? nodes : nodes.slice(0, -1);
  return {
    partition: listed.slice(0, names).map((node) => {
      if (!isNode(node, "ResTarget")) throw unsupported("this column is", 1);
      const { name, location } = node.ResTarget;
      const column = identifier(c, name ?? "", at(c, location));
      return { column, ...optional("value", readSubscript(c, node)) };
    }),
    columns: listed.slice(names).map((node) => readColumnName(c, node)),
    replaceWhere: replaced && readSubscript(c, replaced),
  };
}

function readSubscript(c: TreeReader, node: Tree.Node): Expr | undefined {
  const step = isNode(node, "ResTarget")
    ? node.ResTarget.indirection?.[0]
    : undefined;
  if (step === undefined || !isNode(step, "A_Indices")) return undefined;
  const { is_slice: isSlice, uidx } = step.A_Indices;
  // A colon in the clause, which the grammar takes for a range.
  if (isSlice === true) throw unsupported("this expression is", 1);
  return optionalExpression(c, uidx);
}

function readColumnName(c: TreeReader, node: Tree.Node): Identifier {
  if (!isNode(node, "ResTarget")) throw unsupported("this column is", 1);
  const { name, indirection, location } = node.ResTarget;
  const position = at(c, location);
  refuseIf(
    indirection !== undefined,
    "writing a part of a column is",
    position,
  );
  return identifier(c, name ?? "", position);
}

function readReturning(
  c: TreeReader,
  clause: Tree.ReturningClause | undefined,
  position: number,
): readonly SelectItem[] {
  const withOptions = (clause?.options ?? []).length > 0;
  refuseIf(withOptions, "RETURNING WITH is", position);
  return selectItems(c, clause?.exprs);
}

export function readUpdate(
  c: TreeReader,
  update: Tree.UpdateStmt,
  position: number,
): UpdateStatement {
  const { relation } = update;
  return {
    kind: "update",
    table: relationName(c, relation),
    ...optional("alias", readAlias(c, relation?.alias, position)),
    assignments: readAssignments(c, update.targetList),
    from: (update.fromClause ?? []).map((item) => readFrom(c, item)),
    ...optional("where", optionalExpression(c, update.whereClause)),
    returning: readReturning(c, update.returningClause, position),
    ...optional("with", readWith(c, update.withClause)),
    position,
  };
}

/** The grammar gives a list on the left as one target a column, each with the whole right side. */
function readAssignments(
  c: TreeReader,
  nodes: readonly Tree.Node[] | undefined,
): Assignment[] {
  const targets = (nodes ?? []).flatMap((node) =>
    isNode(node, "ResTarget") ? [node.ResTarget] : [],
  );
  return targets.flatMap(({ val, location }, i): Assignment[] => {
    const position = at(c, location);
    if (val === undefined) throw unsupported("this assignment is", position);
    if (!isNode(val, "MultiAssignRef")) {
      const columns = [readAssigned(c, targets[i])];
      return [{ columns, listed: false, value: c.expression(val), position }];
    }
    const { source, colno, ncolumns } = val.MultiAssignRef;
    if (source === undefined || (colno ?? 1) !== 1) return [];
    const columns = targets
      .slice(i, i + (ncolumns ?? 1))
      .map((target) => readAssigned(c, target));
    return [{ columns, listed: true, value: c.expression(source), position }];
  });
}

/** A column, or a field of one. */
function readAssigned(
  c: TreeReader,
  target: Tree.ResTarget | undefined,
): QualifiedName {
  const { name, indirection, location } = target ?? {};
  const steps = indirection ?? [];
  refuseIf(
    steps.some((step) => !isNode(step, "String")),
    "assigning to an array element is",
    at(c, location),
  );
  return qualifiedName(c, [name ?? "", ...steps.map(stringOf)], location);
}

export function readDelete(
  c: TreeReader,
  statement: Tree.DeleteStmt,
  position: number,
): DeleteStatement {
  const { relation } = statement;
  return {
    kind: "delete",
    table: relationName(c, relation),
    ...optional("alias", readAlias(c, relation?.alias, position)),
    using: (statement.usingClause ?? []).map((item) => readFrom(c, item)),
    ...optional("where", optionalExpression(c, statement.whereClause)),
    returning: readReturning(c, statement.returningClause, position),
    ...optional("with", readWith(c, statement.withClause)),
    position,
  };
}

export function readMerge(
  c: TreeReader,
  merge: Tree.MergeStmt,
  position: number,
): MergeStatement {
  const { relation, sourceRelation, joinCondition } = merge;
  if (sourceRelation === undefined || joinCondition === undefined) {
    throw unsupported("this MERGE is", position);
  }
  if (merge.withClause?.recursive === true) {
    throw new SqlError(
      "42601",
      "WITH RECURSIVE is not supported for MERGE statement",
    );
  }
  return {
    kind: "merge",
    target: relationName(c, relation),
    ...optional("targetAlias", readAlias(c, relation?.alias, position)),
    source: readFrom(c, sourceRelation),
    on: c.expression(joinCondition),
    clauses: (merge.mergeWhenClauses ?? []).flatMap((node) =>
      isNode(node, "MergeWhenClause")
        ? [readMergeClause(c, node.MergeWhenClause, position)]
        : [],
    ),
    evolves:
      takeNote(c.source, tokenAt(c, relation?.location), "evolution") !==
      undefined,
    returning: readReturning(c, merge.returningClause, position),
    ...optional("with", readWith(c, merge.withClause)),
    position,
  };
}

const MATCHES: Readonly<Record<Tree.MergeMatchKind, MergeClause["match"]>> = {
  MERGE_WHEN_MATCHED: "matched",
  MERGE_WHEN_NOT_MATCHED_BY_SOURCE: "not-matched-by-source",
  MERGE_WHEN_NOT_MATCHED_BY_TARGET: "not-matched",
};

function readMergeClause(
  c: TreeReader,
  clause: Tree.MergeWhenClause,
  statementPosition: number,
): MergeClause {
  const condition = optionalExpression(c, clause.condition);
  const first = clause.targetList?.[0];
  const position =
    condition?.position ??
    (first !== undefined && isNode(first, "ResTarget")
      ? at(c, first.ResTarget.location)
      : statementPosition);
  return {
    match: MATCHES[clause.matchKind ?? "MERGE_WHEN_MATCHED"],
    ...optional("condition", condition),
    action: readMergeAction(c, clause),
    position,
  };
}

function readMergeAction(
  c: TreeReader,
  clause: Tree.MergeWhenClause,
): MergeClause["action"] {
  const targets = clause.targetList;
  switch (clause.commandType) {
    case "CMD_UPDATE":
      return isStar(c, targets)
        ? { kind: "update-star" }
        : { kind: "update", assignments: readAssignments(c, targets) };
    case "CMD_INSERT":
      if (isStar(c, targets)) return { kind: "insert-star" };
      return {
        kind: "insert",
        columns: (targets ?? []).flatMap((node) =>
          isNode(node, "ResTarget") ? [readAssigned(c, node.ResTarget)] : [],
        ),
        values: expressions(c, clause.values),
      };
    case "CMD_DELETE":
      return { kind: "delete" };
    default:
      return { kind: "nothing" };
  }
}

function isStar(
  c: TreeReader,
  targets: readonly Tree.Node[] | undefined,
): boolean {
  const only = targets?.length === 1 ? targets[0] : undefined;
  return only !== undefined && isMarked(c, only, "star");
}

function isMarked(
  c: TreeReader,
  node: Tree.Node,
  kind: "star" | "replace-where",
): boolean {
  if (!isNode(node, "ResTarget")) return false;
  return markOf(c.source, node.ResTarget.name ?? "")?.kind === kind;
}
