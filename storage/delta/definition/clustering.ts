// Liquid clustering's columns, kept in the metadata domain `delta.clustering` by physical names (checklist W9).

import { isArray, isObject, parseJson } from "../json.ts";
import type { DeltaField } from "./schema-json.ts";
import type { Snapshot } from "../snapshot.ts";

export const CLUSTERING_DOMAIN = "delta.clustering";

/** Logical paths in the order of clustering; none for a table without it. Columns that no longer exist are left out. */
export function clusteringColumns(
  snapshot: Pick<Snapshot, "domains" | "fields">,
): readonly (readonly string[])[] {
  const domain = snapshot.domains.get(CLUSTERING_DOMAIN);
  const json = parseJson(domain?.configuration ?? "");
  const listed = isObject(json) ? json.get("clusteringColumns") : undefined;
  if (!isArray(listed)) return [];
  return listed.flatMap((physical) => {
    const parts = isArray(physical)
      ? physical.filter((part) => typeof part === "string")
      : [];
    const path = logicalPath(snapshot.fields, parts);
    return path === undefined ? [] : [path];
  });
}

function logicalPath(
  fields: readonly DeltaField[],
  [first, ...rest]: readonly string[],
): readonly string[] | undefined {
  const field = fields.find(({ physicalName }) => physicalName === first);
  if (field === undefined) return undefined;
  if (rest.length === 0) return [field.name];
  const below = logicalPath(field.children, rest);
  return below && [field.name, ...below];
}
