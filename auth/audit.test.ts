import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { AuditLog, type AuditEvent } from "./audit.ts";
import { openGovernance } from "./governance.ts";
import { ADMIN, World, outcomeOf, readAudit } from "./governance.testkit.ts";
import { changeGrants } from "./grants.ts";
import { redact, redactTyped } from "./redact.ts";
import { newTokenText } from "./token-text.ts";

function event(action: string): AuditEvent {
  return {
    service: "accounts",
    action,
    identity: undefined,
    status: "ok",
    request: { note: "n" },
  };
}

function open(dataDir: string, maxFileBytes = 2 ** 20): AuditLog {
  return new AuditLog({
    dataDir,
    now: () => Date.UTC(2026, 0, 1),
    onError: (error) => {
      throw error;
    },
    maxFileBytes,
    maxFiles: 3,
  });
}

function folder(): string {
  return mkdtempSync(join(tmpdir(), "sluice-audit-"));
}

describe("the audit file", () => {
  test("holds one JSON object a line, readable by the owner only", () => {
    const dataDir = folder();
    const log = open(dataDir);
    log.record(event("one"));
    log.recordOrFail(event("two"));
    const file = join(dataDir, "audit/audit.jsonl");
    const lines = readFileSync(file, "utf8").trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { action_name: "one", event_time: "2026-01-01T00:00:00.000Z" },
      { action_name: "two", response: { status_code: 200 } },
    ]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    rmSync(dataDir, { recursive: true });
  });

  test("is rotated by size; old ones are removed", () => {
    const dataDir = folder();
    const log = open(dataDir, 2000);
    for (let i = 0; i < 60; i++) log.record(event(`e${i}`));
    const files = readdirSync(join(dataDir, "audit"));
    expect(files.length).toBe(4);
    expect(files).toContain("audit.jsonl");
    expect(readAudit(dataDir).at(-1)?.action_name).toBe("e59");
    rmSync(dataDir, { recursive: true });
  });

  test("is rotated in its order also while the clock goes back", () => {
    const dataDir = folder();
    let nowMs = Date.UTC(2026, 0, 1);
    using log = new AuditLog({
      dataDir,
      now: () => (nowMs -= 60_000),
      onError: (error) => {
        throw error;
      },
      maxFileBytes: 2000,
      maxFiles: 3,
    });
    for (let i = 0; i < 60; i++) log.record(event(`e${i}`));
    const kept = readdirSync(join(dataDir, "audit"))
      .sort()
      .map((name) => readFileSync(join(dataDir, "audit", name), "utf8"))
      .join("");
    const actions = [...kept.matchAll(/"action_name":"e(\d+)"/g)].map(
      ([, number]) => Number(number),
    );
    expect(actions.at(-1)).toBe(59);
    expect(actions).toEqual([...actions].sort((a, b) => a - b));
    expect(actions.length).toBe(60 - (actions[0] ?? 0));
    rmSync(dataDir, { recursive: true });
  });

  test("tells in its closed files' names when their records were made, also of what another process began", () => {
    const dataDir = folder();
    let nowMs = Date.UTC(2026, 0, 1);
    const begin = (): AuditLog =>
      new AuditLog({
        dataDir,
        now: () => (nowMs += 1000),
        onError: (error) => {
          throw error;
        },
        maxFileBytes: 2000,
      });
    for (let i = 0; i < 30; i++) {
      using log = begin();
      log.record(event(`e${i}`));
      if (i === 20) nowMs -= 3_600_000;
    }
    using log = begin();
    const files = log.files();
    expect(files.length).toBeGreaterThan(3);
    expect(files.at(-1)?.span).toBeUndefined();
    for (const { path, span } of files.slice(0, -1)) {
      const times = [
        ...readFileSync(path, "utf8").matchAll(/"event_time":"([^"]+)"/g),
      ].map(([, time]) => Date.parse(time ?? ""));
      expect(span).toEqual({
        fromMs: Math.min(...times),
        toMs: Math.max(...times),
      });
    }
    rmSync(dataDir, { recursive: true });
  });

  test("with a torn last line goes on behind it", () => {
    const dataDir = folder();
    open(dataDir).record(event("one"));
    const file = join(dataDir, "audit/audit.jsonl");
    appendFileSync(file, '{"event_time": "20');
    const log = open(dataDir);
    log.record(event("two"));
    expect(readAudit(dataDir).map(({ action_name }) => action_name)).toEqual([
      "one",
      "two",
    ]);
    rmSync(dataDir, { recursive: true });
  });
});

describe("a record that cannot be written", () => {
  test("stops a change of rights, and tells of other events only", () => {
    using w = new World();
    const errors: unknown[] = [];
    const governance = openGovernance(w.governance.metastore, {
      onAuditError: (error) => errors.push(error),
    });
    // The file is closed under it: writes fail from here on, as on a full disk.
    governance[Symbol.dispose]();
    const grant = (): unknown =>
      changeGrants(governance, w.as(ADMIN), {
        kind: "grant",
        privileges: [{ name: "SELECT" }],
        on: w.on("sales.orders"),
        principals: [{ name: "bob" }],
      });
    expect(outcomeOf(grant)).toBe("58030");
    expect(
      governance.access.marksOn(w.object("sales.orders").id)?.size ?? 0,
    ).toBe(0);
    w.reopen();
    expect(
      w.governance.access.marksOn(w.object("sales.orders").id)?.size ?? 0,
    ).toBe(0);
    governance.audit.record(event("something"));
    expect(errors.length).toBe(1);
  });
});

describe("redaction", () => {
  const token = newTokenText("sluice");

  test.each([
    [`psql password=${token} x`, "psql password=*** x"],
    [`CREATE TOKEN ${token};`, "CREATE TOKEN sluice_***;"],
    ["dapi0123456789abcdef0123456789abcdef-2 x", "dapi*** x"],
    ["Authorization: Bearer abc.def-ghi", "Authorization: Bearer ***"],
    ["authorization: basic dG9rZW46eA==", "authorization: basic ***"],
    ["https://user:pw@host/x", "https://***@host/x"],
    ["eyJhbGciOi.eyJzdWIi.c2ln end", "eyJ*** end"],
    [
      "https://s3/x?X-Amz-Signature=abc&y=1",
      "https://s3/x?X-Amz-Signature=***&y=1",
    ],
    [
      "/result/external/0?reader=1&expires=2&signature=aB-_9 end",
      "/result/external/0?reader=1&expires=2&signature=*** end",
    ],
    [
      "PASSWORD 'x' stays, password = 'a b' goes",
      "PASSWORD 'x' stays, password = *** goes",
    ],
    ["SELECT * FROM tokens WHERE a = 1", "SELECT * FROM tokens WHERE a = 1"],
  ])("%s", (text, expected) => {
    expect(redact(text)).toBe(expected);
  });

  test("of what was typed escapes control characters and cuts to 128", () => {
    expect(redactTyped("a\nb\u001bc\u2028")).toBe("a\\u000ab\\u001bc\\u2028");
    expect(redactTyped("x".repeat(500)).length).toBe(128);
  });
});
