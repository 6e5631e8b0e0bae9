// Certificate and key from their files. A key others can read is refused (authentication section 7).

import { readFileSync, statSync } from "node:fs";
import { SqlError } from "../../storage/common/errors.ts";

export interface TlsContent {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** Throws F0000 naming the file that cannot be used. */
export function readTls(
  files: { readonly cert: string; readonly key: string } | undefined,
): TlsContent | undefined {
  if (files === undefined) return undefined;
  const read = (option: string, path: string): Buffer => {
    try {
      return readFileSync(path);
    } catch (cause) {
      throw new SqlError("F0000", `${option}: could not read "${path}"`, {
        cause,
      });
    }
  };
  const key = read("tls-key", files.key);
  if ((statSync(files.key).mode & 0o077) !== 0) {
    throw new SqlError(
      "F0000",
      `tls-key: "${files.key}" can be read by others`,
      { hint: "Give it mode 0600." },
    );
  }
  return { cert: read("tls-cert", files.cert), key };
}
