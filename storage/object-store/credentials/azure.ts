// Bearer tokens for Azure Storage: a client's secret, a federated token (workload identity), or a managed identity
// (https://learn.microsoft.com/azure/developer/java/sdk/authentication/credential-chains).

import { readFile } from "node:fs/promises";
import { credentialsFailed, noCredentials } from "../errors.ts";
import type { HttpResponse } from "../remote/http.ts";
import type { StoreSection, Variables } from "../settings.ts";
import type { Expiring } from "./cached.ts";
import { jsonFields, textField, type AskService } from "./token-service.ts";

export interface AzureSource {
  readonly section: StoreSection;
  readonly variables: Variables;
  readonly ask: AskService;
  readonly askInstance: AskService;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

const RESOURCE = "https://storage.azure.com/";
const LOGIN = "Microsoft Entra ID";
const IDENTITY = "Azure's managed identity service";

/** Throws 42501 when no place gives a token. */
export async function azureToken(
  source: AzureSource,
  store: string,
): Promise<Expiring<string>> {
  const { section, variables } = source;
  const tenant = section["tenant-id"] ?? variables["AZURE_TENANT_ID"];
  const client = section["client-id"] ?? variables["AZURE_CLIENT_ID"];
  const secret = section["client-secret"] ?? variables["AZURE_CLIENT_SECRET"];
  const tokenFile = variables["AZURE_FEDERATED_TOKEN_FILE"];
  if (tenant !== undefined && client !== undefined) {
    if (secret !== undefined)
      return login(source, tenant, {
        client_id: client,
        client_secret: secret,
      });
    if (tokenFile !== undefined)
      return login(source, tenant, {
        client_id: client,
        client_assertion_type:
          "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        client_assertion: await federatedToken(tokenFile),
      });
  }
  return managedIdentity(source, client, store);
}

async function federatedToken(path: string): Promise<string> {
  try {
    return (await readFile(path, "utf8")).trim();
  } catch (error) {
    throw credentialsFailed(
      LOGIN,
      `The federated token file "${path}" cannot be read.`,
      error,
    );
  }
}

async function login(
  source: AzureSource,
  tenant: string,
  form: Readonly<Record<string, string>>,
): Promise<Expiring<string>> {
  const authority = (
    source.variables["AZURE_AUTHORITY_HOST"] ??
    "https://login.microsoftonline.com"
  ).replace(/\/+$/, "");
  const response = await source.ask({
    service: LOGIN,
    method: "POST",
    url: `${authority}/${encodeURIComponent(tenant)}/oauth2/v2.0/token`,
    form: {
      grant_type: "client_credentials",
      scope: `${RESOURCE}.default`,
      ...form,
    },
  });
  return tokenFrom(source, LOGIN, response);
}

/** App Service and its kin name an endpoint; virtual machines have the fixed address. */
async function managedIdentity(
  source: AzureSource,
  client: string | undefined,
  store: string,
): Promise<Expiring<string>> {
  const { variables } = source;
  const endpoint = variables["IDENTITY_ENDPOINT"];
  const header = variables["IDENTITY_HEADER"];
  const named = client === undefined ? {} : { client_id: client };
  const atService = endpoint !== undefined && header !== undefined;
  const query = new URLSearchParams({
    "api-version": atService ? "2019-08-01" : "2018-02-01",
    resource: RESOURCE,
    ...named,
  });
  const machine = (
    variables["AZURE_POD_IDENTITY_AUTHORITY_HOST"] ?? "http://169.254.169.254"
  ).replace(/\/+$/, "");
  const request = {
    service: IDENTITY,
    method: "GET" as const,
    url: atService
      ? `${endpoint}?${query.toString()}`
      : `${machine}/metadata/identity/oauth2/token?${query.toString()}`,
    headers: atService ? { "x-identity-header": header } : { metadata: "true" },
  };
  const response = await (
    atService ? source.ask(request) : source.askInstance(request)
  ).catch((error: unknown) => {
    if (atService) throw error;
    return undefined;
  });
  if (response === undefined)
    throw noCredentials(
      store,
      "Set AZURE_STORAGE_ACCOUNT_KEY, AZURE_STORAGE_SAS_TOKEN, AZURE_CLIENT_ID with its secret, or the section stores of sluice.yaml.",
    );
  return tokenFrom(source, IDENTITY, response);
}

function tokenFrom(
  source: AzureSource,
  service: string,
  response: HttpResponse,
): Expiring<string> {
  const fields = jsonFields(service, response);
  // Logins count seconds from now; managed identities add the time itself, in seconds since 1970.
  const lifetime = Number(fields["expires_in"] ?? Number.NaN);
  const end = Number(fields["expires_on"] ?? Number.NaN);
  return {
    value: textField(service, fields, "access_token"),
    expiresAtMs: Number.isFinite(end)
      ? end * 1000
      : Number.isFinite(lifetime)
        ? source.now() + lifetime * 1000
        : undefined,
  };
}
