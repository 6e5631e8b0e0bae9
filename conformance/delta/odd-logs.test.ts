// Unusual but legal tables (odd-tables.ts), through the Postgres wire.

import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestGateway, type TestGateway } from "../harness.ts";
import { DATA_FILES, ODD_TABLES, type OddTable } from "./odd-tables.ts";
import { failureOf, texts } from "./published-query.ts";

const FILES = join(import.meta.dirname, "odd");

let root: string;
let gateway: TestGateway;
let client: pg.Client;

beforeAll(async () => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "sluice-odd-")));
  const lake = join(root, "lake");
  for (const [index, table] of ODD_TABLES.entries())
    makeTable(join(lake, `t${index}`), table);
  gateway = await startTestGateway({ lakes: { lake } });
  client = await gateway.connect({ database: "lake", raw: true });
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  rmSync(root, { recursive: true, force: true });
});

function makeTable(folder: string, table: OddTable): void {
  const log = join(folder, "_delta_log");
  mkdirSync(join(log, "_sidecars"), { recursive: true });
  for (const name of DATA_FILES)
    cpSync(join(FILES, `${name}.parquet`), join(folder, `${name}.parquet`));
  for (const [path, name] of Object.entries(table.files ?? {})) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    cpSync(join(FILES, `${name}.parquet`), join(folder, path));
  }
  const write = (name: string, lines: readonly (object | string)[]): void => {
    const text = linesOf(lines).replaceAll("TABLE/", `${folder}/`);
    writeFileSync(join(log, name), text);
  };
  for (const [version, lines] of table.commits.entries())
    if (lines !== undefined)
      write(`${String(version).padStart(20, "0")}.json`, lines);
  for (const [name, content] of Object.entries(table.log ?? {})) {
    if (typeof content === "string")
      cpSync(join(FILES, content), join(log, name));
    else write(name, content);
  }
}

function linesOf(lines: readonly (object | string)[]): string {
  return lines
    .map((line) => (typeof line === "string" ? line : JSON.stringify(line)))
    .join("\n");
}

/** Rows as texts, or the SQLSTATE alone. */
async function answer(sql: string): Promise<readonly string[]> {
  const failure = await failureOf(client, sql);
  if (failure !== undefined) return [failure.slice(0, 5)];
  const rows = await texts(client, sql);
  return rows.map((row) => row.map((cell) => cell ?? "").join("|"));
}

describe("a table that is unusual but legal", () => {
  test.each(ODD_TABLES.map((table, index) => ({ ...table, index })))(
    "$name",
    async ({ answers, index }) => {
      for (const [sql, rows] of answers)
        expect(
          await answer(sql.replace("FROM t", `FROM t${index}`)),
          sql,
        ).toEqual(rows);
    },
  );
});
