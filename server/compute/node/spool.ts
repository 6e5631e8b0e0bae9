// The node's scratch folder: parts that came with a fragment and files made for an exchange, gone when the fragment ends.

import { randomUUID } from "node:crypto";
import { mkdirSync, rmSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

export class Spool {
  readonly #dir: string;

  /** Empties what an earlier process of this node left behind. */
  constructor(dir: string) {
    rmSync(dir, { recursive: true, force: true });
    mkdirSync(dir, { recursive: true });
    this.#dir = dir;
  }

  /** The files of one fragment. */
  open(): SpoolFiles {
    return new SpoolFiles(this.#dir, randomUUID());
  }
}

export class SpoolFiles implements AsyncDisposable {
  readonly #prefix: string;
  readonly #paths: string[] = [];

  constructor(dir: string, prefix: string) {
    this.#prefix = join(dir, prefix);
  }

  /** A path of its own; whatever is written there is removed in the end. */
  path(name: string): string {
    const path = `${this.#prefix}-${name}`;
    this.#paths.push(path);
    return path;
  }

  async save(name: string, bytes: Uint8Array): Promise<string> {
    const path = this.path(name);
    await writeFile(path, bytes);
    return path;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const path of this.#paths) await rm(path, { force: true });
  }
}
