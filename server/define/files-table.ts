// CREATE TABLE … USING csv | json | parquet LOCATION: plain files get a name, under which SELECT on it is all that reading them needs.
// Their columns are settled here: those declared, or those the files have now.

import type { BoundCreateTable } from "../../planner/bind/bound.ts";
import type { CreateTableStatement } from "../../planner/parse/ast.ts";
import { newObjectId } from "../../storage/catalog/catalog.ts";
import type { TableEntry } from "../../storage/catalog/objects.ts";
import { notSupported, SqlError } from "../../storage/common/errors.ts";
import type { FilesFormat } from "../../storage/files/format.ts";
import { splitPattern } from "../files/list-files.ts";
import { pinFiles } from "../files/located.ts";
import type { RunContext } from "../run-query.ts";
import { freeLocation, requireWritable } from "./external-table.ts";
import type { NewTarget } from "./new-target.ts";

/** Throws 42P01 for places that may not be used, 42501, 42P16, 0A000, and what reading the files' columns can throw. */
export async function createFilesTable(
  { columns }: BoundCreateTable,
  statement: CreateTableStatement,
  format: FilesFormat,
  {
    target,
    context,
  }: { readonly target: NewTarget; readonly context: RunContext },
): Promise<void> {
  const { services, session } = context;
  const { options, position } = statement;
  const path = options.location;
  if (path === undefined)
    throw notSupported(
      `a table of ${format.kind} files without LOCATION is`,
      position,
    );
  if (splitPattern(path).pattern !== undefined)
    throw notSupported("a pattern as LOCATION is", position);
  const location = await freeLocation(context, path, position);
  const entry: Omit<TableEntry, "kind" | "oid"> = {
    id: newObjectId(),
    schema: target.schema.id,
    name: target.name,
    owner: session.identity.principal.id,
    location,
    origin: "external",
    comment: options.comment,
  };
  const draft: TableEntry = { ...entry, kind: "table", oid: 0 };
  const pinned = await pinFiles(services, draft, format);
  if (pinned.files.length === 0) requireWritable(context, position);
  if (pinned.schema.columns.length === 0)
    throw new SqlError("42P16", "a new table needs columns", {
      detail: `There is no file at "${path}" to take them from.`,
      position,
    });
  checkPartitions(statement, pinned.layout.partitionColumns);
  const schema = pinned.schema.columns.map((column) => ({
    ...column,
    comment: columns.find(({ name }) => name === column.name)?.comment,
  }));
  services.governance.catalog.createTable({
    ...entry,
    files: { ...format, schema },
  });
}

/** Partition columns are those of the folders. Throws 42P16. */
function checkPartitions(
  { options, position }: CreateTableStatement,
  found: readonly string[],
): void {
  const named = options.partitionedBy.map(({ name }) => name.toLowerCase());
  const folders = found.map((name) => name.toLowerCase());
  if (named.length > 0 && named.join() !== folders.join())
    throw new SqlError(
      "42P16",
      "the files at the location have other partition columns",
      { detail: `They are (${found.join(", ")}).`, position },
    );
}
