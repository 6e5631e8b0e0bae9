// An issuer's settings and a verifier over a file of keys, with a clock that stands still.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { IssuerSettings } from "./issuer.ts";
import { DEFAULT_ALGORITHMS } from "./issuer.ts";
import { JwtVerifier } from "./verifier.ts";

export const ISSUER = "https://login.example.com/";
export const NOW_MS: number = Date.UTC(2026, 0, 1);
export const NOW: number = NOW_MS / 1000;

export function settings(changes: Partial<IssuerSettings>): IssuerSettings {
  return {
    issuer: ISSUER,
    keys: { kind: "discovery", hosts: [] },
    caFile: undefined,
    audiences: ["sluice"],
    algorithms: DEFAULT_ALGORITHMS,
    clients: ["app-1"],
    requiredClaims: new Map(),
    tokenType: undefined,
    idTokens: false,
    userClaim: "sub",
    servicePrincipalClaim: "client_id",
    servicePrincipalWhen: new Map(),
    scopeClaim: undefined,
    scopePrefix: "",
    sessionGraceMs: 0,
    ...changes,
  };
}

export interface FileVerifier extends AsyncDisposable {
  readonly verifier: JwtVerifier;
  readonly errors: readonly unknown[];
  /** Milliseconds since 1970; moved by the test. */
  readonly clock: { nowMs: number };
  publish(text: string): void;
}

export function fileVerifier(
  text: string,
  changes: Partial<IssuerSettings> = {},
): FileVerifier {
  const folder = mkdtempSync(join(tmpdir(), "sluice-jwt-"));
  const path = join(folder, "keys.json");
  const publish = (next: string): void => writeFileSync(path, next);
  publish(text);
  const clock = { nowMs: NOW_MS };
  const errors: unknown[] = [];
  const verifier = new JwtVerifier({
    issuers: [settings({ keys: { kind: "file", path }, ...changes })],
    now: () => clock.nowMs,
    onError: (error) => errors.push(error),
  });
  return {
    verifier,
    errors,
    clock,
    publish,
    [Symbol.asyncDispose]: async () => {
      await verifier[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true });
    },
  };
}
