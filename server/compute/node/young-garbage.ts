// The kernel's chunks lie outside the runtime's heap, which sees a few words of each and lets hundreds of megabytes pile up before it
// looks. Who reads many chunks has the young ones collected now and then: their memory is then used again instead of new pages.

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Chunks read between two collections: about 8 MB of kernel memory. A collection takes less time than two of them. */
const CHUNKS = 16;

type Collect = (options: { readonly type: "minor" }) => void;

let collect: Collect | undefined;

/** Counts one result's chunks: to be called for each, when it is not referred to any more. */
export function chunkCollector(): () => void {
  let chunks = 0;
  return () => {
    chunks += 1;
    if (chunks % CHUNKS !== 0) return;
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
