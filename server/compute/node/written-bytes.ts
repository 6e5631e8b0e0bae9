// How much of a write lies on disk already, looked at while the kernel writes: it tells nothing itself before it is done.

import { readdir, stat } from "node:fs/promises";
import { basename, join } from "node:path";

/** Between two looks. */
const LOOK_EVERY_MS = 500;

export interface WrittenFiles {
  readonly folder: string;
  /** What the names of the write's files begin with. */
  readonly prefix: string;
  /** They lie in folders below. */
  readonly partitioned: boolean;
}

/** Tells the bytes now and then until disposed, never twice the same. What cannot be looked at is not told. */
export function watchWritten(
  files: WrittenFiles,
  tell: (bytes: number) => void,
): Disposable {
  let last = 0;
  let looking = false;
  let ended = false;
  const look = async (): Promise<void> => {
    const bytes = await writtenBytes(files);
    if (ended || bytes === last) return;
    last = bytes;
    tell(bytes);
  };
  const timer = setInterval(() => {
    if (looking) return;
    looking = true;
    look()
      .catch(() => undefined)
      .finally(() => {
        looking = false;
      });
  }, LOOK_EVERY_MS);
  return {
    [Symbol.dispose]: () => {
      ended = true;
      clearInterval(timer);
    },
  };
}

async function writtenBytes({
  folder,
  prefix,
  partitioned,
}: WrittenFiles): Promise<number> {
  const found = await readdir(folder, { recursive: partitioned });
  let bytes = 0;
  for (const path of found) {
    if (!basename(path).startsWith(prefix)) continue;
    bytes += (await stat(join(folder, path))).size;
  }
  return bytes;
}
