// Who is there, by a client certificate inside TLS (authentication sections 3.2 and 7): whoever made the connection holds the key of a
// certificate that an authority of ours issued, and asks to be one of those it names. A certificate names a principal that exists.

import { tokenId } from "../storage/common/ids.ts";
import { admit, auditFailure, type Origin } from "./authenticate.ts";
import { certificateRefused } from "./errors.ts";
import type { Governance } from "./governance.ts";
import { foldName } from "./names.ts";
import type { Identity } from "./principal.ts";

export interface ClientCertificate {
  /** Common name and e-mail addresses: the users it may log in as. */
  readonly names: readonly string[];
  /** SHA-256 of the certificate, hexadecimal. */
  readonly fingerprint: string;
  readonly expiresAtMs: number;
}

/** Throws 28000: for a user it does not name, an absent one alike, and for one that is not active. */
export function authenticateCertificate(
  governance: Governance,
  user: string,
  { names, fingerprint, expiresAtMs }: ClientCertificate,
  origin: Origin,
): Identity {
  const folded = foldName(user);
  const record = governance.access.named(user);
  const named = names.some((name) => foldName(name) === folded);
  if (!named || record === undefined || record.kind === "group") {
    const reason = named ? "it names nobody" : "it names others";
    auditFailure(governance, user, `certificate: ${reason}`, origin);
    throw certificateRefused(user);
  }
  const principal = governance.access.activePrincipal(record.id);
  const identity = principal && {
    principal,
    credential: tokenId(fingerprint),
    credentialKind: "certificate" as const,
    expiresAtMs,
    scopes: ["sql"],
    clientAddress: origin.clientAddress,
  };
  return admit(governance, user, identity, origin);
}
