// One mirror process seen from the gateway: started over a data directory, asked one thing after the other, killed when it overruns.

import { fork, type ChildProcess } from "node:child_process";
import {
  catalogTimeout,
  mirrorFault,
  mirrorLost,
  mirrorNotStarted,
} from "./errors.ts";
import { entryPoint, PROCESS_ARGUMENTS } from "../program-files.ts";
import type { OpenMessage, Reply, Request, Work } from "./process/protocol.ts";

/** Found by measuring (README): a fifth of the memory PGlite takes by default. */
const FLAGS = [
  "--liftoff-only",
  "--wasm-lazy-compilation",
  "--single-threaded",
  "--max-semi-space-size=1",
  "--expose-gc",
];

interface Waiting {
  readonly resolve: (bytes: Uint8Array) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

export class ProcessLink {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 1;
  #alive = true;
  readonly exited: Promise<void>;

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.exited = new Promise((resolve) => {
      child.once("exit", () => {
        this.#fail(mirrorLost());
        resolve();
      });
    });
    child.on("message", (reply: Reply) => this.#answer(reply));
    child.on("error", () => this.#fail(mirrorLost()));
  }

  /** Throws 58000 when the process ends before it is ready. */
  static async open(dataDir: string, setup?: string): Promise<ProcessLink> {
    const child = fork(entryPoint("catalog-mirror/process/main"), [], {
      execArgv: [...FLAGS, ...PROCESS_ARGUMENTS],
      env: { PATH: process.env["PATH"], MALLOC_ARENA_MAX: "1" },
      stdio: ["ignore", "ignore", "ignore", "ipc"],
      serialization: "advanced",
    });
    await opened(child, { kind: "open", dataDir, setup });
    return new ProcessLink(child);
  }

  get alive(): boolean {
    return this.#alive;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Backend messages. Throws 57014 when the process took longer (and is killed then), 58000 when it ended, XX000. */
  async ask(work: Work, timeoutMs: number): Promise<Uint8Array> {
    if (!this.#alive) throw mirrorLost();
    const request: Request = { id: this.#nextId++, work };
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(request.id);
        this.kill();
        reject(catalogTimeout());
      }, timeoutMs);
      this.#waiting.set(request.id, { resolve, reject, timer });
      this.#child.send(request, (error) => {
        if (error !== null) this.#fail(mirrorLost());
      });
    });
  }

  kill(): void {
    this.#alive = false;
    this.#child.kill("SIGKILL");
  }

  #answer(reply: Reply): void {
    if (reply.kind === "ready" || reply.kind === "failed") return;
    const waiting = this.#waiting.get(reply.id);
    if (waiting === undefined) return;
    this.#waiting.delete(reply.id);
    clearTimeout(waiting.timer);
    if (reply.kind === "done") waiting.resolve(reply.bytes);
    else waiting.reject(mirrorFault(reply.reason));
  }

  #fail(error: Error): void {
    this.#alive = false;
    for (const { reject, timer } of this.#waiting.values()) {
      clearTimeout(timer);
      reject(error);
    }
    this.#waiting.clear();
  }
}

function opened(child: ChildProcess, message: OpenMessage): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (reason: string): void => {
      child.kill("SIGKILL");
      reject(mirrorNotStarted(reason));
    };
    child.once("error", (error) => failed(error.message));
    child.once("exit", (code, signal) =>
      failed(`It ended with ${code ?? signal ?? "no code"}.`),
    );
    child.once("message", (reply: Reply) => {
      if (reply.kind === "failed") return failed(reply.reason);
      child.removeAllListeners("exit");
      child.removeAllListeners("error");
      resolve();
    });
    child.send(message);
  });
}
