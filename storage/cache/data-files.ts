// What a compute node asks for before it reads data files: local paths, good until the lease ends. Files on local disk are given as
// they are. The one implementation today keeps whole files (file-cache.ts); one that keeps column chunks can take its place
// (spec/ssd-cache.md).

export interface DataFile {
  /** As the log names it: an absolute local path or an object's URL. */
  readonly path: string;
  /** As the log says; a remote file of another size is refused. */
  readonly sizeBytes: number;
}

export interface FileLease extends Disposable {
  /** In the order of the files asked for. */
  readonly localPaths: readonly string[];
}

export interface DataFiles {
  /**
   * Throws 58P01 for a missing file, XX001 for one of another size, 53100 when they do not fit, 57014 when aborted, and what the store
   * throws. `table` is for errors.
   */
  open(
    table: string,
    files: readonly DataFile[],
    signal?: AbortSignal,
  ): Promise<FileLease>;
}
