// Where S3 buckets are, how requests to them are signed, and Google's buckets, which are reached in the same way.

import { awsCredentials } from "../credentials/aws.ts";
import { readProfile } from "../credentials/aws-profile.ts";
import { cachedCredentials } from "../credentials/cached.ts";
import { googleToken } from "../credentials/google.ts";
import type { AskService } from "../credentials/token-service.ts";
import type { StoreAddress } from "../address.ts";
import type { HttpRequest, HttpResponse } from "../remote/http.ts";
import { isOn, type StoreSection, type Variables } from "../settings.ts";
import type { S3Endpoint } from "./dialect.ts";
import {
  AWS_SIGNATURE,
  GOOGLE_SIGNATURE,
  signRequest,
  type SignatureNames,
  type SigningKey,
} from "./signature.ts";

/** What credentials and addresses are made from. */
export interface EndpointParts {
  readonly address: StoreAddress;
  readonly section: StoreSection;
  readonly variables: Variables;
  readonly ask: AskService;
  readonly askInstance: AskService;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

const DEFAULT_REGION = "us-east-1";
const GOOGLE_HOST = "storage.googleapis.com";

export function s3Endpoint(parts: EndpointParts): S3Endpoint {
  const { address, section, variables } = parts;
  const { container } = address;
  const custom =
    section["endpoint"] ??
    variables["AWS_ENDPOINT_URL_S3"] ??
    variables["AWS_ENDPOINT_URL"];
  const base = custom === undefined ? undefined : new URL(custom);
  const google = base?.hostname === GOOGLE_HOST;
  const region = regionOf(parts, google ? "auto" : DEFAULT_REGION);
  // A bucket's dots do not match the certificate of a virtual host; look-alikes seldom know virtual hosts.
  const virtualHost =
    section["addressing"] === undefined
      ? custom === undefined && !container.includes(".")
      : section["addressing"] === "virtual";
  const prefix = base === undefined ? "" : base.pathname.replace(/\/+$/, "");
  const names = google ? GOOGLE_SIGNATURE : AWS_SIGNATURE;
  const signer = keySigner(parts, names, region.get);
  return {
    origin: async () => {
      const url = base ?? new URL(regionalUrl(await region.get()));
      return virtualHost
        ? `${url.protocol}//${container}.${url.host}`
        : url.origin;
    },
    basePath: virtualHost ? prefix : `${prefix}/${container}`,
    absentCondition: google ? GOOGLE_ABSENT : { "if-none-match": "*" },
    deletesMany: !google,
    authorize: signer.authorize,
    correct: (response, failure) => {
      const actual = response.headers.get("x-amz-bucket-region");
      // Another region than the one signed for: the answer names the bucket's own.
      const moved = base === undefined && region.learn(actual);
      return moved || signer.correct(failure);
    },
  };
}

interface Region {
  readonly get: () => Promise<string>;
  /** True when it is another one than before. */
  learn(actual: string | undefined): boolean;
}

/** Configured, or the profile's; corrected by what the store says. */
function regionOf(
  { section, variables }: EndpointParts,
  fallback: string,
): Region {
  let known =
    section["region"] ??
    variables["AWS_REGION"] ??
    variables["AWS_DEFAULT_REGION"];
  return {
    get: async () => {
      if (known !== undefined) return known;
      const name = section["profile"] ?? variables["AWS_PROFILE"];
      const profile = await readProfile(variables, name ?? "default");
      known ??= profile?.settings.get("region") ?? fallback;
      return known;
    },
    learn: (actual) => {
      if (actual === undefined || actual === known) return false;
      known = actual;
      return true;
    },
  };
}

function regionalUrl(region: string): string {
  const domain = region.startsWith("cn-")
    ? "amazonaws.com.cn"
    : "amazonaws.com";
  return `https://s3.${region}.${domain}`;
}

const GOOGLE_ABSENT = { "x-goog-if-generation-match": "0" };

/** `gs://`: Google's XML API with a bearer token, or with interoperability keys where those are given. */
export function googleEndpoint(parts: EndpointParts): S3Endpoint {
  const { address, section, variables } = parts;
  const emulator = variables["STORAGE_EMULATOR_HOST"];
  const custom =
    section["endpoint"] ??
    (emulator === undefined || emulator.includes("://")
      ? emulator
      : `http://${emulator}`);
  const url = new URL(custom ?? `https://${GOOGLE_HOST}`);
  const signer = hasKeys(section, variables)
    ? keySigner(parts, GOOGLE_SIGNATURE, () => Promise.resolve("auto"))
    : bearerSigner(parts);
  return {
    origin: () => Promise.resolve(url.origin),
    basePath: `${url.pathname.replace(/\/+$/, "")}/${address.container}`,
    absentCondition: GOOGLE_ABSENT,
    deletesMany: false,
    authorize: signer.authorize,
    correct: (response: HttpResponse, failure) =>
      signer.correct(response.status === 401 ? "ExpiredToken" : failure),
  };
}

function hasKeys(section: StoreSection, variables: Variables): boolean {
  return (
    section["access-key-id"] !== undefined ||
    variables["GS_ACCESS_KEY_ID"] !== undefined
  );
}

interface Signer {
  readonly authorize: (request: HttpRequest) => Promise<HttpRequest>;
  /** True when `failure` says that the credentials had expired: they were dropped. */
  correct(failure: string | undefined): boolean;
}

const EXPIRED: readonly string[] = [
  "ExpiredToken",
  "ExpiredTokenException",
  "TokenRefreshRequired",
];

const ANONYMOUS: Signer = {
  authorize: (request) => Promise.resolve(request),
  correct: () => false,
};

function keySigner(
  parts: EndpointParts,
  names: SignatureNames,
  region: () => Promise<string>,
): Signer {
  const { address, section, variables, now } = parts;
  const skipped = names === AWS_SIGNATURE ? "AWS_SKIP_SIGNATURE" : "";
  if (isOn(section["anonymous"]) || isOn(variables[skipped])) return ANONYMOUS;
  const credentials = cachedCredentials<SigningKey>(
    () =>
      address.kind === "gcs"
        ? Promise.resolve(interoperabilityKey(section, variables))
        : awsCredentials(parts, address.root),
    now,
  );
  const service = names === AWS_SIGNATURE ? "s3" : "storage";
  return {
    authorize: async (request) =>
      signRequest(request, await credentials.get(), {
        names,
        region: await region(),
        service,
        nowMs: now(),
      }),
    correct: (failure) => dropIfExpired(credentials, failure),
  };
}

function interoperabilityKey(
  section: StoreSection,
  variables: Variables,
): { readonly value: SigningKey; readonly expiresAtMs: undefined } {
  return {
    value: {
      accessKeyId:
        section["access-key-id"] ?? variables["GS_ACCESS_KEY_ID"] ?? "",
      secretAccessKey:
        section["secret-access-key"] ?? variables["GS_SECRET_ACCESS_KEY"] ?? "",
      sessionToken: undefined,
    },
    expiresAtMs: undefined,
  };
}

function bearerSigner(parts: EndpointParts): Signer {
  const { address, section, variables, now } = parts;
  if (
    isOn(section["anonymous"]) ||
    isOn(variables["GOOGLE_SKIP_SIGNATURE"]) ||
    // As Google's own libraries do: an emulator wants no credentials.
    (variables["STORAGE_EMULATOR_HOST"] !== undefined &&
      section["credentials-file"] === undefined &&
      variables["GOOGLE_APPLICATION_CREDENTIALS"] === undefined)
  )
    return ANONYMOUS;
  const credentials = cachedCredentials<string>(
    () => googleToken(parts, address.root),
    now,
  );
  return {
    authorize: async (request) => ({
      ...request,
      headers: {
        ...request.headers,
        authorization: `Bearer ${await credentials.get()}`,
      },
    }),
    correct: (failure) => dropIfExpired(credentials, failure),
  };
}

function dropIfExpired(
  credentials: { forget(): void },
  failure: string | undefined,
): boolean {
  if (!EXPIRED.includes(failure ?? "")) return false;
  credentials.forget();
  return true;
}
