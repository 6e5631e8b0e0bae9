// SHOW CREATE TABLE: a statement that makes the table or view again as it is defined now, without its rows.

import type { QualifiedName } from "../../planner/parse/ast.ts";
import {
  joinParts,
  quoteName,
  quoteString,
} from "../../planner/parse/print/print-name.ts";
import { printProperties } from "../../planner/parse/print/print-statement.ts";
import { catalogOf } from "../../storage/catalog/catalog-index.ts";
import type {
  Relation,
  TableEntry,
  ViewEntry,
} from "../../storage/catalog/objects.ts";
import {
  typeNameWithModifier,
  type DataType,
} from "../../storage/common/data-type.ts";
import { invariant } from "../../storage/common/invariant.ts";
import type { Check, Column, Identity } from "../../storage/common/schema.ts";
import { clusteringColumns } from "../../storage/delta/definition/clustering.ts";
import { mayBeAsked } from "../../storage/delta/definition/table-properties.ts";
import type { FilesFormat } from "../../storage/files/format.ts";
import { pinTables } from "../pin.ts";
import { policiesText, type PoliciesText } from "../policy-text.ts";
import type { Services } from "../services.ts";
import {
  columnsOf,
  listing,
  type Command,
  type CommandContext,
} from "./command.ts";
import { declaredColumns, optionsText } from "./files-text.ts";

/** One row of one text, as Databricks names it. */
export function showCreateCommand(name: QualifiedName): Command {
  return listing(columnsOf("createtab_stmt"), "SHOW", async (context) => {
    const target = context.resolved.targets.get(name);
    invariant(
      target?.kind === "relation",
      "SHOW CREATE TABLE names a relation",
    );
    const { relation } = target;
    return [
      [
        relation.kind === "view"
          ? viewText(context.services, relation)
          : await tableText(context, relation),
      ],
    ];
  });
}

function viewText(services: Services, view: ViewEntry): string {
  return lines(
    `CREATE VIEW ${fullName(services, view)}`,
    commentText(view.comment),
    `AS ${view.definition}`,
  );
}

async function tableText(
  { services, session }: CommandContext,
  table: TableEntry,
): Promise<string> {
  if (table.files !== undefined)
    return filesTableText(services, table, table.files);
  const pinned = await pinTables(services, session, [
    { table, travel: undefined },
  ]);
  const { schema, version } = pinned.view.pinned(table.id, undefined);
  const snapshot = pinned.snapshot(table.id, version);
  const { metadata, partitionColumns } = snapshot;
  const policies = policiesText(
    services.governance,
    session.identity.principal.id,
    table,
    snapshot.fields,
  );
  const asked = Object.entries(metadata.configuration).filter(([name]) =>
    mayBeAsked(name),
  );
  const properties = printProperties(Object.fromEntries(asked));
  const clustering = clusteringColumns(snapshot).map((path) =>
    path.map(quoteName).join("."),
  );
  const elements = [
    ...schema.columns.map((column) => columnText(column, policies)),
    ...(schema.checks ?? []).map(checkText),
  ];
  const kind = table.origin === "temporary" ? "TEMPORARY TABLE" : "TABLE";
  return lines(
    `CREATE ${kind} ${fullName(services, table)} (\n  ${elements.join(",\n  ")}\n)`,
    "USING DELTA",
    listClause("PARTITIONED BY", partitionColumns.map(quoteName)),
    listClause("CLUSTER BY", clustering),
    table.origin === "external"
      ? `LOCATION ${quoteString(table.location)}`
      : undefined,
    commentText(table.comment ?? metadata.description),
    properties === "" ? undefined : `TBLPROPERTIES (${properties})`,
    policies?.rowFilter &&
      `WITH ROW FILTER ${policies.rowFilter.function} ON (${policies.rowFilter.arguments})`,
  );
}

function filesTableText(
  services: Services,
  table: TableEntry,
  files: FilesFormat,
): string {
  const columns = declaredColumns(files).map((column) =>
    columnText(column, undefined),
  );
  const list = columns.length === 0 ? "" : ` (\n  ${columns.join(",\n  ")}\n)`;
  return lines(
    `CREATE TABLE ${fullName(services, table)}${list}`,
    `USING ${files.kind.toUpperCase()}`,
    optionsText(files),
    `LOCATION ${quoteString(table.location)}`,
    commentText(table.comment),
  );
}

function lines(...parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined).join("\n");
}

function listClause(
  words: string,
  items: readonly string[],
): string | undefined {
  return items.length === 0 ? undefined : `${words} (${items.join(", ")})`;
}

function commentText(comment: string | undefined): string | undefined {
  return comment === undefined ? undefined : `COMMENT ${quoteString(comment)}`;
}

function fullName({ governance }: Services, relation: Relation): string {
  const { catalog } = governance;
  const schema = catalog.object(relation.schema);
  const parts = [catalogOf(catalog.index, relation), schema, relation];
  return parts
    .flatMap((part) => (part === undefined ? [] : quoteName(part.name)))
    .join(".");
}

function columnText(
  column: Column,
  policies: PoliciesText | undefined,
): string {
  const { name, type, nullable, generated, identity, comment } = column;
  const mask = policies?.masks.find((it) => it.column === name);
  return joinParts(
    quoteName(name),
    typeText(type),
    nullable || identity !== undefined ? undefined : "NOT NULL",
    column.default && `DEFAULT (${column.default.text})`,
    generated && `GENERATED ALWAYS AS (${generated.text}) STORED`,
    identity && identityText(identity),
    commentText(comment),
    mask &&
      joinParts(
        `MASK ${mask.function}`,
        mask.arguments === "" ? undefined : `USING COLUMNS (${mask.arguments})`,
      ),
  );
}

function identityText({ start, step, allowsValues }: Identity): string {
  const kind = allowsValues ? "BY DEFAULT" : "ALWAYS";
  return `GENERATED ${kind} AS IDENTITY (START WITH ${start} INCREMENT BY ${step})`;
}

function checkText({ name, expression }: Check): string {
  return `CONSTRAINT ${quoteName(name)} CHECK (${expression.text})`;
}

/** The type as CREATE TABLE reads it: what is jsonb to clients by its own name. */
function typeText(type: DataType): string {
  switch (type.kind) {
    case "array":
      return `${typeText(type.element)}[]`;
    case "map":
      return `map<${typeText(type.key)}, ${typeText(type.value)}>`;
    case "struct": {
      const fields = type.fields.map((field) =>
        joinParts(
          quoteName(field.name),
          typeText(field.type),
          field.nullable ? undefined : "NOT NULL",
        ),
      );
      return `struct<${fields.join(", ")}>`;
    }
    case "int1":
      return "tinyint";
    case "variant":
    case "void":
      return type.kind;
    default:
      return typeNameWithModifier(type);
  }
}
