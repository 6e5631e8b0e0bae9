// The composition root: rights, snapshots, lakes, listeners, in the order they depend on each other.

import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Logger } from "pino";
import { bootstrap } from "../auth/bootstrap.ts";
import type { Ended } from "../auth/credential-events.ts";
import { openGovernance, type Governance } from "../auth/governance.ts";
import type { JwtVerifier } from "../auth/jwt/verifier.ts";
import { sweepTokens } from "../auth/token-requests.ts";
import { loadGrammar } from "../planner/parse/grammar.ts";
import { SqlError } from "../storage/common/errors.ts";
import { DeltaTables } from "../storage/delta/tables.ts";
import { Kernel } from "../storage/kernel/kernel.ts";
import { backUp, isBackupDue } from "../storage/metastore/backup.ts";
import type { Metastore } from "../storage/metastore/metastore.ts";
import { ObjectStores } from "../storage/object-store/open.ts";
import { recoverBlocks } from "./block/recover-blocks.ts";
import { openCatalogMirror } from "./catalog-mirror/open.ts";
import type { ComputePool } from "./compute/pool.ts";
import { createScheduler } from "./compute/scheduler.ts";
import type { Config } from "./config/config.ts";
import { makeDemoLake, type DemoProgress } from "./demo/make-demo-lake.ts";
import { PlainFiles } from "./files/plain-files.ts";
import { LakeSync } from "./lake-sync.ts";
import { tierUpLate } from "./late-tier-up.ts";
import { startHttp, startPostgres } from "./listeners.ts";
import { openMetrics } from "./metrics.ts";
import { Queries } from "./query.ts";
import { repeat, type AsyncResources } from "./resources.ts";
import { ServerTls } from "./config/server-tls.ts";
import type { Services } from "./services.ts";
import { systemClock } from "./session/clock.ts";
import { sessionCommands } from "./session/commands.ts";
import { SessionRegistry } from "./session/registry.ts";
import { StatementHistory } from "./system/statement-history.ts";
import { TablePins } from "./table-pins.ts";
import { VERSION } from "./version.ts";

/** Kernel memory for the file lists of all cached snapshots, and for pruning them. */
const METADATA_KERNEL_BYTES = 1_000_000_000;
const SNAPSHOT_CACHE_BYTES = 512 * 1024 * 1024;
const TOKEN_SWEEP_MS = 5_000;
/** How often it is asked whether a day has passed since the last copy of the metastore. */
const BACKUP_LOOK_MS = 60_000;

export interface AssembledGateway {
  readonly pgPort: number;
  readonly httpPort: number;
  readonly config: Config;
  /** Written on the first start; its path may be printed, its content never. */
  readonly adminTokenFile: string;
  /** Reads the TLS certificate again; without TLS nothing happens. */
  reloadCertificate(): void;
  /** Process ids of the local compute nodes. */
  nodePids(): readonly number[];
  /** No new sessions; running statements get `graceMs`, then 57P01. */
  drain(graceMs: number): Promise<void>;
}

export interface GatewayHooks {
  readonly onDemoProgress?: DemoProgress;
}

/** What was opened first. */
export interface GatewayBase {
  readonly config: Config;
  readonly log: Logger;
  readonly metastore: Metastore;
  readonly pool: ComputePool;
  /** What the kernel may read and write beside its own folder. */
  readonly allowedDirs: readonly string[];
}

/** Everything above data dir and nodes; resolves when a query would succeed. What it opens is closed by `stack`. */
export async function assemble(
  stack: AsyncResources,
  base: GatewayBase,
  hooks: GatewayHooks,
): Promise<AssembledGateway> {
  const { config, log, metastore, pool } = base;
  tierUpLate();
  await loadGrammar();
  const governance = stack.use(
    openGovernance(metastore, {
      jwts: await openJwts(stack, base),
      onAuditError: (error) =>
        log.error({ err: error }, "an audit record could not be written"),
    }),
  );
  const { adminTokenFile } = mountLakes(governance, config);
  const stores = stack.use(new ObjectStores({ settings: config.stores }));
  const tables = await openTables(stack, base, stores);
  const lakes = stack.use(
    new LakeSync({ governance, tables, stores, clock: systemClock, log }),
  );
  const history = stack.use(
    new StatementHistory({
      folder: join(config.dataDir, "history"),
      clock: systemClock,
      days: config.historyDays,
      onError: (error) =>
        log.error({ err: error }, "the statement history could not be written"),
    }),
  );
  const sessions = new SessionRegistry((...ended) => history.record(...ended));
  const services: Services = {
    config,
    governance,
    tables,
    stores,
    pool,
    scheduler: createScheduler(pool),
    lakes,
    catalogMirror: stack.use(
      openCatalogMirror(config, governance, tables, sessions),
    ),
    sessions,
    history,
    pins: new TablePins(),
    plainFiles: new PlainFiles(),
    log,
  };
  await recoverBlocks(services);
  if (config.demo) await makeDemoLake(services, hooks.onDemoProgress);
  await lakes.start();
  const metrics = openMetrics(services);
  const engine = sessionCommands(new Queries(services, metrics));
  let ready = false;
  const tls = config.tls && stack.use(new ServerTls(config.tls, log));
  const pg = await startPostgres(services, engine, tls);
  stack.defer(() => pg.close(0));
  const http = await startHttp(services, engine, metrics, {
    ready: () => ready,
    tls,
  });
  tls?.onRenewal((settings) => http.renew(settings));
  stack.defer(() => http.close());
  stack.defer(
    governance.credentials.subscribe((ended) => endSessions(services, ended)),
  );
  stack.defer(governance.ips.subscribe(() => endRefused(services)));
  stack.defer(repeat(TOKEN_SWEEP_MS, () => sweepTokens(governance)));
  stack.defer(repeat(BACKUP_LOOK_MS, () => backUpDaily(base)));
  await pool.started();
  stack.defer(
    announce(config, {
      pgPort: pg.port,
      httpPort: http.port,
      pid: process.pid,
      version: VERSION,
    }),
  );
  ready = true;
  return {
    pgPort: pg.port,
    httpPort: http.port,
    config,
    adminTokenFile,
    nodePids: () => pool.pids(),
    reloadCertificate: () => tls?.reload(),
    drain: (graceMs) => {
      ready = false;
      return pg.close(graceMs);
    },
  };
}

/** Undefined without configured issuers, and then its modules are not loaded. */
async function openJwts(
  stack: AsyncResources,
  { config, metastore, log }: GatewayBase,
): Promise<JwtVerifier | undefined> {
  if (config.issuers.length === 0) return undefined;
  const verifier = await import("../auth/jwt/verifier.ts");
  return stack.use(
    new verifier.JwtVerifier({
      issuers: config.issuers,
      now: metastore.now,
      onError: (error, issuer) =>
        log.warn({ err: error, issuer }, "keys of an issuer could not be read"),
    }),
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
  return bootstrap(governance, { adminUser: config.adminUser, mounts });
}

async function openTables(
  stack: AsyncResources,
  { config, allowedDirs, log }: GatewayBase,
  { storeFor }: ObjectStores,
): Promise<DeltaTables> {
  const tempDir = join(config.cacheDir, "metadata");
  const kernel = stack.use(
    await Kernel.open({
      threads: 2,
      memoryBytes: METADATA_KERNEL_BYTES,
      tempDir,
      tempBytes: config.cacheBytes,
      allowedDirs,
      trims: true,
      functions: [],
    }),
  );
  return stack.use(
    new DeltaTables({
      kernel,
      storeFor,
      tempDir,
      maxBytes: SNAPSHOT_CACHE_BYTES,
      onChecksumMismatch: (table, reason) =>
        log.warn(
          { table: table.name, reason },
          "the log of a table differs from its version checksum",
        ),
    }),
  );
}

/** Sessions of a revoked or expired credential, or of a principal that is gone, end with 57P01. */
function endSessions({ sessions }: Services, ended: Ended): void {
  sessions.terminateWhere(
    ({ identity }) => ended(identity),
    new SqlError(
      "57P01",
      "terminating connection due to administrator command",
    ),
  );
}

/** Sessions from addresses that may no longer connect end with 57P01. */
function endRefused({ sessions, governance }: Services): void {
  sessions.terminateWhere(
    ({ identity }) => !governance.ips.allows(identity.clientAddress),
    new SqlError(
      "57P01",
      "terminating connection due to administrator command",
    ),
  );
}

/** A copy that fails is told to the log, and tried again at the next look. */
function backUpDaily({ metastore, log }: GatewayBase): void {
  if (!isBackupDue(metastore.dataDir, metastore.now())) return;
  try {
    const path = backUp(metastore.db, "daily", metastore.now());
    log.info({ path }, "the metastore was copied");
  } catch (error) {
    log.error({ err: error }, "the metastore could not be copied");
  }
}

/** `<data-dir>/sluice.json` tells tools where a running gateway listens. */
function announce(config: Config, content: object): () => void {
  const file = join(config.dataDir, "sluice.json");
  writeFileSync(file, `${JSON.stringify(content)}\n`);
  return () => rmSync(file, { force: true });
}
