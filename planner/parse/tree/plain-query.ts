// A SELECT made by us rather than read from text.

import type { Query, Select } from "../ast.ts";

/** `SELECT items [FROM from] [WHERE where]`, at one position. */
export function plainQuery(
  select: Pick<Select, "items" | "from" | "where" | "position">,
): Query {
  const { position } = select;
  return {
    kind: "query",
    body: {
      kind: "select",
      distinct: false,
      groupBy: [],
      groupDistinct: false,
      windows: [],
      ...select,
    },
    orderBy: [],
    withTies: false,
    position,
  };
}
