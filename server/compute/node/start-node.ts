// A compute node as an object with a lifetime: kernel, spool, footers and the HTTP listener.

import { rm } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { FastifyInstance } from "fastify";
import { FileCache } from "../../../storage/cache/file-cache.ts";
import { ObjectStores } from "../../../storage/object-store/open.ts";
import type { StoreSettings } from "../../../storage/object-store/settings.ts";
import { Kernel } from "../../../storage/kernel/kernel.ts";
import type { NodeAddress } from "../node-address.ts";
import { ticketVerifier } from "../ticket.ts";
import { nodeApp } from "./app.ts";
import { Connections } from "./connections.ts";
import { FooterCache } from "./footers.ts";
import { kernelFunctions } from "./functions/kernel-functions.ts";
import { Spool } from "./spool.ts";
import { vectorReader } from "./deletions.ts";
import { WritePlaces } from "./write-places.ts";

export interface NodeConfig {
  readonly address: NodeAddress;
  readonly secret: string;
  /** Scratch of this node alone. */
  readonly dir: string;
  readonly memoryBytes: number;
  readonly tempBytes: number;
  readonly threads: number;
  /** Fragments at once; each holds a thread of the runtime's pool while the kernel works. */
  readonly concurrency: number;
  readonly allowedDirs: readonly string[];
  /** Copies of remote data files kept here at most. */
  readonly cacheBytes: number;
  readonly stores: StoreSettings;
}

export interface RunningNode extends AsyncDisposable {
  readonly address: NodeAddress;
}

const BODY_LIMIT = 1024 * 1024 * 1024;
const FOOTERS = 50_000;

export async function startNode(config: NodeConfig): Promise<RunningNode> {
  const spoolDir = join(config.dir, "spool");
  const spool = new Spool(spoolDir);
  const cacheDir = join(config.dir, "files");
  const uploadDir = join(config.dir, "upload");
  const kernel = await Kernel.open({
    threads: Math.max(1, Math.min(config.threads, availableParallelism())),
    memoryBytes: config.memoryBytes,
    tempDir: join(config.dir, "temp"),
    tempBytes: config.tempBytes,
    allowedDirs: [...config.allowedDirs, spoolDir, cacheDir, uploadDir],
    functions: kernelFunctions(),
  });
  const connections = new Connections(kernel, config.concurrency);
  const stores = new ObjectStores({ settings: config.stores });
  const dataFiles = await FileCache.open({
    dir: cacheDir,
    limitBytes: config.cacheBytes,
    storeFor: stores.storeFor,
  });
  const monitor = await kernel.connect();
  const app = nodeApp({
    services: {
      connections,
      footers: new FooterCache(FOOTERS),
      spool,
      deletionVectors: vectorReader(stores.storeFor),
      dataFiles,
      cacheUsage: () => dataFiles.usage,
      writePlaces: new WritePlaces(stores.storeFor, uploadDir),
      now: () => performance.now(),
      memoryBytes: async () => {
        const reader = await monitor.runAndReadAll(
          "SELECT CAST(sum(memory_usage_bytes) AS DOUBLE) FROM duckdb_memory()",
        );
        return Number(reader.getRowsJson()[0]?.[0] ?? 0);
      },
    },
    authenticate: ticketVerifier(config.secret, () => Date.now()),
    bodyLimitBytes: BODY_LIMIT,
  });
  const address = await listen(app, config.address);
  return {
    address,
    [Symbol.asyncDispose]: async () => {
      await app.close();
      await connections[Symbol.asyncDispose]();
      monitor.closeSync();
      await stores[Symbol.asyncDispose]();
      await kernel[Symbol.asyncDispose]();
    },
  };
}

/** Gives where it listens in fact. */
async function listen(
  app: FastifyInstance,
  address: NodeAddress,
): Promise<NodeAddress> {
  if (address.kind === "socket") {
    // A node that was killed leaves it behind.
    await rm(address.path, { force: true });
    await app.listen({ path: address.path });
    return address;
  }
  const url = await app.listen({ host: address.host, port: address.port });
  return { ...address, port: Number(new URL(url).port) };
}
