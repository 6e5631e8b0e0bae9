// Where an issuer's key set is read from: a file, an address, or the address its discovery document names. Over the network by HTTPS
// only, from a pinned host, without redirects, within limits of size and time (authentication section 4).

import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { Agent } from "undici";
import type { IssuerSettings } from "./issuer.ts";
import { keySetUnusable } from "./errors.ts";
import { parseMembers } from "./strict-json.ts";

export interface KeySource extends AsyncDisposable {
  /** How long what was read counts without being read again. */
  readonly freshMs: number;
  /** The key set's text. Throws 58030. */
  read(signal: AbortSignal): Promise<string>;
}

const FRESH_MS = 10 * 60_000;
/** A file is at hand: what an administrator changes there counts soon. */
const FILE_FRESH_MS = 5_000;
const TIMEOUT_MS = 5_000;
const MAX_BYTES = 2 ** 20;
const MAX_CONNECTIONS = 2;

/** Throws F0000 for a certificate file that cannot be read. */
export function keySource(settings: IssuerSettings): KeySource {
  const { keys } = settings;
  if (keys.kind === "file") return fileSource(keys.path);
  const agent = new Agent({
    connections: MAX_CONNECTIONS,
    headersTimeout: TIMEOUT_MS,
    bodyTimeout: TIMEOUT_MS,
    connect: {
      timeout: TIMEOUT_MS,
      ...(settings.caFile === undefined
        ? {}
        : { ca: readFileSync(settings.caFile) }),
    },
  });
  const fetch = (url: URL, signal: AbortSignal): Promise<string> =>
    fetchDocument(agent, url, signal);
  return {
    freshMs: FRESH_MS,
    read: async (signal) => {
      const url =
        keys.kind === "url"
          ? keys.url
          : discoveredUrl(
              settings.issuer,
              keys.hosts,
              await fetch(discoveryUrl(settings.issuer), signal),
            );
      return fetch(url, signal);
    },
    [Symbol.asyncDispose]: () => agent.destroy(),
  };
}

function fileSource(path: string): KeySource {
  return {
    freshMs: FILE_FRESH_MS,
    read: (signal) => readFile(path, { encoding: "utf8", signal }),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** OpenID Connect Discovery section 4.1: behind the issuer, without its closing slash. */
function discoveryUrl(issuer: string): URL {
  return new URL(
    `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`,
  );
}

/** The document must speak for this very issuer, and name a key set on a host we trust. */
function discoveredUrl(
  issuer: string,
  hosts: readonly string[],
  text: string,
): URL {
  const document = parseMembers(text);
  if (document?.get("issuer") !== issuer)
    throw keySetUnusable("The discovery document names another issuer.");
  const uri = document.get("jwks_uri");
  const url =
    typeof uri === "string" && URL.canParse(uri) ? new URL(uri) : undefined;
  if (url?.protocol !== "https:")
    throw keySetUnusable("The discovery document names no key set by HTTPS.");
  if (url.host !== new URL(issuer).host && !hosts.includes(url.host))
    throw keySetUnusable(
      `The discovery document names a key set on the host "${url.host}".`,
    );
  return url;
}

async function fetchDocument(
  agent: Agent,
  url: URL,
  signal: AbortSignal,
): Promise<string> {
  const { statusCode, body } = await agent.request({
    origin: url.origin,
    path: `${url.pathname}${url.search}`,
    method: "GET",
    headers: { accept: "application/json" },
    signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
  });
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of body) {
    if (!(chunk instanceof Uint8Array)) continue;
    sizeBytes += chunk.length;
    // Leaving the loop destroys the body.
    if (sizeBytes > MAX_BYTES) break;
    chunks.push(chunk);
  }
  if (statusCode !== 200)
    throw keySetUnusable(`${url.host} answered with status ${statusCode}.`);
  if (sizeBytes > MAX_BYTES)
    throw keySetUnusable(`${url.host} sent more than 1 MiB.`);
  return Buffer.concat(chunks).toString("utf8");
}
