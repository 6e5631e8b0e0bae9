// Flags, environment and sluice.yaml -> one frozen Config, or an error naming the wrong key. Flag > environment > file > default.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import type * as Yaml from "yaml";
import { isLoopback, parseBlock, type Block } from "../../auth/ip-address.ts";
import type { IssuerSettings } from "../../auth/jwt/issuer.ts";
import { SqlError } from "../../storage/common/errors.ts";
import type { AccessRule } from "../pgwire/access-rules.ts";
import { accessRules } from "./access-rule-config.ts";
import { configError } from "./config-error.ts";
import { isUrl } from "../../storage/object-store/address.ts";
import {
  storeVariables,
  type StoreSettings,
} from "../../storage/object-store/settings.ts";
import { issuerSettings } from "./issuer-config.ts";
import {
  ACCESS_RULES_KEY,
  FILE_KEYS,
  ISSUERS_KEY,
  SERVE_OPTIONS,
  STORES_KEY,
  type OptionRow,
} from "./options.ts";
import type { TlsFiles } from "./tls.ts";
import { storeLocation, storeSections } from "./store-config.ts";

export interface Config {
  readonly dataDir: string;
  readonly host: string;
  readonly pgPort: number;
  readonly httpPort: number;
  readonly nodes: number;
  readonly nodeMemoryBytes: number;
  /** Where nodes spill and spool. */
  readonly cacheDir: string;
  readonly cacheBytes: number;
  /** Most bytes of HTTP results that are kept, beside the cache. */
  readonly resultBytes: number;
  readonly adminUser: string;
  readonly tls: TlsFiles | undefined;
  readonly trustedProxies: readonly Block[];
  /** Which method a Postgres connection is asked for; undefined: the listener's own rule. */
  readonly accessRules: readonly AccessRule[] | undefined;
  readonly logLevel: string;
  /** How long system.query_history keeps statements; 0 keeps none. */
  readonly historyDays: number;
  readonly demo: boolean;
  /** Catalog name to the absolute folder or URL; `main` is always there. */
  readonly lakes: ReadonlyMap<string, string>;
  readonly fileRoots: ReadonlyMap<string, string>;
  /** How remote lakes are reached; holds credentials, so it is never printed. */
  readonly stores: StoreSettings;
  /** Identity providers whose access tokens count. */
  readonly issuers: readonly IssuerSettings[];
}

type Raw =
  string | number | boolean | readonly string[] | Record<string, unknown>;

/** Options by name, as the command line or a test gives them. */
export type Flags = Readonly<Record<string, Raw | undefined>>;

/** `flags` holds what the command line gave; `config` among them names the file. */
export function loadConfig(
  flags: Flags,
  environment: Readonly<Record<string, string | undefined>>,
): Config {
  const configFile = flags["config"];
  const file = readConfigFile(
    typeof configFile === "string" ? configFile : environment["SLUICE_CONFIG"],
  );
  const given = (row: OptionRow): { value: Raw; from: string } | undefined => {
    const flag = flags[row.name];
    if (flag !== undefined) return { value: flag, from: `--${row.name}` };
    const variable = `SLUICE_${row.name.toUpperCase().replaceAll("-", "_")}`;
    const fromEnvironment = environment[variable];
    if (fromEnvironment !== undefined)
      return { value: fromEnvironment, from: variable };
    const fromFile = file.get(row.name);
    if (fromFile !== undefined)
      return { value: fromFile, from: `${row.name} in the configuration file` };
    return row.default === undefined
      ? undefined
      : { value: row.default, from: row.name };
  };
  const rows = new Map(SERVE_OPTIONS.map((row) => [row.name, given(row)]));
  const text = (name: string): string | undefined => {
    const option = rows.get(name);
    return option === undefined ? undefined : textOf(option.value, option.from);
  };
  const required = (name: string): string => text(name) ?? "";
  const number = (name: string, max: number): number =>
    numberOf(required(name), rows.get(name)?.from ?? name, max);
  const bytes = (name: string): number =>
    bytesOf(required(name), rows.get(name)?.from ?? name);
  const dataDir = resolve(required("data-dir"));
  const lakes = mapping(rows.get("lake"));
  const yesOrNo = (name: string): boolean =>
    oneOf(required(name), name, ["true", "false"]) === "true";
  const demo = yesOrNo("demo");
  if (demo && isUrl(lakes.get("main") ?? ""))
    throw configError("demo: the demo lake needs a local folder for main");
  if (!lakes.has("main")) lakes.set("main", resolve(dataDir, "lake"));
  const tls = tlsOf(text);
  const rules = accessRules(file.get(ACCESS_RULES_KEY));
  if (tls?.clientCa === undefined && rules?.some(asksCertificate))
    throw configError("access-rules: the method cert needs tls-client-ca");
  const trustedProxies = blocksOf(rows.get("trusted-proxies"));
  requireSafeHttp({
    host: required("host"),
    tls,
    trustedProxies,
    allowed: yesOrNo("allow-insecure-http"),
  });
  return Object.freeze({
    dataDir,
    host: required("host"),
    pgPort: number("pg-port", 65_535),
    httpPort: number("http-port", 65_535),
    nodes: number("nodes", 64),
    nodeMemoryBytes: bytes("node-memory"),
    cacheDir: resolve(text("cache-dir") ?? resolve(dataDir, "cache")),
    cacheBytes: bytes("cache-size"),
    resultBytes: bytes("results-size"),
    adminUser: required("admin-user"),
    tls,
    trustedProxies,
    accessRules: rules,
    logLevel: oneOf(required("log-level"), "log-level", [
      "fatal",
      "error",
      "warn",
      "info",
      "debug",
      "silent",
    ]),
    historyDays: number("history-days", 3650),
    demo,
    lakes,
    fileRoots: mapping(rows.get("file-root")),
    stores: {
      variables: storeVariables(environment),
      sections: storeSections(file.get(STORES_KEY)),
    },
    issuers: issuerSettings(file.get(ISSUERS_KEY)),
  });
}

function readConfigFile(path: string | undefined): ReadonlyMap<string, Raw> {
  if (path === undefined) return new Map();
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    throw new SqlError(
      "F0000",
      `could not read the configuration file "${path}"`,
      { cause },
    );
  }
  const document = yaml().parseDocument(text);
  const problem = document.errors[0];
  if (problem !== undefined) {
    throw configError(
      `configuration file "${path}": ${problem.message.split("\n")[0] ?? "not YAML"}`,
    );
  }
  const content: unknown = document.toJS();
  if (content === null || content === undefined) return new Map();
  if (typeof content !== "object" || Array.isArray(content)) {
    throw configError(`configuration file "${path}" must hold keys and values`);
  }
  const known = new Set([
    ...SERVE_OPTIONS.map((row) => row.name),
    ...FILE_KEYS,
  ]);
  const entries = Object.entries(content as Record<string, Raw>);
  const wrong = entries.find(([key]) => !known.has(key));
  if (wrong !== undefined)
    throw configError(
      `configuration file "${path}": "${wrong[0]}" is not an option`,
    );
  return new Map(entries);
}

function textOf(value: Raw, from: string): string {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean")
    return String(value);
  throw configError(`${from}: one value expected`);
}

function numberOf(text: string, from: string, max: number): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value <= max))
    throw configError(
      `${from}: "${text}" is not a whole number from 0 to ${max}`,
    );
  return value;
}

const UNITS: Readonly<Record<string, number>> = {
  "": 1,
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KIB: 2 ** 10,
  MIB: 2 ** 20,
  GIB: 2 ** 30,
  TIB: 2 ** 40,
};

function bytesOf(text: string, from: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text);
  const unit = UNITS[(match?.[2] ?? "").toUpperCase()];
  if (match === null || unit === undefined)
    throw configError(`${from}: "${text}" is not a size such as 500MB or 2GB`);
  return Math.floor(Number(match[1]) * unit);
}

function oneOf(text: string, from: string, choices: readonly string[]): string {
  if (!choices.includes(text))
    throw configError(`${from}: "${text}" is not one of ${choices.join(", ")}`);
  return text;
}

/** `NAME=PATH` items of a flag, a comma-separated variable, or a yaml mapping. Local paths become absolute. */
function mapping(
  option: { value: Raw; from: string } | undefined,
): Map<string, string> {
  const result = new Map<string, string>();
  if (option === undefined) return result;
  const { value, from } = option;
  for (const item of mappingItems(value)) {
    const at = item.indexOf("=");
    const name = item.slice(0, at).trim();
    const place = item.slice(at + 1).trim();
    if (at < 1 || place === "")
      throw configError(`${from}: "${item}" is not NAME=PATH_OR_URL`);
    if (result.has(name))
      throw configError(`${from}: "${name}" is given twice`);
    result.set(name, storeLocation(place, from));
  }
  return result;
}

function mappingItems(value: Raw): readonly string[] {
  if (typeof value === "string")
    return value.split(",").filter((item) => item.trim() !== "");
  if (Array.isArray(value)) return (value as readonly unknown[]).map(String);
  if (typeof value === "object")
    return Object.entries(value).map(
      ([name, place]) => `${name}=${String(place)}`,
    );
  return [String(value)];
}

/** Addresses and blocks: a list of the file, or text with commas. */
function blocksOf(
  option: { value: Raw; from: string } | undefined,
): readonly Block[] {
  if (option === undefined) return [];
  return mappingItems(option.value).map((item) => {
    const block = parseBlock(item.trim());
    if (block === undefined)
      throw configError(
        `${option.from}: "${item}" is not an address or a block such as 10.0.0.0/8`,
      );
    return block;
  });
}

/** Tokens must not cross a network in clear (authentication section 7). */
function requireSafeHttp(http: {
  readonly host: string;
  readonly tls: TlsFiles | undefined;
  readonly trustedProxies: readonly Block[];
  readonly allowed: boolean;
}): void {
  const { host, tls, trustedProxies, allowed } = http;
  const isLocal = host === "localhost" || isLoopback(host);
  const isBehindProxy = allowed && trustedProxies.length > 0;
  if (tls !== undefined || isLocal || isBehindProxy) return;
  throw configError(
    `host: HTTP on "${host}" needs tls-cert and tls-key, or trusted-proxies with allow-insecure-http, since access tokens would cross the network in clear`,
  );
}

function tlsOf(text: (name: string) => string | undefined): Config["tls"] {
  const [cert, key] = [text("tls-cert"), text("tls-key")];
  const [clientCa, clientCrl] = [text("tls-client-ca"), text("tls-client-crl")];
  if (clientCrl !== undefined && clientCa === undefined)
    throw configError("tls-client-crl needs tls-client-ca");
  if (cert === undefined && key === undefined) {
    if (clientCa === undefined) return undefined;
    throw configError("tls-client-ca needs tls-cert and tls-key");
  }
  if (cert === undefined || key === undefined)
    throw configError("tls-cert and tls-key must be given together");
  return { cert, key, clientCa, clientCrl };
}

function asksCertificate({ method }: AccessRule): boolean {
  return method === "cert";
}

/** Loaded where there is a file to read: most starts have none. */
function yaml(): typeof Yaml {
  return createRequire(import.meta.url)("yaml") as typeof Yaml;
}
