// The one await between authorizing and binding: each table a statement reaches gets one Delta version for the whole statement,
// and inside a transaction block the version of its first touch, with what the block has written to it.

import type { TableEntry } from "../storage/catalog/objects.ts";
import type {
  CatalogView,
  PinnedTable,
  TableReference,
  TravelPoint,
} from "../storage/catalog/view.ts";
import { catalogOf } from "../storage/catalog/catalog-index.ts";
import type { ObjectId } from "../storage/common/ids.ts";
import { notSupported } from "../storage/common/errors.ts";
import { invariant } from "../storage/common/invariant.ts";
import type { Snapshot } from "../storage/delta/snapshot.ts";
import { scanFiles } from "../storage/scan/scan.ts";
import { ownWrites } from "./pending-write.ts";
import { tableRef } from "./table-ref.ts";
import type { Services } from "./services.ts";
import type { Session } from "./session/session.ts";

export interface Pinned {
  readonly view: CatalogView;
  /** In the order of the references given. */
  readonly snapshots: readonly Snapshot[];
  /** Equal keys mean equal versions of equal tables. */
  readonly key: string;
  /** With what the open block has written. */
  snapshot(table: ObjectId, version: number): Snapshot;
  readonly files: typeof scanFiles;
}

interface Pin {
  readonly snapshot: Snapshot;
  /** Of uncommitted changes: none when empty. */
  readonly token: string;
}

/** Throws what reading a log can throw: 58P01, XX001, 0A000, 22023. */
export async function pinTables(
  services: Services,
  session: Session,
  references: readonly TableReference[],
): Promise<Pinned> {
  const pins = await Promise.all(
    references.map((reference) => pin(services, session, reference)),
  );
  refuseVersionBelow(references, pins);
  const snapshots = pins.map(({ snapshot }) => snapshot);
  const pinned = new Map<string, PinnedTable>();
  references.forEach(({ table, travel }, at) => {
    const snapshot = snapshots[at];
    invariant(snapshot !== undefined, "every reference is pinned");
    const { version, schema, layout, properties } = snapshot;
    pinned.set(referenceKey(table.id, travel), {
      table,
      version,
      schema,
      layout,
      properties,
    });
  });
  return {
    view: {
      pinned(table, travel) {
        const found = pinned.get(referenceKey(table, travel));
        invariant(found !== undefined, "the table was pinned");
        return found;
      },
    },
    snapshots,
    key: references
      .map(
        ({ table }, at) =>
          `${table.id}@${snapshots[at]?.version ?? ""}${pins[at]?.token ?? ""}`,
      )
      .join(","),
    snapshot(table, version) {
      const at = references.findIndex(
        (reference, index) =>
          reference.table.id === table && snapshots[index]?.version === version,
      );
      const found = snapshots[at];
      invariant(found !== undefined, "the scan's table was pinned");
      return found;
    },
    files: scanFiles,
  };
}

/** A scan names a version, which for a table with uncommitted changes would mean two things. Throws 0A000. */
function refuseVersionBelow(
  references: readonly TableReference[],
  pins: readonly Pin[],
): void {
  pins.forEach(({ snapshot, token }, own) => {
    const mixed = references.some(
      ({ table }, at) =>
        token !== "" &&
        at !== own &&
        table.id === references[own]?.table.id &&
        pins[at]?.snapshot.version === snapshot.version,
    );
    if (mixed)
      throw notSupported(
        "reading a table beside the version its uncommitted changes are based on is",
      );
  });
}

function referenceKey(
  table: ObjectId,
  travel: TravelPoint | undefined,
): string {
  return travel === undefined ? table : `${table} ${JSON.stringify(travel)}`;
}

async function pin(
  services: Services,
  session: Session,
  { table, travel }: TableReference,
): Promise<Pin> {
  const own =
    travel === undefined
      ? await ownWrites(services, session, table.id)
      : undefined;
  if (own !== undefined) return own;
  const { pins } = session.transaction;
  const known = travel === undefined ? pins.get(table.id) : undefined;
  const point: TravelPoint | undefined =
    known === undefined ? travel : { kind: "version", version: known };
  const snapshot = await services.tables.snapshot(
    tableRef(services, table),
    point,
  );
  services.pins.hold(session.transaction, snapshot);
  noteIdentity(services, table, snapshot.metadata.id);
  if (travel === undefined && session.transaction.inBlock)
    pins.set(table.id, snapshot.version);
  return { snapshot, token: "" };
}

/** A found table's identity is learned when its log is first read: should its folder vanish, only the same table may return. */
function noteIdentity(
  { governance }: Services,
  table: TableEntry,
  metadataId: string,
): void {
  if (table.origin !== "found") return;
  const { catalog } = governance;
  const lake = catalogOf(catalog.index, table);
  const known = lake && catalog.found.of(lake.id).get(table.location);
  if (known !== undefined && known.metadataId !== metadataId)
    catalog.setMetadataId(table.id, metadataId);
}
