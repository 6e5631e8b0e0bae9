// Names that no schema may have.

import { unaliasSchema } from "./catalog-index.ts";
import { alreadyExists, reservedSchemaName } from "./errors.ts";

/** 42939 names: schemas that exist in every catalog, and PostgreSQL's own prefix. */
export function isReservedSchema(name: string): boolean {
  return RESERVED_SCHEMAS.has(name.toLowerCase()) || name.startsWith("pg_");
}

const RESERVED_SCHEMAS: ReadonlySet<string> = new Set([
  "information_schema",
  "pg_catalog",
  "system",
]);

/** Throws 42P06 for an alias, 42939. */
export function requireFreeSchemaName(name: string): void {
  if (unaliasSchema(name) !== name) throw alreadyExists("schema", name);
  if (isReservedSchema(name)) throw reservedSchemaName(name);
}
