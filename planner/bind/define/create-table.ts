// CREATE TABLE and CREATE TABLE AS: columns with their types and rules, constraints under their names.

import { notSupported } from "../../../storage/common/errors.ts";
import { invariant } from "../../../storage/common/invariant.ts";
import type { Column } from "../../../storage/common/schema.ts";
import type { FilesFormat } from "../../../storage/files/format.ts";
import { resolveTypeName } from "../../functions/type-name.ts";
import type { PlanColumn, ProjectItem } from "../../logical/plan.ts";
import type {
  CreateTableAsStatement,
  CreateTableStatement,
  QualifiedName,
} from "../../parse/ast.ts";
import type { StatementBody } from "../bound.ts";
import { cast } from "../coerce.ts";
import { columnRule } from "./column-rule.ts";
import { namedConstraints } from "./constraint.ts";
import { filesFormat } from "../from/file-options.ts";
import { scaleOf } from "../decimal-scale.ts";
import { withoutUnusedHidden } from "../query/hidden-columns.ts";
import { reference } from "../query/output.ts";
import { createdPolicies, onPlainFiles } from "../policy/change-policies.ts";
import type { StatementContext } from "../statement-context.ts";
import { storedType } from "./stored-type.ts";
import {
  columnSpecifiedTwice,
  tooManyColumnNames,
} from "../errors/errors-value.ts";

/** Throws 42704, 42701 for columns, and what binding their rules throws. */
export function bindCreateTable(
  statement: StatementContext,
  node: CreateTableStatement,
): StatementBody {
  const copied =
    node.like === undefined ? [] : likeColumns(statement, node.like);
  const declared = node.columns.map((column): Column => ({
    name: column.name.name,
    type: resolveTypeName(column.type),
    nullable: column.nullable,
    comment: column.comment,
  }));
  const plain = [...copied, ...declared];
  refuseRepeated(plain.map(({ name }) => name));
  const scope = plainColumns(statement, plain);
  const generated = new Set(
    node.columns.flatMap((it) => (it.generated ? [it.name.name] : [])),
  );
  const name = node.name.parts.at(-1)?.name ?? "";
  const columns = [
    ...copied,
    ...node.columns.map((definition, i): Column => {
      const column = declared[i];
      invariant(column !== undefined, "each definition has its column");
      return {
        ...column,
        ...columnRule(statement, { name }, definition, {
          column,
          others: scope.filter((it) => !generated.has(it.name)),
        }),
      };
    }),
  ];
  const files = plainFiles(node, columns);
  const policies = createdPolicies(statement, name, scope, {
    rowFilter: node.options.rowFilter,
    definitions: node.columns,
  });
  if (files && policies) throw onPlainFiles();
  return {
    kind: "create-table",
    columns,
    files,
    policies,
    ...namedConstraints(statement, {
      table: { name },
      columns: scope,
      taken: [],
      constraints: [
        ...node.columns.flatMap(({ check }) =>
          check === undefined
            ? []
            : [{ kind: "check" as const, condition: check }],
        ),
        ...node.constraints,
      ],
    }),
  };
}

/** USING csv, json or parquet: undefined for a Delta table. Throws 0A000 for what such a table cannot have, 22023. */
function plainFiles(
  node: CreateTableStatement,
  columns: readonly Column[],
): FilesFormat | undefined {
  const { options, position } = node;
  const { using = "delta", fileOptions = [] } = options;
  const [option] = fileOptions;
  if (using.toLowerCase() === "delta") {
    if (option)
      throw notSupported("OPTIONS of a Delta table are", option.position);
    return undefined;
  }
  const ruled = node.columns.find(
    (column) =>
      !column.nullable ||
      (column.default ??
        column.generated ??
        column.identity ??
        column.check) !== undefined,
  );
  const rules =
    node.constraints.length +
    options.clusterBy.length +
    Object.keys(options.properties).length;
  if (ruled || rules > 0)
    throw notSupported(
      "a rule or property of a table of plain files is",
      ruled?.position ?? position,
    );
  return filesFormat({
    format: using,
    options: fileOptions,
    inferTypes: false,
    ...(columns.length === 0 ? {} : { schema: columns }),
    position,
  });
}

/** What PostgreSQL's LIKE copies by default, and comments. */
function likeColumns(
  statement: StatementContext,
  name: QualifiedName,
): readonly Column[] {
  const target = statement.resolved.targets.get(name);
  invariant(target?.kind === "relation", "what LIKE names was resolved");
  const { relation } = target;
  if (relation.kind === "view")
    return relation.columns.map((column) => ({ ...column, nullable: true }));
  const { schema } = statement.view.pinned(relation.id, undefined);
  return schema.columns.map(({ name: column, type, nullable, comment }) => ({
    name: column,
    type,
    nullable,
    comment,
  }));
}

/** Columns as an expression over the row sees them. */
export function plainColumns(
  statement: StatementContext,
  columns: readonly Column[],
): readonly PlanColumn[] {
  return columns.map(({ name, type, nullable }) =>
    statement.newColumn(name, type, nullable),
  );
}

/** Names that differ by case alone are the same to Delta. */
function refuseRepeated(names: readonly string[]): void {
  const seen = new Set<string>();
  for (const name of names) {
    const folded = name.toLowerCase();
    if (seen.has(folded)) throw columnSpecifiedTwice(name);
    seen.add(folded);
  }
}

export function bindCreateTableAs(
  statement: StatementContext,
  node: CreateTableAsStatement,
): StatementBody {
  const query = statement.binders.query(node.query, undefined);
  if (node.columnNames.length > query.columns.length) {
    throw tooManyColumnNames("CREATE TABLE AS");
  }
  const items = query.columns.map((column, i): ProjectItem => {
    const name = node.columnNames[i]?.name ?? column.name;
    const type = storedType(column.type, scaleOf(query.plan, column.id));
    const { id, nullable } = column;
    const value = reference(column);
    return type === column.type
      ? { column: { id, name, type, nullable }, value }
      : {
          column: statement.newColumn(name, type, nullable),
          value: cast(value, type),
        };
  });
  refuseRepeated(items.map((item) => item.column.name));
  const made = items.map(({ column }) => column);
  const name = node.name.parts.at(-1)?.name ?? "";
  return {
    kind: "create-table-as",
    policies: createdPolicies(statement, name, made, {
      rowFilter: node.options.rowFilter,
      definitions: [],
    }),
    columns: items.map(({ column: { name, type } }) => ({
      name,
      type,
      nullable: true,
    })),
    source: withoutUnusedHidden(statement, {
      kind: "project",
      items,
      input: query.plan,
    }),
  };
}
