import { spawn } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { SqlError } from "../common/errors.ts";
import { principalId, tokenId } from "../common/ids.ts";
import { deleteIntent, insertIntent, listIntents } from "./intents.ts";
import { seal, unseal } from "./keys.ts";
import { openMetastore, type Metastore } from "./metastore.ts";
import { testMetastore } from "./metastore.testkit.ts";
import { listBackups } from "./backup-files.ts";
import { schemaVersion } from "./check.ts";
import { MIGRATIONS, migrate } from "./migrations.ts";
import { insertPrincipal, listPrincipals } from "./principals.ts";
import { readSetting, writeSetting } from "./settings.ts";
import { Sqlite } from "./sqlite.ts";
import { findToken, insertToken, setTokenUsed } from "./tokens.ts";

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return error instanceof SqlError ? error.code : String(error);
  }
  return "no error";
}

const NOW = (): number => Date.UTC(2026, 0, 1);

function openAgain(dataDir: string): Metastore {
  return openMetastore({ dataDir, use: "gateway" });
}

describe("opening", () => {
  test("makes the file in WAL mode, synchronous FULL, with foreign keys", () => {
    using kit = testMetastore();
    const { db } = kit.metastore;
    expect(db.rows("PRAGMA journal_mode")[0]?.[0]).toBe("wal");
    expect(Number(db.rows("PRAGMA synchronous")[0]?.[0])).toBe(2);
    expect(Number(db.rows("PRAGMA foreign_keys")[0]?.[0])).toBe(1);
    expect(schemaVersion(db)).toBe(MIGRATIONS.length);
  });

  test("refuses a second gateway on one data directory and says so", () => {
    using kit = testMetastore();
    expect(() => openAgain(kit.dataDir)).toThrow(
      /is in use by another gateway/,
    );
    expect(codeOf(() => openAgain(kit.dataDir))).toBe("55006");
  });

  test("lets a tool in beside a running gateway", () => {
    using kit = testMetastore();
    writeSetting(kit.metastore.db, "colour", "green");
    using tool = openMetastore({ dataDir: kit.dataDir, use: "tool" });
    expect(readSetting(tool.db, "colour")).toBe("green");
  });

  test("keeps what was committed over a restart", () => {
    using kit = testMetastore();
    writeSetting(kit.metastore.db, "colour", "blue");
    expect(readSetting(kit.reopen().db, "colour")).toBe("blue");
  });

  test("refuses a file that is no database", () => {
    const dataDir = mkdtempSync(join(tmpdir(), "sluice-metastore-"));
    writeFileSync(
      join(dataDir, "metastore.sqlite"),
      "not a database ".repeat(500),
    );
    expect(codeOf(() => openAgain(dataDir))).toBe("XX001");
    expect(codeOf(() => openAgain(dataDir))).toBe("XX001");
    rmSync(dataDir, { recursive: true });
  });

  test("refuses a file that lost its second half", () => {
    const dataDir = mkdtempSync(join(tmpdir(), "sluice-metastore-"));
    const first = openAgain(dataDir);
    first.db.transaction(() => {
      for (let i = 0; i < 500; i++)
        writeSetting(first.db, `s${i}`, "x".repeat(400));
    });
    first.db.script("PRAGMA wal_checkpoint(TRUNCATE)");
    first[Symbol.dispose]();
    const file = join(dataDir, "metastore.sqlite");
    truncateSync(file, Math.floor(statSync(file).size / 8192) * 4096);
    expect(codeOf(() => openAgain(dataDir))).toBe("XX001");
    rmSync(dataDir, { recursive: true });
  });

  test("refuses a file of a newer version", () => {
    using kit = testMetastore();
    kit.metastore.db.script(`PRAGMA user_version = ${MIGRATIONS.length + 1}`);
    expect(codeOf(() => kit.reopen())).toBe("55000");
  });

  test("names the folder when it cannot be made", () => {
    const file = join(mkdtempSync(join(tmpdir(), "sluice-metastore-")), "file");
    writeFileSync(file, "");
    expect(codeOf(() => openAgain(join(file, "data")))).toBe("58030");
  });
});

describe("keys", () => {
  test("lie in a folder only the owner enters, in files only the owner reads", () => {
    using kit = testMetastore();
    const folder = join(kit.dataDir, "keys");
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    const files = readdirSync(folder);
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) {
      expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600);
    }
  });

  test("are made once", () => {
    using kit = testMetastore();
    const before = kit.metastore.keys.verifiers.secret;
    expect(kit.reopen().keys.verifiers.secret).toEqual(before);
  });

  test("that are missing stop the start", () => {
    using kit = testMetastore();
    rmSync(join(kit.dataDir, "keys"), { recursive: true });
    expect(codeOf(() => kit.reopen())).toBe("F0000");
    expect(existsSync(join(kit.dataDir, "keys"))).toBe(false);
  });

  test("of another metastore stop the start", () => {
    using kit = testMetastore();
    writeFileSync(join(kit.dataDir, "keys/verifiers.key"), "ab".repeat(32), {
      mode: 0o600,
    });
    expect(codeOf(() => kit.reopen())).toBe("F0000");
  });

  test("that others can read stop the start", () => {
    using kit = testMetastore();
    chmodSync(join(kit.dataDir, "keys/verifiers.key"), 0o644);
    expect(codeOf(() => kit.reopen())).toBe("F0000");
  });

  test("open only what they sealed, unchanged, for the same owner", () => {
    using kit = testMetastore();
    const { verifiers, links } = kit.metastore.keys;
    const plain = Buffer.from("StoredKey and ServerKey");
    const sealed = seal(verifiers, "owner", plain);
    expect(Buffer.from(sealed).includes(plain)).toBe(false);
    expect(unseal(verifiers, "owner", sealed)).toEqual(plain);
    expect(unseal(verifiers, "other", sealed)).toBeUndefined();
    expect(unseal(links, "owner", sealed)).toBeUndefined();
    for (let i = 0; i < sealed.length; i++) {
      const changed = Uint8Array.from(sealed);
      changed[i] = (changed[i] ?? 0) ^ 1;
      expect(unseal(verifiers, "owner", changed)).toBeUndefined();
    }
  });
});

describe("migrations", () => {
  const second = {
    name: "second",
    sql: "CREATE TABLE extra (a INTEGER) STRICT; INSERT INTO extra VALUES (1);",
  };

  test("run what is pending and keep a copy of the old file", () => {
    using kit = testMetastore();
    const { db } = kit.metastore;
    writeSetting(db, "colour", "red");
    expect(migrate(db, NOW, [...MIGRATIONS, second])).toBe(1);
    expect(schemaVersion(db)).toBe(MIGRATIONS.length + 1);
    const [copy] = listBackups(kit.dataDir);
    expect(copy?.reason).toBe(`schema-${MIGRATIONS.length}`);
    const backup = new Sqlite(copy?.path ?? "");
    expect(schemaVersion(backup)).toBe(MIGRATIONS.length);
    expect(readSetting(backup, "colour")).toBe("red");
    backup[Symbol.dispose]();
  });

  test("that fail half-way leave the file as it was", () => {
    using kit = testMetastore();
    const { db } = kit.metastore;
    const broken = { name: "broken", sql: "CREATE TABLE half (a); NONSENSE;" };
    expect(() => migrate(db, NOW, [...MIGRATIONS, second, broken])).toThrow();
    expect(schemaVersion(db)).toBe(MIGRATIONS.length);
    expect(
      db.rows("SELECT name FROM sqlite_schema WHERE name IN ('extra', 'half')"),
    ).toEqual([]);
  });

  test("killed in the middle leave the file as it was", async () => {
    using kit = testMetastore();
    const { file } = kit.metastore.db;
    writeSetting(kit.metastore.db, "colour", "red");
    const script = `
      const Database = require(${JSON.stringify(join(process.cwd(), "node_modules/libsql"))});
      const db = new Database(${JSON.stringify(file)});
      db.exec("BEGIN IMMEDIATE; CREATE TABLE extra (a); UPDATE setting SET value = 'gone'; PRAGMA user_version = 99");
      process.stdout.write("ready");
      setInterval(() => undefined, 1000);
    `;
    const child = spawn(process.execPath, ["-e", script]);
    const ended = new Promise((resolve) => child.on("exit", resolve));
    await new Promise((resolve) => child.stdout.once("data", resolve));
    child.kill("SIGKILL");
    await ended;
    const { db } = kit.reopen();
    expect(schemaVersion(db)).toBe(MIGRATIONS.length);
    expect(readSetting(db, "colour")).toBe("red");
  });
});

describe("transactions", () => {
  test("keep nothing when the work throws, and tell listeners", () => {
    using kit = testMetastore();
    const { db } = kit.metastore;
    let rolledBack = 0;
    db.onRollback(() => (rolledBack += 1));
    expect(() =>
      db.transaction(() => {
        writeSetting(db, "colour", "red");
        throw new Error("no");
      }),
    ).toThrow("no");
    expect(readSetting(db, "colour")).toBeUndefined();
    expect(rolledBack).toBe(1);
  });

  test("nest: an inner failure that is caught undoes only the inner part", () => {
    using kit = testMetastore();
    const { db } = kit.metastore;
    const hooks: string[] = [];
    db.transaction(() => {
      writeSetting(db, "outer", "kept");
      db.afterCommit(() => hooks.push("outer"));
      expect(() =>
        db.transaction(() => {
          writeSetting(db, "inner", "lost");
          db.afterCommit(() => hooks.push("inner"));
          throw new Error("no");
        }),
      ).toThrow("no");
      expect(hooks).toEqual([]);
    });
    expect(readSetting(db, "outer")).toBe("kept");
    expect(readSetting(db, "inner")).toBeUndefined();
    expect(hooks).toEqual(["outer"]);
  });

  test("take bytes or null as the only parameter", () => {
    using kit = testMetastore();
    const { db } = kit.metastore;
    expect(db.rows("SELECT hex(?)", Uint8Array.of(1, 255))).toEqual([["01FF"]]);
    expect(db.rows("SELECT ? IS NULL", null)).toEqual([[1]]);
    expect(db.run("DELETE FROM token WHERE hash = ?", Buffer.of(1))).toBe(0);
  });

  test("take no boolean and no undefined: both are our mistakes, not a dead process", () => {
    using kit = testMetastore();
    const { db } = kit.metastore;
    const rows = db.rows.bind(db);
    const loose = (value: unknown): unknown =>
      Reflect.apply(rows, db, ["SELECT ?", value]);
    expect(codeOf(() => loose(true))).toBe("XX000");
    expect(codeOf(() => loose(undefined))).toBe("XX000");
    expect(codeOf(() => loose(Number.NaN))).toBe("XX000");
    expect(codeOf(() => loose([1]))).toBe("XX000");
  });
});

describe("kill -9 of the process", () => {
  test("loses nothing it had acknowledged, keeps no half, and frees the lock", async () => {
    const dataDir = mkdtempSync(join(tmpdir(), "sluice-metastore-"));
    const writer = fileURLToPath(
      new URL("./crash-writer.testkit.ts", import.meta.url),
    );
    for (const lines of [1, 60]) {
      const child = spawn(process.execPath, [
        "--import",
        "tsx",
        writer,
        dataDir,
      ]);
      const ended = new Promise((resolve) => child.on("exit", resolve));
      let output = "";
      await new Promise<void>((resolve) => {
        child.stdout.on("data", (chunk: Buffer) => {
          output += chunk.toString();
          if (output.split("\n").length > lines) resolve();
        });
        child.on("exit", resolve);
      });
      child.kill("SIGKILL");
      await ended;
      const acknowledged = output.split("\n").length - 1;
      expect(acknowledged).toBeGreaterThanOrEqual(lines);
      using metastore = openAgain(dataDir);
      const kept = (letter: string): number =>
        metastore.db.rows(
          "SELECT 1 FROM setting WHERE name GLOB ?",
          `${letter}[0-9]*`,
        ).length;
      expect(kept("a")).toBeGreaterThanOrEqual(acknowledged);
      expect(kept("b")).toBe(kept("a"));
      metastore.db.run("DELETE FROM setting WHERE name GLOB '[ab][0-9]*'");
    }
    rmSync(dataDir, { recursive: true });
  });
});

describe("records", () => {
  const user = {
    id: principalId("p1"),
    oid: 20000,
    kind: "user",
    name: "Alice@X.y",
    folded: "alice@x.y",
    displayName: undefined,
    active: true,
    createdAtMs: 1,
  } as const;

  test("of principals come back as they went in, absent values too", () => {
    using kit = testMetastore();
    insertPrincipal(kit.metastore.db, user);
    const service = {
      ...user,
      id: principalId("p2"),
      oid: 20001,
      kind: "service-principal",
      folded: "b",
      displayName: "Bot",
      active: false,
    } as const;
    insertPrincipal(kit.metastore.db, service);
    expect(listPrincipals(kit.reopen().db)).toEqual([user, service]);
  });

  test("of tokens come back as they went in", () => {
    using kit = testMetastore();
    const { db } = kit.metastore;
    insertPrincipal(db, user);
    const token = {
      id: tokenId("t1"),
      principal: user.id,
      createdBy: "admin",
      comment: "",
      scopes: ["sql", "scim"],
      createdAtMs: 1_700_000_000_000,
      expiresAtMs: undefined,
      lastUsedAtMs: undefined,
      revokedAtMs: undefined,
      allowedCidrs: ["10.0.0.0/8"],
    };
    insertToken(db, token, Buffer.from("hash"));
    expect(findToken(db, token.id)).toEqual(token);
    setTokenUsed(db, token.id, 1_700_000_000_001);
    expect(findToken(db, token.id)?.lastUsedAtMs).toBe(1_700_000_000_001);
  });

  test("of commit intents wait until they are dropped", () => {
    using kit = testMetastore();
    const intent = {
      txnId: "txn-1",
      location: "/lake/t",
      changes: {
        kind: "block" as const,
        version: 3,
        writes: [
          { sql: "UPDATE t SET a = ?", values: ["x", 1, null], rowCount: 1 },
        ],
        events: ["{}"],
      },
      createdAtMs: 5,
    };
    insertIntent(kit.metastore.db, intent);
    expect(listIntents(kit.reopen().db)).toEqual([intent]);
    deleteIntent(kit.metastore.db, "txn-1");
    expect(listIntents(kit.metastore.db)).toEqual([]);
  });
});
