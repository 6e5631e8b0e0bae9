// `sluice backup` as an operator uses it: a copy beside a running gateway, a damaged metastore, and the way back.

import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { run, type Output } from "../clients/program.ts";
import { startTestGateway } from "../harness.ts";

const REPOSITORY = join(import.meta.dirname, "../..");

function sluice(...args: readonly string[]): Promise<Output> {
  return run(
    process.execPath,
    ["--import", "tsx", join(REPOSITORY, "server/main.ts"), ...args],
    { env: { NODE_PATH: REPOSITORY } },
  );
}

test(
  "a copy made while the gateway runs brings a damaged metastore back",
  { timeout: 120_000 },
  async () => {
    const dataDir = mkdtempSync(join(tmpdir(), "sluice-backup-"));
    const at = ["--data-dir", dataDir] as const;
    {
      await using gateway = await startTestGateway({ dataDir });
      const client = await gateway.connect();
      await client.query("create user before_the_copy");
      const made = await sluice("backup", "create", ...at);
      expect(made.code, made.stderr).toBe(0);
      await client.query("create user after_the_copy");
      const refused = await sluice("backup", "restore", "x", ...at);
      expect(refused.code).toBe(1);
      expect(refused.stderr).toContain("is in use by another gateway");
    }
    const file = join(dataDir, "metastore.sqlite");
    for (const suffix of ["-wal", "-shm"])
      rmSync(file + suffix, { force: true });
    writeFileSync(file, "not a database ".repeat(500));

    const broken = await sluice("serve", ...at, "--pg-port", "0");
    expect(broken.code).toBe(1);
    const [copy = ""] = readdirSync(join(dataDir, "backups"));
    expect(broken.stderr).toContain(
      `sluice backup restore ${copy} --data-dir ${dataDir}`,
    );
    const listed = await sluice("backup", "list", ...at);
    expect(listed.stdout).toContain(copy);
    const restored = await sluice("backup", "restore", copy, ...at);
    expect(restored.code, restored.stderr).toBe(0);
    expect(restored.stdout).toContain("tokens revoked since count again");

    await using again = await startTestGateway({ dataDir });
    const client = await again.connect();
    const { rows } = await client.query<{ userName: string }>("show users");
    const names = rows.map((row) => Object.values(row)[0]);
    expect(names).toContain("before_the_copy");
    expect(names).not.toContain("after_the_copy");
    rmSync(dataDir, { recursive: true, force: true });
  },
);
