// Every way a store can fail that is not "there is no such object". Objects are named as the user knows them (`s3://bucket/key`),
// never by the request, whose query and headers may hold credentials.

import { SqlError } from "../common/errors.ts";

/** 58030, or 53100 when the disk is full or a quota or limit is reached; the operating system's words go into the detail. */
export function storeFailed(
  action: string,
  path: string,
  cause: unknown,
): SqlError {
  const code = errorCode(cause);
  const detail = cause instanceof Error ? cause.message : undefined;
  if (code === "ENOSPC" || code === "EDQUOT" || code === "EFBIG") {
    return new SqlError(
      "53100",
      `could not ${action} file "${path}": no space left on device`,
      { cause },
    );
  }
  return new SqlError("58030", `could not ${action} file "${path}"`, {
    detail,
    cause,
  });
}

/** 08006: no answer came, after all attempts. */
export function storeUnreachable(
  action: string,
  path: string,
  cause: unknown,
): SqlError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new SqlError(
    "08006",
    `could not ${action} file "${path}": the object store does not answer`,
    { detail: `${errorCode(cause) ?? "The network"} says: ${reason}`, cause },
  );
}

/** The store's answer as an error: 42501 when it refuses, 58P01 for a bucket that is not there, 58030 for the rest. */
export function storeAnswered(
  action: string,
  path: string,
  answer: { readonly status: number; readonly failure: string | undefined },
): SqlError {
  const { status, failure } = answer;
  const said = failure === undefined ? String(status) : `${status} ${failure}`;
  const detail = `The object store answered ${said}.`;
  if (status === 401 || status === 403) {
    return new SqlError(
      "42501",
      `could not ${action} file "${path}": the object store refuses access`,
      { detail, hint: "Check the credentials that this server was given." },
    );
  }
  const code = status === 404 ? "58P01" : "58030";
  return new SqlError(code, `could not ${action} file "${path}"`, { detail });
}

/** 58030: an answer that is not what was asked for, and so not to be trusted. */
export function wrongAnswer(
  action: string,
  path: string,
  detail: string,
): SqlError {
  return new SqlError(
    "58030",
    `could not ${action} file "${path}": the object store's answer is wrong`,
    { detail },
  );
}

/** 0A000: its put-if-absent replaces what is there, so that commits would be lost. */
export function overwritingStore(store: string): SqlError {
  return new SqlError("0A000", `writing to "${store}" is not supported`, {
    detail:
      "The object store replaced an object although it was asked to write only where there is none, so concurrent commits would be lost.",
    hint: "Use a store with conditional writes. Reading works.",
  });
}

/** 42501: none of the usual places holds credentials. `hint` names some. */
export function noCredentials(store: string, hint: string): SqlError {
  return new SqlError("42501", `no credentials for "${store}" were found`, {
    hint,
  });
}

/** 42501: the place that should give credentials did not. `reason` is a sentence without secrets. */
export function credentialsFailed(
  source: string,
  reason: string,
  cause?: unknown,
): SqlError {
  return new SqlError("42501", `${source} gave no credentials`, {
    detail: reason,
    cause,
  });
}

/** 22023: no object store location. */
export function notALocation(text: string, reason: string): SqlError {
  return new SqlError("22023", `"${text}" is not a location`, {
    detail: reason,
  });
}

/** The `code` of a Node system error, such as ENOENT. */
export function errorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}
