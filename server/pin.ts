// The one await between authorizing and binding: each table a statement reaches gets one Delta version for the whole statement,
// and inside a transaction block the version of its first touch, with what the block has written to it.

import { authorizeStatement } from "../auth/governance.ts";
import type { ScanTable } from "../planner/logical/plan.ts";
import type { TableEntry } from "../storage/catalog/objects.ts";
import type {
  CatalogView,
  PinnedTable,
  TableReference,
  TravelPoint,
} from "../storage/catalog/view.ts";
import { catalogOf } from "../storage/catalog/catalog-index.ts";
import { version as versionId, type ObjectId } from "../storage/common/ids.ts";
import { notSupported } from "../storage/common/errors.ts";
import type { Schema } from "../storage/common/schema.ts";
import type { TableLayout } from "../storage/scan/split.ts";
import { invariant } from "../storage/common/invariant.ts";
import type { Snapshot } from "../storage/delta/snapshot.ts";
import type { ChangeFeed } from "../storage/delta/change-feed.ts";
import type { FilesFormat } from "../storage/files/format.ts";
import { scanFiles } from "../storage/scan/scan.ts";
import {
  CHANGE_COLUMNS,
  changeSource,
  snapshotSource,
  type ScanSource,
} from "../storage/scan/source.ts";
import {
  systemFiles,
  systemRows,
  type MadeRows,
} from "./system/system-rows.ts";
import { isLoaded } from "./write/loaded-files.ts";
import { ownWrites } from "./write/pending-write.ts";
import { absentAsForbidden, locatedTable, pinFiles } from "./files/located.ts";
import type { PlainFile } from "./files/list-files.ts";
import type { PinnedFiles } from "./files/plain-files.ts";
import { tableRef } from "./table-ref.ts";
import type { Services } from "./services.ts";
import type { Session } from "./session/session.ts";

export interface Pinned {
  readonly view: CatalogView;
  /** Equal keys mean equal versions of equal tables. */
  readonly key: string;
  /** With what the open block has written. */
  snapshot(table: ObjectId, version: number): Snapshot;
  readonly files: typeof scanFiles;
  /** The plain files of a reference. */
  plainFiles(table: ObjectId): PinnedFiles;
  /** What a scan reads. */
  source(table: ScanTable): ScanSource;
}

/** A reference at its versions. */
type Pin = DeltaPin | FilesPin | RowsPin;
/** A system table of rows made for the statement. */
interface RowsPin {
  readonly kind: "rows";
  readonly schema: Schema;
  readonly rows: MadeRows;
}
interface FilesPin {
  readonly kind: "files";
  readonly files: PinnedFiles;
}
interface DeltaPin {
  readonly kind: "delta";
  readonly snapshot: Snapshot;
  /** Of uncommitted changes: none when empty. */
  readonly token: string;
  /** For a range of changes, whose end `snapshot` is. */
  readonly feed?: ChangeFeed;
}

/** Throws what reading a log can throw: 58P01, XX001, 0A000, 22023. */
export async function pinTables(
  services: Services,
  session: Session,
  references: readonly TableReference[],
): Promise<Pinned> {
  if (references.length === 0) return NOTHING;
  const pins = await pinEach(services, session, references);
  refuseVersionBelow(references, pins);
  const snapshots = pins.map((it) =>
    it.kind === "delta" ? it.snapshot : undefined,
  );
  const pinned = new Map<string, PinnedTable>();
  references.forEach(({ table, travel }, at) => {
    const own = pins[at];
    invariant(own !== undefined, "every reference is pinned");
    pinned.set(referenceKey(table.id, travel), pinnedTable(table, own));
  });
  const snapshot = (table: ObjectId, version: number): Snapshot => {
    const at = references.findIndex(
      (reference, index) =>
        reference.table.id === table && snapshots[index]?.version === version,
    );
    const found = snapshots[at];
    invariant(found !== undefined, "the scan's table was pinned");
    return found;
  };
  return {
    view: {
      pinned(table, travel) {
        const found = pinned.get(referenceKey(table, travel));
        invariant(found !== undefined, "the table was pinned");
        return found;
      },
    },
    key: references
      .map(({ table }, at) => `${table.id}@${keyOf(pins[at])}`)
      .join(","),
    snapshot,
    files: scanFiles,
    plainFiles: (table) => {
      const at = references.findIndex((it) => it.table.id === table);
      const found = pins[at];
      invariant(found?.kind === "files", "the files were pinned");
      return found.files;
    },
    source: ({ id, version, changes }) => {
      const plain = references.findIndex(({ table }) => table.id === id);
      const files = pins[plain];
      if (files?.kind === "files") return files.files.source;
      if (changes === undefined) {
        const wanted = snapshot(id, version);
        const newest = references.some(
          ({ table, travel }, at) =>
            table.id === id && travel === undefined && snapshots[at] === wanted,
        );
        const { store } = services.tables.contextOf(wanted.table);
        return snapshotSource(wanted, newest ? store : undefined);
      }
      const [feed] = pins.flatMap((it, at) =>
        it.kind === "delta" &&
        references[at]?.table.id === id &&
        it.snapshot.version === version &&
        it.feed?.from === changes.from
          ? [it.feed]
          : [],
      );
      invariant(feed !== undefined, "the scan's changes were pinned");
      return changeSource(feed, changes.part);
    },
  };
}

/** For a statement over no table. */
const NOTHING: Pinned = {
  view: { pinned: notPinned },
  key: "",
  snapshot: notPinned,
  files: scanFiles,
  plainFiles: notPinned,
  source: notPinned,
};

function notPinned(): never {
  invariant(false, "the statement reaches no table");
}

/** Files to be loaded into a table wait for it. */
function pinEach(
  services: Services,
  session: Session,
  references: readonly TableReference[],
): Promise<readonly Pin[]> {
  const pins = references.map((reference) =>
    reference.into === undefined
      ? pin(services, session, reference)
      : undefined,
  );
  const snapshotOf = async (id: ObjectId): Promise<Snapshot> => {
    const at = references.findIndex(
      ({ table, travel }) => table.id === id && travel === undefined,
    );
    const target = await pins[at];
    invariant(target?.kind === "delta", "the table to load into is pinned");
    return target.snapshot;
  };
  return Promise.all(
    references.map(
      (reference, at) =>
        pins[at] ?? pin(services, session, reference, snapshotOf),
    ),
  );
}

function keyOf(pin: Pin | undefined): string {
  if (pin === undefined) return "";
  if (pin.kind === "files") return pin.files.key;
  if (pin.kind === "rows") return JSON.stringify(pin.rows);
  const { feed, snapshot, token } = pin;
  return `${feed === undefined ? "" : `${feed.from}-`}${snapshot.version}${token}`;
}

function pinnedTable(table: TableEntry, pin: Pin): PinnedTable {
  if (pin.kind === "files") {
    const { schema, layout } = pin.files;
    const fileCount = pin.files.files.length;
    const version = versionId(0);
    return { table, version, schema, layout, properties: {}, fileCount };
  }
  if (pin.kind === "rows") {
    const { schema, rows } = pin;
    const version = versionId(0);
    return { table, version, schema, layout: NO_LAYOUT, properties: {}, rows };
  }
  const { snapshot, feed } = pin;
  const { version, schema, layout, properties } = snapshot;
  const pinned = { table, version, schema, layout, properties };
  if (feed === undefined) return pinned;
  return {
    ...pinned,
    schema: { columns: [...schema.columns, ...CHANGE_COLUMNS] },
    changesFrom: versionId(feed.from),
  };
}

const NO_LAYOUT: TableLayout = {
  columns: [],
  partitionColumns: [],
  mapping: "name",
};

/** A scan names a version, which for a table with uncommitted changes would mean two things. Throws 0A000. */
function refuseVersionBelow(
  references: readonly TableReference[],
  pins: readonly Pin[],
): void {
  pins.forEach((pin, own) => {
    if (pin.kind !== "delta" || pin.token === "") return;
    const mixed = references.some(({ table }, at) => {
      const other = pins[at];
      return (
        at !== own &&
        table.id === references[own]?.table.id &&
        other?.kind === "delta" &&
        other.snapshot.version === pin.snapshot.version
      );
    });
    if (mixed)
      throw notSupported(
        "reading a table beside the version its uncommitted changes are based on is",
      );
  });
}

function referenceKey(
  table: ObjectId,
  travel: TableReference["travel"],
): string {
  return travel === undefined ? table : `${table} ${JSON.stringify(travel)}`;
}

async function pin(
  services: Services,
  session: Session,
  reference: TableReference,
  snapshotOf?: (table: ObjectId) => Promise<Snapshot>,
): Promise<Pin> {
  const { travel, into } = reference;
  if (reference.table.origin === "system")
    return pinSystem(services, session, reference.table);
  const table = await locatedTable(services, session, reference);
  if (table.files !== undefined) {
    if (travel !== undefined)
      throw notSupported(
        `the history of table "${table.name}", which holds ${table.files.kind} files, is`,
      );
    const target = into === undefined ? undefined : await snapshotOf?.(into);
    return pinPlainFiles(services, table, table.files, target);
  }
  return pinDelta(services, session, { ...reference, table });
}

async function pinSystem(
  services: Services,
  session: Session,
  table: TableEntry,
): Promise<Pin> {
  const { files: format, location } = table;
  if (format === undefined)
    return { kind: "rows", ...(await systemRows(services, table)) };
  const listed = await systemFiles(services, session, table);
  const store = services.stores.storeFor(location);
  const files = await services.plainFiles.pin(store, listed, format);
  return { kind: "files", files };
}

async function pinDelta(
  services: Services,
  session: Session,
  reference: TableReference,
): Promise<DeltaPin> {
  const { table, travel } = reference;
  const own =
    travel === undefined
      ? await ownWrites(services, session, table.id)
      : undefined;
  if (own !== undefined) return { kind: "delta", ...own };
  const { pins, inBlock } = session.transaction;
  const end = travel?.kind === "changes" ? travel.to : travel;
  const known = end === undefined ? pins.get(table.id) : undefined;
  const point: TravelPoint | undefined =
    known === undefined ? end : { kind: "version", version: known };
  const ref = tableRef(services, table);
  const feed =
    travel?.kind === "changes"
      ? await services.tables
          .changes(ref, { from: travel.from, to: point })
          .catch((error: unknown) => {
            requirePastOwner(services, session, reference);
            throw error;
          })
      : undefined;
  const snapshot =
    feed?.snapshot ??
    (await services.tables.snapshot(ref, point).catch((error: unknown) => {
      throw absentAsForbidden(table, error);
    }));
  requirePolicyFloor(services, session, reference, { feed, snapshot });
  services.pins.hold(session.transaction, snapshot);
  noteIdentity(services, table, snapshot.metadata.id);
  // A block sees its own commits to a temporary table, and nobody else makes any.
  if (end === undefined && inBlock && table.origin !== "temporary")
    pins.set(table.id, snapshot.version);
  return {
    kind: "delta",
    snapshot,
    token: "",
    ...(feed === undefined ? {} : { feed }),
  };
}

/** `target`: the table that is to take in those of the files which it has not. */
async function pinPlainFiles(
  services: Services,
  table: TableEntry,
  format: FilesFormat,
  target: Snapshot | undefined,
): Promise<FilesPin> {
  const wanted =
    target && ((file: PlainFile): boolean => !isLoaded(target, file));
  const files = await pinFiles(services, table, format, wanted);
  return { kind: "files", files };
}

/** Versions from before a policy was dropped stay the owner's (access-control section 14, rule 6). */
function requirePolicyFloor(
  services: Services,
  session: Session,
  reference: TableReference,
  read: {
    readonly feed: ChangeFeed | undefined;
    readonly snapshot: Snapshot;
  },
): void {
  const floor = reference.table.policies?.floor;
  if (reference.travel === undefined || floor === undefined) return;
  const oldest = read.feed?.from ?? read.snapshot.version;
  if (oldest < floor) requirePastOwner(services, session, reference);
}

/** The owner's, if the table had a policy: why its changes cannot be read tells of its past as well. */
function requirePastOwner(
  { governance }: Services,
  session: Session,
  { table: { id, name, policies }, typed = name }: TableReference,
): void {
  if (policies?.floor === undefined) return;
  authorizeStatement(governance, session.identity, [
    {
      kind: "owner",
      securable: { kind: "object", type: "TABLE", id },
      name: typed,
    },
  ]);
}

/** A found table's identity is learned when its log is first read: should its folder vanish, only the same table may return. */
function noteIdentity(
  { governance }: Services,
  table: TableEntry,
  metadataId: string,
): void {
  // A draft keeps what its block changes, and this is nobody's change.
  if (table.origin !== "found" || governance.draft !== "") return;
  const { catalog } = governance;
  const lake = catalogOf(catalog.index, table);
  const known = lake && catalog.found.of(lake.id).get(table.location);
  if (known !== undefined && known.metadataId !== metadataId)
    catalog.setMetadataId(table.id, metadataId);
}
