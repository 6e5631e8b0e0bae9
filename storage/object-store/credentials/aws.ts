// AWS credentials from the usual places, in the usual order: configuration, variables, shared files, web identity, container, instance
// (https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html).

import { readFile } from "node:fs/promises";
import { credentialsFailed, noCredentials } from "../errors.ts";
import type { SigningKey } from "../s3/signature.ts";
import type { Variables } from "../settings.ts";
import { readProfile, type Profile } from "./aws-profile.ts";
import type { AwsSource } from "./aws-source.ts";
import { assumeRole, assumeRoleWithWebIdentity } from "./aws-sts.ts";
import { containerCredentials, instanceCredentials } from "./aws-metadata.ts";
import type { Expiring } from "./cached.ts";

/** Throws 42501 when no place has any; `store` is named. */
export async function awsCredentials(
  source: AwsSource,
  store: string,
): Promise<Expiring<SigningKey>> {
  const { section, variables } = source;
  const given =
    keyOf({
      id: section["access-key-id"],
      secret: section["secret-access-key"],
      token: section["session-token"],
    }) ??
    keyOf({
      id: variables["AWS_ACCESS_KEY_ID"],
      secret: variables["AWS_SECRET_ACCESS_KEY"],
      token: variables["AWS_SESSION_TOKEN"],
    });
  if (given !== undefined && section["profile"] === undefined)
    return forever(given);
  const name = section["profile"] ?? variables["AWS_PROFILE"];
  const profile = await readProfile(variables, name ?? "default");
  if (profile === undefined && name !== undefined)
    throw credentialsFailed(
      `profile "${name}"`,
      "It is in neither the credentials nor the config file.",
    );
  const found =
    (profile && (await profileCredentials(source, profile, 0))) ??
    (await webIdentity(source, {
      role: variables["AWS_ROLE_ARN"],
      tokenFile: variables["AWS_WEB_IDENTITY_TOKEN_FILE"],
      session: variables["AWS_ROLE_SESSION_NAME"],
    })) ??
    (await containerCredentials(source.ask, variables)) ??
    (await instanceCredentials(source.askInstance, variables));
  if (found === undefined)
    throw noCredentials(
      store,
      "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, AWS_PROFILE, or the section stores of sluice.yaml.",
    );
  return found;
}

function keyOf(given: {
  readonly id: string | undefined;
  readonly secret: string | undefined;
  readonly token: string | undefined;
}): SigningKey | undefined {
  const { id, secret, token } = given;
  if (id === undefined || secret === undefined) return undefined;
  return { accessKeyId: id, secretAccessKey: secret, sessionToken: token };
}

function forever(value: SigningKey): Expiring<SigningKey> {
  return { value, expiresAtMs: undefined };
}

/** Profiles may name each other; a circle ends here. */
const MAX_PROFILES = 8;

/** Undefined for a profile that holds no credentials, only settings. */
async function profileCredentials(
  source: AwsSource,
  profile: Profile,
  depth: number,
): Promise<Expiring<SigningKey> | undefined> {
  const { name, settings } = profile;
  if (depth > MAX_PROFILES)
    throw credentialsFailed(
      `profile "${name}"`,
      "Its source_profile is itself.",
    );
  const unsupported = ["credential_process", "sso_session", "sso_start_url"];
  const own = keyOf({
    id: settings.get("aws_access_key_id"),
    secret: settings.get("aws_secret_access_key"),
    token: settings.get("aws_session_token"),
  });
  const role = settings.get("role_arn");
  if (role === undefined) {
    if (own !== undefined) return forever(own);
    const found = unsupported.find((key) => settings.has(key));
    if (found === undefined) return undefined;
    throw credentialsFailed(
      `profile "${name}"`,
      `Its ${found} is not supported; use keys, a role or a web identity.`,
    );
  }
  const tokenFile = settings.get("web_identity_token_file");
  const session = settings.get("role_session_name");
  if (tokenFile !== undefined)
    return webIdentity(source, { role, tokenFile, session });
  const base = await roleBase(source, profile, depth);
  return assumeRole(source, base.value, {
    role,
    session,
    externalId: settings.get("external_id"),
  });
}

/** Who assumes the role: another profile, or what `credential_source` names. */
async function roleBase(
  source: AwsSource,
  { name, settings }: Profile,
  depth: number,
): Promise<Expiring<SigningKey>> {
  const from = settings.get("source_profile");
  const place = settings.get("credential_source");
  const base =
    from !== undefined
      ? await namedBase(source, { from, of: name, settings }, depth)
      : place === "Environment"
        ? environmentKey(source.variables)
        : place === "EcsContainer"
          ? await containerCredentials(source.ask, source.variables)
          : place === "Ec2InstanceMetadata"
            ? await instanceCredentials(source.askInstance, source.variables)
            : undefined;
  if (base !== undefined) return base;
  throw credentialsFailed(
    `profile "${name}"`,
    `Its ${from === undefined ? "credential_source" : "source_profile"} has none to assume the role with.`,
  );
}

async function namedBase(
  source: AwsSource,
  wanted: {
    readonly from: string;
    readonly of: string;
    readonly settings: ReadonlyMap<string, string>;
  },
  depth: number,
): Promise<Expiring<SigningKey> | undefined> {
  const { from, of, settings } = wanted;
  // A profile may give its own keys as the source of its own role.
  if (from === of) {
    const own = keyOf({
      id: settings.get("aws_access_key_id"),
      secret: settings.get("aws_secret_access_key"),
      token: settings.get("aws_session_token"),
    });
    return own && forever(own);
  }
  const base = await readProfile(source.variables, from);
  return base && profileCredentials(source, base, depth + 1);
}

function environmentKey(
  variables: Variables,
): Expiring<SigningKey> | undefined {
  const key = keyOf({
    id: variables["AWS_ACCESS_KEY_ID"],
    secret: variables["AWS_SECRET_ACCESS_KEY"],
    token: variables["AWS_SESSION_TOKEN"],
  });
  return key && forever(key);
}

/** The token is read anew each time: its file is replaced while the process lives. */
async function webIdentity(
  source: AwsSource,
  given: {
    readonly role: string | undefined;
    readonly tokenFile: string | undefined;
    readonly session: string | undefined;
  },
): Promise<Expiring<SigningKey> | undefined> {
  const { role, tokenFile, session } = given;
  if (role === undefined || tokenFile === undefined) return undefined;
  let token: string;
  try {
    token = (await readFile(tokenFile, "utf8")).trim();
  } catch (error) {
    throw credentialsFailed(
      "web identity",
      `Its token file "${tokenFile}" cannot be read.`,
      error,
    );
  }
  return assumeRoleWithWebIdentity(source, { role, session, token });
}
