// Properties of `delta.`: which there are and which values they take. An unknown one is refused, so that a misspelt property is not one
// that silently does nothing (as Delta does it, "DELTA_UNKNOWN_CONFIGURATION").

import { SqlError } from "../../common/errors.ts";
import { isKnownFeature } from "../features.ts";

type Check = (value: string) => boolean;

const bool: Check = (value) => /^(?:true|false)$/i.test(value);
const oneOf =
  (...values: readonly string[]): Check =>
  (value) =>
    values.includes(value);
const integer =
  (least: number): Check =>
  (value) =>
    /^-?\d+$/.test(value) &&
    Number.isSafeInteger(Number(value)) &&
    Number(value) >= least;
/** `interval 7 days`; months and years have no fixed length. */
const interval: Check = (value) =>
  /^\s*(?:interval\s+)?'?\s*(?:\d+\s+(?:microsecond|millisecond|second|minute|hour|day|week)s?\s*)+'?\s*$/i.test(
    value,
  );
const size: Check = (value) => /^\d+\s*(?:[kmgt]?b?)$/i.test(value);
const text: Check = () => true;

const PROPERTIES: ReadonlyMap<string, Check> = new Map<string, Check>([
  ["delta.appendOnly", bool],
  ["delta.autoOptimize", bool],
  ["delta.autoOptimize.autoCompact", oneOf("true", "false", "auto")],
  ["delta.autoOptimize.optimizeWrite", bool],
  ["delta.checkpoint.writeStatsAsJson", bool],
  ["delta.checkpoint.writeStatsAsStruct", bool],
  ["delta.checkpointInterval", integer(1)],
  ["delta.checkpointPolicy", oneOf("classic", "v2")],
  ["delta.columnMapping.mode", oneOf("none", "name", "id")],
  ["delta.compatibility.symlinkFormatManifest.enabled", bool],
  ["delta.dataSkippingNumIndexedCols", integer(-1)],
  ["delta.dataSkippingStatsColumns", text],
  ["delta.deletedFileRetentionDuration", interval],
  ["delta.enableChangeDataFeed", bool],
  ["delta.enableDeletionVectors", bool],
  ["delta.enableExpiredLogCleanup", bool],
  ["delta.enableFullRetentionRollback", bool],
  ["delta.enableIcebergCompatV1", bool],
  ["delta.enableIcebergCompatV2", bool],
  ["delta.enableInCommitTimestamps", bool],
  ["delta.enableRowTracking", bool],
  ["delta.enableTypeWidening", bool],
  ["delta.isolationLevel", oneOf("Serializable", "WriteSerializable")],
  ["delta.logRetentionDuration", interval],
  ["delta.parquet.compression.codec", text],
  ["delta.randomizeFilePrefixes", bool],
  ["delta.randomPrefixLength", integer(1)],
  ["delta.sampleRetentionDuration", interval],
  ["delta.setTransactionRetentionDuration", interval],
  ["delta.targetFileSize", size],
  ["delta.tuneFileSizesForRewrites", bool],
]);
/** Without regard to case, as Spark reads them. */
const SPELLINGS: ReadonlyMap<string, string> = new Map(
  [...PROPERTIES.keys()].map((name) => [name.toLowerCase(), name]),
);

/** Properties whose rules this version cannot keep, with the values that ask for them. */
const UNKEPT: ReadonlyMap<string, Check> = new Map<string, Check>([
  ["delta.enableIcebergCompatV1", oneOf("true")],
  ["delta.enableIcebergCompatV2", oneOf("true")],
  ["delta.compatibility.symlinkFormatManifest.enabled", oneOf("true")],
]);

export interface RequestedProperties {
  /** What the table keeps, under Delta's own spelling. */
  readonly configuration: Readonly<Record<string, string>>;
  /** `delta.feature.x = supported`, and what minimum versions imply. */
  readonly features: readonly string[];
}

/** Throws 22023 for what `delta.` does not have, 0A000 for what this version does not do. */
export function requestedProperties(
  table: string,
  properties: Readonly<Record<string, string>>,
): RequestedProperties {
  const configuration: Record<string, string> = {};
  const features: string[] = [];
  for (const [given, value] of Object.entries(properties)) {
    const feature = featureOf(given, value);
    if (feature !== undefined) features.push(...feature);
    else configuration[checkedName(table, given, value)] = value;
  }
  return { configuration, features };
}

/** Whether CREATE TABLE takes a property of this name: those of features that Delta keeps itself are none. */
export function mayBeAsked(name: string): boolean {
  return (
    !/^(?:delta|sluice)\./i.test(name) || SPELLINGS.has(name.toLowerCase())
  );
}

/** The property's own spelling; what is not `delta.` is the user's. */
export function propertyName(name: string): string {
  return SPELLINGS.get(name.toLowerCase()) ?? name;
}

function checkedName(table: string, given: string, value: string): string {
  if (!/^(?:delta|sluice)\./i.test(given)) return given;
  const name = SPELLINGS.get(given.toLowerCase());
  const check = name === undefined ? undefined : PROPERTIES.get(name);
  if (name === undefined || check === undefined)
    throw new SqlError("22023", `unrecognized table property "${given}"`, {
      hint: given.toLowerCase().startsWith("delta.constraints.")
        ? "Use ALTER TABLE … ADD CONSTRAINT."
        : undefined,
    });
  if (!check(value))
    throw new SqlError(
      "22023",
      `invalid value for table property "${name}": "${value}"`,
    );
  if (UNKEPT.get(name)?.(value.toLowerCase()) === true)
    throw new SqlError(
      "0A000",
      `table property "${name}" = "${value}" is not supported`,
      { detail: `It was asked for table "${table}".` },
    );
  return name;
}

const VERSIONS: Readonly<Record<string, readonly number[]>> = {
  "delta.minreaderversion": [1, 2, 3],
  "delta.minwriterversion": [1, 2, 3, 4, 5, 6, 7],
};

/** Undefined for a property that is kept. Minimum versions are lower bounds that any table fulfils once its features are listed. */
function featureOf(
  given: string,
  value: string,
): readonly string[] | undefined {
  const name = given.toLowerCase();
  const versions = Object.hasOwn(VERSIONS, name) ? VERSIONS[name] : undefined;
  if (versions !== undefined) {
    if (!versions.includes(Number(value)))
      throw new SqlError(
        "22023",
        `invalid value for table property "${given}": "${value}"`,
      );
    return [];
  }
  const feature = /^delta\.feature\.(.+)$/i.exec(given)?.[1];
  if (feature === undefined) return undefined;
  if (!/^(?:supported|enabled)$/i.test(value) || !isKnownFeature(feature))
    throw new SqlError("0A000", `table feature "${feature}" is not supported`);
  return [feature];
}
