// The cache of Delta snapshots: the newest version of a table costs one listing that begins at the version already known, and the
// commits found there. Loads are shared (single flight), kernel tables live within a budget and are loaded again when missed.

import { LRUCache } from "lru-cache";
import { usageOf, type CacheUsage } from "../cache/usage.ts";
import type { ChangeRange, TravelPoint } from "../catalog/view.ts";
import { version as versionId } from "../common/ids.ts";
import type { Kernel } from "../kernel/kernel.ts";
import type { ObjectStore } from "../object-store/store.ts";
import { scanFiles } from "../scan/scan.ts";
import { readChangeFeed, type ChangeFeed } from "./change-feed.ts";
import { checksumMismatch } from "./checkpoint/checksum.ts";
import { damagedLog, notADeltaTable } from "./errors.ts";
import type { FileTable } from "./file-table/file-table.ts";
import {
  advance,
  loadSegment,
  type LoadContext,
  type LoadedVersion,
} from "./load.ts";
import {
  lastCheckpointHint,
  listLog,
  newestVersion,
  segmentsFor,
  type LogListing,
} from "./log.ts";
import { resolveFile } from "./paths.ts";
import { scanMemo, totalsMemo } from "./file-table/scan-memo.ts";
import {
  snapshotOf,
  type LiveFiles,
  type Snapshot,
  type SnapshotFiles,
} from "./snapshot.ts";
import type { TableRef } from "./table-ref.ts";
import { firstVersionSince, versionAsOf } from "./timestamps.ts";

export interface DeltaTablesOptions {
  readonly kernel: Kernel;
  /** The store a location lies in; throws 0A000 for a scheme without one. */
  readonly storeFor: (location: string) => ObjectStore;
  /** Readable by the kernel: among its allowed folders. */
  readonly tempDir: string;
  /** Kernel memory for file lists, estimated; at least one table is always kept. */
  readonly maxBytes: number;
  /** Told when a table that is loaded anew differs from its version checksum. */
  readonly onChecksumMismatch?: (table: TableRef, reason: string) => void;
}

/** The newest known version, and the tag that proves it is still the same log. */
interface Head {
  readonly loaded: LoadedVersion;
  readonly snapshot: Snapshot;
  readonly proof: string;
}

interface FixedVersion {
  readonly snapshot: Promise<Snapshot>;
  /** Tag of the log file that ends the version. */
  readonly tag: string;
}

interface TableSlot {
  readonly context: LoadContext;
  head: Head | undefined;
  running: Promise<Snapshot> | undefined;
  /** Those who came while a listing was under way: it may have missed what they must see. */
  next: Promise<Snapshot> | undefined;
  /** Versions asked for by number, and recent newest ones that statements may have pinned. */
  readonly fixed: Map<number, FixedVersion>;
}

export class DeltaTables implements AsyncDisposable {
  readonly #options: DeltaTablesOptions;
  readonly #slots = new Map<string, TableSlot>();
  readonly #loaded: LRUCache<string, FileTable>;
  readonly #releases = new Set<Promise<void>>();
  /** By location, the number of the last commit this process made there. */
  readonly #commits = new Map<string, number>();
  #commitCount = 0;
  /** Ranges of changes read before, by their ends: both are immutable. */
  readonly #feeds = new WeakMap<
    Snapshot,
    WeakMap<Snapshot, Promise<ChangeFeed>>
  >();

  constructor(options: DeltaTablesOptions) {
    this.#options = options;
    this.#loaded = new LRUCache<string, FileTable>({
      maxSize: Math.max(1, options.maxBytes),
      maxEntrySize: Number.MAX_SAFE_INTEGER,
      sizeCalculation: (files) =>
        Math.min(files.sizeBytes, Math.max(1, options.maxBytes)),
      dispose: (files, _name, reason) => {
        if (reason !== "set") this.#release(files);
      },
    });
  }

  /**
   * The newest version, or the one `travel` names. Throws 58P01 (no Delta table, missing file), XX001 (damaged log), 0A000
   * (a feature we do not know, by name), 22023 (version or time not available).
   */
  async snapshot(table: TableRef, travel?: TravelPoint): Promise<Snapshot> {
    const slot = this.#slot(table);
    if (travel === undefined) return this.#newest(slot);
    const wanted =
      travel.kind === "version"
        ? travel.version
        : await versionAsOf(
            slot.context,
            await this.#newest(slot),
            travel.timestamp,
          );
    return this.#fixed(slot, wanted);
  }

  /**
   * What changed in a range of versions. Throws as `snapshot`, 22023 also where the change data feed was off, 0A000 where the
   * columns changed too much.
   */
  async changes(
    table: TableRef,
    { from, to }: Pick<ChangeRange, "from" | "to">,
  ): Promise<ChangeFeed> {
    const last = await this.snapshot(table, to);
    const first = await this.snapshot(
      table,
      from.kind === "version"
        ? from
        : {
            kind: "version",
            version: await firstVersionSince(
              this.contextOf(table),
              await this.snapshot(table),
              from.timestamp,
            ),
          },
    );
    const known = this.#feeds.get(last)?.get(first);
    if (known !== undefined) return known;
    const feed = readChangeFeed(this.contextOf(table), {
      first,
      last,
      find: (version, key) => this.#partitionValues(table, version - 1, key),
    });
    const feeds = this.#feeds.get(last) ?? new WeakMap();
    this.#feeds.set(last, feeds.set(first, feed));
    feed.catch(() => feeds.delete(first));
    return feed;
  }

  async #partitionValues(
    table: TableRef,
    version: number,
    key: string,
  ): Promise<readonly (string | null)[] | undefined> {
    const snapshot = await this.snapshot(table, { kind: "version", version });
    const path = resolveFile(table, key);
    const { splits } = await scanFiles(snapshot, undefined);
    return splits.find((split) => split.path === path)?.partitionValues;
  }

  /** A commit of this process; whoever keeps answers about tables asks for them with `changedSince`. */
  noteCommit({ location }: TableRef): void {
    this.#commitCount += 1;
    this.#commits.set(location, this.#commitCount);
  }

  /** Locations of tables this process has committed to after the `count`-th commit, and how many commits there were. */
  changedSince(count: number): {
    readonly locations: readonly string[];
    readonly count: number;
  } {
    const locations =
      count === this.#commitCount
        ? []
        : [...this.#commits].flatMap(([location, at]) =>
            at > count ? [location] : [],
          );
    return { locations, count: this.#commitCount };
  }

  /** Forgets what is known of a table: its folder was dropped, or replaced. */
  forget(table: TableRef): void {
    const slot = this.#slots.get(table.location);
    this.#slots.delete(table.location);
    const head = slot?.head;
    if (head !== undefined) this.#loaded.delete(head.loaded.files.name);
  }

  /** Tables and estimated bytes held in the kernel. */
  get usage(): CacheUsage {
    return usageOf(this.#loaded);
  }

  /** The store and folders a table is read and written with. */
  contextOf(table: TableRef): LoadContext {
    return this.#slot(table).context;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#slots.clear();
    this.#loaded.clear();
    await Promise.allSettled(this.#releases);
  }

  #slot(table: TableRef): TableSlot {
    const found = this.#slots.get(table.location);
    if (found !== undefined && sameTable(found.context.table, table)) {
      return found;
    }
    const { kernel, storeFor, tempDir } = this.#options;
    const context: LoadContext = {
      kernel,
      tempDir,
      table,
      store: storeFor(table.location),
    };
    const slot: TableSlot = {
      context,
      head: undefined,
      running: undefined,
      next: undefined,
      fixed: new Map(),
    };
    this.#slots.set(table.location, slot);
    return slot;
  }

  #release(files: FileTable): void {
    const release = files
      .release()
      .finally(() => this.#releases.delete(release));
    this.#releases.add(release);
  }

  #keep(files: FileTable): void {
    this.#loaded.set(files.name, files);
  }

  /** One refresh at a time; who comes during one waits for it and shares the next. */
  #newest(slot: TableSlot): Promise<Snapshot> {
    if (slot.running === undefined) {
      slot.running = this.#refresh(slot).finally(() => {
        slot.running = undefined;
      });
      return slot.running;
    }
    slot.next ??= slot.running
      .catch(() => undefined)
      .then(() => {
        slot.next = undefined;
        return this.#newest(slot);
      });
    return slot.next;
  }

  async #refresh(slot: TableSlot): Promise<Snapshot> {
    const { head } = slot;
    if (head === undefined) return this.#loadNewest(slot);
    const { store, table } = slot.context;
    const listing = await listLog(store, table.location, head.loaded.version);
    if (versionTag(listing, head.loaded.version) !== head.proof)
      return this.#loadNewest(slot);
    const commits = listing.commits.filter(
      (commit) => commit.version > head.loaded.version,
    );
    if (
      commits.length === 0 &&
      newestVersion(listing) === head.loaded.version
    ) {
      this.#loaded.get(head.loaded.files.name);
      return head.snapshot;
    }
    const last = commits.at(-1);
    const contiguous = commits.every(
      (commit, index) => commit.version === head.loaded.version + 1 + index,
    );
    if (
      last === undefined ||
      !contiguous ||
      newestVersion(listing) !== last.version ||
      head.loaded.files.isMostlyDead
    ) {
      return this.#loadNewest(slot);
    }
    const moved = await advance(slot.context, head.loaded, commits);
    return moved === undefined
      ? this.#loadNewest(slot)
      : this.#setHead(slot, moved, last.entry.tag);
  }

  async #loadNewest(slot: TableSlot): Promise<Snapshot> {
    const { store, table } = slot.context;
    const hint = await lastCheckpointHint(store, table.location);
    let listing = await listLog(store, table.location, hint ?? 0);
    if (
      hint !== undefined &&
      !listing.checkpoints.some((checkpoint) => checkpoint.version >= hint)
    ) {
      listing = await listLog(store, table.location);
    }
    const loaded = await loadBest(
      slot.context,
      listing,
      undefined,
      hint !== undefined,
    );
    const old = slot.head?.loaded.files;
    const proof = versionTag(listing, loaded.version) ?? "";
    const snapshot = this.#setHead(slot, loaded, proof);
    if (old !== undefined && old !== loaded.files)
      this.#loaded.delete(old.name);
    if (listing.checksums.has(loaded.version))
      await this.#compareChecksum(slot.context, snapshot);
    return snapshot;
  }

  /** Checklist W7: told, and of no other consequence. */
  async #compareChecksum(
    context: LoadContext,
    snapshot: Snapshot,
  ): Promise<void> {
    const report = this.#options.onChecksumMismatch;
    if (report === undefined) return;
    const reason = await checksumMismatch(context, snapshot).catch(
      () => undefined,
    );
    if (reason !== undefined) report(context.table, reason);
  }

  #setHead(slot: TableSlot, loaded: LoadedVersion, proof: string): Snapshot {
    this.#keep(loaded.files);
    const snapshot = this.#snapshotOf(slot, loaded);
    slot.head = { loaded, snapshot, proof };
    remember(slot, loaded.version, {
      snapshot: Promise.resolve(snapshot),
      tag: proof,
    });
    return snapshot;
  }

  async #fixed(slot: TableSlot, wanted: number): Promise<Snapshot> {
    const { store, table } = slot.context;
    const tag = versionTag(
      await listLog(store, table.location, wanted),
      wanted,
    );
    const known = slot.fixed.get(wanted);
    if (known !== undefined && tag !== undefined && known.tag === tag)
      return known.snapshot;
    const snapshot = this.#loadFixed(slot, wanted).then((loaded) =>
      this.#snapshotOf(slot, loaded),
    );
    if (tag !== undefined) remember(slot, wanted, { snapshot, tag });
    snapshot.catch(() => slot.fixed.delete(wanted));
    return snapshot;
  }

  async #loadFixed(slot: TableSlot, wanted: number): Promise<LoadedVersion> {
    const { store, table } = slot.context;
    const loaded = await loadBest(
      slot.context,
      await listLog(store, table.location),
      wanted,
      false,
    );
    this.#keep(loaded.files);
    return loaded;
  }

  #snapshotOf(slot: TableSlot, loaded: LoadedVersion): Snapshot {
    const { table } = slot.context;
    const files = this.#snapshotFiles(slot, loaded);
    return snapshotOf(table, versionId(loaded.version), loaded.checked, files);
  }

  #snapshotFiles(slot: TableSlot, loaded: LoadedVersion): SnapshotFiles {
    let current = loaded;
    let reloading: Promise<LoadedVersion> | undefined;
    const { version } = loaded;
    const live = `added_at <= ${version} AND (removed_at IS NULL OR removed_at > ${version})`;
    return {
      columns: loaded.checked.columns,
      memo: scanMemo(),
      totals: totalsMemo(),
      use: async <T>(work: (files: LiveFiles) => Promise<T>): Promise<T> => {
        for (;;) {
          const { files } = current;
          const done = await files.use((connection) =>
            work({
              connection,
              table: files.name,
              live,
              exactSince: current.baseVersion,
            }),
          );
          if (done !== undefined) return done.value;
          reloading ??= this.#loadFixed(slot, version).finally(() => {
            reloading = undefined;
          });
          current = await reloading;
        }
      },
    };
  }
}

/** The same folder may be looked at under another name once it is renamed or its lake is mounted anew. */
function sameTable(a: TableRef, b: TableRef): boolean {
  return a.name === b.name && a.lakeRoot === b.lakeRoot;
}

const FIXED_VERSIONS_KEPT = 16;

function remember(slot: TableSlot, version: number, fixed: FixedVersion): void {
  slot.fixed.delete(version);
  slot.fixed.set(version, fixed);
  const oldest = slot.fixed.keys().next();
  if (slot.fixed.size > FIXED_VERSIONS_KEPT && oldest.done !== true)
    slot.fixed.delete(oldest.value);
}

/**
 * Identity of a version: while its log file keeps its tag, the folder was not dropped and made again. Undefined when neither its
 * commit nor a checkpoint of it is listed.
 */
function versionTag(listing: LogListing, version: number): string | undefined {
  const commit = listing.commits.find(
    (candidate) => candidate.version === version,
  );
  const checkpoint = listing.checkpoints.find(
    (candidate) => candidate.version === version,
  );
  return (commit?.entry ?? checkpoint?.files[0])?.tag;
}

/** Tries the segments in turn; a listing that began at a hinted checkpoint is completed when none of its segments can be used. */
async function loadBest(
  context: LoadContext,
  listing: LogListing,
  wanted: number | undefined,
  partial: boolean,
): Promise<LoadedVersion> {
  const { store, table } = context;
  if (newestVersion(listing) === undefined && !partial)
    throw notADeltaTable(table.name);
  for (const segment of segmentsFor(table, listing, wanted)) {
    const loaded = await loadSegment(context, segment);
    if (loaded !== undefined) return loaded;
  }
  if (partial)
    return loadBest(
      context,
      await listLog(store, table.location),
      wanted,
      false,
    );
  throw damagedLog(
    table.name,
    "_delta_log",
    "every checkpoint lacks a file it names",
  );
}
