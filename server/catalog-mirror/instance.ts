// One running mirror: what one principal sees of one catalog. It is loaded when that changes, asked one statement at a time, and
// replaced when its process ends.

import { rmSync } from "node:fs";
import type { Content } from "./content.ts";
import { copyImage } from "./image.ts";
import { loadStatements } from "./load-sql.ts";
import { ProcessLink } from "./process-link.ts";

const LOAD_MS = 120_000;
const STOP_MS = 5_000;

export class MirrorInstance implements AsyncDisposable {
  readonly #link: ProcessLink;
  readonly #dir: string;
  #content: Content | undefined;
  #prelude = "";

  private constructor(link: ProcessLink, dir: string) {
    this.#link = link;
    this.#dir = dir;
  }

  /** Throws 58000. */
  static async start(image: string, dir: string): Promise<MirrorInstance> {
    await copyImage(image, dir);
    try {
      return new MirrorInstance(await ProcessLink.open(dir), dir);
    } catch (error) {
      rmSync(dir, { recursive: true, force: true });
      throw error;
    }
  }

  get alive(): boolean {
    return this.#link.alive;
  }

  get pid(): number {
    return this.#link.pid;
  }

  /** Makes it hold exactly this. A mirror that could not be loaded is ended: it must not answer with half of it. */
  async load(content: Content): Promise<void> {
    const statements = loadStatements(this.#content, content);
    this.#content = undefined;
    try {
      for (const sql of statements)
        await this.#link.ask({ kind: "script", sql }, LOAD_MS);
      this.#content = content;
    } catch (error) {
      this.#link.kill();
      throw error;
    }
  }

  /** Backend messages. Throws 57014 after `timeoutMs`, 58000 when the process ended, XX000. */
  async relay(
    prelude: string,
    messages: Uint8Array,
    timeoutMs: number,
  ): Promise<Uint8Array> {
    const changed = prelude !== this.#prelude;
    const bytes = await this.#link.ask(
      { kind: "relay", prelude: changed ? prelude : "", messages },
      timeoutMs,
    );
    this.#prelude = prelude;
    return bytes;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      if (this.#link.alive) await this.#link.ask({ kind: "close" }, STOP_MS);
    } catch {
      this.#link.kill();
    }
    await this.#link.exited;
    rmSync(this.#dir, { recursive: true, force: true });
  }
}
