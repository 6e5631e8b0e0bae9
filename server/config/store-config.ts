// Where lakes lie and how their stores are reached, as the command line and sluice.yaml say it.

import { resolve } from "node:path";
import { SqlError } from "../../storage/common/errors.ts";
import {
  addressOf,
  canonicalLocation,
  isUrl,
  type StoreKind,
} from "../../storage/object-store/address.ts";
import {
  storeKeys,
  type StoreSection,
} from "../../storage/object-store/settings.ts";
import { configError } from "./config-error.ts";

/** An absolute local folder, or an object store's URL in its one spelling. Throws F0000. */
export function storeLocation(place: string, from: string): string {
  if (/^file:\/\//i.test(place))
    return resolve(decodeURIComponent(new URL(place).pathname));
  if (!isUrl(place)) return resolve(place);
  try {
    const location = canonicalLocation(place);
    addressOf(location);
    return location;
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    throw configError(`${from}: ${error.message}: ${error.detail ?? ""}`);
  }
}

const KINDS: Readonly<Record<string, StoreKind>> = {
  s3: "s3",
  azure: "azure",
  gcs: "gcs",
};

/**
 * The section `stores` of the configuration file: `s3`, `azure`, `gcs`, or the URL of one bucket, each with its settings. Throws F0000
 * naming the key; values, which may be secrets, are never repeated.
 */
export function storeSections(
  value: unknown,
): Readonly<Record<string, StoreSection>> {
  return Object.fromEntries(
    entriesOf(value, "stores").map(([name, section]) => {
      const kind = KINDS[name] ?? (isUrl(name) ? kindOf(name) : undefined);
      if (kind === undefined)
        throw configError(
          `stores: "${name}" is neither s3, azure, gcs nor the URL of a bucket`,
        );
      const root = isUrl(name) ? canonicalLocation(name) : name;
      return [root, sectionOf(name, kind, section)];
    }),
  );
}

function kindOf(name: string): StoreKind {
  const location = storeLocation(name, "stores");
  const { kind, root } = addressOf(location);
  if (root !== location)
    throw configError(`stores: "${name}" names more than a bucket`);
  return kind;
}

function sectionOf(
  name: string,
  kind: StoreKind,
  value: unknown,
): StoreSection {
  const keys = storeKeys(kind);
  return Object.fromEntries(
    entriesOf(value, `stores: ${name}`).map(([key, item]) => {
      if (!keys.includes(key))
        throw configError(
          `stores: "${key}" of ${name} is not a setting; ${keys.join(", ")} are`,
        );
      if (!["string", "number", "boolean"].includes(typeof item))
        throw configError(`stores: "${key}" of ${name} is not one value`);
      return [key, String(item)];
    }),
  );
}

function entriesOf(
  value: unknown,
  from: string,
): readonly (readonly [string, unknown])[] {
  if (value === undefined || value === null) return [];
  if (typeof value !== "object" || Array.isArray(value))
    throw configError(`${from}: keys and values expected`);
  return Object.entries(value);
}
