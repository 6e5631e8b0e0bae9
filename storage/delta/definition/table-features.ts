// The protocol a table's definition needs (Delta protocol, "Table Features"; checklist F1-F4): the lowest that holds it, and for an
// existing table never less than it has.

import type { DataType } from "../../common/data-type.ts";
import type { Metadata, Protocol } from "../actions.ts";
import {
  CONSTRAINT_PREFIX,
  DEFAULT_KEY,
  GENERATED_KEY,
  IDENTITY_KEYS,
  INVARIANT_KEY,
} from "./column-rules.ts";
import { isReaderFeature, isTrue, LEGACY_FEATURES } from "../features.ts";
import type { DeltaField } from "./schema-json.ts";

/** Supported by every table that is written anew, as Spark does it: writer version 2. */
const BASE = ["appendOnly", "invariants"] as const;

/** Features that columns and properties make active. `domains`: metadata domains that will be written. */
export function neededFeatures(
  fields: readonly DeltaField[],
  metadata: Metadata,
  domains: readonly string[],
): ReadonlySet<string> {
  const needed = new Set<string>();
  for (const [feature, active] of BY_PROPERTY)
    if (active(metadata)) needed.add(feature);
  for (const field of fields) addFieldFeatures(field, needed);
  if (domains.length > 0) needed.add("domainMetadata");
  if (domains.includes("delta.clustering")) needed.add("clustering");
  return needed;
}

const BY_PROPERTY: readonly (readonly [
  string,
  (metadata: Metadata) => boolean,
])[] = [
  ["appendOnly", (it) => isTrue(it, "delta.appendOnly")],
  [
    "checkConstraints",
    (it) =>
      Object.keys(it.configuration).some((key) =>
        key.startsWith(CONSTRAINT_PREFIX),
      ),
  ],
  ["changeDataFeed", (it) => isTrue(it, "delta.enableChangeDataFeed")],
  ["deletionVectors", (it) => isTrue(it, "delta.enableDeletionVectors")],
  ["inCommitTimestamp", (it) => isTrue(it, "delta.enableInCommitTimestamps")],
  ["rowTracking", (it) => isTrue(it, "delta.enableRowTracking")],
  ["typeWidening", (it) => isTrue(it, "delta.enableTypeWidening")],
  [
    "columnMapping",
    (it) =>
      ["name", "id"].includes(
        it.configuration["delta.columnMapping.mode"] ?? "none",
      ),
  ],
  ["v2Checkpoint", (it) => it.configuration["delta.checkpointPolicy"] === "v2"],
];

function addFieldFeatures(field: DeltaField, needed: Set<string>): void {
  const { metadata } = field;
  if (metadata.has(INVARIANT_KEY)) needed.add("invariants");
  if (metadata.has(GENERATED_KEY)) needed.add("generatedColumns");
  if (metadata.has(IDENTITY_KEYS.start)) needed.add("identityColumns");
  if (metadata.has(DEFAULT_KEY)) needed.add("allowColumnDefaults");
  if (metadata.has("delta.typeChanges")) needed.add("typeWidening");
  addTypeFeatures(field.type, needed);
  for (const child of field.children) addFieldFeatures(child, needed);
}

function addTypeFeatures(type: DataType, needed: Set<string>): void {
  if (type.kind === "timestamp") needed.add("timestampNtz");
  if (type.kind === "variant") needed.add("variantType");
}

/** Features that need another one. */
const REQUIRED: readonly (readonly [string, string])[] = [
  ["rowTracking", "domainMetadata"],
  ["clustering", "domainMetadata"],
];

/** With the features that these need themselves. */
export function withRequired(
  features: ReadonlySet<string>,
): ReadonlySet<string> {
  const required = REQUIRED.flatMap(([feature, other]) =>
    features.has(feature) ? [other] : [],
  );
  return new Set([...features, ...required]);
}

export function newProtocol(needed: ReadonlySet<string>): Protocol {
  return lowest(new Set([...BASE, ...needed]), false);
}

/** `current` itself when it supports all of `needed`. */
export function upgradedProtocol(
  current: Protocol,
  needed: ReadonlySet<string>,
): Protocol {
  const supported = supportedFeatures(current);
  if ([...needed].every((feature) => supported.has(feature))) return current;
  return lowest(
    new Set([...supported, ...needed]),
    current.minReaderVersion === 3,
  );
}

/** Listed, or implied by a legacy version (F2). */
function supportedFeatures(protocol: Protocol): ReadonlySet<string> {
  const { minReaderVersion, minWriterVersion } = protocol;
  const implied = LEGACY_FEATURES.filter(
    ([, , writer]) => minWriterVersion < 7 && minWriterVersion >= writer,
  ).map(([feature]) => feature);
  const listed = [
    ...(minWriterVersion >= 7 ? (protocol.writerFeatures ?? []) : []),
    ...(minReaderVersion >= 3 ? (protocol.readerFeatures ?? []) : []),
  ];
  return new Set([...implied, ...listed]);
}

/** A legacy version when it implies exactly these features, else feature lists. */
function lowest(features: ReadonlySet<string>, readerLists: boolean): Protocol {
  if (!readerLists) {
    for (const writer of [2, 3, 4, 5, 6]) {
      const implied = LEGACY_FEATURES.filter(([, , at]) => at <= writer);
      const same =
        implied.length === features.size &&
        implied.every(([feature]) => features.has(feature));
      if (same)
        return {
          minReaderVersion: writer >= 5 ? 2 : 1,
          minWriterVersion: writer,
        };
    }
  }
  const readers = [...features].filter(isReaderFeature);
  const onlyMapping = readers.every((feature) => feature === "columnMapping");
  const writerFeatures = [...features];
  if (!readerLists && onlyMapping)
    return {
      minReaderVersion: readers.length === 0 ? 1 : 2,
      minWriterVersion: 7,
      writerFeatures,
    };
  return {
    minReaderVersion: 3,
    minWriterVersion: 7,
    readerFeatures: readers,
    writerFeatures,
  };
}
