// A fragment whose data files all lie on local disk while it runs: remote ones are fetched into the node's cache and held there.

import type {
  DataFiles,
  FileLease,
} from "../../../storage/cache/data-files.ts";
import type { Fragment } from "../fragment.ts";

export interface LocalFragment extends Disposable {
  /** Its splits say where their copies lie. */
  readonly fragment: Fragment;
}

/** Throws what fetching throws: 58P01, XX001, 53100, 57014, the store's failures. */
export async function openLocalFragment(
  dataFiles: DataFiles,
  fragment: Fragment,
  signal: AbortSignal,
): Promise<LocalFragment> {
  const leases: FileLease[] = [];
  const release = (): void => {
    for (const lease of leases) lease[Symbol.dispose]();
  };
  try {
    const scans = [];
    for (const scan of fragment.scans) {
      const lease = await dataFiles.open(scan.tableName, scan.splits, signal);
      leases.push(lease);
      const splits = scan.splits.map((split, index) => {
        const localPath = lease.localPaths[index] ?? split.path;
        return localPath === split.path ? split : { ...split, localPath };
      });
      scans.push({ ...scan, splits });
    }
    return { fragment: { ...fragment, scans }, [Symbol.dispose]: release };
  } catch (error) {
    release();
    throw error;
  }
}
