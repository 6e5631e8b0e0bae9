// Puts the mirror together for a gateway: where its files lie, and how it learns the columns of a table.

import { accessSync, constants, mkdirSync } from "node:fs";
import { join } from "node:path";
import { installationDir } from "../program-files.ts";
import type { Governance } from "../../auth/governance.ts";
import {
  TableOutlines,
  type TableOutline,
} from "../../storage/delta/outline.ts";
import type { TableRef } from "../../storage/delta/table-ref.ts";
import type { DeltaTables } from "../../storage/delta/tables.ts";
import { tableSize } from "../../storage/scan/scan.ts";
import type { Config } from "../config/config.ts";
import { tableKeys } from "../../planner/bind/define/table-keys.ts";
import type { SessionRegistry } from "../session/registry.ts";
import { systemClock } from "../session/clock.ts";
import { tableRef } from "../table-ref.ts";
import { CatalogMirror } from "./mirror.ts";

/** Nothing is started or read before the first question. */
export function openCatalogMirror(
  config: Config,
  governance: Governance,
  tables: DeltaTables,
  sessions: SessionRegistry,
): CatalogMirror {
  const outlines = new TableOutlines();
  return new CatalogMirror({
    governance,
    sessions,
    clock: systemClock,
    dir: join(config.dataDir, "catalog-mirror"),
    imageDir: imageDir(config),
    changedSince: (count) => tables.changedSince(count),
    readColumns: async (table) => {
      if (table.files !== undefined)
        return { columns: table.files.schema ?? [], comment: table.comment };
      const ref = tableRef({ governance }, table);
      const outline =
        (await outlines.read(tables.contextOf(ref))) ??
        (await wholeOutline(tables, ref));
      const { schema, layout, metadata, size } = outline;
      return {
        columns: schema.columns,
        names: layout.columns,
        comment: metadata.description,
        checks: schema.checks ?? [],
        keys: tableKeys(metadata.configuration),
        size,
      };
    },
  });
}

async function wholeOutline(
  tables: DeltaTables,
  ref: TableRef,
): Promise<TableOutline> {
  const snapshot = await tables.snapshot(ref);
  return { ...snapshot, size: await tableSize(snapshot) };
}

/** Beside the installed packages, so that gateways share it; in the data directory where the installation is read-only. */
function imageDir(config: Config): string {
  const modules = join(installationDir(), "node_modules");
  const shared = join(modules, ".cache", "sluice-catalog");
  try {
    accessSync(modules, constants.W_OK);
    mkdirSync(shared, { recursive: true, mode: 0o700 });
    return shared;
  } catch {
    return join(config.dataDir, "catalog-image");
  }
}
