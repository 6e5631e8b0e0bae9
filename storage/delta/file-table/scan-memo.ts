// What is remembered of a version's files: the answers to its last scans, and their totals. A version never changes.

import { LRUCache } from "lru-cache";
import type { ScanFiles } from "../../scan/split.ts";
import type { FileTotals, SnapshotFiles } from "../snapshot.ts";

const SCANS_REMEMBERED = 32;
/** Larger answers would hold file lists in the JS heap, which the kernel table exists to avoid. */
const SPLITS_REMEMBERED = 2000;

/** What all files of the version hold together, computed once; a failure is not remembered. */
export function totalsMemo(): SnapshotFiles["totals"] {
  let known: Promise<FileTotals> | undefined;
  return async (compute) => {
    known ??= compute();
    try {
      return await known;
    } catch (error) {
      known = undefined;
      throw error;
    }
  };
}

/** The last scans of the version, by predicate. */
export function scanMemo(): SnapshotFiles["memo"] {
  const answers = new LRUCache<string, Promise<ScanFiles>>({
    max: SCANS_REMEMBERED,
  });
  return (key, compute) => {
    const known = answers.get(key);
    if (known !== undefined) return known;
    const answer = compute();
    answers.set(key, answer);
    answer.then(
      (files) => {
        if (files.splits.length > SPLITS_REMEMBERED) answers.delete(key);
      },
      () => answers.delete(key),
    );
    return answer;
  };
}
