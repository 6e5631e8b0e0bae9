// The section `issuers` of the configuration file: identity providers by their `iss`, each with its settings (authentication section 4).

import { accessSync, constants } from "node:fs";
import { resolve } from "node:path";
import {
  ALGORITHMS,
  DEFAULT_ALGORITHMS,
  type Algorithm,
  type IssuerSettings,
  type KeyPlace,
} from "../../auth/jwt/issuer.ts";
import { configError } from "./config-error.ts";

const KEYS = [
  "audiences",
  "algorithms",
  "jwks-uri",
  "jwks-file",
  "jwks-hosts",
  "ca-file",
  "clients",
  "required-claims",
  "token-type",
  "id-tokens",
  "user-claim",
  "service-principal-claim",
  "service-principal-when",
  "scope-claim",
  "scope-prefix",
  "session-grace",
] as const;
type Key = (typeof KEYS)[number];

/** Throws F0000 naming the issuer and key. */
export function issuerSettings(value: unknown): readonly IssuerSettings[] {
  return Object.entries(mappingOf(value, "issuers")).map(([issuer, section]) =>
    settingsOf(issuer, new Section(issuer, section)),
  );
}

function settingsOf(issuer: string, section: Section): IssuerSettings {
  if (!URL.canParse(issuer) || new URL(issuer).protocol !== "https:")
    throw configError(`issuers: "${issuer}" is not a URL with https`);
  const audiences = section.list("audiences");
  if (audiences.length === 0)
    throw section.error("audiences", "must name at least one audience");
  const servicePrincipalClaim = section.text("service-principal-claim");
  const servicePrincipalWhen = section.mapping("service-principal-when");
  if (servicePrincipalClaim === undefined && servicePrincipalWhen.size > 0)
    throw section.error(
      "service-principal-when",
      "needs service-principal-claim",
    );
  return {
    issuer,
    keys: keyPlace(section),
    caFile: section.file("ca-file"),
    audiences,
    algorithms: algorithmsOf(section),
    clients: section.list("clients"),
    requiredClaims: section.mapping("required-claims"),
    tokenType: section.text("token-type"),
    idTokens: section.flag("id-tokens"),
    userClaim: section.text("user-claim") ?? "sub",
    servicePrincipalClaim,
    servicePrincipalWhen,
    scopeClaim: section.text("scope-claim"),
    scopePrefix: section.text("scope-prefix") ?? "",
    sessionGraceMs: section.seconds("session-grace") * 1000,
  };
}

function keyPlace(section: Section): KeyPlace {
  const path = section.file("jwks-file");
  const uri = section.text("jwks-uri");
  if (path !== undefined && uri !== undefined)
    throw section.error("jwks-file", "excludes jwks-uri");
  if (path !== undefined) return { kind: "file", path };
  if (uri === undefined)
    return { kind: "discovery", hosts: section.list("jwks-hosts") };
  const url = URL.canParse(uri) ? new URL(uri) : undefined;
  if (url?.protocol !== "https:")
    throw section.error("jwks-uri", "is not a URL with https");
  return { kind: "url", url };
}

function algorithmsOf(section: Section): readonly Algorithm[] {
  const named = section.list("algorithms");
  if (named.length === 0) return DEFAULT_ALGORITHMS;
  return named.map((name) => {
    const known = Object.keys(ALGORITHMS).filter(isAlgorithm);
    const algorithm = known.find((one) => one === name);
    if (algorithm === undefined)
      throw section.error(
        "algorithms",
        `"${name}" is not one of ${known.join(", ")}`,
      );
    return algorithm;
  });
}

function isAlgorithm(name: string): name is Algorithm {
  return Object.hasOwn(ALGORITHMS, name);
}

/** Typed readings of one issuer's keys; each throws F0000 for a value of another form. */
class Section {
  readonly #issuer: string;
  readonly #values: Readonly<Record<string, unknown>>;

  constructor(issuer: string, value: unknown) {
    this.#issuer = issuer;
    this.#values = mappingOf(value, `issuers: ${issuer}`);
    const wrong = Object.keys(this.#values).find(
      (key) => !KEYS.some((known) => known === key),
    );
    if (wrong !== undefined)
      throw configError(
        `issuers: "${wrong}" of ${issuer} is not a setting; ${KEYS.join(", ")} are`,
      );
  }

  error(key: Key, problem: string): Error {
    return configError(`issuers: ${key} of ${this.#issuer} ${problem}`);
  }

  text(key: Key): string | undefined {
    const value = this.#values[key];
    if (value === undefined || typeof value === "string") return value;
    throw this.error(key, "is not text");
  }

  /** An absolute path of a file that can be read. */
  file(key: Key): string | undefined {
    const path = this.text(key);
    if (path === undefined) return undefined;
    try {
      accessSync(path, constants.R_OK);
    } catch {
      throw this.error(key, `"${path}" could not be read`);
    }
    return resolve(path);
  }

  /** One text stands for a list of one. */
  list(key: Key): readonly string[] {
    const value = this.#values[key] ?? [];
    if (typeof value === "string") return [value];
    if (Array.isArray(value) && value.every((item) => typeof item === "string"))
      return value;
    throw this.error(key, "is not a list of texts");
  }

  mapping(key: Key): ReadonlyMap<string, string> {
    const value = mappingOf(
      this.#values[key],
      `issuers: ${key} of ${this.#issuer}`,
    );
    return new Map(
      Object.entries(value).map(([name, item]) => {
        if (!["string", "number", "boolean"].includes(typeof item))
          throw this.error(key, `has not one value for "${name}"`);
        return [name, String(item)];
      }),
    );
  }

  flag(key: Key): boolean {
    const value = this.#values[key] ?? false;
    if (typeof value === "boolean") return value;
    throw this.error(key, "is neither true nor false");
  }

  seconds(key: Key): number {
    const value = this.#values[key] ?? 0;
    if (typeof value === "number" && value >= 0 && value <= 86_400)
      return value;
    throw this.error(key, "is not a number of seconds up to 86400");
  }
}

function mappingOf(
  value: unknown,
  from: string,
): Readonly<Record<string, unknown>> {
  if (value === undefined || value === null) return {};
  if (typeof value !== "object" || Array.isArray(value))
    throw configError(`${from}: keys and values expected`);
  return { ...value };
}
