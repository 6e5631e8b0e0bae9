// Short-lived tickets between gateway and nodes: HS256 tokens over a secret that both were given, never by command line.

import jwt from "jsonwebtoken";
import { ticketRefused } from "./errors.ts";

const ALGORITHM = "HS256";
const ISSUER = "sluice-gateway";
const LIFETIME_S = 120;

/** Gives the current ticket; signs a new one when the last is half over. */
export function ticketSource(secret: string, now: () => number): () => string {
  let ticket = "";
  let renewAt = 0;
  return () => {
    if (now() < renewAt) return ticket;
    const issued = Math.floor(now() / 1000);
    ticket = jwt.sign({ iat: issued, exp: issued + LIFETIME_S }, secret, {
      algorithm: ALGORITHM,
      issuer: ISSUER,
    });
    renewAt = now() + (LIFETIME_S * 1000) / 2;
    return ticket;
  };
}

/** Throws 28000 unless the ticket is good; one already seen is not verified again until it ends. */
export function ticketVerifier(
  secret: string,
  now: () => number,
): (authorization: string | undefined) => void {
  let known = "";
  let knownUntil = 0;
  return (authorization) => {
    const ticket = authorization?.startsWith("Bearer ")
      ? authorization.slice("Bearer ".length)
      : "";
    if (ticket === known && now() < knownUntil) return;
    knownUntil = verify(ticket, secret, now);
    known = ticket;
  };
}

function verify(ticket: string, secret: string, now: () => number): number {
  try {
    const claims = jwt.verify(ticket, secret, {
      algorithms: [ALGORITHM],
      issuer: ISSUER,
      clockTimestamp: Math.floor(now() / 1000),
    });
    if (typeof claims !== "string" && claims.exp !== undefined) {
      return claims.exp * 1000;
    }
  } catch (error) {
    if (!(error instanceof jwt.JsonWebTokenError)) throw error;
  }
  throw ticketRefused();
}
