// How storage names a table of the catalog.

import { catalogOf } from "../storage/catalog/catalog-index.ts";
import type { TableEntry } from "../storage/catalog/objects.ts";
import type { TableRef } from "../storage/delta/table-ref.ts";
import type { Services } from "./services.ts";

/** Files outside its folder are followed only inside the lake it was found in. */
export function tableRef(
  { governance }: Pick<Services, "governance">,
  table: TableEntry,
): TableRef {
  const { catalog } = governance;
  const schema = catalog.object(table.schema);
  const lake =
    table.origin === "found" || table.origin === "managed"
      ? catalogOf(catalog.index, table)
      : undefined;
  return {
    location: table.location,
    name: schema === undefined ? table.name : `${schema.name}.${table.name}`,
    lakeRoot: lake?.location,
  };
}
