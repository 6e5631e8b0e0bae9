// What the steps of a query and the commands work with, put together once by gateway.ts.

import type { Logger } from "pino";
import type { Governance } from "../auth/governance.ts";
import type { DeltaTables } from "../storage/delta/tables.ts";
import type { ObjectStores } from "../storage/object-store/open.ts";
import type { CatalogMirror } from "./catalog-mirror/mirror.ts";
import type { ComputePool } from "./compute/pool.ts";
import type { Scheduler } from "./compute/scheduler.ts";
import type { Config } from "./config/config.ts";
import type { PlainFiles } from "./files/plain-files.ts";
import type { LakeSync } from "./lake-sync.ts";
import type { SessionRegistry } from "./session/registry.ts";
import type { StatementHistory } from "./system/statement-history.ts";
import type { TablePins } from "./table-pins.ts";

export interface Services {
  readonly config: Config;
  readonly governance: Governance;
  readonly tables: DeltaTables;
  readonly stores: ObjectStores;
  readonly pool: ComputePool;
  readonly scheduler: Scheduler;
  readonly lakes: LakeSync;
  readonly catalogMirror: CatalogMirror;
  readonly sessions: SessionRegistry;
  readonly history: StatementHistory;
  readonly pins: TablePins;
  readonly plainFiles: PlainFiles;
  readonly log: Logger;
}
