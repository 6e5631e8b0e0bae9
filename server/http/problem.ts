// SqlError -> what HTTP says: a status and body on resource routes, the error of a FAILED statement (http-api sections 3 and 4.2).

import { SqlError } from "../../storage/common/errors.ts";
import type { SqlState } from "../../storage/common/sqlstate.ts";

/** An answer that is not 200, in the API's own shape. */
export class HttpProblem extends Error {
  readonly status: number;
  readonly errorCode: string | number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    errorCode: string | number,
    message: string,
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.status = status;
    this.errorCode = errorCode;
    this.headers = headers;
  }
}

export function invalidParameter(message: string): HttpProblem {
  return new HttpProblem(400, "INVALID_PARAMETER_VALUE", message);
}

const CHALLENGE = { "www-authenticate": 'Bearer realm="DatabricksRealm"' };

export function credentialNotSent(): HttpProblem {
  const message =
    "Credential was not sent or was of an unsupported type for this API.";
  return new HttpProblem(401, 401, message, {
    ...CHALLENGE,
    "x-databricks-reason-phrase": message,
  });
}

export function invalidAccessToken(): HttpProblem {
  const message = "Invalid access token.";
  return new HttpProblem(403, 403, message, {
    ...CHALLENGE,
    "x-databricks-reason-phrase": message,
  });
}

export function addressBlocked(address: string): HttpProblem {
  return new HttpProblem(
    403,
    403,
    `Source IP address ${address} is blocked by an IP access list.`,
  );
}

/** Without TLS only balancers may ask: a token has already crossed in clear, so nothing is redirected. */
export function insecureTransport(): HttpProblem {
  return new HttpProblem(
    400,
    "BAD_REQUEST",
    "Requests without TLS are refused. Use https, and replace the access token that was sent.",
  );
}

/** An address that failed too often to log in. */
export function tooManyFailures(retryAfterMs: number): HttpProblem {
  return new HttpProblem(
    429,
    "REQUEST_LIMIT_EXCEEDED",
    "Too many requests with invalid credentials.",
    { "retry-after": String(Math.ceil(retryAfterMs / 1000)) },
  );
}

export function statementNotFound(id: string): HttpProblem {
  return new HttpProblem(
    404,
    "RESOURCE_DOES_NOT_EXIST",
    `The statement ${id} was not found.`,
  );
}

/** Says nothing of why, nor whether the statement exists. */
export function linkRefused(): HttpProblem {
  return new HttpProblem(
    403,
    "PERMISSION_DENIED",
    "The link is not valid, or not any more. Ask for the chunk again to get a new one.",
    { "cache-control": "no-store" },
  );
}

/** On resource routes the status follows from the SQLSTATE's class. */
export function problemOf(error: unknown): HttpProblem {
  if (error instanceof HttpProblem) return error;
  if (!(error instanceof SqlError))
    return new HttpProblem(500, "INTERNAL_ERROR", "internal error");
  const [status, code] = STATUS_OF_CODE[error.code] ??
    STATUS_OF_CLASS[error.code.slice(0, 2)] ?? [500, "INTERNAL_ERROR"];
  return new HttpProblem(
    status,
    code,
    error.detail === undefined
      ? error.message
      : `${error.message}: ${error.detail}`,
  );
}

const STATUS_OF_CODE: Partial<Record<SqlState, readonly [number, string]>> = {
  "42501": [403, "PERMISSION_DENIED"],
  "42P01": [404, "RESOURCE_DOES_NOT_EXIST"],
  "42704": [404, "RESOURCE_DOES_NOT_EXIST"],
  "3F000": [404, "RESOURCE_DOES_NOT_EXIST"],
  "3D000": [404, "RESOURCE_DOES_NOT_EXIST"],
  "42710": [409, "RESOURCE_ALREADY_EXISTS"],
  "42P07": [409, "RESOURCE_ALREADY_EXISTS"],
  "40001": [409, "ABORTED"],
  "53300": [429, "RESOURCE_EXHAUSTED"],
  "54000": [400, "QUOTA_EXCEEDED"],
  "55000": [400, "INVALID_STATE"],
  "0LP01": [400, "INVALID_PARAMETER_VALUE"],
  "42809": [400, "INVALID_PARAMETER_VALUE"],
};
const STATUS_OF_CLASS: Readonly<Record<string, readonly [number, string]>> = {
  "0A": [501, "NOT_IMPLEMENTED"],
  "22": [400, "INVALID_PARAMETER_VALUE"],
  "28": [403, "PERMISSION_DENIED"],
  "42": [400, "INVALID_PARAMETER_VALUE"],
  "53": [503, "TEMPORARILY_UNAVAILABLE"],
  "57": [503, "TEMPORARILY_UNAVAILABLE"],
};

export interface StatementError {
  readonly error_code: string;
  readonly message: string;
}

/** `[CLASS] message SQLSTATE: code`, with the position and the text's line under it where there is one. */
export function statementError(error: SqlError, sql: string): StatementError {
  const detail = error.detail === undefined ? "" : ` ${error.detail}`;
  const text =
    error.code === "42501"
      ? `[INSUFFICIENT_PERMISSIONS] Insufficient privileges: ${error.detail ?? error.message}`
      : `[${errorClass(error.code)}] ${error.message}${detail}`;
  const hint = error.hint === undefined ? "" : ` HINT: ${error.hint}`;
  return {
    error_code: CODE_OF_CLASS[error.code.slice(0, 2)] ?? "BAD_REQUEST",
    message: `${text}${hint} SQLSTATE: ${error.code}${error.position === undefined ? "" : caret(sql, error.position)}`,
  };
}

const CODE_OF_CLASS: Readonly<Record<string, string>> = {
  "40": "ABORTED",
  "53": "RESOURCE_EXHAUSTED",
  "57": "CANCELLED",
  "58": "IO_ERROR",
  XX: "INTERNAL_ERROR",
};

const CLASS_OF_CODE: Partial<Record<SqlState, string>> = {
  "42P01": "TABLE_OR_VIEW_NOT_FOUND",
  "3F000": "SCHEMA_NOT_FOUND",
  "3D000": "CATALOG_NOT_FOUND",
  "42883": "UNRESOLVED_ROUTINE",
  "42703": "UNRESOLVED_COLUMN",
  "42704": "PRINCIPAL_DOES_NOT_EXIST",
  "0LP01": "INVALID_PRIVILEGE",
  "2BP01": "DEPENDENT_OBJECTS_EXIST",
  "42601": "PARSE_SYNTAX_ERROR",
  "0A000": "UNSUPPORTED_FEATURE",
  "22012": "DIVIDE_BY_ZERO",
  "22003": "ARITHMETIC_OVERFLOW",
  "22P02": "CAST_INVALID_INPUT",
  "22018": "CAST_INVALID_INPUT",
  "57014": "OPERATION_CANCELED",
};

function errorClass(code: SqlState): string {
  return CLASS_OF_CODE[code] ?? "SQL_ERROR";
}

/** `(line 1, pos 7)` and the line with a caret under the place. */
function caret(sql: string, position: number): string {
  const before = Array.from(sql)
    .slice(0, position - 1)
    .join("");
  const line = before.split("\n").length;
  const column = Array.from(before.slice(before.lastIndexOf("\n") + 1)).length;
  const text = sql.split("\n")[line - 1] ?? "";
  return ` (line ${line}, pos ${column})\n\n== SQL ==\n${text}\n${" ".repeat(column)}^^^`;
}
