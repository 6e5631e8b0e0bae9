import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadConfig, type Config } from "./config.ts";
import { storeLocation } from "./store-config.ts";

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "sluice-config-"));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function load(
  yaml: string,
  environment: Readonly<Record<string, string>> = {},
): Config {
  const config = join(dir, "sluice.yaml");
  writeFileSync(config, yaml);
  return loadConfig({ config }, environment);
}

describe("a lake's location", () => {
  const SPELLED: readonly (readonly [string, string])[] = [
    ["s3://bucket/prefix/", "s3://bucket/prefix"],
    ["s3a://bucket", "s3://bucket"],
    ["S3://bucket//", "s3://bucket"],
    ["gcs://bucket/a b", "gs://bucket/a b"],
    ["az://container/x", "az://container/x"],
    [
      "abfss://c@account.dfs.core.windows.net/x/",
      "abfss://c@account.dfs.core.windows.net/x",
    ],
    ["file:///data/my%20lake", "/data/my lake"],
    ["/data/lake/", "/data/lake"],
  ];
  test.each(SPELLED)("%s has one spelling", (given, kept) => {
    expect(storeLocation(given, "--lake")).toBe(kept);
  });

  const REFUSED: readonly (readonly [string, RegExp])[] = [
    ["http://host/x", /--lake: .* scheme "http" is not supported/],
    ["s3:///prefix", /must be SCHEME:\/\/BUCKET\/PREFIX/],
    ["s3://bucket/a/../b", /relative part/],
    ["az://c/x?sig=secret", /query or a fragment/],
    ["abfss://@account.dfs.core.windows.net/x", /must be SCHEME/],
  ];
  test.each(REFUSED)("%s is refused", (given, message) => {
    expect(() => storeLocation(given, "--lake")).toThrow(
      expect.objectContaining({
        code: "F0000",
        message: expect.stringMatching(message) as string,
      }),
    );
  });
});

describe("the section stores", () => {
  test("is read by cloud and by bucket, beside the clouds' own variables", () => {
    const { stores } = load(
      "stores:\n  s3: { region: eu-central-1, anonymous: true }\n  s3a://other/: { access-key-id: K }\n",
      { AWS_PROFILE: "p", HOME: "/home/x", PATH: "/bin", PGPASSWORD: "no" },
    );
    expect(stores).toEqual({
      sections: {
        s3: { region: "eu-central-1", anonymous: "true" },
        "s3://other": { "access-key-id": "K" },
      },
      variables: { AWS_PROFILE: "p", HOME: "/home/x" },
    });
  });

  const WRONG: readonly (readonly [string, string])[] = [
    ["stores: x\n", "stores: keys and values expected"],
    [
      "stores: { minio: {} }\n",
      'stores: "minio" is neither s3, azure, gcs nor the URL of a bucket',
    ],
    [
      "stores: { s3://b/prefix: {} }\n",
      'stores: "s3://b/prefix" names more than a bucket',
    ],
    [
      "stores: { azure: { password: hunter2 } }\n",
      'stores: "password" of azure is not a setting; endpoint, anonymous, account, account-key, sas-token, tenant-id, client-id, client-secret are',
    ],
    [
      "stores: { s3: { secret-access-key: [hunter2] } }\n",
      'stores: "secret-access-key" of s3 is not one value',
    ],
  ];
  test.each(WRONG)(
    "%j is refused by its key, without its value",
    (yaml, message) => {
      expect(() => load(yaml)).toThrow(
        expect.objectContaining({ code: "F0000", message }),
      );
    },
  );

  test("is a key of the file alone: no flag, no variable", () => {
    const { stores } = loadConfig(
      { stores: { s3: { region: "x" } } },
      {
        SLUICE_STORES: "s3",
      },
    );
    expect(stores.sections).toEqual({});
  });
});

test("the demo lake is refused where the main lake is remote", () => {
  expect(() => load("lake: { main: s3://b }\ndemo: true\n")).toThrow(
    expect.objectContaining({
      code: "F0000",
      message: "demo: the demo lake needs a local folder for main",
    }),
  );
});
