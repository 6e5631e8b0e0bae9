// Google's application default credentials: a key file, the file gcloud leaves, or the metadata server -> bearer tokens
// (https://cloud.google.com/docs/authentication/application-default-credentials).

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import jwt from "jsonwebtoken";
import { credentialsFailed, errorCode, noCredentials } from "../errors.ts";
import type { HttpResponse } from "../remote/http.ts";
import type { StoreSection, Variables } from "../settings.ts";
import type { Expiring } from "./cached.ts";
import { jsonFields, textField, type AskService } from "./token-service.ts";

export interface GoogleSource {
  readonly section: StoreSection;
  readonly variables: Variables;
  readonly ask: AskService;
  readonly askInstance: AskService;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

const SCOPE = "https://www.googleapis.com/auth/devstorage.read_write";
const OAUTH = "Google's OAuth service";
const METADATA = "Google's metadata server";

type Fields = Readonly<Record<string, unknown>>;

/** A bearer token. Throws 42501 when no place gives one. */
export async function googleToken(
  source: GoogleSource,
  store: string,
): Promise<Expiring<string>> {
  const { section, variables } = source;
  const named =
    section["credentials-file"] ?? variables["GOOGLE_APPLICATION_CREDENTIALS"];
  const path =
    named ??
    join(
      variables["CLOUDSDK_CONFIG"] ??
        join(variables["HOME"] ?? "/", ".config", "gcloud"),
      "application_default_credentials.json",
    );
  const fields = await readKeyFile(path, named !== undefined);
  return fields === undefined
    ? metadataToken(source, store)
    : fileToken(source, fields);
}

async function readKeyFile(
  path: string,
  required: boolean,
): Promise<Fields | undefined> {
  const place = `file "${path}"`;
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (!required && errorCode(error) === "ENOENT") return undefined;
    throw credentialsFailed(place, "It cannot be read.", error);
  }
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null)
      return Object.fromEntries(Object.entries(value));
  } catch {
    // The parser's message would quote the file.
  }
  throw credentialsFailed(place, "It is not a JSON object.");
}

function fileToken(
  source: GoogleSource,
  fields: Fields,
): Promise<Expiring<string>> {
  const type = fields["type"];
  if (type === "service_account") return serviceAccountToken(source, fields);
  if (type === "authorized_user") return refreshedToken(source, fields);
  throw credentialsFailed(
    "the key file",
    `Credentials of type "${String(type)}" are not supported; service_account and authorized_user are.`,
  );
}

const LIFETIME_SECONDS = 3600;

/** RFC 7523: an assertion signed by the account's key is exchanged for a token. */
async function serviceAccountToken(
  source: GoogleSource,
  fields: Fields,
): Promise<Expiring<string>> {
  const place = "the key file";
  const email = textField(place, fields, "client_email");
  const key = textField(place, fields, "private_key");
  const url = textField(place, fields, "token_uri");
  const issuedAt = Math.floor(source.now() / 1000);
  const claims = {
    iss: email,
    scope: SCOPE,
    aud: url,
    iat: issuedAt,
    exp: issuedAt + LIFETIME_SECONDS,
  };
  const keyId = fields["private_key_id"];
  let assertion: string;
  try {
    assertion = jwt.sign(claims, key, {
      algorithm: "RS256",
      ...(typeof keyId === "string" ? { keyid: keyId } : {}),
    });
  } catch {
    // The library's message may quote the key.
    throw credentialsFailed(place, "Its private_key is not an RSA key.");
  }
  const response = await source.ask({
    service: OAUTH,
    method: "POST",
    url,
    form: {
      grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer",
      assertion,
    },
  });
  return tokenFrom(source, OAUTH, response);
}

async function refreshedToken(
  source: GoogleSource,
  fields: Fields,
): Promise<Expiring<string>> {
  const place = "the credentials file";
  const url = fields["token_uri"];
  const response = await source.ask({
    service: OAUTH,
    method: "POST",
    url: typeof url === "string" ? url : "https://oauth2.googleapis.com/token",
    form: {
      grant_type: "refresh_token",
      client_id: textField(place, fields, "client_id"),
      client_secret: textField(place, fields, "client_secret"),
      refresh_token: textField(place, fields, "refresh_token"),
    },
  });
  return tokenFrom(source, OAUTH, response);
}

async function metadataToken(
  source: GoogleSource,
  store: string,
): Promise<Expiring<string>> {
  const host =
    source.variables["GCE_METADATA_HOST"] ?? "metadata.google.internal";
  const response = await source
    .askInstance({
      service: METADATA,
      method: "GET",
      url: `http://${host}/computeMetadata/v1/instance/service-accounts/default/token`,
      headers: { "metadata-flavor": "Google" },
    })
    .catch(() => undefined);
  if (response === undefined || response.status === 404)
    throw noCredentials(
      store,
      "Set GOOGLE_APPLICATION_CREDENTIALS, or the section stores of sluice.yaml.",
    );
  return tokenFrom(source, METADATA, response);
}

function tokenFrom(
  source: GoogleSource,
  service: string,
  response: HttpResponse,
): Expiring<string> {
  const fields = jsonFields(service, response);
  const lifetime = Number(fields["expires_in"] ?? Number.NaN);
  return {
    value: textField(service, fields, "access_token"),
    expiresAtMs: Number.isFinite(lifetime)
      ? source.now() + lifetime * 1000
      : undefined,
  };
}
