// Rotation, floods of made-up keys, and providers that are out of reach: what is asked of the network, and what counts meanwhile.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { FIRST_CERTIFICATE } from "../../conformance/certificates.ts";
import {
  DISCOVERY_PATH,
  KEY_SET_PATH,
  keySetText,
  publicJwk,
  signToken,
  signingKey,
  startTestIssuer,
  type SigningKey,
  type TestIssuer,
} from "../../conformance/test-issuer.ts";
import type { KeyPlace } from "./issuer.ts";
import { NOW_MS, settings } from "./jwt.testkit.ts";
import { JwtVerifier } from "./verifier.ts";

const OLD = signingKey("old");
const NEW = signingKey("new");

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "sluice-issuer-"));
  writeFileSync(join(folder, "ca.pem"), FIRST_CERTIFICATE.cert);
});
afterAll(() => rmSync(folder, { recursive: true }));

interface World extends AsyncDisposable {
  readonly provider: TestIssuer;
  readonly errors: readonly unknown[];
  advance(seconds: number): void;
  /** Whether a token of the key counts now. */
  counts(key: SigningKey, kid?: string): Promise<boolean>;
}

async function world(
  keys?: (issuer: string) => KeyPlace,
  trusted = true,
): Promise<World> {
  const provider = await startTestIssuer([OLD]);
  const { issuer } = provider;
  const clock = { nowMs: NOW_MS };
  const errors: unknown[] = [];
  const verifier = new JwtVerifier({
    issuers: [
      settings({
        issuer,
        caFile: trusted ? join(folder, "ca.pem") : undefined,
        keys: keys?.(issuer) ?? { kind: "discovery", hosts: [] },
      }),
    ],
    now: () => clock.nowMs,
    onError: (error) => errors.push(error),
  });
  return {
    provider,
    errors,
    advance: (seconds) => {
      clock.nowMs += seconds * 1000;
    },
    counts: async (key, kid = key.id) => {
      const now = clock.nowMs / 1000;
      const claims = {
        iss: issuer,
        sub: "alice",
        aud: "sluice",
        exp: now + 60,
      };
      const token = signToken(key, { header: { kid }, claims });
      return (await verifier.verify(token)).kind === "accepted";
    },
    [Symbol.asyncDispose]: async () => {
      await verifier[Symbol.asyncDispose]();
      await provider[Symbol.asyncDispose]();
    },
  };
}

const DIRECT = (issuer: string): KeyPlace => ({
  kind: "url",
  url: new URL(`${issuer}${KEY_SET_PATH}`),
});

describe("keys are read", () => {
  test("by discovery, once for many tokens at a time", async () => {
    await using w = await world();
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => w.counts(OLD)),
    );
    expect(answers.every(Boolean)).toBe(true);
    expect(w.provider.requests()).toBe(2);
  });

  test("again after ten minutes, in the background after five", async () => {
    await using w = await world(DIRECT);
    await w.counts(OLD);
    w.advance(4 * 60);
    await w.counts(OLD);
    expect(w.provider.requests()).toBe(1);
    w.advance(2 * 60);
    expect(await w.counts(OLD)).toBe(true);
    w.advance(9 * 60);
    expect(await w.counts(OLD)).toBe(true);
    expect(w.provider.requests()).toBeGreaterThanOrEqual(2);
  });

  test("once more for a new key, which counts at once", async () => {
    await using w = await world(DIRECT);
    expect(await w.counts(OLD)).toBe(true);
    w.provider.publish([OLD, NEW]);
    expect(await w.counts(NEW)).toBe(true);
    expect(w.provider.requests()).toBe(2);
  });

  test("at most once in 30 seconds for a thousand made-up keys", async () => {
    await using w = await world(DIRECT);
    expect(await w.counts(OLD)).toBe(true);
    const answers = await Promise.all(
      Array.from({ length: 1000 }, (_, n) => w.counts(NEW, `random-${n}`)),
    );
    expect(answers.some(Boolean)).toBe(false);
    expect(w.provider.requests()).toBe(2);
    w.advance(29);
    await w.counts(NEW);
    expect(w.provider.requests()).toBe(2);
    w.advance(2);
    await w.counts(NEW);
    expect(w.provider.requests()).toBe(3);
    expect(await w.counts(OLD)).toBe(true);
  });
});

describe("a key the issuer took back", () => {
  test("counts no more after the next reading", async () => {
    await using w = await world(DIRECT);
    expect(await w.counts(OLD)).toBe(true);
    w.provider.publish([NEW]);
    w.advance(10 * 60);
    expect(await w.counts(OLD)).toBe(false);
    expect(await w.counts(NEW)).toBe(true);
  });

  test("stays out when the clock is set back", async () => {
    await using w = await world(DIRECT);
    await w.counts(OLD);
    w.provider.publish([NEW]);
    w.advance(-3600);
    expect(await w.counts(OLD)).toBe(false);
  });
});

describe("an issuer that is out of reach", () => {
  test("is asked every 30 seconds; its last keys count for a day", async () => {
    await using w = await world(DIRECT);
    await w.counts(OLD);
    w.provider.documents.clear();
    w.advance(10 * 60);
    expect(await w.counts(OLD)).toBe(true);
    expect(await w.counts(OLD)).toBe(true);
    expect(w.provider.requests()).toBe(2);
    expect(w.errors.length).toBe(1);
    w.advance(31);
    expect(await w.counts(OLD)).toBe(true);
    expect(w.provider.requests()).toBe(3);
    w.advance(24 * 3600);
    expect(await w.counts(OLD)).toBe(false);
  });

  type Answer = (provider: TestIssuer) => void;
  const BAD: readonly (readonly [string, RegExp, Answer])[] = [
    [
      "redirects",
      /status 302/,
      ({ documents }) =>
        documents.set(KEY_SET_PATH, (_, response) =>
          response.writeHead(302, { location: "https://127.0.0.1/keys" }).end(),
        ),
    ],
    [
      "sends 2 MiB",
      /more than 1 MiB/,
      ({ documents }) =>
        documents.set(KEY_SET_PATH, (_, response) =>
          response.end(`${keySetText([publicJwk(OLD)])}${" ".repeat(2 ** 21)}`),
        ),
    ],
    [
      "sends no key set",
      /not a JSON Web Key Set/,
      ({ documents }) =>
        documents.set(KEY_SET_PATH, (_, response) => response.end("[]")),
    ],
    [
      "speaks for another issuer",
      /another issuer/,
      ({ documents, issuer }) =>
        documents.set(DISCOVERY_PATH, (_, response) =>
          response.end(
            JSON.stringify({
              issuer: `${issuer}/`,
              jwks_uri: `${issuer}${KEY_SET_PATH}`,
            }),
          ),
        ),
    ],
    [
      "names keys on another host",
      /on the host "127\.0\.0\.1/,
      ({ documents, issuer }) =>
        documents.set(DISCOVERY_PATH, (_, response) =>
          response.end(
            JSON.stringify({
              issuer,
              jwks_uri: `${issuer.replace("localhost", "127.0.0.1")}${KEY_SET_PATH}`,
            }),
          ),
        ),
    ],
    [
      "names keys without TLS",
      /no key set by HTTPS/,
      ({ documents, issuer }) =>
        documents.set(DISCOVERY_PATH, (_, response) =>
          response.end(
            JSON.stringify({
              issuer,
              jwks_uri: `${issuer.replace("https", "http")}${KEY_SET_PATH}`,
            }),
          ),
        ),
    ],
  ];
  test.each(BAD)("or %s gives no keys", async (_name, detail, spoil) => {
    await using w = await world();
    spoil(w.provider);
    expect(await w.counts(OLD)).toBe(false);
    expect(w.errors).toEqual([
      expect.objectContaining({
        detail: expect.stringMatching(detail) as string,
      }),
    ]);
  });

  test("or has a certificate nobody vouches for gives no keys", async () => {
    await using w = await world(DIRECT, false);
    expect(await w.counts(OLD)).toBe(false);
    expect(w.provider.requests()).toBe(0);
    expect(w.errors.length).toBe(1);
  });

  test("may have its keys on a host that is configured", async () => {
    await using w = await world((issuer) => ({
      kind: "discovery",
      hosts: [new URL(issuer).host.replace("localhost", "127.0.0.1")],
    }));
    const { documents, issuer } = w.provider;
    const elsewhere = issuer.replace("localhost", "127.0.0.1");
    documents.set(DISCOVERY_PATH, (_, response) =>
      response.end(
        JSON.stringify({ issuer, jwks_uri: `${elsewhere}${KEY_SET_PATH}` }),
      ),
    );
    expect(await w.counts(OLD)).toBe(true);
  });
});
