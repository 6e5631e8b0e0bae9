// What a cache holds, as operators are shown it.

import type { LRUCache } from "lru-cache";

export interface CacheUsage {
  readonly entries: number;
  readonly usedBytes: number;
  readonly limitBytes: number;
}

/** Of a cache with a budget of bytes. */
export function usageOf(
  cache: Pick<LRUCache<string, object>, "size" | "calculatedSize" | "maxSize">,
): CacheUsage {
  return {
    entries: cache.size,
    usedBytes: cache.calculatedSize,
    limitBytes: cache.maxSize,
  };
}
