// Grants and denies, as information_schema.catalog_privileges, schema_privileges, table_privileges and routine_privileges show them.

import { privilegeRows } from "../../auth/privilege-rows.ts";
import type {
  CatalogEntry,
  CatalogObject,
  SchemaEntry,
} from "../../storage/catalog/objects.ts";
import { isOwn, type Collecting } from "./collecting.ts";
import type { PrivilegesRow } from "./content.ts";

export function collectPrivileges(
  { governance, visible, principal }: Collecting,
  catalog: CatalogEntry,
  schemas: readonly SchemaEntry[],
): readonly PrivilegesRow[] {
  const rowsOf = (
    kind: PrivilegesRow["kind"],
    object: CatalogObject,
  ): readonly PrivilegesRow[] => {
    const rows = privilegeRows(governance.access, principal, object);
    const { oid, name } = object;
    return rows.length === 0 ? [] : [{ oid, kind, name, rows }];
  };
  const stored = schemas.filter(
    ({ id }) => !isOwn({ visible }, { schema: id }),
  );
  return [
    ...rowsOf("catalog", catalog),
    ...stored.flatMap((schema) => [
      ...rowsOf("schema", schema),
      ...visible
        .relations(schema.id)
        .flatMap((relation) => rowsOf("relation", relation)),
      ...visible
        .functionsIn(schema.id)
        .flatMap((entry) => rowsOf("function", entry)),
    ]),
  ];
}
