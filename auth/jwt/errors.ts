// How keys of an issuer can be out of reach. Why a token is refused is no error: it is told to the audit alone (compact.ts).

import { SqlError } from "../../storage/common/errors.ts";

/** 58030: no keys from where they should come; the last good ones go on counting for a day. */
export function keySetUnusable(detail: string, cause?: unknown): SqlError {
  return new SqlError("58030", "key set could not be read", { detail, cause });
}

/** F0000: a configured file does not hold what it should. */
export function issuerFileInvalid(
  issuer: string,
  path: string,
  cause?: unknown,
): SqlError {
  return new SqlError(
    "F0000",
    `issuers: "${path}" of ${issuer} could not be read as a JSON Web Key Set`,
    { cause },
  );
}
