// Credentials of the machine: a container's, or an instance's by IMDSv2.

import { readFile } from "node:fs/promises";
import { credentialsFailed } from "../errors.ts";
import type { HttpResponse } from "../remote/http.ts";
import type { SigningKey } from "../s3/signature.ts";
import { isOn, type Variables } from "../settings.ts";
import type { Expiring } from "./cached.ts";
import {
  instantField,
  jsonFields,
  textField,
  type AskService,
} from "./token-service.ts";

const CONTAINER = "the container credentials service";
const INSTANCE = "the instance metadata service";
/** Hosts a container may be sent to without TLS, besides its own. */
const CONTAINER_HOSTS: readonly string[] = [
  "169.254.170.2",
  "169.254.170.23",
  "[fd00:ec2::23]",
  "localhost",
  "127.0.0.1",
  "[::1]",
];

/** Undefined outside a container. Throws 42501 when its service fails. */
export async function containerCredentials(
  ask: AskService,
  variables: Variables,
): Promise<Expiring<SigningKey> | undefined> {
  const relative = variables["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"];
  const full = variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"];
  const url = relative === undefined ? full : `http://169.254.170.2${relative}`;
  if (url === undefined) return undefined;
  const { protocol, hostname } = new URL(url);
  if (protocol !== "https:" && !CONTAINER_HOSTS.includes(hostname))
    throw credentialsFailed(
      CONTAINER,
      "Its address is neither https nor local.",
    );
  const token = await containerToken(variables);
  const headers = token === undefined ? {} : { authorization: token };
  const response = await ask({
    service: CONTAINER,
    method: "GET",
    url,
    headers,
  });
  return keyFrom(CONTAINER, response);
}

async function containerToken(
  variables: Variables,
): Promise<string | undefined> {
  const file = variables["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"];
  if (file === undefined) return variables["AWS_CONTAINER_AUTHORIZATION_TOKEN"];
  try {
    return (await readFile(file, "utf8")).trim();
  } catch (error) {
    throw credentialsFailed(
      CONTAINER,
      `The token file "${file}" cannot be read.`,
      error,
    );
  }
}

const SESSION_SECONDS = "21600";

/** Undefined where there is no such service, or the instance has no role. */
export async function instanceCredentials(
  ask: AskService,
  variables: Variables,
): Promise<Expiring<SigningKey> | undefined> {
  if (isOn(variables["AWS_EC2_METADATA_DISABLED"])) return undefined;
  const base = (
    variables["AWS_EC2_METADATA_SERVICE_ENDPOINT"] ?? "http://169.254.169.254"
  ).replace(/\/+$/, "");
  const session = await ask({
    service: INSTANCE,
    method: "PUT",
    url: `${base}/latest/api/token`,
    headers: { "x-aws-ec2-metadata-token-ttl-seconds": SESSION_SECONDS },
  }).catch(() => undefined);
  if (session?.status !== 200) return undefined;
  const headers = {
    "x-aws-ec2-metadata-token": Buffer.from(session.body).toString("utf8"),
  };
  const roles = `${base}/latest/meta-data/iam/security-credentials/`;
  const role = await ask({
    service: INSTANCE,
    method: "GET",
    url: roles,
    headers,
  });
  const [name] = Buffer.from(role.body).toString("utf8").trim().split("\n");
  if (role.status === 404 || name === undefined || name === "")
    return undefined;
  const url = roles + encodeURIComponent(name);
  return keyFrom(
    INSTANCE,
    await ask({ service: INSTANCE, method: "GET", url, headers }),
  );
}

function keyFrom(
  service: string,
  response: HttpResponse,
): Expiring<SigningKey> {
  const fields = jsonFields(service, response);
  return {
    value: {
      accessKeyId: textField(service, fields, "AccessKeyId"),
      secretAccessKey: textField(service, fields, "SecretAccessKey"),
      sessionToken: textField(service, fields, "Token"),
    },
    expiresAtMs: instantField(fields, "Expiration"),
  };
}
