// The strings to sign that Microsoft publishes ("Authorize with Shared Key"). That a real service accepts the signature is proved
// with Azurite (conformance/clients/azurite.test.ts).

import { createHmac } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { HttpRequest } from "../remote/http.ts";
import { signWithAccountKey, stringToSign } from "./shared-key.ts";

const BASE: HttpRequest = {
  method: "GET",
  origin: "https://myaccount.blob.core.windows.net",
  path: "/mycontainer",
  query: [],
  headers: {
    "x-ms-date": "Fri, 26 Jun 2015 23:39:12 GMT",
    "x-ms-version": "2015-02-21",
  },
  body: undefined,
};

describe("Azure's Shared Key", () => {
  test("signs the published metadata request", () => {
    const request: HttpRequest = {
      ...BASE,
      query: [
        ["restype", "container"],
        ["comp", "metadata"],
        ["timeout", "20"],
      ],
    };
    expect(stringToSign(request, "myaccount")).toBe(
      "GET\n\n\n\n\n\n\n\n\n\n\n\nx-ms-date:Fri, 26 Jun 2015 23:39:12 GMT\nx-ms-version:2015-02-21\n/myaccount/mycontainer\ncomp:metadata\nrestype:container\ntimeout:20",
    );
  });

  test("signs length, condition, type and range, and the x-ms- headers in order", () => {
    const request: HttpRequest = {
      ...BASE,
      method: "PUT",
      path: "/mycontainer/a%20b",
      headers: {
        ...BASE.headers,
        "x-ms-blob-type": "BlockBlob",
        "content-type": "text/plain",
        "if-none-match": "*",
        range: "bytes=0-1",
      },
      body: Buffer.from("hello"),
    };
    expect(stringToSign(request, "myaccount").split("\n")).toEqual([
      "PUT",
      "",
      "",
      "5",
      "",
      "text/plain",
      "",
      "",
      "",
      "*",
      "",
      "bytes=0-1",
      "x-ms-blob-type:BlockBlob",
      "x-ms-date:Fri, 26 Jun 2015 23:39:12 GMT",
      "x-ms-version:2015-02-21",
      "/myaccount/mycontainer/a%20b",
    ]);
  });

  test("an empty body has no length", () => {
    const request = { ...BASE, body: new Uint8Array(0) };
    expect(stringToSign(request, "a").split("\n")[3]).toBe("");
  });

  test("the signature is the HMAC of that string under the decoded key", () => {
    const key = Buffer.from("0123456789abcdef").toString("base64");
    const signed = signWithAccountKey(BASE, { account: "myaccount", key });
    const expected = createHmac("sha256", "0123456789abcdef")
      .update(stringToSign(BASE, "myaccount"))
      .digest("base64");
    expect(signed.headers["authorization"]).toBe(
      `SharedKey myaccount:${expected}`,
    );
  });
});
