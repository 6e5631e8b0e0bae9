// What COPY refuses before it runs, in PostgreSQL's wording.

import { SqlError } from "../../../storage/common/errors.ts";

/** 42601 */
export function copyOptionConflict(position: number): SqlError {
  return new SqlError("42601", "conflicting or redundant options", {
    position,
  });
}

/** 42601 `delimiter requires a parameter`. */
export function copyOptionNeedsValue(name: string, what: string): SqlError {
  return new SqlError("42601", `${name} requires ${what}`);
}

/** 22023 */
export function invalidCopyOption(
  message: string,
  position?: number,
): SqlError {
  return new SqlError("22023", message, { position });
}

/** 0A000 in PostgreSQL's own words. */
export function copyUnsupported(message: string, position?: number): SqlError {
  return new SqlError("0A000", message, { position });
}

/** 42809 */
export function cannotCopyFromView(name: string): SqlError {
  return new SqlError("42809", `cannot copy from view "${name}"`, {
    hint: "Try the COPY (SELECT ...) TO variant.",
  });
}

/** 42809 */
export function cannotCopyToView(name: string): SqlError {
  return new SqlError("42809", `cannot copy to view "${name}"`, {
    hint: "To enable copying to a view, provide an INSTEAD OF INSERT trigger.",
  });
}

/** 42703, without a position: PostgreSQL gives none here. */
export function undefinedCopyColumn(
  column: string,
  relation: string | undefined,
): SqlError {
  const owner = relation === undefined ? "" : ` of relation "${relation}"`;
  return new SqlError("42703", `column "${column}"${owner} does not exist`);
}

/** 42701 */
export function copyColumnTwice(column: string): SqlError {
  return new SqlError("42701", `column "${column}" specified more than once`);
}

/** 42P10 `FORCE_NULL column "c" not referenced by COPY`. */
export function columnNotCopied(option: string, column: string): SqlError {
  return new SqlError(
    "42P10",
    `${option} column "${column}" not referenced by COPY`,
  );
}

/** 55000: no table of ours can be written without others seeing when. */
export function cannotFreeze(): SqlError {
  return new SqlError(
    "55000",
    "cannot perform COPY FREEZE because the table was not created or truncated in the current subtransaction",
  );
}

/** 42P10 */
export function generatedInCopy(column: string): SqlError {
  return new SqlError("42P10", `column "${column}" is a generated column`, {
    detail: "Generated columns cannot be used in COPY.",
  });
}
