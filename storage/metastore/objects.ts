// Catalogs, schemas, tables, views and functions as rows; `object_name` in migrations.ts keeps names unique among those not hidden.
// A location inside the catalog's folder is stored relative to it, so that a data directory can be moved.

import type {
  CatalogEntry,
  CatalogObject,
  FunctionEntry,
  SchemaEntry,
  TableEntry,
  ViewEntry,
} from "../catalog/objects.ts";
import { typeNameWithModifier } from "../common/data-type.ts";
import { objectId, principalId, type ObjectId } from "../common/ids.ts";
import { invariant } from "../common/invariant.ts";
import { parseFilesFormat } from "./files-json.ts";
import {
  flagAt,
  integerAt,
  jsonAt,
  optionalTextAt,
  textAt,
  wordAt,
} from "./row.ts";
import { parsePolicies } from "./policy-json.ts";
import { flag, type Row, type Sqlite } from "./sqlite.ts";
import {
  memberOf,
  parseNamedTypes,
  parseParameters,
  parseType,
  textOf,
} from "./type-json.ts";

/** An object with what only the metastore knows of it. */
export interface ObjectRecord {
  readonly object: CatalogObject;
  /** Kept with its grants, but not there for anybody: its folder vanished, or its lake is not mounted. */
  readonly hidden: boolean;
  /** Found tables: the catalog whose listing found it, and the Delta `metaData.id` when last seen. */
  readonly found: FoundMark | undefined;
}
export interface FoundMark {
  readonly catalog: ObjectId;
  readonly metadataId: string | undefined;
}

const COLUMNS =
  "id, oid, kind, parent_id, name, owner_id, comment, location, origin, found_in, metadata_id, hidden, body, files, policies";

const RELATIVE = "./";

/** Parents come before their children. */
export function listObjects(db: Sqlite): readonly ObjectRecord[] {
  const folders = new Map<string, string>();
  const catalogOf = new Map<string, string>();
  const rows = db.rows(
    `SELECT ${COLUMNS} FROM object ORDER BY CASE kind WHEN 'catalog' THEN 0 WHEN 'schema' THEN 1 ELSE 2 END, name, id`,
  );
  return rows.map((row) => {
    const id = textAt(row, 0);
    const parent = optionalTextAt(row, 3);
    const catalog =
      parent === undefined ? id : (catalogOf.get(parent) ?? parent);
    catalogOf.set(id, catalog);
    const stored = optionalTextAt(row, 7);
    if (parent === undefined) folders.set(id, stored ?? "");
    const location =
      stored?.startsWith(RELATIVE) === true
        ? `${folders.get(catalog) ?? ""}/${stored.slice(RELATIVE.length)}`
        : stored;
    return decode(row, location ?? "");
  });
}

/** `catalogFolder` is the location of the object's catalog. */
export function insertObject(
  db: Sqlite,
  record: ObjectRecord,
  catalogFolder: string,
  nowMs: number,
): void {
  const { object, found } = record;
  const location =
    object.kind === "table"
      ? relativeLocation(object.location, catalogFolder)
      : object.kind === "catalog"
        ? object.location
        : null;
  db.run(
    `INSERT INTO object (${COLUMNS}, signature, created_at) VALUES (${"?, ".repeat(16)}?)`,
    object.id,
    object.oid,
    object.kind,
    parentOf(object) ?? null,
    object.name,
    object.owner ?? null,
    object.comment ?? null,
    location,
    object.kind === "table" ? object.origin : null,
    found?.catalog ?? null,
    found?.metadataId ?? null,
    flag(record.hidden),
    bodyOf(object),
    object.kind === "table" && object.files !== undefined
      ? JSON.stringify(object.files)
      : null,
    policiesOf(object),
    signatureOf(object),
    nowMs,
  );
}

/** Writes back everything of an object that can change, its place in the tree included. */
export function updateObject(
  db: Sqlite,
  object: CatalogObject,
  catalogFolder: string,
): void {
  const location =
    object.kind === "table"
      ? relativeLocation(object.location, catalogFolder)
      : object.kind === "catalog"
        ? object.location
        : null;
  db.run(
    "UPDATE object SET parent_id = ?, name = ?, signature = ?, owner_id = ?, comment = ?, location = ?, body = ?, policies = ? WHERE id = ?",
    parentOf(object) ?? null,
    object.name,
    signatureOf(object),
    object.owner ?? null,
    object.comment ?? null,
    location,
    bodyOf(object),
    policiesOf(object),
    object.id,
  );
}

export function setObjectHidden(
  db: Sqlite,
  id: ObjectId,
  hidden: boolean,
): void {
  db.run("UPDATE object SET hidden = ? WHERE id = ?", flag(hidden), id);
}

export function setFoundMetadataId(
  db: Sqlite,
  id: ObjectId,
  metadataId: string,
): void {
  db.run("UPDATE object SET metadata_id = ? WHERE id = ?", metadataId, id);
}

/** Takes its children, their access records and statistics with it. */
export function deleteObject(db: Sqlite, id: ObjectId): void {
  db.run("DELETE FROM object WHERE id = ?", id);
}

/** The catalog or schema an object lies in; undefined for a catalog. */
export function parentOf(object: CatalogObject): ObjectId | undefined {
  switch (object.kind) {
    case "catalog":
      return undefined;
    case "schema":
      return object.catalog;
    case "table":
    case "view":
    case "function":
      return object.schema;
  }
}

/** Tells overloads of a function apart; empty for other kinds. */
export function signatureOf(object: CatalogObject): string {
  return object.kind === "function"
    ? object.parameters
        .map((parameter) => typeNameWithModifier(parameter.type))
        .join(", ")
    : "";
}

/** As stored and compared: `./` and the path below the catalog's folder, or the location itself. */
export function relativeLocation(
  location: string,
  catalogFolder: string,
): string {
  const prefix = `${catalogFolder}/`;
  return location.startsWith(prefix)
    ? RELATIVE + location.slice(prefix.length)
    : location;
}

function policiesOf(object: CatalogObject): string | null {
  return object.kind === "table" && object.policies !== undefined
    ? JSON.stringify(object.policies)
    : null;
}

function bodyOf(object: CatalogObject): string | null {
  switch (object.kind) {
    case "view":
      return JSON.stringify({
        source: object.source,
        definition: object.definition,
        columns: object.columns,
      });
    case "function":
      return JSON.stringify({
        source: object.source,
        definition: object.definition,
        parameters: object.parameters,
        returns: object.returns,
      });
    default:
      return null;
  }
}

function decode(row: Row, location: string): ObjectRecord {
  const catalog = optionalTextAt(row, 9);
  return {
    object: decodeObject(row, location),
    hidden: flagAt(row, 11),
    found:
      catalog === undefined
        ? undefined
        : { catalog: objectId(catalog), metadataId: optionalTextAt(row, 10) },
  };
}

function decodeObject(row: Row, location: string): CatalogObject {
  const owner = optionalTextAt(row, 5);
  const entry = {
    id: objectId(textAt(row, 0)),
    oid: integerAt(row, 1),
    name: textAt(row, 4),
    owner: owner === undefined ? undefined : principalId(owner),
    comment: optionalTextAt(row, 6),
  };
  const kind = wordAt(row, 2, KINDS);
  if (kind === "catalog") {
    return { ...entry, kind, location } satisfies CatalogEntry;
  }
  const parent = objectId(textAt(row, 3));
  switch (kind) {
    case "schema":
      return { ...entry, kind, catalog: parent } satisfies SchemaEntry;
    case "table":
      return {
        ...entry,
        kind,
        schema: parent,
        location,
        origin: wordAt(row, 8, ["found", "managed", "external"]),
        ...(optionalTextAt(row, 13) === undefined
          ? {}
          : { files: parseFilesFormat(jsonAt(row, 13)) }),
        ...(optionalTextAt(row, 14) === undefined
          ? {}
          : { policies: parsePolicies(jsonAt(row, 14)) }),
      } satisfies TableEntry;
    case "view": {
      const body = jsonAt(row, 12);
      return {
        ...entry,
        kind,
        schema: parent,
        source: textOf(body, "source"),
        definition: textOf(body, "definition"),
        columns: parseNamedTypes(memberOf(body, "columns")),
      } satisfies ViewEntry;
    }
    case "function": {
      const body = jsonAt(row, 12);
      return {
        ...entry,
        kind,
        schema: parent,
        parameters: parseParameters(memberOf(body, "parameters")),
        returns: parseType(memberOf(body, "returns")),
        source: textOf(body, "source"),
        definition: textOf(body, "definition"),
      } satisfies FunctionEntry;
    }
  }
}

const KINDS = ["catalog", "schema", "table", "view", "function"] as const;

// ---------------------------------------------------------------- forgotten tables

/** Locations of dropped found tables, as stored: only REFRESH CATALOG finds them again. */
export function listForgotten(
  db: Sqlite,
  catalog: ObjectId,
): ReadonlySet<string> {
  const rows = db.rows(
    "SELECT location FROM forgotten_table WHERE catalog_id = ?",
    catalog,
  );
  return new Set(rows.map((row) => textAt(row, 0)));
}

export function insertForgotten(
  db: Sqlite,
  catalog: ObjectId,
  location: string,
): void {
  invariant(location !== "", "a table has a location");
  db.run(
    "INSERT INTO forgotten_table (catalog_id, location) VALUES (?, ?) ON CONFLICT DO NOTHING",
    catalog,
    location,
  );
}

export function clearForgotten(db: Sqlite, catalog: ObjectId): void {
  db.run("DELETE FROM forgotten_table WHERE catalog_id = ?", catalog);
}
