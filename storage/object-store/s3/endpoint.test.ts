// Where requests go, and in whose name they are signed.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { addressOf } from "../address.ts";
import type { HttpRequest, HttpResponse } from "../remote/http.ts";
import type { StoreSection, Variables } from "../settings.ts";
import { googleEndpoint, s3Endpoint, type EndpointParts } from "./endpoint.ts";

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "sluice-aws-"));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const KEYS = { "access-key-id": "K", "secret-access-key": "s" };
const REQUEST: HttpRequest = {
  method: "GET",
  origin: "https://x",
  path: "/",
  query: [],
  headers: {},
  body: undefined,
};

function parts(
  location: string,
  section: StoreSection = {},
  variables: Variables = {},
): EndpointParts {
  const nobody = (): Promise<never> => Promise.reject(new RangeError("nobody"));
  return {
    address: addressOf(location),
    section,
    variables: { HOME: dir, ...variables },
    ask: nobody,
    askInstance: nobody,
    now: () => Date.UTC(2026, 0, 1),
  };
}

const answer = (headers: Readonly<Record<string, string>>): HttpResponse => ({
  status: 400,
  headers: new Map(Object.entries(headers)),
  body: new Uint8Array(0),
});

describe("an S3 bucket", () => {
  const PLACES: readonly (readonly [
    string,
    StoreSection,
    Variables,
    string,
  ])[] = [
    ["s3://b", {}, {}, "https://b.s3.us-east-1.amazonaws.com"],
    [
      "s3://b",
      {},
      { AWS_REGION: "cn-north-1" },
      "https://b.s3.cn-north-1.amazonaws.com.cn",
    ],
    ["s3://a.b", {}, {}, "https://s3.us-east-1.amazonaws.com/a.b"],
    [
      "s3://b",
      { addressing: "path", region: "eu-west-1" },
      {},
      "https://s3.eu-west-1.amazonaws.com/b",
    ],
    [
      "s3://b",
      {},
      { AWS_ENDPOINT_URL: "http://minio:9000/" },
      "http://minio:9000/b",
    ],
    [
      "s3://b",
      { endpoint: "https://r2.example/x", addressing: "virtual" },
      {},
      "https://b.r2.example/x",
    ],
  ];
  test.each(PLACES)("%s with %j and %j is at %s", async (...given) => {
    const [location, section, variables, url] = given;
    const endpoint = s3Endpoint(parts(location, section, variables));
    expect((await endpoint.origin()) + endpoint.basePath).toBe(url);
    expect(endpoint.absentCondition).toEqual({ "if-none-match": "*" });
  });

  test("takes its region from the profile, and corrects it by what the store says", async () => {
    const AWS_CONFIG_FILE = join(dir, "config");
    writeFileSync(AWS_CONFIG_FILE, "[default]\nregion = eu-north-1\n");
    const endpoint = s3Endpoint(parts("s3://b", KEYS, { AWS_CONFIG_FILE }));
    expect(await endpoint.origin()).toBe(
      "https://b.s3.eu-north-1.amazonaws.com",
    );
    const moved = answer({ "x-amz-bucket-region": "ap-south-1" });
    expect(endpoint.correct(moved, "AuthorizationHeaderMalformed")).toBe(true);
    expect(endpoint.correct(moved, "AuthorizationHeaderMalformed")).toBe(false);
    expect(await endpoint.origin()).toBe(
      "https://b.s3.ap-south-1.amazonaws.com",
    );
    const { headers } = await endpoint.authorize(REQUEST);
    expect(headers["authorization"]).toContain("/ap-south-1/s3/aws4_request");
  });

  test("a region of its own choosing cannot move a custom endpoint", () => {
    const endpoint = s3Endpoint(
      parts("s3://b", { ...KEYS, endpoint: "http://minio:9000" }),
    );
    const moved = answer({ "x-amz-bucket-region": "elsewhere" });
    expect(endpoint.correct(moved, undefined)).toBe(false);
  });

  test("credentials that expired are fetched anew, others are refused for good", () => {
    const endpoint = s3Endpoint(parts("s3://b", KEYS));
    expect(endpoint.correct(answer({}), "ExpiredToken")).toBe(true);
    expect(endpoint.correct(answer({}), "AccessDenied")).toBe(false);
  });

  test("anonymous requests carry nothing", async () => {
    const endpoint = s3Endpoint(parts("s3://b", { anonymous: "true" }));
    expect(await endpoint.authorize(REQUEST)).toEqual(REQUEST);
  });
});

describe("Google's buckets", () => {
  test("behind S3's scheme are asked in Google's names and by its condition", async () => {
    const endpoint = s3Endpoint(
      parts("s3://b", { ...KEYS, endpoint: "https://storage.googleapis.com" }),
    );
    const { headers } = await endpoint.authorize(REQUEST);
    expect(headers["authorization"]).toMatch(
      /^GOOG4-HMAC-SHA256 Credential=K\/20260101\/auto\/storage\/goog4_request,/,
    );
    expect(Object.keys(headers).some((name) => name.startsWith("x-amz-"))).toBe(
      false,
    );
    expect(endpoint.absentCondition).toEqual({
      "x-goog-if-generation-match": "0",
    });
  });

  test("are where the emulator is, which wants no credentials", async () => {
    const endpoint = googleEndpoint(
      parts("gs://b", {}, { STORAGE_EMULATOR_HOST: "localhost:9023" }),
    );
    expect((await endpoint.origin()) + endpoint.basePath).toBe(
      "http://localhost:9023/b",
    );
    expect(await endpoint.authorize(REQUEST)).toEqual(REQUEST);
  });
});
