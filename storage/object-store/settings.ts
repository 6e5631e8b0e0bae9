// How object stores are reached: the variables that each cloud's own tools read, and the section `stores` of sluice.yaml, which goes
// before them. Plain JSON, since compute nodes are told the same.

import type { StoreAddress, StoreKind } from "./address.ts";

export type Variables = Readonly<Record<string, string | undefined>>;

/** Keys and values of one section. */
export type StoreSection = Readonly<Record<string, string>>;

export interface StoreSettings {
  readonly variables: Variables;
  /** By `s3`, `azure`, `gcs`, and by the URL of one bucket, which goes before. */
  readonly sections: Readonly<Record<string, StoreSection>>;
}

export const NO_STORE_SETTINGS: StoreSettings = { variables: {}, sections: {} };

const COMMON = ["endpoint", "anonymous"];

/** What a section may hold. */
const KEYS: Readonly<Record<StoreKind, readonly string[]>> = {
  s3: [
    ...COMMON,
    "region",
    "addressing",
    "access-key-id",
    "secret-access-key",
    "session-token",
    "profile",
  ],
  azure: [
    ...COMMON,
    "account",
    "account-key",
    "sas-token",
    "tenant-id",
    "client-id",
    "client-secret",
  ],
  gcs: [...COMMON, "credentials-file", "access-key-id", "secret-access-key"],
};

/** The keys a section of that kind may hold. */
export function storeKeys(kind: StoreKind): readonly string[] {
  return KEYS[kind];
}

/** The settings of one bucket. */
export function sectionFor(
  { sections }: StoreSettings,
  address: StoreAddress,
): StoreSection {
  return { ...sections[address.kind], ...sections[address.root] };
}

const STORE_VARIABLES =
  /^(?:AWS_|AZURE_|GOOGLE_|GCE_METADATA_|GS_|STORAGE_EMULATOR_HOST$|IDENTITY_|MSI_|HOME$|CLOUDSDK_CONFIG$)/;

/** Of all variables, those that say how stores are reached. */
export function storeVariables(environment: Variables): Variables {
  return Object.fromEntries(
    Object.entries(environment).filter(([name]) => STORE_VARIABLES.test(name)),
  );
}

/** A switch as variables and files spell it. */
export function isOn(value: string | undefined): boolean {
  return ["1", "true", "yes", "on"].includes((value ?? "").toLowerCase());
}
