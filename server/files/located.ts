// Where the path of a statement lies, and whether its rows may be read from there: never round the rights to a table that has them too
// (access-control section 9.3).

import { authorizeStatement } from "../../auth/governance.ts";
import type { TableEntry } from "../../storage/catalog/objects.ts";
import type { TableReference } from "../../storage/catalog/view.ts";
import { notSupported, SqlError } from "../../storage/common/errors.ts";
import { governedTable, isGoverned } from "../../storage/common/policy.ts";
import type { FilesFormat } from "../../storage/files/format.ts";
import {
  fileLocation,
  overlappingTables,
  unreachablePath,
} from "./file-place.ts";
import type { Services } from "../services.ts";
import type { Session } from "../session/session.ts";
import { listFiles, splitPattern, type PlainFile } from "./list-files.ts";
import type { PinnedFiles } from "./plain-files.ts";

/** The entry of a path with its canonical location; others as they are. Throws 42601, 42P01, and 0A000 for a Delta table read as plain files. */
export async function locatedTable(
  services: Services,
  session: Session,
  { table, travel }: TableReference,
): Promise<TableEntry> {
  if (table.origin !== "path") return table;
  const text = table.location;
  const { base, pattern } =
    table.files === undefined
      ? { base: text, pattern: undefined }
      : splitPattern(text);
  const folder = await fileLocation(services, base, undefined, "read");
  for (const other of overlappingTables(services, folder)) {
    requireTable(services, session, other, text);
    refuseGoverned(other, travel);
    if (table.files !== undefined && other.files === undefined)
      throw notSupported(
        `reading the files of a Delta table as ${table.files.kind} is`,
        undefined,
        "Read the table by its name, or its path as delta.",
      );
  }
  const location = pattern === undefined ? folder : `${folder}/${pattern}`;
  return { ...table, location };
}

/** Nobody passes round a policy, nor to a version it stood before. Who may read the table may know that it has one. */
function refuseGoverned(
  { name, policies }: TableEntry,
  travel: TableReference["travel"],
): void {
  if (isGoverned(policies)) throw governedTable("reading by its path", name);
  if (policies?.floor !== undefined && travel !== undefined)
    throw notSupported(
      `time travel by its path on table "${name}", which had a row filter or a column mask, is`,
      undefined,
      "Read the table by its name.",
    );
}

/** Without SELECT on a table its folder reads as one that cannot be reached. */
function requireTable(
  { governance }: Services,
  session: Session,
  table: TableEntry,
  text: string,
): void {
  try {
    authorizeStatement(governance, session.identity, [
      {
        kind: "privilege",
        privilege: "SELECT",
        securable: { kind: "object", type: "TABLE", id: table.id },
        name: table.name,
      },
    ]);
  } catch (error) {
    throw error instanceof SqlError && error.code !== "XX000"
      ? governance.refusals.toldAs(unreachablePath(text, undefined))
      : error;
  }
}

/** A path without a log reads as one that cannot be reached. */
export function absentAsForbidden(table: TableEntry, error: unknown): unknown {
  return table.origin === "path" &&
    error instanceof SqlError &&
    error.code === "58P01"
    ? unreachablePath(table.name, undefined)
    : error;
}

/** Absent and empty read the same as forbidden. `wanted`: the others are as if they were not there, once any are. */
export async function pinFiles(
  { stores, plainFiles }: Services,
  { location, name, origin }: TableEntry,
  format: FilesFormat,
  wanted: (file: PlainFile) => boolean = () => true,
): Promise<PinnedFiles> {
  const { base, pattern } = splitPattern(location);
  const store = stores.storeFor(base);
  const files = await listFiles(store, base, pattern, format);
  if (files.length === 0 && origin === "path")
    throw unreachablePath(name, undefined);
  return plainFiles.pin(store, files.filter(wanted), format);
}
