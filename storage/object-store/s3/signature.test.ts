// The examples AWS publishes (Amazon S3 API reference, "Signature Calculations for the Authorization Header"), whose region, time and
// keys are fixed.

import { describe, expect, test } from "vitest";
import type { HttpRequest } from "../remote/http.ts";
import { AWS_SIGNATURE, signRequest } from "./signature.ts";

const KEY = {
  accessKeyId: "AKIAIOSFODNN7EXAMPLE",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
  sessionToken: undefined,
};
const SCOPE = {
  names: AWS_SIGNATURE,
  region: "us-east-1",
  service: "s3",
  nowMs: Date.UTC(2013, 4, 24),
};
const BASE: HttpRequest = {
  method: "GET",
  origin: "https://examplebucket.s3.amazonaws.com",
  path: "/",
  query: [],
  headers: {},
  body: undefined,
};

const PUBLISHED: readonly (readonly [string, Partial<HttpRequest>, string])[] =
  [
    [
      "GET object with a range",
      { path: "/test.txt", headers: { range: "bytes=0-9" } },
      "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
    ],
    [
      "PUT object",
      {
        method: "PUT",
        path: "/test%24file.text",
        headers: {
          date: "Fri, 24 May 2013 00:00:00 GMT",
          "x-amz-storage-class": "REDUCED_REDUNDANCY",
        },
        body: Buffer.from("Welcome to Amazon S3."),
      },
      "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
    ],
    [
      "GET bucket lifecycle",
      { query: [["lifecycle", ""]] },
      "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
    ],
    [
      "GET bucket (list objects)",
      {
        query: [
          ["prefix", "J"],
          ["max-keys", "2"],
        ],
      },
      "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
    ],
  ];

describe("AWS Signature Version 4", () => {
  test.each(PUBLISHED)("signs %s as published", (_name, request, signature) => {
    const signed = signRequest({ ...BASE, ...request }, KEY, SCOPE);
    expect(signed.headers["authorization"]).toMatch(
      new RegExp(`,Signature=${signature}$`),
    );
    expect(signed.headers["authorization"]).toContain(
      "Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,",
    );
  });

  test("sends and signs the token of a session", () => {
    const key = { ...KEY, sessionToken: "SESSION" };
    const { headers } = signRequest(BASE, key, SCOPE);
    expect(headers["x-amz-security-token"]).toBe("SESSION");
    expect(headers["authorization"]).toContain(
      "SignedHeaders=host;x-amz-content-sha256;x-amz-date;x-amz-security-token,",
    );
  });
});
