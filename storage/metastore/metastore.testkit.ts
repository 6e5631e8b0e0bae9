// A metastore in a temporary folder, with a clock that stands still until it is moved.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openMetastore, type Metastore } from "./metastore.ts";

export interface TestClock {
  nowMs: number;
}

export interface TestMetastore extends Disposable {
  readonly dataDir: string;
  readonly clock: TestClock;
  /** The open one; `reopen` closes it and opens the folder again, as after a restart. */
  readonly metastore: Metastore;
  reopen(): Metastore;
}

export function testMetastore(): TestMetastore {
  const dataDir = mkdtempSync(join(tmpdir(), "sluice-metastore-"));
  const clock: TestClock = { nowMs: Date.UTC(2026, 0, 1) };
  const open = (): Metastore =>
    openMetastore({ dataDir, use: "gateway", now: () => clock.nowMs });
  let metastore = open();
  return {
    dataDir,
    clock,
    get metastore() {
      return metastore;
    },
    reopen() {
      metastore[Symbol.dispose]();
      metastore = open();
      return metastore;
    },
    [Symbol.dispose]() {
      metastore[Symbol.dispose]();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
