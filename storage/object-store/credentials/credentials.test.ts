// Credentials from each cloud's usual places, against services that answer as theirs do. What is asked is checked as well as what is
// answered, since a service refuses the rest.

import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import jwt from "jsonwebtoken";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { SqlError } from "../../common/errors.ts";
import type { HttpResponse } from "../remote/http.ts";
import { awsCredentials } from "./aws.ts";
import type { AwsSource } from "./aws-source.ts";
import { azureToken } from "./azure.ts";
import { cachedCredentials } from "./cached.ts";
import { googleToken } from "./google.ts";
import type { AskService, ServiceRequest } from "./token-service.ts";

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "sluice-home-"));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

function write(name: string, text: string): string {
  const path = join(home, name);
  writeFileSync(path, text);
  return path;
}

function answer(body: unknown, status = 200): HttpResponse {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return { status, headers: new Map(), body: Buffer.from(text) };
}

const NOW = Date.UTC(2026, 0, 1);
const LATER = "2026-01-01T06:00:00Z";

/** A service that answers by what is asked, and remembers it. */
function service(
  answers: (request: ServiceRequest) => HttpResponse | undefined,
): AskService & { readonly asked: ServiceRequest[] } {
  const asked: ServiceRequest[] = [];
  return Object.assign(
    (request: ServiceRequest) => {
      asked.push(request);
      const found = answers(request);
      return found === undefined
        ? Promise.reject(new RangeError("nobody answers"))
        : Promise.resolve(found);
    },
    { asked },
  );
}

function aws(given: Partial<AwsSource>): AwsSource {
  const silent = service(() => undefined);
  return {
    section: {},
    ask: silent,
    askInstance: silent,
    now: () => NOW,
    ...given,
    variables: { HOME: home, ...given.variables },
  };
}

const failure = (promise: Promise<unknown>): Promise<SqlError> =>
  promise.then(
    () => expect.fail("it should have failed"),
    (error: unknown) => error as SqlError,
  );

const STS_ANSWER = (action: string): HttpResponse =>
  answer(
    `<${action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><${action}Result><Credentials><AccessKeyId>ROLEKEY</AccessKeyId><SecretAccessKey>role/secret</SecretAccessKey><SessionToken>role+token</SessionToken><Expiration>${LATER}</Expiration></Credentials></${action}Result></${action}Response>`,
  );
const ROLE_KEY = {
  value: {
    accessKeyId: "ROLEKEY",
    secretAccessKey: "role/secret",
    sessionToken: "role+token",
  },
  expiresAtMs: Date.parse(LATER),
};

describe("AWS", () => {
  test("the configuration goes before the variables, which go before files", async () => {
    const variables = {
      AWS_ACCESS_KEY_ID: "VARKEY",
      AWS_SECRET_ACCESS_KEY: "s",
      AWS_SHARED_CREDENTIALS_FILE: write(
        "credentials",
        "[default]\naws_access_key_id = FILEKEY\naws_secret_access_key = s\n",
      ),
    };
    const section = { "access-key-id": "CONFKEY", "secret-access-key": "s" };
    const id = async (source: AwsSource): Promise<string> =>
      (await awsCredentials(source, "s3://b")).value.accessKeyId;
    expect(await id(aws({ section, variables }))).toBe("CONFKEY");
    expect(await id(aws({ variables }))).toBe("VARKEY");
    const { AWS_SHARED_CREDENTIALS_FILE } = variables;
    expect(await id(aws({ variables: { AWS_SHARED_CREDENTIALS_FILE } }))).toBe(
      "FILEKEY",
    );
  });

  test("a profile assumes its role with the keys of another", async () => {
    const ask = service(() => STS_ANSWER("AssumeRole"));
    const variables = {
      AWS_PROFILE: "prod",
      AWS_REGION: "eu-central-1",
      AWS_CONFIG_FILE: write(
        "config",
        "[profile prod]\nrole_arn = arn:aws:iam::1:role/reader\nsource_profile = base\nexternal_id = x y\n[profile base]\naws_access_key_id = BASEKEY\naws_secret_access_key = s\n",
      ),
    };
    expect(await awsCredentials(aws({ variables, ask }), "s3://b")).toEqual(
      ROLE_KEY,
    );
    const [request] = ask.asked;
    const url = new URL(request?.url ?? "");
    expect(url.origin).toBe("https://sts.eu-central-1.amazonaws.com");
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      Action: "AssumeRole",
      RoleArn: "arn:aws:iam::1:role/reader",
      ExternalId: "x y",
    });
    expect(request?.headers?.["authorization"]).toMatch(
      /Credential=BASEKEY\/20260101\/eu-central-1\/sts\/aws4_request/,
    );
  });

  test("a web identity's token is read from its file at each refresh", async () => {
    const ask = service(() => STS_ANSWER("AssumeRoleWithWebIdentity"));
    const tokenFile = write("token", "first\n");
    const source = aws({
      ask,
      variables: {
        AWS_ROLE_ARN: "arn:aws:iam::1:role/pod",
        AWS_WEB_IDENTITY_TOKEN_FILE: tokenFile,
      },
    });
    expect(await awsCredentials(source, "s3://b")).toEqual(ROLE_KEY);
    writeFileSync(tokenFile, "second");
    await awsCredentials(source, "s3://b");
    expect(ask.asked.map(({ form }) => form?.["WebIdentityToken"])).toEqual([
      "first",
      "second",
    ]);
  });

  const METADATA_KEY = {
    AccessKeyId: "ROLEKEY",
    SecretAccessKey: "role/secret",
    Token: "role+token",
    Expiration: LATER,
  };

  test("a container is asked with its token, and nobody far away without TLS", async () => {
    const ask = service(() => answer(METADATA_KEY));
    const variables = {
      AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://169.254.170.23/v1/x",
      AWS_CONTAINER_AUTHORIZATION_TOKEN: "pod-token",
    };
    expect(await awsCredentials(aws({ ask, variables }), "s3://b")).toEqual(
      ROLE_KEY,
    );
    expect(ask.asked[0]?.headers).toEqual({ authorization: "pod-token" });
    const far = { AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://example.com/x" };
    expect(
      await failure(awsCredentials(aws({ ask, variables: far }), "s3://b")),
    ).toMatchObject({
      code: "42501",
      detail: "Its address is neither https nor local.",
    });
    expect(ask.asked).toHaveLength(1);
  });

  test("an instance is asked by IMDSv2, with a session of its own", async () => {
    const askInstance = service(({ method, url, headers }) => {
      if (method === "PUT") return answer("session-token");
      if (headers?.["x-aws-ec2-metadata-token"] !== "session-token")
        return answer("", 401);
      return url.endsWith("/security-credentials/")
        ? answer("web role\n")
        : answer(METADATA_KEY);
    });
    expect(await awsCredentials(aws({ askInstance }), "s3://b")).toEqual(
      ROLE_KEY,
    );
    expect(askInstance.asked.at(-1)?.url).toBe(
      "http://169.254.169.254/latest/meta-data/iam/security-credentials/web%20role",
    );
    const variables = { AWS_EC2_METADATA_DISABLED: "true" };
    expect(
      await failure(awsCredentials(aws({ askInstance, variables }), "s3://b")),
    ).toMatchObject({
      code: "42501",
      message: 'no credentials for "s3://b" were found',
    });
  });

  const BROKEN: readonly (readonly [string, string, RegExp])[] = [
    ["is missing", "", /neither the credentials nor the config/],
    [
      "points at itself",
      "[profile p]\nrole_arn = r\nsource_profile = q\n[profile q]\nrole_arn = r\nsource_profile = p\n",
      /source_profile is itself/,
    ],
    [
      "wants a program",
      "[profile p]\ncredential_process = /bin/x\n",
      /credential_process is not supported/,
    ],
  ];
  test.each(BROKEN)(
    "a profile that %s is named",
    async (_name, text, detail) => {
      const AWS_CONFIG_FILE = write("config", text);
      const source = aws({ variables: { AWS_PROFILE: "p", AWS_CONFIG_FILE } });
      const error = await failure(awsCredentials(source, "s3://b"));
      expect(error.code).toBe("42501");
      expect(error.detail).toMatch(detail);
    },
  );

  test("a refused role is named by the service's word, without its answer", async () => {
    const ask = service(() =>
      answer(
        "<ErrorResponse><Error><Code>AccessDenied</Code><Message>secret words</Message></Error></ErrorResponse>",
        403,
      ),
    );
    const variables = {
      AWS_ROLE_ARN: "r",
      AWS_WEB_IDENTITY_TOKEN_FILE: write("token", "t"),
    };
    expect(
      await failure(awsCredentials(aws({ ask, variables }), "s3://b")),
    ).toMatchObject({
      code: "42501",
      detail: "It answered 403 AccessDenied",
    });
  });
});

describe("Google", () => {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
  });
  const keyFile = (): string =>
    write(
      "key.json",
      JSON.stringify({
        type: "service_account",
        client_email: "reader@project.iam",
        private_key_id: "key-1",
        private_key: privateKey.export({ type: "pkcs8", format: "pem" }),
        token_uri: "https://oauth2.test/token",
      }),
    );
  const silent = service(() => undefined);
  const token = answer({ access_token: "ya29.token", expires_in: 3600 });

  test("a service account's assertion is signed by its key and exchanged", async () => {
    const ask = service(() => token);
    const source = {
      section: {},
      variables: { GOOGLE_APPLICATION_CREDENTIALS: keyFile() },
      ask,
      askInstance: silent,
      now: () => NOW,
    };
    expect(await googleToken(source, "gs://b")).toEqual({
      value: "ya29.token",
      expiresAtMs: NOW + 3_600_000,
    });
    const [request] = ask.asked;
    expect(request?.url).toBe("https://oauth2.test/token");
    const claims = jwt.verify(request?.form?.["assertion"] ?? "", publicKey, {
      algorithms: ["RS256"],
      clockTimestamp: NOW / 1000,
      audience: "https://oauth2.test/token",
      issuer: "reader@project.iam",
    });
    expect(claims).toMatchObject({
      scope: "https://www.googleapis.com/auth/devstorage.read_write",
    });
  });

  test("without a file, the machine is asked; without either, the hint says what to set", async () => {
    const askInstance = service(({ headers }) =>
      headers?.["metadata-flavor"] === "Google" ? token : answer("", 403),
    );
    const source = {
      section: {},
      variables: { HOME: home },
      ask: silent,
      askInstance,
      now: () => NOW,
    };
    expect((await googleToken(source, "gs://b")).value).toBe("ya29.token");
    const error = await failure(
      googleToken({ ...source, askInstance: silent }, "gs://b"),
    );
    expect(error).toMatchObject({ code: "42501" });
    expect(error.hint).toContain("GOOGLE_APPLICATION_CREDENTIALS");
  });

  test("a damaged key is named without its content", async () => {
    const path = write(
      "key.json",
      JSON.stringify({
        type: "service_account",
        client_email: "e",
        private_key:
          "-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----",
        token_uri: "https://oauth2.test/token",
      }),
    );
    const error = await failure(
      googleToken(
        {
          section: { "credentials-file": path },
          variables: {},
          ask: silent,
          askInstance: silent,
          now: () => NOW,
        },
        "gs://b",
      ),
    );
    expect(error.detail).toBe("Its private_key is not an RSA key.");
    expect(error.cause).toBeUndefined();
  });
});

describe("Azure", () => {
  const silent = service(() => undefined);
  const source = {
    section: {},
    ask: silent,
    askInstance: silent,
    now: () => NOW,
  };
  const token = answer({ access_token: "aad-token", expires_in: 3599 });

  test("a client logs in with its secret, or with a federated token", async () => {
    const ask = service(() => token);
    const client = { AZURE_TENANT_ID: "tenant", AZURE_CLIENT_ID: "client" };
    const withSecret = { ...client, AZURE_CLIENT_SECRET: "s3cret" };
    expect(
      await azureToken({ ...source, ask, variables: withSecret }, "az://c"),
    ).toEqual({ value: "aad-token", expiresAtMs: NOW + 3_599_000 });
    const federated = {
      ...client,
      AZURE_FEDERATED_TOKEN_FILE: write("federated", "pod-jwt\n"),
    };
    await azureToken({ ...source, ask, variables: federated }, "az://c");
    expect(ask.asked.map(({ url }) => url)).toEqual([
      "https://login.microsoftonline.com/tenant/oauth2/v2.0/token",
      "https://login.microsoftonline.com/tenant/oauth2/v2.0/token",
    ]);
    expect(ask.asked[0]?.form).toMatchObject({
      client_secret: "s3cret",
      scope: "https://storage.azure.com/.default",
    });
    expect(ask.asked[1]?.form).toMatchObject({ client_assertion: "pod-jwt" });
  });

  test("a machine's identity is asked last, and its time of expiry is an instant", async () => {
    const askInstance = service(() =>
      answer({
        access_token: "msi",
        expires_in: "3599",
        expires_on: "1767229200",
      }),
    );
    expect(
      await azureToken({ ...source, askInstance, variables: {} }, "az://c"),
    ).toEqual({ value: "msi", expiresAtMs: 1_767_229_200_000 });
    expect(askInstance.asked[0]?.headers).toEqual({ metadata: "true" });
    expect(
      await failure(azureToken({ ...source, variables: {} }, "az://c")),
    ).toMatchObject({
      code: "42501",
      message: 'no credentials for "az://c" were found',
    });
  });

  test("a refused login says the error's name and no more", async () => {
    const ask = service(() =>
      answer(
        { error: "invalid_client", error_description: "s3cret is wrong" },
        401,
      ),
    );
    const variables = {
      AZURE_TENANT_ID: "t",
      AZURE_CLIENT_ID: "c",
      AZURE_CLIENT_SECRET: "s3cret",
    };
    expect(
      await failure(azureToken({ ...source, ask, variables }, "az://c")),
    ).toMatchObject({
      code: "42501",
      detail: "It answered 401 invalid_client.",
    });
  });
});

describe("credentials that expire", () => {
  test("are fetched once for all who ask, and again before they end", async () => {
    let now = 0;
    let fetched = 0;
    const credentials = cachedCredentials(
      () => Promise.resolve({ value: ++fetched, expiresAtMs: now + 3_600_000 }),
      () => now,
    );
    const first = Array.from({ length: 20 }, () => credentials.get());
    expect(new Set(await Promise.all(first))).toEqual(new Set([1]));
    now = 3_600_000 - 5 * 60_000 - 1;
    expect(await credentials.get()).toBe(1);
    now += 1;
    expect(await credentials.get()).toBe(2);
    credentials.forget();
    expect(await credentials.get()).toBe(3);
  });

  test("a refresh that fails goes unnoticed while the old ones are good", async () => {
    let now = 0;
    let broken = false;
    const credentials = cachedCredentials(
      () =>
        broken
          ? Promise.reject(new RangeError("down"))
          : Promise.resolve({ value: "old", expiresAtMs: 600_000 }),
      () => now,
    );
    await credentials.get();
    broken = true;
    now = 599_999;
    expect(await credentials.get()).toBe("old");
    now = 600_000;
    await expect(credentials.get()).rejects.toThrow("down");
    broken = false;
    now = 0;
    expect(await credentials.get()).toBe("old");
  });
});
