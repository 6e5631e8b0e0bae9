// The one way a configuration is wrong.

import { SqlError } from "../../storage/common/errors.ts";

/** F0000 with one line that names the key: start-up ends with it (exit code 2). */
export function configError(message: string): SqlError {
  return new SqlError("F0000", message);
}
