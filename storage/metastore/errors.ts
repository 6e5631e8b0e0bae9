// How opening and reading the metastore can fail.

import { SqlError } from "../common/errors.ts";
import { restoreHint } from "./backup-files.ts";

/** 55006: another gateway holds the data directory. */
export function dataDirInUse(dataDir: string): SqlError {
  return new SqlError(
    "55006",
    `data directory "${dataDir}" is in use by another gateway`,
    { hint: "Stop the other gateway, or give this one its own --data-dir." },
  );
}

/** XX001: the file is no SQLite database, fails its check, or holds a row that cannot be read. */
export function metastoreDamaged(
  file: string,
  detail: string,
  cause?: unknown,
): SqlError {
  return new SqlError("XX001", `metastore "${file}" is damaged`, {
    detail,
    hint: restoreHint(file),
    cause,
  });
}

/** 55000: written by a newer Sluice. */
export function metastoreTooNew(
  file: string,
  found: number,
  known: number,
): SqlError {
  return new SqlError(
    "55000",
    `metastore "${file}" was written by a newer version`,
    { detail: `It has schema ${found}; this version knows schema ${known}.` },
  );
}

/** 58030: the directory or file cannot be opened or written. */
export function metastoreUnreachable(file: string, cause: unknown): SqlError {
  return new SqlError("58030", `metastore "${file}" cannot be opened`, {
    detail: messageOf(cause),
    hint: WRITABLE,
    cause,
  });
}

const WRITABLE =
  "Give the user who runs sluice the right to write the data dir and every file in it, on a file system that is not mounted read-only.";

function messageOf(cause: unknown): string | undefined {
  return cause instanceof Error ? `${cause.message}.` : undefined;
}

/** What the same failure means while a gateway starts: the file is named, and what to do. */
export function atStart(file: string, error: SqlError): SqlError {
  switch (error.code) {
    case "57P03":
      return new SqlError(
        error.code,
        `metastore "${file}" is locked by another process`,
        {
          hint: "Another program holds a transaction on it open: end that program, or wait until it is done.",
          cause: error,
        },
      );
    case "58030":
      return new SqlError(
        error.code,
        `metastore "${file}" cannot be read and written`,
        {
          detail: error.detail ?? messageOf(error.cause),
          hint: WRITABLE,
          cause: error,
        },
      );
    default:
      return error;
  }
}

/** 58030 or 53100: no copy was made, or put back; what was there is as it was. */
export function backupFailed(target: string, cause: unknown): SqlError {
  if (cause instanceof SqlError && cause.code !== "58030") return cause;
  const full =
    cause instanceof Error && "code" in cause && cause.code === "ENOSPC";
  return new SqlError(
    full ? "53100" : "58030",
    `backup "${target}" could not be written`,
    {
      detail: messageOf(cause),
      cause,
    },
  );
}

/** F0000: the metastore was sealed with a key whose file is gone. */
export function keyMissing(file: string): SqlError {
  return new SqlError("F0000", `key file "${file}" is missing`, {
    detail: "The metastore holds secrets sealed with this key.",
    hint: "Restore the keys folder from a backup.",
  });
}

/** 58030: the key file is there, perhaps, but the user who runs sluice may not read it. */
export function keyUnreadable(file: string, cause: unknown): SqlError {
  return new SqlError("58030", `key file "${file}" cannot be read`, {
    detail: messageOf(cause),
    hint: "The keys folder and its files belong to the user who runs sluice: give them to that user.",
    cause,
  });
}

/** F0000: the key file is not the one the metastore was sealed with, or is not a key. */
export function keyMismatch(file: string): SqlError {
  return new SqlError(
    "F0000",
    `key file "${file}" does not belong to this metastore`,
    { hint: "Restore the keys folder that was saved with the metastore." },
  );
}

/** F0000: others could read the key. */
export function keyExposed(file: string): SqlError {
  return new SqlError(
    "F0000",
    `key file "${file}" can be read or written by other users`,
    {
      hint: `Run chmod 600 on the file and chmod 700 on its folder.`,
    },
  );
}

/** 57P03: the metastore stayed locked by a tool for longer than the wait. */
export function metastoreBusy(cause: unknown): SqlError {
  return new SqlError("57P03", "metastore is locked by another process", {
    hint: "Try again.",
    cause,
  });
}

/** 53100 or 58030: a write did not reach the disk; nothing of its transaction was kept. */
export function metastoreWriteFailed(full: boolean, cause: unknown): SqlError {
  return new SqlError(
    full ? "53100" : "58030",
    full
      ? "no space left for the metastore"
      : "metastore could not be read or written",
    { cause },
  );
}

/** 40001: what a transaction block would change was changed by another session meanwhile. `what`: `schema "s"`. */
export function serializationFailure(what: string): SqlError {
  return new SqlError(
    "40001",
    "could not serialize access due to concurrent update",
    {
      detail: `Another session changed ${what} in the meantime.`,
      hint: "Run the transaction again.",
    },
  );
}
