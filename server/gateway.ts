// The composition root: metastore, rights, snapshots, nodes, lakes, listeners, in the order they depend on each other.

import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pino, type Logger } from "pino";
import { bootstrap } from "../auth/bootstrap.ts";
import { openGovernance, type Governance } from "../auth/governance.ts";
import { sweepTokens } from "../auth/token-requests.ts";
import { loadGrammar } from "../planner/parse/grammar.ts";
import { SqlError } from "../storage/common/errors.ts";
import { DeltaTables } from "../storage/delta/tables.ts";
import { Kernel } from "../storage/kernel/kernel.ts";
import { openMetastore } from "../storage/metastore/metastore.ts";
import { localStore } from "../storage/object-store/local.ts";
import type { ObjectStore } from "../storage/object-store/store.ts";
import { openCatalogMirror } from "./catalog-mirror/open.ts";
import { startPool, type ComputePool } from "./compute/pool.ts";
import { createScheduler } from "./compute/scheduler.ts";
import { loadConfig, type Config, type Flags } from "./config.ts";
import { makeDemoLake, type DemoProgress } from "./demo/make-demo-lake.ts";
import { LakeSync } from "./lake-sync.ts";
import { startHttp, startPostgres } from "./listeners.ts";
import { openMetrics } from "./metrics.ts";
import { Queries } from "./query.ts";
import { AsyncResources, repeat } from "./resources.ts";
import type { Services } from "./services.ts";
import { systemClock } from "./session/clock.ts";
import { sessionCommands } from "./session/commands.ts";
import { SessionRegistry } from "./session/registry.ts";
import { VERSION } from "./version.ts";

export interface Gateway extends AsyncDisposable {
  readonly pgPort: number;
  readonly httpPort: number;
  readonly config: Config;
  /** Written on the first start; its path may be printed, its content never. */
  readonly adminTokenFile: string;
  /** Process ids of the local compute nodes. */
  nodePids(): readonly number[];
  /** No new sessions; running statements get `graceMs`, then 57P01. */
  drain(graceMs: number): Promise<void>;
}

export interface GatewayHooks {
  readonly onDemoProgress?: DemoProgress;
}

/** Kernel memory for the file lists of all cached snapshots, and for pruning them. */
const METADATA_KERNEL_BYTES = 1_000_000_000;
const SNAPSHOT_CACHE_BYTES = 512 * 1024 * 1024;
const TOKEN_SWEEP_MS = 5_000;

/** Resolves when a query would succeed. Throws F0000 for a wrong option, and what opening data dir, ports or nodes throws. */
export async function startGateway(
  flags: Flags,
  environment: NodeJS.ProcessEnv = {},
  hooks: GatewayHooks = {},
): Promise<Gateway> {
  await using stack = new AsyncResources();
  const config = loadConfig(flags, environment);
  const log = openLog(config);
  const metastore = stack.use(
    openMetastore({ dataDir: config.dataDir, use: "gateway" }),
  );
  // Nodes take longest to start: they do so while the rest is opened, once the data dir is known to be ours.
  const starting = openPool(config, log);
  stack.defer(async () => {
    const started = await starting.catch(() => undefined);
    await started?.[Symbol.asyncDispose]();
  });
  await loadGrammar();
  const governance = stack.use(
    openGovernance(metastore, {
      onAuditError: (error) =>
        log.error({ err: error }, "an audit record could not be written"),
    }),
  );
  const { adminTokenFile } = mountLakes(governance, config);
  const store = localStore();
  const tables = await openTables(stack, config, store);
  const lakes = stack.use(
    new LakeSync({ governance, tables, store, clock: systemClock, log }),
  );
  const pool = await starting;
  const services: Services = {
    config,
    governance,
    tables,
    pool,
    scheduler: createScheduler(pool),
    lakes,
    catalogMirror: stack.use(openCatalogMirror(config, governance, tables)),
    sessions: new SessionRegistry(),
    log,
  };
  if (config.demo) await makeDemoLake(services, hooks.onDemoProgress);
  await lakes.start();
  const metrics = openMetrics(services);
  const engine = sessionCommands(new Queries(services, metrics));
  let ready = false;
  const pg = await startPostgres(services, engine);
  stack.defer(() => pg.close(0));
  const http = await startHttp(services, engine, metrics, () => ready);
  stack.defer(() => http.close());
  stack.defer(
    governance.credentials.subscribe((ended) => endSessions(services, ended)),
  );
  stack.defer(repeat(TOKEN_SWEEP_MS, () => sweepTokens(governance)));
  stack.defer(
    announce(config, {
      pgPort: pg.port,
      httpPort: http.port,
      pid: process.pid,
      version: VERSION,
    }),
  );
  ready = true;
  const owned = stack.move();
  return {
    pgPort: pg.port,
    httpPort: http.port,
    config,
    adminTokenFile,
    nodePids: () => pool.pids(),
    drain: (graceMs) => {
      ready = false;
      return pg.close(graceMs);
    },
    [Symbol.asyncDispose]: () => owned[Symbol.asyncDispose](),
  };
}

function openLog(config: Config): Logger {
  return pino(
    { level: config.logLevel, base: null },
    pino.destination({ dest: 2, sync: true }),
  );
}

function mountLakes(
  governance: Governance,
  config: Config,
): { readonly adminTokenFile: string } {
  const mounts = [...config.lakes].map(([name, location]) => ({
    name,
    location,
  }));
  mkdirSync(config.lakes.get("main") ?? config.dataDir, { recursive: true });
  return bootstrap(governance, { adminUser: config.adminUser, mounts });
}

function allowedDirs(config: Config): readonly string[] {
  return [...config.lakes.values(), ...config.fileRoots.values()];
}

async function openTables(
  stack: AsyncResources,
  config: Config,
  store: ObjectStore,
): Promise<DeltaTables> {
  const tempDir = join(config.cacheDir, "metadata");
  const kernel = stack.use(
    await Kernel.open({
      threads: 2,
      memoryBytes: METADATA_KERNEL_BYTES,
      tempDir,
      tempBytes: config.cacheBytes,
      allowedDirs: allowedDirs(config),
      functions: [],
    }),
  );
  return stack.use(
    new DeltaTables({
      kernel,
      storeFor: () => store,
      tempDir,
      maxBytes: SNAPSHOT_CACHE_BYTES,
    }),
  );
}

function openPool(config: Config, log: Logger): Promise<ComputePool> {
  return startPool({
    nodes: config.nodes,
    nodeMemoryBytes: config.nodeMemoryBytes,
    dir: join(config.cacheDir, "nodes"),
    allowedDirs: allowedDirs(config),
    tempBytes: config.cacheBytes,
    log: (event) =>
      event.kind === "node-ready"
        ? log.info(event, "compute node is ready")
        : log.warn(event, "compute node"),
  });
}

/** Sessions of a revoked or expired credential end with 57P01. */
function endSessions({ sessions }: Services, ended: readonly string[]): void {
  const gone = new Set(ended);
  sessions.terminateWhere(
    ({ identity }) => gone.has(identity.credential),
    new SqlError(
      "57P01",
      "terminating connection due to administrator command",
    ),
  );
}

/** `<data-dir>/sluice.json` tells tools where a running gateway listens. */
function announce(config: Config, content: object): () => void {
  const file = join(config.dataDir, "sluice.json");
  writeFileSync(file, `${JSON.stringify(content)}\n`);
  return () => rmSync(file, { force: true });
}
