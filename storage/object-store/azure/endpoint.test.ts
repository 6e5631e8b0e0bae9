// Which account a container belongs to, and that one account's secrets never go to another.

import { describe, expect, test } from "vitest";
import { addressOf } from "../address.ts";
import type { HttpRequest } from "../remote/http.ts";
import type { EndpointParts } from "../s3/endpoint.ts";
import type { StoreSection, Variables } from "../settings.ts";
import { azureEndpoint } from "./endpoint.ts";

const KEY = Buffer.from("key").toString("base64");
const REQUEST: HttpRequest = {
  method: "GET",
  origin: "https://x",
  path: "/c",
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
    variables,
    ask: nobody,
    askInstance: nobody,
    now: () => 0,
  };
}

describe("an Azure container", () => {
  const PLACES: readonly (readonly [
    string,
    StoreSection,
    Variables,
    string,
  ])[] = [
    [
      "abfss://c@acct.dfs.core.windows.net/x",
      {},
      {},
      "https://acct.blob.core.windows.net/c",
    ],
    [
      "abfss://c@acct.dfs.core.chinacloudapi.cn",
      {},
      {},
      "https://acct.blob.core.chinacloudapi.cn/c",
    ],
    [
      "az://c/x",
      {},
      { AZURE_STORAGE_ACCOUNT_NAME: "acct" },
      "https://acct.blob.core.windows.net/c",
    ],
    [
      "az://c",
      {},
      { AZURE_STORAGE_USE_EMULATOR: "true" },
      "http://127.0.0.1:10000/devstoreaccount1/c",
    ],
    [
      "az://c",
      { account: "mine", endpoint: "http://host:1/mine" },
      { AZURE_STORAGE_ACCOUNT_NAME: "other" },
      "http://host:1/mine/c",
    ],
  ];
  test.each(PLACES)("%s with %j and %j is at %s", (...given) => {
    const [location, section, variables, url] = given;
    const endpoint = azureEndpoint(parts(location, section, variables));
    expect(endpoint.origin + endpoint.basePath).toBe(url);
  });

  test("without an account is refused with what to write", () => {
    expect(() => azureEndpoint(parts("az://c"))).toThrow(
      expect.objectContaining({ code: "22023" }),
    );
  });

  test("of another account gets neither key nor token, nor the configured endpoint", async () => {
    const endpoint = azureEndpoint(
      parts("abfss://c@other.dfs.core.windows.net", {
        account: "mine",
        "account-key": KEY,
        "sas-token": "sig=secret",
        endpoint: "http://host:1/mine",
      }),
    );
    expect(endpoint.origin).toBe("https://other.blob.core.windows.net");
    await expect(endpoint.authorize(REQUEST)).rejects.toMatchObject({
      code: "42501",
      message:
        'no credentials for "abfss://c@other.dfs.core.windows.net" were found',
    });
  });

  test("a token goes into the query, decoded, a key into a signature", async () => {
    const sas = azureEndpoint(
      parts("az://c", { account: "a", "sas-token": "?sv=1&sig=a%2Bb%3D" }),
    );
    expect((await sas.authorize(REQUEST)).query).toEqual([
      ["sv", "1"],
      ["sig", "a+b="],
    ]);
    const key = azureEndpoint(
      parts("az://c", { account: "a", "account-key": KEY }),
    );
    expect((await key.authorize(REQUEST)).headers["authorization"]).toMatch(
      /^SharedKey a:/,
    );
    expect(() =>
      azureEndpoint(parts("az://c", { account: "a", "account-key": "no key" })),
    ).toThrow(expect.objectContaining({ code: "42501" }));
  });
});
