// The gateway's life begins here: options, the data dir, and the compute nodes, which start as processes of their own while the
// rest of the gateway's modules are loaded and put together (assemble.ts).

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { pino, type Logger } from "pino";
import { openMetastore } from "../storage/metastore/metastore.ts";
import { isUrl } from "../storage/object-store/address.ts";
import type { AssembledGateway, GatewayHooks } from "./assemble.ts";
import { openPool, type ComputePool } from "./compute/pool.ts";
import { loadConfig, type Config, type Flags } from "./config/config.ts";
import { clearSessions, sessionsFolder } from "./session/session-folders.ts";
import { AsyncResources } from "./resources.ts";

export type Gateway = AssembledGateway & AsyncDisposable;

/** Resolves when a query would succeed. Throws F0000 for a wrong option, and what opening data dir, ports or nodes throws. */
export async function startGateway(
  flags: Flags,
  environment: NodeJS.ProcessEnv = {},
  hooks: GatewayHooks = {},
): Promise<Gateway> {
  await using stack = new AsyncResources();
  const config = loadConfig(flags, environment);
  const log = openLog(config);
  const main = config.lakes.get("main") ?? config.dataDir;
  if (!isUrl(main)) mkdirSync(main, { recursive: true });
  // Nodes use folders of the data dir: they start once it is known to be ours.
  const metastore = stack.use(
    openMetastore({ dataDir: config.dataDir, use: "gateway" }),
  );
  clearSessions(config);
  // Files of remote lakes are copied to folders of ours.
  const allowedDirs = [
    ...config.lakes.values(),
    ...config.fileRoots.values(),
    sessionsFolder(config),
  ].filter((location) => !isUrl(location));
  const pool = stack.use(startNodes(config, allowedDirs, log));
  const { assemble } = await import("./assemble.ts");
  const gateway = await assemble(
    stack,
    { config, log, metastore, pool, allowedDirs },
    hooks,
  );
  const owned = stack.move();
  return {
    ...gateway,
    [Symbol.asyncDispose]: () => owned[Symbol.asyncDispose](),
  };
}

function openLog(config: Config): Logger {
  return pino(
    { level: config.logLevel, base: null },
    pino.destination({ dest: 2, sync: true }),
  );
}

function startNodes(
  config: Config,
  allowedDirs: readonly string[],
  log: Logger,
): ComputePool {
  return openPool({
    nodes: config.nodes,
    nodeMemoryBytes: config.nodeMemoryBytes,
    dir: join(config.cacheDir, "nodes"),
    allowedDirs,
    tempBytes: config.cacheBytes,
    cacheBytes: config.cacheBytes,
    stores: config.stores,
    log: (event) =>
      event.kind === "node-ready"
        ? log.info(event, "compute node is ready")
        : log.warn(event, "compute node"),
  });
}
