// Where the kernel writes data files: in a table's own folder on local disk, and for remote tables in a folder of the node, from where
// the files are uploaded. Either way a file is durable before its draft is answered; only a commit makes it visible.

import { randomUUID } from "node:crypto";
import { mkdirSync, rmSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import {
  joinPath,
  type ObjectStore,
} from "../../../storage/object-store/store.ts";
import { mapConcurrently } from "../../../storage/object-store/concurrently.ts";

export interface WritePlace extends AsyncDisposable {
  /** The local folder that stands for the table's. */
  readonly folder: string;
  /** Brings files to the table; `paths` are below the folder. */
  finish(paths: readonly string[], signal?: AbortSignal): Promise<void>;
}

const UPLOADS_AT_ONCE = 4;

export class WritePlaces {
  readonly #storeFor: (location: string) => ObjectStore;
  readonly #dir: string;

  /** @param dir emptied now: what a killed node left there was never uploaded, or never committed */
  constructor(storeFor: (location: string) => ObjectStore, dir: string) {
    this.#storeFor = storeFor;
    this.#dir = dir;
    rmSync(dir, { recursive: true, force: true });
    mkdirSync(dir, { recursive: true });
  }

  /** A place for files of the table at `location`. */
  async open(location: string): Promise<WritePlace> {
    const store = this.#storeFor(location);
    const local = store.localPath(location);
    if (local !== undefined) {
      await mkdir(local, { recursive: true });
      return {
        folder: local,
        finish: () => Promise.resolve(),
        [Symbol.asyncDispose]: () => Promise.resolve(),
      };
    }
    const folder = joinPath(this.#dir, randomUUID());
    await mkdir(folder);
    return {
      folder,
      finish: async (paths, signal) => {
        await mapConcurrently(paths, UPLOADS_AT_ONCE, (path) =>
          store.upload(
            joinPath(folder, path),
            joinPath(location, path),
            signal,
          ),
        );
      },
      [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
    };
  }
}
