// The certificate a client showed in the TLS handshake, once it is known to be good: issued by an authority of ours, in time, not revoked.

import type { TLSSocket } from "node:tls";
import type { ClientCertificate } from "../../auth/authenticate-certificate.ts";

/** Undefined where none was shown, or none that counts. */
export function clientCertificate(
  socket: TLSSocket,
): ClientCertificate | undefined {
  const shown = socket.getPeerX509Certificate();
  if (shown === undefined || !isTrusted(socket)) return undefined;
  return {
    names: [
      ...commonNames(shown.subject),
      ...emailAddresses(shown.subjectAltName),
    ],
    fingerprint: shown.fingerprint256.replaceAll(":", "").toLowerCase(),
    expiresAtMs: Date.parse(shown.validTo),
  };
}

/** What the TLS library made of the whole chain. A handle that cannot say so trusts nothing. */
function isTrusted(socket: TLSSocket): boolean {
  const handle: unknown = Reflect.get(socket, "_handle");
  if (typeof handle !== "object" || handle === null) return false;
  const verifyError: unknown = Reflect.get(handle, "verifyError");
  return (
    typeof verifyError === "function" &&
    Reflect.apply(verifyError, handle, []) === null
  );
}

/** `subject` has an attribute a line; a zero byte in a name would end it elsewhere. */
function commonNames(subject: string | undefined): readonly string[] {
  return (subject ?? "").split("\n").flatMap((line) => {
    const [, name] = /^CN=([^\0]+)$/.exec(line) ?? [];
    return name === undefined ? [] : [name];
  });
}

/** Names between commas; one that needs quotes is no address of ours. */
function emailAddresses(alternatives: string | undefined): readonly string[] {
  return (alternatives ?? "").split(", ").flatMap((name) => {
    const [, address] = /^email:([^\0"]+)$/.exec(name) ?? [];
    return address === undefined ? [] : [address];
  });
}
