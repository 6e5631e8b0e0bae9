// Every way the session itself can refuse: settings, transaction state, prepared statements, cursors.

import { notSupported, SqlError } from "../../storage/common/errors.ts";

export function undefinedSetting(name: string): SqlError {
  return new SqlError(
    "42704",
    `unrecognized configuration parameter "${name}"`,
  );
}

/** 55P02 */
export function fixedSetting(name: string): SqlError {
  return new SqlError("55P02", `parameter "${name}" cannot be changed`);
}

/** 22023 */
export function invalidSettingValue(
  name: string,
  value: string,
  more: { readonly detail?: string; readonly hint?: string } = {},
): SqlError {
  return new SqlError(
    "22023",
    `invalid value for parameter "${name}": "${value}"`,
    more,
  );
}

/** 22023 */
export function settingNeedsBoolean(name: string): SqlError {
  return new SqlError("22023", `parameter "${name}" requires a Boolean value`);
}

/** 22023. `value` carries its unit. */
export function settingOutOfRange(
  name: string,
  value: string,
  range: string,
): SqlError {
  return new SqlError(
    "22023",
    `${value} is outside the valid range for parameter "${name}" (${range})`,
  );
}

/** 22023 */
export function oneSettingValue(name: string): SqlError {
  return new SqlError("22023", `SET ${name} takes only one argument`);
}

/** 0A000: a connection is one principal for its whole life (authentication: section 9). */
export function impersonationRefused(command: string): SqlError {
  return new SqlError("0A000", `${command} is not supported`, {
    hint: "Open a connection with the token of the other user.",
  });
}

/** 25P02 */
export function transactionAborted(): SqlError {
  return new SqlError(
    "25P02",
    "current transaction is aborted, commands ignored until end of transaction block",
  );
}

/** 25P01 */
export function needsTransactionBlock(command: string): SqlError {
  return new SqlError(
    "25P01",
    `${command} can only be used in transaction blocks`,
  );
}

/** 25001 */
export function refusedInTransactionBlock(command: string): SqlError {
  return new SqlError(
    "25001",
    `${command} cannot run inside a transaction block`,
  );
}

/** 25001 */
export function tooLateInTransaction(what: string): SqlError {
  return new SqlError("25001", `${what} must be called before any query`);
}

/** 25001 */
export function readWriteTooLate(): SqlError {
  return new SqlError(
    "25001",
    "transaction read-write mode must be set before any query",
  );
}

/** 25006 */
export function readOnlyTransaction(command: string): SqlError {
  return new SqlError(
    "25006",
    `cannot execute ${command} in a read-only transaction`,
  );
}

/** 3B001 */
export function undefinedSavepoint(name: string): SqlError {
  return new SqlError("3B001", `savepoint "${name}" does not exist`);
}

/** 26000. The unnamed statement has a text of its own. */
export function undefinedPreparedStatement(name: string): SqlError {
  return new SqlError(
    "26000",
    name === ""
      ? "unnamed prepared statement does not exist"
      : `prepared statement "${name}" does not exist`,
  );
}

/** 42P05 */
export function duplicatePreparedStatement(name: string): SqlError {
  return new SqlError("42P05", `prepared statement "${name}" already exists`);
}

/** 42601 */
export function wrongParameterCount(
  name: string,
  expected: number,
  got: number,
): SqlError {
  return new SqlError(
    "42601",
    `wrong number of parameters for prepared statement "${name}"`,
    { detail: `Expected ${expected} parameters but got ${got}.` },
  );
}

/** 34000 */
export function undefinedCursor(name: string): SqlError {
  return new SqlError("34000", `cursor "${name}" does not exist`);
}

/** 34000, in the protocol's word for it. */
export function undefinedPortal(name: string): SqlError {
  return new SqlError("34000", `portal "${name}" does not exist`);
}

/** 42P03 */
export function duplicateCursor(name: string): SqlError {
  return new SqlError("42P03", `cursor "${name}" already exists`);
}

/** 55000 */
export function portalFinished(name: string): SqlError {
  return new SqlError("55000", `portal "${name}" cannot be run`);
}

/** 55000 */
export function forwardOnly(): SqlError {
  return new SqlError("55000", "cursor can only scan forward", {
    hint: "Declare it with SCROLL option to enable backward scan.",
  });
}

/** 0A000: the session ends with its statement, and the cursor with it. */
export function cursorOverHttp(position: number): SqlError {
  return notSupported(
    "cursors over HTTP are",
    position,
    "Run the query itself: its result is kept, and its chunks can be read in any order.",
  );
}

/** 53400: a result that has to outlive its query is larger than may be kept. */
export function spoolFull(cursor: string, limitBytes: number): SqlError {
  return new SqlError(
    "53400",
    `result of cursor "${cursor}" is too large to keep`,
    {
      detail: `At most ${limitBytes} bytes are kept for a cursor declared WITH HOLD or SCROLL.`,
      hint: "Declare the cursor WITHOUT HOLD and NO SCROLL, and fetch it inside the transaction.",
    },
  );
}

/** 53100, or 58030 where something else than room is missing. */
export function spoolNotWritten(full: boolean, cause: unknown): SqlError {
  return full
    ? new SqlError(
        "53100",
        "could not write to temporary file: no space left",
        { cause },
      )
    : new SqlError("58030", "could not write to temporary file", { cause });
}

/** 0A000 */
export function cursorFormatChanged(name: string): SqlError {
  return new SqlError(
    "0A000",
    `changing the result format of open cursor "${name}" is not supported`,
    { hint: "Fetch all rows of a cursor in one format, text or binary." },
  );
}

/** 57014 */
export function statementTimedOut(): SqlError {
  return new SqlError("57014", "canceling statement due to statement timeout");
}

/** 0A000 on which drivers prepare again: pgjdbc and asyncpg know it by the routine's name. */
export function resultTypeChanged(): SqlError {
  return new SqlError("0A000", "cached plan must not change result type", {
    routine: "RevalidateCachedQuery",
  });
}
