// Objects that are not there, not what they should be, or in the way; in PostgreSQL's wording, names as the user typed them.

import { SqlError } from "../../../storage/common/errors.ts";

/** 42P01 `relation "s.t" does not exist`. */
export function undefinedRelation(name: string, position?: number): SqlError {
  return new SqlError("42P01", `relation "${name}" does not exist`, {
    position,
  });
}
/** 3F000 `schema "s" does not exist`. */
export function undefinedSchema(name: string, position?: number): SqlError {
  return new SqlError("3F000", `schema "${name}" does not exist`, { position });
}
/** 3D000 `database "c" does not exist`: a catalog is a PostgreSQL database. */
export function undefinedCatalog(name: string, position?: number): SqlError {
  return new SqlError("3D000", `database "${name}" does not exist`, {
    position,
  });
}
/** 42601 `improper qualified name (too many dotted names): a.b.c.d`. */
export function tooManyNameParts(name: string, position?: number): SqlError {
  return new SqlError(
    "42601",
    `improper qualified name (too many dotted names): ${name}`,
    { position },
  );
}
/** 3F000 `no schema has been selected to create in`. */
export function noSchemaSelected(position?: number): SqlError {
  return new SqlError("3F000", "no schema has been selected to create in", {
    position,
  });
}
/** 42P01 for a stored view whose text names what is gone; says nothing of what it named. */
export function brokenView(name: string, position?: number): SqlError {
  return new SqlError(
    "42P01",
    `view "${name}" refers to an object that does not exist`,
    { position },
  );
}
/** 42P13 for a stored function whose text no longer fits what it refers to; says nothing of that. */
export function brokenFunction(name: string, cause: SqlError): SqlError {
  return new SqlError(
    "42P13",
    `function "${name}" refers to an object that has changed`,
    { cause },
  );
}
/** 0LP01: temporary objects are no securables (access-control section 3). */
export function temporaryRights(name: string, position: number): SqlError {
  return new SqlError(
    "0LP01",
    `rights on temporary object "${name}" cannot be changed`,
    { detail: "It belongs to the session that made it alone.", position },
  );
}
/** 42P17 `infinite recursion detected in rules for relation "v"`. */
export function viewCycle(name: string, position?: number): SqlError {
  return new SqlError(
    "42P17",
    `infinite recursion detected in rules for relation "${name}"`,
    { position },
  );
}
/** 42809 `"v" is not a table`, with the statement that would do. */
export function wrongObjectType(
  name: string,
  expected: "table" | "view",
): SqlError {
  const other = expected === "table" ? "view" : "table";
  return new SqlError("42809", `"${name}" is not a ${expected}`, {
    hint: `Use DROP ${other.toUpperCase()} to remove a ${other}.`,
  });
}

/** 42P01 `table "t" does not exist`, as DROP says it. */
export function undefinedObject(
  type: "table" | "view",
  name: string,
  position?: number,
): SqlError {
  return new SqlError("42P01", `${type} "${name}" does not exist`, {
    position,
  });
}

/** 42883 `could not find a function named "f"`. */
export function undefinedFunctionName(
  name: string,
  position?: number,
): SqlError {
  return new SqlError("42883", `could not find a function named "${name}"`, {
    position,
  });
}
