// The nodes a gateway has: local children, replaced when they die, and remote ones that joined. Knows who is alive and how
// busy, and waits for a node when there is none.

import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { availableParallelism } from "node:os";
import { nodeId, type NodeId } from "../../storage/common/ids.ts";
import {
  NO_STORE_SETTINGS,
  type StoreSettings,
} from "../../storage/object-store/settings.ts";
import { noNode } from "./errors.ts";
import { startLocalNode, type LocalNode } from "./local-node.ts";
import type { CacheUsage } from "../../storage/cache/usage.ts";
import { localAddress } from "./node-address.ts";
import type { ComputeNode, NodeClient } from "./node-client.ts";

export interface PoolOptions {
  readonly nodes: number;
  readonly nodeMemoryBytes: number;
  /** Each node gets a folder of its own below for spill files and spool. */
  readonly dir: string;
  /** Lakes, file roots and cache: the folders nodes may read and write. */
  readonly allowedDirs: readonly string[];
  /** Kernel threads of each node; by default the processors are shared out. */
  readonly threads?: number;
  readonly tempBytes?: number;
  /** Copies of remote data files, shared out among the nodes. */
  readonly cacheBytes?: number;
  readonly stores?: StoreSettings;
  readonly log?: PoolLog;
}

/** What is worth telling an operator. */
export type PoolLog = (event: PoolEvent) => void;
export type PoolEvent =
  | {
      readonly kind: "node-ready";
      readonly node: NodeId;
      readonly startMs: number;
    }
  | { readonly kind: "node-lost"; readonly node: NodeId }
  | { readonly kind: "node-failed"; readonly reason: string };

/** A node as the scheduler picks it. */
export interface PoolNode {
  readonly node: ComputeNode;
  /** What its kernel may use, in bytes. */
  readonly memoryBytes: number;
}

export interface ComputePool extends AsyncDisposable {
  /** Resolves when the first node is ready. Throws 58000 when it does not start: then none would. */
  started(): Promise<void>;
  /** Nodes ready now, in a stable order. */
  ready(): readonly PoolNode[];
  /** Waits for the first node. Throws 57P03 after `timeoutMs`. */
  whenReady(timeoutMs: number): Promise<readonly PoolNode[]>;
  /** How many nodes there are when all are well, for planning. */
  readonly size: number;
  /** Process ids of local nodes, for operators and tests. */
  pids(): readonly number[];
  /** The nodes ready now, for operators. */
  status(): readonly NodeStatus[];
}

export interface NodeStatus {
  readonly id: NodeId;
  readonly pid: number;
  readonly startedAtMs: number;
  /** What its kernel may use. */
  readonly memoryBytes: number;
  /** Of its copies of remote data files; undefined when it does not answer. */
  fileCache(): Promise<CacheUsage | undefined>;
}

/** Fragments at once on a node; more wait there. */
const CONCURRENCY = 32;
/** Of a node's memory, what its JavaScript side keeps for encoding and file footers. */
const RESERVED_BYTES = 256 * 1024 * 1024;
const DEFAULT_TEMP_BYTES = 20_000_000_000;
const DEFAULT_CACHE_BYTES = 20_000_000_000;
const STOP_GRACE_MS = 2_000;
/** A node that dies younger than this is started again only after a pause, which doubles. */
const HEALTHY_AFTER_MS = 5_000;
const LONGEST_PAUSE_MS = 5_000;

/** Begins to start all nodes; `started` and `whenReady` wait for them. */
export function openPool(options: PoolOptions): ComputePool {
  return new LocalPool(options);
}

class LocalPool implements ComputePool {
  readonly #options: PoolOptions;
  readonly #secret = randomBytes(32).toString("base64url");
  readonly #slots: Slot[];
  readonly #waiting = new Set<() => void>();
  readonly #stop = new AbortController();
  readonly #first: Promise<void>;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#slots = Array.from({ length: options.nodes }, (_, index) => ({
      index,
      generation: 0,
      current: undefined,
      kept: Promise.resolve(),
    }));
    const [first, ...rest] = this.#slots;
    for (const slot of rest) slot.kept = this.#keep(slot);
    this.#first =
      first === undefined ? Promise.resolve() : this.#startFirst(first);
    this.#first.catch(() => undefined);
  }

  get size(): number {
    return this.#options.nodes;
  }

  started(): Promise<void> {
    return this.#first;
  }

  ready(): readonly PoolNode[] {
    return this.#slots.flatMap(({ current }) =>
      current === undefined ? [] : [current.entry],
    );
  }

  async whenReady(timeoutMs: number): Promise<readonly PoolNode[]> {
    const deadline = AbortSignal.any([
      this.#stop.signal,
      AbortSignal.timeout(timeoutMs),
    ]);
    for (;;) {
      const nodes = this.ready();
      if (nodes.length > 0) return nodes;
      if (deadline.aborted) throw noNode(timeoutMs);
      await new Promise<void>((resolve) => {
        this.#waiting.add(resolve);
        deadline.addEventListener("abort", () => resolve(), { once: true });
      });
    }
  }

  pids(): readonly number[] {
    return this.#slots.flatMap(({ current }) =>
      current === undefined ? [] : [current.process.pid],
    );
  }

  status(): readonly NodeStatus[] {
    return this.#slots.flatMap(({ current }) => {
      if (current === undefined) return [];
      const { client, entry, process, startedAtMs } = current;
      return [
        {
          id: client.id,
          pid: process.pid,
          startedAtMs,
          memoryBytes: entry.memoryBytes,
          fileCache: () => client.fileCache().catch(() => undefined),
        },
      ];
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#first.catch(() => undefined);
    await Promise.all(
      this.#slots.map(async (slot) => {
        await slot.current?.client[Symbol.asyncDispose]();
        await slot.current?.process.stop(STOP_GRACE_MS);
        await slot.kept;
      }),
    );
  }

  /** The first start tells whether nodes can start at all; only then is the slot kept filled. */
  async #startFirst(slot: Slot): Promise<void> {
    await this.#fill(slot);
    slot.kept = this.#keep(slot);
  }

  /** Keeps a slot filled until the pool ends. */
  async #keep(slot: Slot): Promise<void> {
    let pauseMs = 0;
    while (!this.#stop.signal.aborted) {
      const began = performance.now();
      try {
        if (slot.current === undefined) await this.#fill(slot);
        await slot.current?.process.exited;
        await this.#lost(slot);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        this.#options.log?.({ kind: "node-failed", reason });
      }
      const young = performance.now() - began < HEALTHY_AFTER_MS;
      pauseMs = young
        ? Math.min(LONGEST_PAUSE_MS, Math.max(50, pauseMs * 2))
        : 0;
      // The first replacement is at once; only repeated deaths wait.
      if (pauseMs > 50) await this.#pause(pauseMs);
    }
  }

  async #fill(slot: Slot): Promise<void> {
    const { nodes, nodeMemoryBytes, dir, allowedDirs } = this.#options;
    const began = performance.now();
    const id = nodeId(`local-${slot.index + 1}.${++slot.generation}`);
    const kernelBytes = Math.max(
      nodeMemoryBytes - RESERVED_BYTES,
      Math.floor(nodeMemoryBytes / 2),
    );
    const threads =
      this.#options.threads ??
      Math.max(1, Math.floor(availableParallelism() / nodes));
    const nodeDir = join(dir, `node-${slot.index + 1}`);
    // What talks to a node is loaded while the first one starts.
    const [process, { connectNode }] = await Promise.all([
      startLocalNode({
        address: localAddress(nodeDir),
        secret: this.#secret,
        dir: nodeDir,
        memoryBytes: kernelBytes,
        tempBytes: this.#options.tempBytes ?? DEFAULT_TEMP_BYTES,
        threads,
        concurrency: CONCURRENCY,
        allowedDirs,
        cacheBytes: Math.floor(
          (this.#options.cacheBytes ?? DEFAULT_CACHE_BYTES) / nodes,
        ),
        stores: this.#options.stores ?? NO_STORE_SETTINGS,
      }),
      import("./connect-node.ts"),
    ]);
    const client = await connectNode(id, process.address, this.#secret);
    slot.current = {
      process,
      client,
      entry: { node: client, memoryBytes: kernelBytes },
      startedAtMs: Date.now(),
    };
    if (this.#stop.signal.aborted) await process.stop(STOP_GRACE_MS);
    this.#options.log?.({
      kind: "node-ready",
      node: id,
      startMs: Math.round(performance.now() - began),
    });
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }

  async #lost(slot: Slot): Promise<void> {
    const { current } = slot;
    slot.current = undefined;
    if (current === undefined) return;
    await current.client[Symbol.asyncDispose]();
    if (!this.#stop.signal.aborted) {
      this.#options.log?.({ kind: "node-lost", node: current.client.id });
    }
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#stop.signal.addEventListener(
        "abort",
        () => {
          clearTimeout(timer);
          resolve();
        },
        { once: true },
      );
    });
  }
}

interface Slot {
  readonly index: number;
  generation: number;
  current:
    | {
        readonly process: LocalNode;
        readonly client: NodeClient;
        readonly entry: PoolNode;
        readonly startedAtMs: number;
      }
    | undefined;
  kept: Promise<void>;
}
