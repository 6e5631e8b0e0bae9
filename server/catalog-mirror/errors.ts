// Every way the catalog mirror can fail; what PostgreSQL itself answers passes through unchanged.

import { SqlError } from "../../storage/common/errors.ts";

export function mirrorNotStarted(reason: string): SqlError {
  return new SqlError("58000", "the catalog mirror did not start", {
    detail: reason,
  });
}

export function mirrorLost(): SqlError {
  return new SqlError("58000", "the catalog mirror ended while it answered", {
    hint: "Run the statement again.",
  });
}

export function mirrorFault(reason: string): SqlError {
  return new SqlError("XX000", "the catalog mirror failed", {
    detail: reason,
  });
}

export function catalogTimeout(): SqlError {
  return new SqlError("57014", "canceling statement due to statement timeout", {
    detail: "Statements over the system catalog have a limit of their own.",
  });
}

export function notRelayed(name: string): SqlError {
  return new SqlError(
    "0A000",
    `function ${name} in a query over the system catalog is not supported`,
  );
}

export function notAnswered(what: string): SqlError {
  return new SqlError(
    "0A000",
    `${what} over the system catalog is not supported`,
  );
}

/** The session's catalog was hidden or dropped since it connected. */
export function catalogGone(name: string): SqlError {
  return new SqlError("3D000", `database "${name}" does not exist`);
}
