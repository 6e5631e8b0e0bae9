// Every way a Delta table can fail: damaged logs, features we do not know, versions that are gone, lost races.

import { SqlError } from "../common/errors.ts";

/** XX001: the log (or a file it needs) says something no reader may accept. `file` is a name inside the table, `reason` one fact. */
export function damagedLog(
  table: string,
  file: string,
  reason: string,
  cause?: unknown,
): SqlError {
  return new SqlError("XX001", `log of table "${table}" is damaged`, {
    detail: `File "${file}": ${reason}.`,
    cause,
  });
}

/** 58P01: the name exists in the catalog, but there is no log where it should be. */
export function notADeltaTable(table: string): SqlError {
  return new SqlError("58P01", `table "${table}" is not a Delta table`, {
    detail: "There is no commit or checkpoint in its _delta_log.",
  });
}

/** 58P01: a file the log names is not there. */
export function missingFile(
  table: string,
  file: string,
  cause?: unknown,
): SqlError {
  return new SqlError(
    "58P01",
    `file "${file}" of table "${table}" does not exist`,
    {
      hint: "The file may have been removed by VACUUM or by hand.",
      cause,
    },
  );
}

/** XX001: commits between two known versions are missing. */
export function missingCommits(
  table: string,
  first: number,
  last: number,
): SqlError {
  const range =
    first === last ? `commit ${first} is` : `commits ${first} to ${last} are`;
  return new SqlError("XX001", `log of table "${table}" is damaged`, {
    detail: `${range[0]?.toUpperCase() ?? ""}${range.slice(1)} missing, and no checkpoint covers the gap.`,
  });
}

/** 22023: time travel outside what the log still holds. */
export function versionNotAvailable(
  table: string,
  wanted: number,
  oldest: number,
  newest: number,
): SqlError {
  return new SqlError(
    "22023",
    `version ${wanted} of table "${table}" is not available`,
    {
      detail: `Versions ${oldest} to ${newest} can be read.`,
    },
  );
}

/** 22023: table_changes over versions whose change data feed was off. */
export function changeFeedOff(table: string, version: number): SqlError {
  return new SqlError(
    "22023",
    `change data feed of table "${table}" was not enabled at version ${version}`,
    {
      hint: "Begin at a version since which delta.enableChangeDataFeed is true.",
    },
  );
}

/** 22023: table_changes with its end before its start. */
export function emptyChangeRange(
  table: string,
  from: number,
  to: number,
): SqlError {
  return new SqlError(
    "22023",
    `changes of table "${table}" begin at version ${from}, after their end at version ${to}`,
  );
}

/** 0A000: files of the range cannot be read with the columns the table has at its end. */
export function changedSchema(
  table: string,
  version: number,
  what: string,
): SqlError {
  return new SqlError(
    "0A000",
    `changes of table "${table}" across version ${version}, which changed ${what}, are not supported`,
    { hint: "End the range before that version, or begin it there." },
  );
}

/** 22023: time travel before the first readable commit or after the last. `bound` is a timestamp in UTC. */
export function timestampNotAvailable(
  table: string,
  wanted: string,
  bound: string,
  side: "before" | "after",
): SqlError {
  const which = side === "before" ? "oldest" : "newest";
  return new SqlError(
    "22023",
    `table "${table}" has no version as of "${wanted}"`,
    {
      detail: `The timestamp is ${side} the ${which} readable version, of ${bound}.`,
    },
  );
}

/** 0A000: a protocol version above those we know. */
export function unsupportedProtocol(
  table: string,
  kind: "reader" | "writer",
  version: number,
): SqlError {
  return new SqlError(
    "0A000",
    `table "${table}" needs Delta ${kind} version ${version}, which is not supported`,
  );
}

/** 0A000, naming the features. */
export function unsupportedFeatures(
  table: string,
  kind: "reader" | "writer",
  features: readonly string[],
): SqlError {
  const names = features.map((feature) => `"${feature}"`).join(", ");
  const noun =
    features.length === 1
      ? `feature ${names}, which is`
      : `features ${names}, which are`;
  return new SqlError(
    "0A000",
    `table "${table}" needs ${kind} ${noun} not supported`,
  );
}

/** 0A000: something in the table, not a named feature, that we would misread. */
export function unsupportedTable(table: string, reason: string): SqlError {
  return new SqlError("0A000", `table "${table}" cannot be read: ${reason}`);
}

/** 0A000: a write that the table's active features do not let us do. */
export function unsupportedWrite(table: string, reason: string): SqlError {
  return new SqlError("0A000", `table "${table}" cannot be written: ${reason}`);
}

/** 42701, as Delta demands: two columns that differ by case alone. */
export function duplicateColumn(table: string, name: string): SqlError {
  return new SqlError(
    "42701",
    `column "${name}" of table "${table}" is specified more than once`,
    {
      detail:
        "Column names of a Delta table are unique without regard to case.",
    },
  );
}

/** 42501: the log names a file outside the table's folder and its lake. */
export function fileOutsideLake(table: string, file: string): SqlError {
  return new SqlError(
    "42501",
    `file "${file}" of table "${table}" lies outside its lake`,
  );
}

/** XX001: a deletion vector that is not what its descriptor says. */
export function damagedDeletionVector(
  location: string,
  reason: string,
): SqlError {
  return new SqlError("XX001", `deletion vector "${location}" is damaged`, {
    detail: `${reason}.`,
  });
}

/** 58P01: rows would come back that were deleted, so the scan must fail. */
export function missingDeletionVector(location: string): SqlError {
  return new SqlError("58P01", `deletion vector "${location}" does not exist`, {
    hint: "The file may have been removed by VACUUM or by hand.",
  });
}

/** 0A000: rows that nobody counted cannot be numbered. */
export function uncountedRows(table: string, file: string): SqlError {
  return new SqlError(
    "0A000",
    `rows of table "${table}" cannot be tracked without a count of the rows of file "${file}"`,
    { hint: "Rewrite the table's files first." },
  );
}

/** 42P07 on creation. */
export function tableExists(table: string): SqlError {
  return new SqlError("42P07", `relation "${table}" already exists`, {
    detail: "Its folder already holds a Delta log.",
  });
}

/** 40001: more races lost than a commit retries. */
export function tooManyRaces(table: string, attempts: number): SqlError {
  return new SqlError(
    "40001",
    `could not commit to table "${table}" due to concurrent commits`,
    {
      detail: `${attempts} attempts each found a newer version.`,
      hint: "Run the statement again.",
    },
  );
}

/** 58030: a commit whose outcome the store does not tell. */
export function unknownOutcome(
  table: string,
  version: number,
  cause: unknown,
): SqlError {
  return new SqlError(
    "58030",
    `outcome of commit ${version} to table "${table}" is not known`,
    {
      hint: "Check the table's history before running the statement again.",
      cause,
    },
  );
}

/** 0A000: the version to go back to has a feature that was dropped since. */
export function restoreNeedsFeature(
  table: string,
  version: number,
  features: readonly string[],
): SqlError {
  const names = features.map((feature) => `"${feature}"`).join(", ");
  return new SqlError(
    "0A000",
    `table "${table}" cannot be restored to version ${version}: it needs the table feature ${names}, which the table no longer has`,
  );
}
