// DESCRIBE DETAIL: one row about a table, with Databricks' columns.

import type { QualifiedName } from "../../planner/parse/ast.ts";
import { readJsonb } from "../../planner/functions/value/json.ts";
import { catalogOf } from "../../storage/catalog/catalog-index.ts";
import type { Relation, TableEntry } from "../../storage/catalog/objects.ts";
import {
  INT8,
  JSONB,
  TEXT,
  TIMESTAMPTZ,
  arrayOf,
} from "../../storage/common/data-type.ts";
import { invariant } from "../../storage/common/invariant.ts";
import { clusteringColumns } from "../../storage/delta/definition/clustering.ts";
import { impliedFeatures } from "../../storage/delta/features.ts";
import { versionTime } from "../../storage/delta/timestamps.ts";
import { scanFiles } from "../../storage/scan/scan.ts";
import { isGoverned } from "../../storage/common/policy.ts";
import { policiesText, type PolicyText } from "../policy-text.ts";
import { pinTables } from "../pin.ts";
import { tableRef } from "../table-ref.ts";
import type { Services } from "../services.ts";
import {
  columnsOf,
  listing,
  type Command,
  type CommandContext,
  type TextRows,
} from "./command.ts";
import { timestampText } from "./principal.ts";

const DETAIL = columnsOf(
  "format",
  "id",
  "name",
  "description",
  "location",
  ["createdAt", TIMESTAMPTZ],
  ["lastModified", TIMESTAMPTZ],
  ["partitionColumns", arrayOf(TEXT)],
  ["clusteringColumns", arrayOf(TEXT)],
  ["numFiles", INT8],
  ["sizeInBytes", INT8],
  ["properties", JSONB],
  ["minReaderVersion", INT8],
  ["minWriterVersion", INT8],
  ["tableFeatures", arrayOf(TEXT)],
);

export function describeDetailCommand(name: QualifiedName): Command {
  return listing(DETAIL, "DESCRIBE", async (context) => [
    await detailOf(context, name),
  ]);
}

/** The rows that DESCRIBE EXTENDED adds to the columns. */
export async function extendedRows(
  context: CommandContext,
  name: QualifiedName,
): Promise<TextRows> {
  const detail = await detailOf(context, name);
  return [
    ["", "", ""],
    ["# Detailed Table Information", "", ""],
    ...DETAIL.map((column, at) => [column.name, detail[at] ?? null, null]),
    ...(await policyRows(context, name)),
  ];
}

/** Of a table whose policies the session may be shown. */
async function policyRows(
  { services, session, resolved }: CommandContext,
  name: QualifiedName,
): Promise<TextRows> {
  const target = resolved.targets.get(name);
  if (target?.kind !== "relation" || target.relation.kind !== "table")
    return [];
  const { relation } = target;
  if (!isGoverned(relation.policies)) return [];
  const { layout } = await services.tables.snapshot(
    tableRef(services, relation),
  );
  const { id } = session.identity.principal;
  const text = policiesText(services.governance, id, relation, layout.columns);
  if (text === undefined) return [];
  const { rowFilter, masks } = text;
  const called = (policy: PolicyText, word: string): string =>
    policy.arguments === "" && word !== "ON"
      ? policy.function
      : `${policy.function} ${word} (${policy.arguments})`;
  return [
    ...(rowFilter === undefined
      ? []
      : [
          ["", "", ""],
          ["# Row Filter", "", ""],
          ["Row Filter", called(rowFilter, "ON"), null],
        ]),
    ...(masks.length === 0
      ? []
      : [
          ["", "", ""],
          ["# Column Masks", "", ""],
          ...masks.map((mask) => [
            mask.column,
            called(mask, "USING COLUMNS"),
            null,
          ]),
        ]),
  ];
}

async function detailOf(
  context: CommandContext,
  name: QualifiedName,
): Promise<readonly (string | null)[]> {
  const { services, resolved } = context;
  const target = resolved.targets.get(name);
  invariant(target?.kind === "relation", "DESCRIBE names a relation");
  const { relation } = target;
  const fullName = nameOf(services, relation);
  if (relation.kind === "view") {
    const facts = ["view", relation.id, fullName, relation.comment ?? null];
    return DETAIL.map((_, at) => facts[at] ?? null);
  }
  if (relation.files !== undefined)
    return filesDetail(context, relation, fullName, relation.files.kind);
  const table = tableRef(services, relation);
  const snapshot = await services.tables.snapshot(table);
  const { statistics } = await scanFiles(snapshot, undefined);
  const { metadata, protocol } = snapshot;
  const modified = await versionTime(
    services.tables.contextOf(table),
    snapshot,
  );
  const clustering = clusteringColumns(snapshot).map((path) => path.join("."));
  return [
    "delta",
    metadata.id,
    fullName,
    metadata.description ?? null,
    relation.location,
    timestampText(metadata.createdTime),
    timestampText(modified),
    arrayText(snapshot.partitionColumns),
    arrayText(clustering),
    String(statistics.filesTotal),
    String(statistics.bytesTotal),
    readJsonb(JSON.stringify(metadata.configuration)),
    String(protocol.minReaderVersion),
    String(protocol.minWriterVersion),
    arrayText([...impliedFeatures(protocol)].sort()),
  ];
}

/** What there is to tell of plain files. */
async function filesDetail(
  { services, session }: CommandContext,
  table: TableEntry,
  fullName: string,
  format: string,
): Promise<readonly (string | null)[]> {
  const pinned = await pinTables(services, session, [
    { table, travel: undefined },
  ]);
  const { files } = pinned.plainFiles(table.id);
  const { partitionColumns } = pinned.view.pinned(table.id, undefined).layout;
  const bytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const facts: Readonly<Record<string, string | null>> = {
    format,
    id: table.id,
    name: fullName,
    description: table.comment ?? null,
    location: table.location,
    partitionColumns: arrayText(partitionColumns),
    clusteringColumns: arrayText([]),
    numFiles: String(files.length),
    sizeInBytes: String(bytes),
  };
  return DETAIL.map(({ name }) => facts[name] ?? null);
}

function nameOf({ governance }: Services, relation: Relation): string {
  const { catalog } = governance;
  const schema = catalog.object(relation.schema);
  const parts = [catalogOf(catalog.index, relation), schema, relation];
  return parts
    .flatMap((part) => (part === undefined ? [] : part.name))
    .join(".");
}

/** PostgreSQL's text of an array of text. */
function arrayText(items: readonly string[]): string {
  const plain = /^[A-Za-z_][A-Za-z0-9_.]*$/;
  const printed = items.map((item) =>
    plain.test(item) && item.toLowerCase() !== "null"
      ? item
      : `"${item.replace(/["\\]/g, "\\$&")}"`,
  );
  return `{${printed.join(",")}}`;
}
