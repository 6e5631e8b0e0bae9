// Certificate and key from their files. A key others can read is refused (authentication section 7).

import { readFileSync, statSync } from "node:fs";
import { createSecureContext } from "node:tls";
import { SqlError } from "../../storage/common/errors.ts";

export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
  /** Authorities whose client certificates count, and what they have revoked. */
  readonly clientCa: string | undefined;
  readonly clientCrl: string | undefined;
}

/** PEM. */
export interface TlsContent {
  readonly cert: Buffer;
  readonly key: Buffer;
  readonly ca?: Buffer;
  readonly crl?: Buffer;
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
  const content = {
    cert: readOption("tls-cert", files.cert),
    key,
    ...readClientFiles(files),
  };
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

/** Throws F0000 for a file that holds no certificate, or no revocation list. */
function readClientFiles({
  clientCa,
  clientCrl,
}: TlsFiles): Pick<TlsContent, "ca" | "crl"> {
  if (clientCa === undefined) return {};
  const ca = readOption("tls-client-ca", clientCa);
  if (!ca.includes("-----BEGIN CERTIFICATE-----"))
    throw unusable("tls-client-ca", clientCa, "certificate");
  if (clientCrl === undefined) return { ca };
  const crl = readOption("tls-client-crl", clientCrl);
  if (!crl.includes("-----BEGIN X509 CRL-----"))
    throw unusable("tls-client-crl", clientCrl, "revocation list");
  try {
    createSecureContext({ ca, crl });
  } catch (cause) {
    throw unusable("tls-client-crl", clientCrl, "revocation list", cause);
  }
  return { ca, crl };
}

function unusable(
  option: string,
  path: string,
  wanted: string,
  cause?: unknown,
): SqlError {
  return new SqlError(
    "F0000",
    `${option}: "${path}" holds no ${wanted} (PEM)`,
    {
      cause,
    },
  );
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
