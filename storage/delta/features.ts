// Which protocols and table features we read and write (Delta protocol, "Table Features"; checklist F1-F3). What is not listed is
// refused by name, never guessed.

import type { Metadata, Protocol } from "./actions.ts";
import {
  unsupportedFeatures,
  unsupportedProtocol,
  unsupportedWrite,
} from "./errors.ts";

const READER_FEATURES: ReadonlySet<string> = new Set([
  "columnMapping",
  "deletionVectors",
  "timestampNtz",
  "typeWidening",
  "typeWidening-preview",
  "v2Checkpoint",
  "vacuumProtocolCheck",
  "variantShredding",
  "variantShredding-preview",
  "variantType",
  "variantType-preview",
]);

/** Writer-only features a plain append or overwrite honours without doing anything, or by a check below. */
const WRITER_FEATURES: ReadonlySet<string> = new Set([
  ...READER_FEATURES,
  "appendOnly",
  "invariants",
  "checkConstraints",
  "changeDataFeed",
  "generatedColumns",
  "identityColumns",
  "allowColumnDefaults",
  "domainMetadata",
  "inCommitTimestamp",
  "clustering",
  "rowTracking",
]);

const LAST_READER_VERSION = 3;
const LAST_WRITER_VERSION = 7;

/** Features at or below a legacy version, as [feature, reader version, writer version]; reader 0 is a writer-only feature. */
export const LEGACY_FEATURES: readonly (readonly [string, number, number])[] = [
  ["appendOnly", 0, 2],
  ["invariants", 0, 2],
  ["checkConstraints", 0, 3],
  ["changeDataFeed", 0, 4],
  ["generatedColumns", 0, 4],
  ["columnMapping", 2, 5],
  ["identityColumns", 0, 6],
];

/** Throws 0A000 naming the version or the features that stand in the way of reading. */
export function checkReadable(table: string, protocol: Protocol): void {
  const unknown = (protocol.readerFeatures ?? []).filter(
    (name) => !READER_FEATURES.has(name),
  );
  if (
    protocol.minReaderVersion > LAST_READER_VERSION ||
    protocol.minReaderVersion < 1
  ) {
    throw unsupportedProtocol(table, "reader", protocol.minReaderVersion);
  }
  if (protocol.minReaderVersion === LAST_READER_VERSION && unknown.length > 0) {
    throw unsupportedFeatures(table, "reader", unknown);
  }
}

export function isReaderFeature(feature: string): boolean {
  return READER_FEATURES.has(feature);
}

export function isKnownFeature(feature: string): boolean {
  return WRITER_FEATURES.has(feature);
}

export function supportsReaderFeature(
  protocol: Protocol,
  feature: string,
): boolean {
  if (protocol.minReaderVersion === LAST_READER_VERSION)
    return protocol.readerFeatures?.includes(feature) === true;
  return LEGACY_FEATURES.some(
    ([name, reader]) =>
      name === feature && reader > 0 && protocol.minReaderVersion >= reader,
  );
}

export function supportsWriterFeature(
  protocol: Protocol,
  feature: string,
): boolean {
  if (protocol.minWriterVersion === LAST_WRITER_VERSION)
    return protocol.writerFeatures?.includes(feature) === true;
  return LEGACY_FEATURES.some(
    ([name, , writer]) =>
      name === feature && protocol.minWriterVersion >= writer,
  );
}

/** Every feature the protocol lists, or implies by its legacy version (checklist F2). */
export function impliedFeatures(protocol: Protocol): readonly string[] {
  const listed = [
    ...(protocol.readerFeatures ?? []),
    ...(protocol.writerFeatures ?? []),
  ];
  const legacy = LEGACY_FEATURES.flatMap(([name]) =>
    supportsReaderFeature(protocol, name) ||
    supportsWriterFeature(protocol, name)
      ? [name]
      : [],
  );
  return [...new Set([...listed, ...legacy])];
}

/**
 * Throws 0A000 unless rows may be appended and files removed as this version of Sluice does it. A feature that is supported by
 * the protocol but not active (checklist F3) does not stand in the way.
 */
export function checkWritable(
  table: string,
  protocol: Protocol,
  metadata: Metadata,
): void {
  checkReadable(table, protocol);
  if (protocol.minWriterVersion > LAST_WRITER_VERSION) {
    throw unsupportedProtocol(table, "writer", protocol.minWriterVersion);
  }
  const unknown = (protocol.writerFeatures ?? []).filter(
    (name) => !WRITER_FEATURES.has(name),
  );
  if (protocol.minWriterVersion === LAST_WRITER_VERSION && unknown.length > 0) {
    throw unsupportedFeatures(table, "writer", unknown);
  }
  if (lacksTrackedNames(protocol, metadata))
    throw unsupportedWrite(
      table,
      "its rows are tracked, and it does not name the columns that keep their ids",
    );
  if (hasVariantElements(metadata))
    throw unsupportedWrite(
      table,
      "it has variants inside an array or a map, which is not supported for writing",
    );
}

/** Properties of a table whose rows keep their ids: the file columns that hold them (Delta protocol, "Row Tracking"). */
export const TRACKED_NAMES = [
  "delta.rowTracking.materializedRowIdColumnName",
  "delta.rowTracking.materializedRowCommitVersionColumnName",
] as const;

function lacksTrackedNames(protocol: Protocol, metadata: Metadata): boolean {
  return (
    supportsWriterFeature(protocol, "rowTracking") &&
    isTrue(metadata, "delta.enableRowTracking") &&
    TRACKED_NAMES.some((name) => metadata.configuration[name] === undefined)
  );
}

/** Variants as columns and members are written; as elements they would need pages the kernel does not make. */
function hasVariantElements({ schemaString }: Metadata): boolean {
  return /"(?:elementType|valueType)":"variant"/.test(schemaString);
}

/** Throws 0A000 where rows, once written, stay: delta.appendOnly (checklist W4). */
export function checkRowsMayGo(
  table: string,
  protocol: Protocol,
  metadata: Metadata,
): void {
  if (
    supportsWriterFeature(protocol, "appendOnly") &&
    isTrue(metadata, "delta.appendOnly")
  ) {
    throw unsupportedWrite(
      table,
      "its property delta.appendOnly allows no rows to be removed",
    );
  }
}

export function isTrue(metadata: Metadata, property: string): boolean {
  return metadata.configuration[property]?.toLowerCase() === "true";
}
