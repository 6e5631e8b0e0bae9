// A location as people write it (`s3://bucket/prefix`) -> which store, which bucket, which key. Locations are kept as written, but
// for aliases of the scheme and slashes at the end, since file paths in logs are compared with them.

import { notALocation } from "./errors.ts";

export type StoreKind = "s3" | "azure" | "gcs";

export interface StoreAddress {
  readonly kind: StoreKind;
  /** Bucket, or container. */
  readonly container: string;
  /** Azure: the storage account, where the location names one. */
  readonly account: string | undefined;
  /** Azure: the host's rest, such as `dfs.core.windows.net`. */
  readonly accountDomain: string | undefined;
  /** The part of the location that names bucket or container; no slash at the end. */
  readonly root: string;
}

const SCHEMES: Readonly<Record<string, StoreKind>> = {
  s3: "s3",
  s3a: "s3",
  s3n: "s3",
  gs: "gcs",
  gcs: "gcs",
  az: "azure",
  azure: "azure",
  abfs: "azure",
  abfss: "azure",
  wasb: "azure",
  wasbs: "azure",
};

/** Schemes that mean another, which is how locations are spelled. */
export const CANONICAL: Readonly<Record<string, string>> = {
  s3a: "s3",
  s3n: "s3",
  gcs: "gs",
  azure: "az",
};

const LOCATION = /^([A-Za-z][A-Za-z0-9+.-]*):\/\/([^/]*)(\/.*)?$/;

/** True for what has a scheme; false for local paths. */
export function isUrl(location: string): boolean {
  return LOCATION.test(location);
}

/** One spelling for each place: scheme in lower case without aliases, no slash at the end. Throws 22023. */
export function canonicalLocation(location: string): string {
  const { scheme, authority, path } = partsOf(location);
  const name = CANONICAL[scheme] ?? scheme;
  return `${name}://${authority}${path.replace(/\/+$/, "")}`;
}

/** Throws 22023 for a scheme without a store, or a location that lacks its bucket or container. */
export function addressOf(location: string): StoreAddress {
  const { scheme, authority } = partsOf(location);
  const kind = SCHEMES[scheme];
  if (kind === undefined)
    throw notALocation(
      location,
      `The scheme "${scheme}" is not supported; s3, gs, az, abfss and file are.`,
    );
  const root = `${CANONICAL[scheme] ?? scheme}://${authority}`;
  const at = authority.indexOf("@");
  if (kind !== "azure" || at < 0) {
    checkName(location, authority);
    return {
      kind,
      container: authority,
      account: undefined,
      accountDomain: undefined,
      root,
    };
  }
  const container = authority.slice(0, at);
  const host = authority.slice(at + 1);
  checkName(location, container);
  const dot = host.indexOf(".");
  checkName(location, dot < 0 ? host : host.slice(0, dot));
  return {
    kind,
    container,
    account: dot < 0 ? host : host.slice(0, dot),
    accountDomain: dot < 0 ? undefined : host.slice(dot + 1),
    root,
  };
}

function checkName(location: string, name: string): void {
  if (!/^[A-Za-z0-9$][A-Za-z0-9._-]*$/.test(name))
    throw notALocation(
      location,
      "It must be SCHEME://BUCKET/PREFIX, or abfss://CONTAINER@ACCOUNT.dfs.core.windows.net/PREFIX.",
    );
}

interface Parts {
  readonly scheme: string;
  readonly authority: string;
  /** With its leading slash, or empty. */
  readonly path: string;
}

function partsOf(location: string): Parts {
  const match = LOCATION.exec(location);
  if (match?.[1] === undefined)
    throw notALocation(location, "It has no scheme such as s3://.");
  const path = match[3] ?? "";
  if (path.split("/").some((part) => part === "." || part === ".."))
    throw notALocation(location, "It has a relative part.");
  if (/[?#]/.test(location))
    throw notALocation(location, "It has a query or a fragment.");
  return {
    scheme: match[1].toLowerCase(),
    authority: match[2] ?? "",
    path,
  };
}
