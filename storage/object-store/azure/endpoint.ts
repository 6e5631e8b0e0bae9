// Which account an Azure container belongs to, where that is, and how requests to it are authorized.

import { cachedCredentials } from "../credentials/cached.ts";
import { azureToken } from "../credentials/azure.ts";
import type { StoreAddress } from "../address.ts";
import { credentialsFailed, notALocation } from "../errors.ts";
import type { HttpRequest } from "../remote/http.ts";
import type { EndpointParts } from "../s3/endpoint.ts";
import { isOn, type StoreSection, type Variables } from "../settings.ts";
import type { AzureEndpoint } from "./dialect.ts";
import { signWithAccountKey } from "./shared-key.ts";

/** The account and key that every Azure emulator knows (public, documented by Microsoft). */
const EMULATOR = {
  account: "devstoreaccount1",
  key: "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==",
  endpoint: "http://127.0.0.1:10000/devstoreaccount1",
};

interface Account {
  readonly name: string;
  readonly endpoint: URL;
  readonly key: string | undefined;
  readonly sasToken: string | undefined;
}

/** Throws 22023 when nothing names the account. */
export function azureEndpoint(parts: EndpointParts): AzureEndpoint {
  const { address, section, variables, now } = parts;
  const account = accountOf(address, section, variables);
  const prefix = account.endpoint.pathname.replace(/\/+$/, "");
  const base = {
    origin: account.endpoint.origin,
    basePath: `${prefix}/${address.container}`,
    now,
  };
  const { key, sasToken, name } = account;
  if (isOn(section["anonymous"]) || isOn(variables["AZURE_SKIP_SIGNATURE"]))
    return fixed(base, (request) => request);
  if (sasToken !== undefined) {
    const items = [...new URLSearchParams(sasToken.replace(/^\?/, ""))];
    return fixed(base, (request) => ({
      ...request,
      query: [...request.query, ...items],
    }));
  }
  if (key !== undefined) {
    if (!/^[A-Za-z0-9+/]+={0,2}$/.test(key))
      throw credentialsFailed(
        "the Azure account key",
        "It is not Base64 text.",
      );
    return fixed(base, (request) =>
      signWithAccountKey(request, { account: name, key }),
    );
  }
  const credentials = cachedCredentials(
    () => azureToken(parts, address.root),
    now,
  );
  return {
    ...base,
    authorize: async (request) => ({
      ...request,
      headers: {
        ...request.headers,
        authorization: `Bearer ${await credentials.get()}`,
      },
    }),
    correct: ({ status }) => {
      if (status !== 401) return false;
      credentials.forget();
      return true;
    },
  };
}

function fixed(
  base: Pick<AzureEndpoint, "origin" | "basePath" | "now">,
  authorize: (request: HttpRequest) => HttpRequest,
): AzureEndpoint {
  return {
    ...base,
    authorize: (request) => Promise.resolve(authorize(request)),
    correct: () => false,
  };
}

function accountOf(
  address: StoreAddress,
  section: StoreSection,
  variables: Variables,
): Account {
  const configured = configuredAccount(section, variables);
  const name = address.account ?? configured.name;
  if (name === undefined)
    throw notALocation(
      address.root,
      "It names no storage account; write abfss://CONTAINER@ACCOUNT.dfs.core.windows.net, or set AZURE_STORAGE_ACCOUNT_NAME.",
    );
  const domain = (address.accountDomain ?? "blob.core.windows.net").replace(
    /^dfs\./,
    "blob.",
  );
  const endpoint = new URL(`https://${name}.${domain}`);
  // Keys of another account than the location's would only be refused, and sent to a host that should not see them.
  if (configured.name !== undefined && configured.name !== name)
    return { name, endpoint, key: undefined, sasToken: undefined };
  const { key, sasToken, url } = configured;
  return {
    name,
    endpoint: url === undefined ? endpoint : new URL(url),
    key,
    sasToken,
  };
}

interface ConfiguredAccount {
  readonly name: string | undefined;
  readonly url: string | undefined;
  readonly key: string | undefined;
  readonly sasToken: string | undefined;
}

/** The file's section, then the connection string, then single variables, then the emulator where it is asked for. */
function configuredAccount(
  section: StoreSection,
  variables: Variables,
): ConfiguredAccount {
  const connection = connectionString(
    variables["AZURE_STORAGE_CONNECTION_STRING"],
  );
  const emulator =
    isOn(variables["AZURE_STORAGE_USE_EMULATOR"]) ||
    isOn(connection.get("usedevelopmentstorage"))
      ? EMULATOR
      : undefined;
  return {
    name: firstOf(
      section["account"],
      connection.get("accountname"),
      variables["AZURE_STORAGE_ACCOUNT_NAME"],
      variables["AZURE_STORAGE_ACCOUNT"],
      emulator?.account,
    ),
    url: firstOf(
      section["endpoint"],
      connection.get("blobendpoint"),
      emulator?.endpoint,
    ),
    key: firstOf(
      section["account-key"],
      connection.get("accountkey"),
      variables["AZURE_STORAGE_ACCOUNT_KEY"],
      variables["AZURE_STORAGE_KEY"],
      emulator?.key,
    ),
    sasToken: firstOf(
      section["sas-token"],
      connection.get("sharedaccesssignature"),
      variables["AZURE_STORAGE_SAS_TOKEN"],
    ),
  };
}

function firstOf(
  ...values: readonly (string | undefined)[]
): string | undefined {
  return values.find((value) => value !== undefined && value !== "");
}

/** `Name=value;…`, names in lower case. */
function connectionString(text: string | undefined): Map<string, string> {
  const items = (text ?? "").split(";").flatMap((item) => {
    const at = item.indexOf("=");
    return at < 1
      ? []
      : [
          [
            item.slice(0, at).trim().toLowerCase(),
            item.slice(at + 1).trim(),
          ] as const,
        ];
  });
  return new Map(items);
}
