// The kernel's chunks and the pieces that sockets give lie outside the runtime's heap. It sees a few words of each, lets tens of megabytes
// pile up before it looks, and by then counts them as a reason to go over its whole heap, again and again: a gateway that had run for a
// while spent four times the processor time of a new one on the same rows. Who reads much has the young ones collected now and then:
// their memory is then used again instead of new pages.

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/**
 * Read between two collections, each of which takes less time than these bytes do. The runtime starts to go over all of its heap at about
 * 8 MB, and memory comes back a little after a collection.
 */
const YOUNG_BYTES = 2 * 1024 * 1024;

type Collect = (options: { readonly type: "minor" }) => void;

let collect: Collect | undefined;

/** Counts the bytes one reader has read: to be called when nothing refers to them any more. */
export function youngCollector(): (readBytes: number) => void {
  let bytes = 0;
  return (readBytes) => {
    bytes += readBytes;
    if (bytes < YOUNG_BYTES) return;
    bytes = 0;
    collect ??= exposedCollect();
    collect({ type: "minor" });
  };
}

function exposedCollect(): Collect {
  setFlagsFromString("--expose-gc");
  const exposed: unknown = runInNewContext("gc");
  return isCollect(exposed) ? exposed : () => undefined;
}

function isCollect(value: unknown): value is Collect {
  return typeof value === "function";
}
