// How audit records, SHOW GRANTS and DESCRIBE name objects.

import type { CatalogObject } from "../storage/catalog/objects.ts";
import { pathOf } from "./acl.ts";

/** Dotted, from the catalog down: how audit records name objects. */
export function fullName(
  state: Parameters<typeof pathOf>[0],
  object: CatalogObject,
): string {
  return pathOf(state, object)
    .map(({ name }) => name)
    .reverse()
    .join(".");
}

/** The word audit records and SHOW GRANTS use for a kind. */
export const SECURABLE_WORDS: Readonly<Record<CatalogObject["kind"], string>> =
  {
    catalog: "CATALOG",
    schema: "DATABASE",
    table: "TABLE",
    view: "VIEW",
    function: "FUNCTION",
  };
