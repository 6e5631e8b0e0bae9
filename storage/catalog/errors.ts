// How looking up and changing names in the catalog can fail, in PostgreSQL's words.

import { SqlError } from "../common/errors.ts";
import type { CatalogObject } from "./objects.ts";

/** 42P04, 42P06, 42P07 or 42723, by kind. */
export function alreadyExists(
  kind: CatalogObject["kind"],
  name: string,
): SqlError {
  switch (kind) {
    case "catalog":
      return new SqlError("42P04", `database "${name}" already exists`);
    case "schema":
      return new SqlError("42P06", `schema "${name}" already exists`);
    case "table":
    case "view":
      return new SqlError("42P07", `relation "${name}" already exists`);
    case "function":
      return new SqlError(
        "42723",
        `function "${name}" already exists with same argument types`,
      );
  }
}

/** 42939: a schema of that name exists in every catalog, or is an alias. */
export function reservedSchemaName(name: string): SqlError {
  return new SqlError("42939", `schema name "${name}" is reserved`);
}

/** 42602: a name must have at least one character and no NUL. */
export function invalidName(kind: CatalogObject["kind"]): SqlError {
  return new SqlError(
    "42602",
    `${kind} name is empty or holds a NUL character`,
  );
}

/** 42P09: an unquoted name that matches nothing exactly matches several without regard to case. */
export function ambiguousName(
  what: "relation" | "schema" | "catalog",
  name: string,
  position: number,
): SqlError {
  return new SqlError("42P09", `${what} reference "${name}" is ambiguous`, {
    position,
    hint: "Put the name in double quotes, in the case it was made with.",
  });
}

/** 2BP01: dropping it needs CASCADE. */
export function schemaNotEmpty(name: string): SqlError {
  return new SqlError(
    "2BP01",
    `cannot drop schema ${name} because other objects depend on it`,
    { hint: "Use DROP ... CASCADE to drop the dependent objects too." },
  );
}

/** 2BP01: the tables are not named, since whoever drops the function may not see them. */
export function functionInUse(name: string): SqlError {
  return new SqlError(
    "2BP01",
    `cannot drop function "${name}" because other objects depend on it`,
    {
      detail: "A row filter or a column mask of a table calls it.",
      hint: "Drop the row filter or the mask first.",
    },
  );
}
