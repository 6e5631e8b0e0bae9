// Certificate and key from their files. A key others can read is refused (authentication section 7).

import { readFileSync, statSync } from "node:fs";
import { createSecureContext } from "node:tls";
import { SqlError } from "../../storage/common/errors.ts";

export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
}

/** PEM. */
export interface TlsContent {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** Throws F0000 naming the file that cannot be used. */
export function readTls(files: TlsFiles): TlsContent {
  const key = readOption("tls-key", files.key);
  if ((statSync(files.key).mode & 0o077) !== 0) {
    throw new SqlError(
      "F0000",
      `tls-key: "${files.key}" can be read by others`,
      { hint: "Give it mode 0600." },
    );
  }
  const content = { cert: readOption("tls-cert", files.cert), key };
  try {
    createSecureContext(content);
  } catch (cause) {
    throw new SqlError(
      "F0000",
      `tls-cert: "${files.cert}" and "${files.key}" are not a certificate and its key`,
      { cause },
    );
  }
  return content;
}

function readOption(option: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new SqlError("F0000", `${option}: could not read "${path}"`, {
      cause,
    });
  }
}
