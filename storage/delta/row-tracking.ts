// Row ids that stay with their rows (Delta protocol, "Row Tracking"; checklist W8). Every file gets a range of fresh ids when it is
// committed; where tracking is enabled, rows that are copied or updated take their ids along in a column of the file that is no
// column of the table.

import { INT8 } from "../common/data-type.ts";
import type { LayoutColumn, RowIds, RowTracking } from "../scan/split.ts";
import type {
  Action,
  AddFile,
  DomainMetadata,
  Metadata,
  Protocol,
} from "./actions.ts";
import { damagedLog, uncountedRows } from "./errors.ts";
import { isTrue, supportsWriterFeature, TRACKED_NAMES } from "./features.ts";
import {
  isObject,
  JsonNumber,
  parseJson,
  printJson,
  type Json,
} from "./json.ts";

const ROW_TRACKING = "rowTracking";
const ROW_TRACKING_DOMAIN = "delta.rowTracking";
export const ENABLE_ROW_TRACKING = "delta.enableRowTracking";
const SUSPENDED = "delta.rowTrackingSuspended";
export const ROW_ID_NAME: string = TRACKED_NAMES[0];
export const ROW_COMMIT_VERSION_NAME: string = TRACKED_NAMES[1];

/** Whether files that are committed get row ids. */
export function assignsRowIds(protocol: Protocol, metadata: Metadata): boolean {
  return (
    supportsWriterFeature(protocol, ROW_TRACKING) &&
    !isTrue(metadata, SUSPENDED)
  );
}

/** Whether rows keep their ids. */
export function tracksRows(protocol: Protocol, metadata: Metadata): boolean {
  return (
    assignsRowIds(protocol, metadata) && isTrue(metadata, ENABLE_ROW_TRACKING)
  );
}

/** Where files keep the ids of rows they did not bring into the table. Undefined where rows keep none, or the log does not say. */
export function rowTrackingOf(
  protocol: Protocol,
  metadata: Metadata,
): RowTracking | undefined {
  const rowId = metadata.configuration[ROW_ID_NAME];
  const rowCommitVersion = metadata.configuration[ROW_COMMIT_VERSION_NAME];
  if (!tracksRows(protocol, metadata)) return undefined;
  if (rowId === undefined || rowCommitVersion === undefined) return undefined;
  return { rowId, rowCommitVersion };
}

/** The columns behind the table's in files whose rows come from other files; `updated` rows are those of this commit. */
export function trackedColumns(
  tracking: RowTracking | undefined,
  rows: "updated" | "copied",
): readonly LayoutColumn[] {
  if (tracking === undefined) return [];
  const { rowId, rowCommitVersion } = tracking;
  return (rows === "updated" ? [rowId] : [rowId, rowCommitVersion]).map(
    (name) => ({ name, physicalName: name, type: INT8 }),
  );
}

/** As a split tells a node. */
export function rowIdsOf({
  baseRowId,
  defaultRowCommitVersion,
}: AddFile): RowIds {
  return {
    ...(baseRowId === undefined ? {} : { baseRowId: String(baseRowId) }),
    ...(defaultRowCommitVersion === undefined
      ? {}
      : { defaultRowCommitVersion: String(defaultRowCommitVersion) }),
  };
}

/** The table a commit leaves behind is what decides. */
export interface NumberedCommit {
  readonly table: string;
  readonly protocol: Protocol;
  readonly metadata: Metadata;
  /** Of the version below. */
  readonly domains: ReadonlyMap<string, DomainMetadata>;
  readonly version: number;
}

/**
 * Added files that have no row ids yet get the next ones, and the high-water mark moves past them. Throws 0A000 for a file that does
 * not say how many rows it holds.
 */
export function withRowIds(
  actions: readonly Action[],
  commit: NumberedCommit,
): readonly Action[] {
  if (!assignsRowIds(commit.protocol, commit.metadata)) return actions;
  const before = highWaterMark(commit);
  let last = before;
  const numbered = actions.map((action): Action => {
    if (action.kind !== "add" || action.add.baseRowId !== undefined)
      return action;
    const { add } = action;
    const baseRowId = last + 1n;
    last += rowsOf(commit.table, add);
    const { defaultRowCommitVersion = BigInt(commit.version) } = add;
    return {
      kind: "add",
      add: { ...add, baseRowId, defaultRowCommitVersion },
    };
  });
  if (last === before) return numbered;
  return [
    ...numbered,
    { kind: "domainMetadata", domain: highWaterDomain(last) },
  ];
}

/** The largest id ever given; -1 before the first. */
function highWaterMark({ table, domains }: NumberedCommit): bigint {
  const domain = domains.get(ROW_TRACKING_DOMAIN);
  if (domain === undefined || domain.removed) return -1n;
  const json = parseJson(domain.configuration);
  const mark = isObject(json) ? json.get("rowIdHighWaterMark") : undefined;
  if (!(mark instanceof JsonNumber) || !/^-?\d+$/.test(mark.text))
    throw damagedLog(
      table,
      "_delta_log",
      `domain ${ROW_TRACKING_DOMAIN} does not hold a high-water mark`,
    );
  return BigInt(mark.text);
}

function highWaterDomain(mark: bigint): DomainMetadata {
  const configuration = printJson(
    new Map<string, Json>([
      ["rowIdHighWaterMark", new JsonNumber(String(mark))],
    ]),
  );
  return { domain: ROW_TRACKING_DOMAIN, configuration, removed: false };
}

function rowsOf(table: string, { path, stats }: AddFile): bigint {
  const json = stats === undefined ? undefined : parseJson(stats);
  const count = isObject(json) ? json.get("numRecords") : undefined;
  if (!(count instanceof JsonNumber) || !/^\d+$/.test(count.text))
    throw uncountedRows(table, path);
  return BigInt(count.text);
}
