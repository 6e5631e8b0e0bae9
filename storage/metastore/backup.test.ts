import { spawn } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import Database from "libsql";
import { describe, expect, test } from "vitest";
import { SqlError } from "../common/errors.ts";
import { backUp, isBackupDue, restoreBackup } from "./backup.ts";
import { listBackups } from "./backup-files.ts";
import { insertIntent, listIntents } from "./intents.ts";
import { openMetastore } from "./metastore.ts";
import { testMetastore } from "./metastore.testkit.ts";
import { readSetting, writeSetting } from "./settings.ts";

const DAY_MS = 86_400_000;
const NOW = Date.UTC(2026, 0, 1);

function errorOf(work: () => unknown): SqlError {
  try {
    work();
  } catch (error) {
    if (error instanceof SqlError) return error;
    throw error;
  }
  throw new TypeError("no error");
}

const kinds = (dataDir: string): readonly string[] =>
  listBackups(dataDir).map(({ number, reason }) => `${number} ${reason}`);

describe("a copy", () => {
  test("holds what is committed, is the owner's alone, and leaves nothing half beside it", () => {
    using kit = testMetastore();
    writeSetting(kit.metastore.db, "colour", "green");
    const path = backUp(kit.metastore.db, "manual", NOW);
    expect(basename(path)).toBe(
      "metastore-000001-manual-2026-01-01T000000Z.sqlite",
    );
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(kit.dataDir, "backups"))).toEqual([basename(path)]);
    const copy = new Database(path);
    const [row] = copy
      .prepare("SELECT value FROM setting WHERE name = 'colour'")
      .raw()
      .all();
    expect(row).toEqual(["green"]);
    copy.close();
  });

  test("holds no key of the server", () => {
    using kit = testMetastore();
    const bytes = readFileSync(backUp(kit.metastore.db, "daily", NOW));
    for (const { secret } of Object.values(kit.metastore.keys)) {
      expect(bytes.includes(Buffer.from(secret))).toBe(false);
      expect(bytes.includes(Buffer.from(secret).toString("hex"))).toBe(false);
    }
  });

  test("of each kind is kept in number; what a killed process left goes", () => {
    using kit = testMetastore();
    const { db } = kit.metastore;
    const folder = join(kit.dataDir, "backups");
    mkdirSync(folder);
    writeFileSync(join(folder, "metastore-000001-daily-x.partial"), "half");
    for (let day = 0; day < 9; day += 1)
      backUp(db, "daily", NOW + day * DAY_MS);
    backUp(db, "manual", NOW);
    backUp(db, "schema-1", NOW);
    expect(kinds(kit.dataDir)).toEqual([
      ...["3 daily", "4 daily", "5 daily", "6 daily", "7 daily", "8 daily"],
      ...["9 daily", "10 manual", "11 schema-1"],
    ]);
    expect(readdirSync(folder).length).toBe(9);
  });

  test("that cannot be written is an error, and what was there stays", () => {
    using kit = testMetastore();
    writeFileSync(join(kit.dataDir, "backups"), "a file in the way");
    const error = errorOf(() => backUp(kit.metastore.db, "daily", NOW));
    expect([error.code, error.message]).toEqual([
      "58030",
      expect.stringContaining("could not be written"),
    ]);
  });

  test("is due once a day, also after the clock was set back", () => {
    using kit = testMetastore();
    const due = (nowMs: number): boolean => isBackupDue(kit.dataDir, nowMs);
    expect(due(NOW)).toBe(true);
    backUp(kit.metastore.db, "daily", NOW + 999);
    expect(due(NOW + 999)).toBe(false);
    expect(due(NOW + DAY_MS - 1)).toBe(false);
    expect(due(NOW + DAY_MS)).toBe(true);
    expect(due(NOW - DAY_MS)).toBe(true);
    backUp(kit.metastore.db, "daily", NOW - DAY_MS);
    expect(due(NOW - DAY_MS)).toBe(false);
    expect(kinds(kit.dataDir)).toEqual(["1 daily", "2 daily"]);
  });
});

describe("putting a copy back", () => {
  test("brings its content, and sets what was there aside", () => {
    using kit = testMetastore();
    const { dataDir } = kit;
    writeSetting(kit.metastore.db, "colour", "green");
    const path = backUp(kit.metastore.db, "manual", NOW);
    writeSetting(kit.metastore.db, "colour", "red");
    kit.metastore[Symbol.dispose]();
    const aside = restoreBackup(dataDir, path, NOW);
    expect(aside).toBe(join(dataDir, `metastore.sqlite.replaced-${NOW}`));
    expect(existsSync(aside ?? "")).toBe(true);
    using restored = openMetastore({ dataDir, use: "tool" });
    expect(readSetting(restored.db, "colour")).toBe("green");
  });

  test("is refused for a damaged copy, and for one that is not there", () => {
    using kit = testMetastore();
    const path = backUp(kit.metastore.db, "manual", NOW);
    const { size } = statSync(path);
    truncateSync(path, size - 8192);
    const restore = (file: string): SqlError =>
      errorOf(() => restoreBackup(kit.dataDir, file, NOW));
    expect(restore(path).code).toBe("XX001");
    expect(restore(join(kit.dataDir, "nothing")).code).toBe("58030");
    expect(readSetting(kit.reopen().db, "colour")).toBeUndefined();
  });
});

describe("at start", () => {
  test("a damaged metastore names the command that restores the newest copy", () => {
    using kit = testMetastore();
    const { dataDir } = kit;
    backUp(kit.metastore.db, "daily", NOW);
    const newest = backUp(kit.metastore.db, "daily", NOW + DAY_MS);
    kit.metastore[Symbol.dispose]();
    const file = join(dataDir, "metastore.sqlite");
    writeFileSync(file, "not a database ".repeat(500));
    for (const suffix of ["-wal", "-shm"])
      rmSync(file + suffix, { force: true });
    const error = errorOf(() => openMetastore({ dataDir, use: "gateway" }));
    expect([error.code, error.message, error.hint]).toEqual([
      "XX001",
      `metastore "${file}" is damaged`,
      `Restore the newest backup: sluice backup restore ${basename(newest)} --data-dir ${dataDir}`,
    ]);
    restoreBackup(dataDir, newest, NOW);
    openMetastore({ dataDir, use: "gateway" })[Symbol.dispose]();
  });

  test("a metastore that another program has locked is named", () => {
    using kit = testMetastore();
    const dataDir = join(kit.dataDir, "second");
    mkdirSync(dataDir);
    const file = join(dataDir, "metastore.sqlite");
    copyFileSync(backUp(kit.metastore.db, "manual", NOW), file);
    const other = new Database(file);
    other.exec("BEGIN EXCLUSIVE");
    const error = errorOf(() => openMetastore({ dataDir, use: "gateway" }));
    other.close();
    expect([error.code, error.message]).toEqual([
      "57P03",
      `metastore "${file}" is locked by another process`,
    ]);
    expect(error.hint).toContain("end that program");
  });

  test.each([
    ["after a clean end", true],
    ["with the log's files left by a kill", false],
  ])(
    "a data dir that may not be written is named, with what to do: %s",
    async (_state, isClosed) => {
      using kit = testMetastore();
      const { dataDir } = kit;
      if (isClosed) kit.metastore[Symbol.dispose]();
      const files = readdirSync(dataDir).map((name) => join(dataDir, name));
      for (const file of files)
        if (statSync(file).isFile()) chmodSync(file, 0o444);
      chmodSync(dataDir, 0o555);
      const text = await openedBySomebodyElse(dataDir);
      chmodSync(dataDir, 0o755);
      expect(text).toContain("58030 metastore");
      expect(text).toContain("right to write the data dir");
    },
  );

  test("a keys folder that may not be read is not said to be missing", async () => {
    using kit = testMetastore();
    const { dataDir } = kit;
    kit.metastore[Symbol.dispose]();
    const files = readdirSync(dataDir).map((name) => join(dataDir, name));
    for (const file of files)
      if (statSync(file).isFile()) chmodSync(file, 0o666);
    chmodSync(dataDir, 0o777);
    chmodSync(join(dataDir, "keys"), 0);
    const text = await openedBySomebodyElse(dataDir);
    chmodSync(join(dataDir, "keys"), 0o700);
    expect(text).toContain("58030 key file");
    expect(text).toContain("give them to that user");
  });
});

/** What opening the metastore says to a user who is not root: root may read and write everything. */
async function openedBySomebodyElse(dataDir: string): Promise<string> {
  const isRoot = process.getuid?.() === 0;
  const script = `
    import { openMetastore } from ${JSON.stringify(join(import.meta.dirname, "metastore.ts"))};
    try {
      openMetastore({ dataDir: ${JSON.stringify(dataDir)}, use: "gateway" });
      process.stdout.write("opened");
    } catch (error) {
      process.stdout.write(error.code + " " + error.message + " " + error.hint);
    }`;
  const child = spawn(
    process.execPath,
    ["--import", "tsx", "--input-type=module", "-e", script],
    {
      stdio: ["ignore", "pipe", "inherit"],
      env: { ...process.env, HOME: "/nowhere", TMPDIR: "/tmp" },
      ...(isRoot ? { uid: 65_534, gid: 65_534 } : {}),
    },
  );
  let text = "";
  child.stdout.on("data", (chunk: Buffer) => (text += chunk.toString()));
  await new Promise((resolve) => child.once("close", resolve));
  return text;
}

test("what is restored knows of no table that was being made: another start must not remove its folder", () => {
  using kit = testMetastore();
  const { db } = kit.metastore;
  const intent = { location: "/lake/t", createdAtMs: 1 };
  const block = {
    kind: "block" as const,
    version: 0,
    writes: [],
    events: [],
  };
  insertIntent(db, { ...intent, txnId: "t", changes: { kind: "new-table" } });
  insertIntent(db, { ...intent, txnId: "u", changes: block });
  const copy = backUp(db, "manual", NOW);
  kit.metastore[Symbol.dispose]();
  restoreBackup(kit.dataDir, copy, NOW);
  const restored = kit.reopen();
  expect(listIntents(restored.db).map(({ txnId }) => txnId)).toEqual(["u"]);
});
