// How opening and reading the metastore can fail.

import { SqlError } from "../common/errors.ts";

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
    hint: "Restore the file (with its keys folder) from a backup.",
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
    detail: cause instanceof Error ? `${cause.message}.` : undefined,
    cause,
  });
}

/** F0000: the metastore was sealed with a key whose file is gone. */
export function keyMissing(file: string): SqlError {
  return new SqlError("F0000", `key file "${file}" is missing`, {
    detail: "The metastore holds secrets sealed with this key.",
    hint: "Restore the keys folder from a backup.",
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
