// Every .slt file in this folder, each over a gateway of its own with an empty lake.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestGateway, type TestGateway } from "../harness.ts";
import { parseSlt, printRow, type SltRecord } from "./runner.ts";

const FOLDER = import.meta.dirname;
const files = readdirSync(FOLDER).filter((name) => name.endsWith(".slt"));

test("there are sqllogictest files", () => {
  expect(files.length).toBeGreaterThan(0);
});

describe.each(files)("%s", (file) => {
  let gateway: TestGateway;
  const clients = new Map<string, pg.Client>();
  beforeAll(async () => {
    gateway = await startTestGateway();
    clients.set("admin", await gateway.connect({ raw: true }));
  });
  afterAll(() => gateway[Symbol.asyncDispose]());

  test("every record holds", async () => {
    let user = "admin";
    for (const record of parseSlt(
      readFileSync(join(FOLDER, file), "utf8"),
      file,
    )) {
      if (record.kind === "user") {
        user = record.user;
        if (!clients.has(user))
          clients.set(
            user,
            await connectAs(gateway, clients.get("admin"), user),
          );
        continue;
      }
      const client = clients.get(user);
      if (client === undefined) throw new Error("no client");
      await runRecord(client, record, file);
    }
  });
});

/** Logs in as a user the file created, with a token made for it. */
async function connectAs(
  gateway: TestGateway,
  admin: pg.Client | undefined,
  user: string,
): Promise<pg.Client> {
  const made = await admin?.query<{ token_value: string }>(
    `CREATE TOKEN FOR USER "${user}" COMMENT 'slt'`,
  );
  const password = made?.rows[0]?.token_value ?? "";
  return gateway.connect({ user, password, raw: true });
}

async function runRecord(
  client: pg.Client,
  record: SltRecord,
  file: string,
): Promise<void> {
  const place = `${file}:${record.line}: ${record.sql}`;
  let outcome: { rows: readonly string[] } | { code: string; message: string };
  try {
    const result = await client.query<(string | null)[]>({
      text: record.sql,
      rowMode: "array",
    });
    // Several statements have several results.
    const last = [result].flat().at(-1);
    outcome = { rows: last?.rows.map(printRow) ?? [] };
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    outcome = { code: code ?? "none", message };
  }
  if (record.kind === "error") {
    expect(outcome, place).toMatchObject({ code: record.code });
    if (record.message !== "")
      expect("message" in outcome ? outcome.message : "", place).toContain(
        record.message,
      );
    return;
  }
  if ("code" in outcome)
    throw new Error(`${place}\n${outcome.code}: ${outcome.message}`);
  if (record.kind === "ok") return;
  const sort = (rows: readonly string[]): readonly string[] =>
    record.sorted ? rows.toSorted() : rows;
  expect(sort(outcome.rows), place).toEqual(sort(record.expected));
}
