// Reads the log of every table of a lake and says what can and what cannot be served, and why.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { discoverTables } from "../../storage/catalog/discovery.ts";
import { DeltaTables } from "../../storage/delta/tables.ts";
import { SqlError } from "../../storage/common/errors.ts";
import { Kernel } from "../../storage/kernel/kernel.ts";
import { isUrl } from "../../storage/object-store/address.ts";
import { ObjectStores } from "../../storage/object-store/open.ts";
import type { StoreSettings } from "../../storage/object-store/settings.ts";
import { scanFiles } from "../../storage/scan/scan.ts";

/** Returns how many tables cannot be served. */
export async function checkLake(
  lake: string,
  settings: StoreSettings,
  print: (line: string) => void,
): Promise<number> {
  const tempDir = mkdtempSync(join(tmpdir(), "sluice-check-"));
  try {
    const options = {
      threads: 2,
      memoryBytes: 1_000_000_000,
      tempDir,
      tempBytes: 10_000_000_000,
      functions: [],
    };
    const allowedDirs = isUrl(lake) ? [] : [lake];
    await using kernel = await Kernel.open({ ...options, allowedDirs });
    await using stores = new ObjectStores({ settings });
    await using tables = new DeltaTables({
      kernel,
      storeFor: stores.storeFor,
      tempDir,
      maxBytes: 256 * 1024 * 1024,
    });
    const found = await discoverTables(stores.storeFor(lake), lake);
    let failures = 0;
    for (const { schema, name, location } of found) {
      const label = `${schema}.${name}`;
      try {
        const snapshot = await tables.snapshot({
          name: label,
          location,
          lakeRoot: lake,
        });
        const { statistics } = await scanFiles(snapshot, undefined);
        const rows = `${statistics.exact ? "" : "about "}${statistics.rowCount} rows`;
        print(
          `ok      ${label}: version ${snapshot.version}, ${statistics.filesTotal} files, ${rows}`,
        );
      } catch (error) {
        failures += 1;
        print(`refused ${label}: ${reasonOf(error)}`);
      }
    }
    print(`${found.length - failures} of ${found.length} tables can be served`);
    return failures;
  } finally {
    rmSync(tempDir, { recursive: true, force: true });
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof SqlError)) return String(error);
  return error.detail === undefined
    ? error.message
    : `${error.message}. ${error.detail}`;
}
