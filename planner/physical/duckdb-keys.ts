// Keys of the kernel that order and group values as PostgreSQL does, for types whose own kernel order or equality is another.

import type { Emitted } from "../functions/function.ts";

/** What to ORDER BY so that kernel order is PostgreSQL's. NULLs and direction are the caller's. */
export function sortable(value: Emitted): string {
  if (value.representation.kind === "numeric-text") {
    return `num_key(${value.sql})`;
  }
  switch (value.type.kind) {
    case "bpchar":
      return `rtrim(${value.sql}, ' ')`;
    case "jsonb":
      return `jsonb_key(${value.sql})`;
    case "variant":
      return `jsonb_key(variant_json(${value.sql}))`;
    default:
      return value.sql;
  }
}

/** What to GROUP BY, DISTINCT or hash-join on so that equal values meet; any value of a group may stand for it. */
export function groupable(value: Emitted): string {
  switch (value.type.kind) {
    case "jsonb":
      return value.sql;
    case "variant":
      return `variant_json(${value.sql})`;
    default:
      return sortable(value);
  }
}
