// Roles: credentials for a while from AWS's Security Token Service.

import { credentialsFailed } from "../errors.ts";
import type { HttpRequest, HttpResponse } from "../remote/http.ts";
import { childText, parseXml, type XmlElement } from "../remote/xml.ts";
import {
  AWS_SIGNATURE,
  signRequest,
  type SigningKey,
} from "../s3/signature.ts";
import type { Expiring } from "./cached.ts";
import type { AwsSource } from "./aws-source.ts";

const SERVICE = "AWS STS";
const DEFAULT_SESSION = "sluice";

export interface Role {
  readonly role: string;
  readonly session: string | undefined;
}

/** Throws 42501. */
export async function assumeRoleWithWebIdentity(
  source: AwsSource,
  { role, session, token }: Role & { readonly token: string },
): Promise<Expiring<SigningKey>> {
  const response = await source.ask({
    service: SERVICE,
    method: "POST",
    url: `${endpointOf(source).url}/`,
    form: {
      Action: "AssumeRoleWithWebIdentity",
      Version: "2011-06-15",
      RoleArn: role,
      RoleSessionName: session ?? DEFAULT_SESSION,
      WebIdentityToken: token,
    },
  });
  return readRole(response, "AssumeRoleWithWebIdentity");
}

/** Throws 42501. The call is a GET, so that all it says is signed. */
export async function assumeRole(
  source: AwsSource,
  key: SigningKey,
  wanted: Role & { readonly externalId: string | undefined },
): Promise<Expiring<SigningKey>> {
  const { url, region } = endpointOf(source);
  const request: HttpRequest = {
    method: "GET",
    origin: new URL(url).origin,
    path: "/",
    query: [
      ["Action", "AssumeRole"],
      ["RoleArn", wanted.role],
      ["RoleSessionName", wanted.session ?? DEFAULT_SESSION],
      ["Version", "2011-06-15"],
      ...(wanted.externalId === undefined
        ? []
        : [["ExternalId", wanted.externalId] as const]),
    ],
    headers: {},
    body: undefined,
  };
  const signed = signRequest(request, key, {
    names: AWS_SIGNATURE,
    region,
    service: "sts",
    nowMs: source.now(),
  });
  const query = new URLSearchParams(Object.fromEntries(request.query));
  const response = await source.ask({
    service: SERVICE,
    method: "GET",
    url: `${signed.origin}/?${query.toString()}`,
    headers: signed.headers,
  });
  return readRole(response, "AssumeRole");
}

function endpointOf({ section, variables }: AwsSource): {
  readonly url: string;
  readonly region: string;
} {
  const region =
    section["region"] ??
    variables["AWS_REGION"] ??
    variables["AWS_DEFAULT_REGION"] ??
    "us-east-1";
  const domain = region.startsWith("cn-")
    ? "amazonaws.com.cn"
    : "amazonaws.com";
  const url =
    variables["AWS_ENDPOINT_URL_STS"] ?? `https://sts.${region}.${domain}`;
  return { url: url.replace(/\/+$/, ""), region };
}

function readRole(
  { status, body }: HttpResponse,
  action: string,
): Expiring<SigningKey> {
  const root = parseXml(Buffer.from(body).toString("utf8"));
  const result = element(element(root, `${action}Result`), "Credentials");
  const accessKeyId = childText(result, "AccessKeyId");
  const secretAccessKey = childText(result, "SecretAccessKey");
  const sessionToken = childText(result, "SessionToken");
  const expires = Date.parse(childText(result, "Expiration") ?? "");
  if (accessKeyId === undefined || secretAccessKey === undefined) {
    const code = childText(element(root, "Error"), "Code") ?? "";
    throw credentialsFailed(SERVICE, `It answered ${status} ${code}`.trim());
  }
  return {
    value: { accessKeyId, secretAccessKey, sessionToken },
    expiresAtMs: Number.isNaN(expires) ? undefined : expires,
  };
}

function element(
  parent: XmlElement | undefined,
  name: string,
): XmlElement | undefined {
  return parent?.children.find((child) => child.name === name);
}
