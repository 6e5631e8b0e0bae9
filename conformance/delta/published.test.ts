// Every published table reads right: schema, live files, rows at every version, column checks, rows, change data feed, commit
// times; and what must be refused is refused for the stated reason. Metadata that no statement shows (protocol, transactions,
// domains) is checked by storage/delta/published-tables.test.ts. Ends with a line `published tables: n/217`.

import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestGateway, type TestGateway } from "../harness.ts";
import {
  TABLES_FOLDER,
  publishedTables,
  type PublishedTable,
} from "./manifest.ts";
import { checkPublished } from "./published-check.ts";
import { failureOf, quoted } from "./published-query.ts";

const TABLES = publishedTables();
const REFUSED = TABLES.filter((table) => refusalOf(table) !== undefined);
const READABLE = TABLES.filter((table) => !REFUSED.includes(table));

/** What a refusal must say: the SQLSTATE and the reason the manifest states. */
const REASONS: Readonly<Record<string, RegExp>> = {
  "ambiguous-pretty-printed-commit-json":
    /^XX001 .*File "\d{20}\.json": line 1 is not/s,
  "ambiguous-trailing-garbage-after-json-lines":
    /^XX001 .*File "\d{20}\.json": line \d+ is not/s,
  "catalog-managed-with-staged-commit": /^0A000 .*"catalogManaged"/s,
  "error-checkpoint-metadata-malformed":
    /^XX001 .*00000000000000000010\.checkpoint\.parquet.*metaData/s,
  "error-checkpoint-without-metadata": /^XX001 .*metaData/s,
  "error-log-without-protocol": /^XX001 .*protocol/s,
  "error-missing-commit-after-checkpoint": /^XX001 .*Commit 12 is missing/s,
  "error-missing-commit-in-the-middle": /^XX001 .*Commit 1 is missing/s,
  // A folder without a log is no table, so the catalog has none of that name.
  "error-not-a-delta-table-no-log-folder": /^42P01 .*does not exist/s,
  "error-reader-version-5-unknown-features": /^0A000 .*reader version 5/s,
  "error-reader-version-99": /^0A000 .*reader version 99/s,
  "error-type-widening-unsupported-change": /^0A000 .*"unsupported"/s,
  "error-unknown-reader-feature-in-checkpoint": /^0A000 .*"catalogOwned"/s,
  "geospatial-feature-empty": /^0A000 .*"geospatial/s,
};

function refusalOf(table: PublishedTable): string | undefined {
  return table.expect.expect_error ?? (table.ambiguous ? "damaged" : undefined);
}

let templates: string;
let gateway: TestGateway;
let client: pg.Client;
let templateClient: pg.Client;
const failed = new Set<string>();
const passed = new Set<string>();

beforeAll(async () => {
  templates = mkdtempSync(join(tmpdir(), "sluice-templates-"));
  TABLES.filter(isTemplate).forEach(fillTemplate);
  gateway = await startTestGateway({
    lakes: { published: TABLES_FOLDER, templates },
  });
  client = await gateway.connect({ database: "published", raw: true });
  templateClient = await gateway.connect({ database: "templates", raw: true });
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  rmSync(templates, { recursive: true, force: true });
  const names = [...failed].map((name) => `\n  failed: ${name}`).join("");
  console.log(`published tables: ${passed.size}/${TABLES.length}${names}`);
});

function isTemplate({ features }: PublishedTable): boolean {
  return features.includes("template");
}

const PLACE = "{{FOLDER_WITH_SPECIAL_CHAR}}";

/** A table that names its files by absolute path, which only its place in this lake decides. */
function fillTemplate(table: PublishedTable): void {
  const copy = join(templates, table.name);
  mkdirSync(copy);
  cpSync(join(TABLES_FOLDER, table.path), copy, { recursive: true });
  const folder = join(copy, "folder&with%special char");
  const place = folder.replaceAll("%", "%25").replaceAll(" ", "%20");
  const log = join(copy, "_delta_log");
  for (const name of readdirSync(log)) {
    if (!name.endsWith(".json")) continue;
    const text = readFileSync(join(log, name), "utf8");
    writeFileSync(join(log, name), text.replaceAll(PLACE, place));
  }
}

function note(table: PublishedTable, differences: readonly string[]): void {
  (differences.length === 0 ? passed : failed).add(table.name);
  expect(differences).toEqual([]);
}

describe("a published table, with the instants and lists of old writers too (T4, T5)", () => {
  test("is there to be tested", () => {
    expect(READABLE.length).toBeGreaterThan(8);
    expect(REFUSED.length).toBeGreaterThan(1);
  });

  test.each(READABLE)("$name reads right", async (table) => {
    note(
      table,
      await checkPublished(isTemplate(table) ? templateClient : client, table),
    );
  });

  test.each(REFUSED)("$name is refused for its reason", async (table) => {
    const failure =
      (await failureOf(client, `SELECT * FROM ${quoted(table.name)}`)) ??
      "answered";
    note(table, REASONS[table.name]?.test(failure) === true ? [] : [failure]);
  });
});
