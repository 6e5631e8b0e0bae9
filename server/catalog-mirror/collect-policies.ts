// Row filters and column masks, as information_schema.row_filters and column_masks show them to owners and administrators.

import type { SchemaEntry } from "../../storage/catalog/objects.ts";
import { policiesText } from "../policy-text.ts";
import type { Collecting } from "./collecting.ts";
import type { PolicyRow } from "./content.ts";

export function collectPolicies(
  { governance, visible, principal, columns }: Collecting,
  schemas: readonly SchemaEntry[],
): readonly PolicyRow[] {
  return schemas
    .flatMap((schema) => visible.relations(schema.id))
    .flatMap((relation): readonly PolicyRow[] => {
      if (relation.kind !== "table") return [];
      const names = columns.get(relation.id)?.names ?? [];
      const text = policiesText(governance, principal, relation, names);
      return text === undefined ? [] : [{ oid: relation.oid, ...text }];
    });
}
