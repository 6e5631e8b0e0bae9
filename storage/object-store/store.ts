// What storage needs of a file system or an object store. Paths are absolute local paths for file: lakes, URLs elsewhere,
// always decoded; folders end in "/" only where `list` takes them. Implementations: local.ts, remote/remote-store.ts (S3, Azure, GCS),
// memory.ts (tests). An aborted `signal` ends a call with 57014.

export interface ObjectEntry {
  /** Name below the listed folder; no slash. */
  readonly name: string;
  readonly sizeBytes: number;
  /** Milliseconds since 1970. */
  readonly modifiedMs: number;
  /** Changes whenever the object is replaced: an ETag, or inode, time and size. */
  readonly tag: string;
}

export interface ByteRange {
  readonly start: number;
  readonly length: number;
}

export interface ObjectStore {
  /**
   * Objects directly in `folder` whose name is above `startAfter` in byte order, sorted by name; sub-folders are left out.
   * Empty when the folder does not exist.
   */
  list(
    folder: string,
    startAfter?: string,
    signal?: AbortSignal,
  ): Promise<readonly ObjectEntry[]>;
  /** Names of the sub-folders of `folder`, sorted; symbolic links to outside `within` (by default `folder`) are left out. */
  listFolders(
    folder: string,
    within?: string,
    signal?: AbortSignal,
  ): Promise<readonly string[]>;
  /** Whether `folder` exists, at the cost of one request however much it holds; a link to outside `within` does not count. */
  hasFolder(
    folder: string,
    within?: string,
    signal?: AbortSignal,
  ): Promise<boolean>;
  /**
   * Objects below `folder` at any depth, in batches and no particular order; `name` is the path below it. Symbolic links are not
   * followed. Folders for whose path below `folder` `enter` says false are left out with all they hold.
   */
  listTree(
    folder: string,
    enter: (path: string) => boolean,
  ): AsyncIterable<readonly ObjectEntry[]>;
  /** Undefined when there is no such object. A range beyond the end is cut. */
  read(
    path: string,
    range?: ByteRange,
    signal?: AbortSignal,
  ): Promise<Uint8Array | undefined>;
  /** False when the object exists already; on true it is durable. The only atomic primitive commits rest on. */
  putIfAbsent(path: string, bytes: Uint8Array): Promise<boolean>;
  /** Replaces atomically: a reader sees the old or the new bytes. */
  put(path: string, bytes: Uint8Array): Promise<void>;
  /** No error when there is nothing to delete. */
  delete(path: string): Promise<void>;
  /** In no particular order, many in one request where the store can; after a failure some are gone and some are not. */
  deleteAll(paths: readonly string[]): Promise<void>;
  /** Everything below `folder`, at any depth. */
  deleteFolder(folder: string): Promise<void>;
  stat(path: string): Promise<ObjectEntry | undefined>;
  /** The path under which the kernel can open the object; undefined when it has to be copied to local disk first. */
  localPath(path: string): string | undefined;
  /**
   * Copies the object to the new file `localFile`, in parts where it is large, and returns its size; undefined when there is no such
   * object. A file left by a failure is the caller's to remove.
   */
  download(
    path: string,
    localFile: string,
    signal?: AbortSignal,
  ): Promise<number | undefined>;
  /** Copies a local file to a name nobody uses; on return it is durable and whole, and never visible in part. */
  upload(localFile: string, path: string, signal?: AbortSignal): Promise<void>;
}

/** `folder/name` with exactly one slash between. */
export function joinPath(folder: string, name: string): string {
  return folder.endsWith("/") ? folder + name : `${folder}/${name}`;
}

export function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** Byte order of UTF-8, in which all stores sort names. */
export function compareNames(a: string, b: string): number {
  if (a === b) return 0;
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
