// Tables with damage: each statement fails with an error that names table and file, or answers as if nothing were wrong where
// nothing is; and the gateway goes on.

import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestGateway, type TestGateway } from "../harness.ts";
import { failureOf, quoted } from "./published-query.ts";

const TABLES = join(import.meta.dirname, "tables");
const FIRST = "00000000000000000000.json";
const SECOND = "00000000000000000001.json";

let root: string;
let gateway: TestGateway;
let client: pg.Client;

interface Damage {
  readonly name: string;
  /** The published table that is copied. */
  readonly from: string;
  readonly harm: (folder: string) => void;
  /** SQLSTATE, message and detail; undefined where all rows must come, as before. */
  readonly failure?: RegExp;
}

function log(folder: string, file: string): string {
  return join(folder, "_delta_log", file);
}

function edit(path: string, change: (text: string) => string): void {
  const before = readFileSync(path, "utf8");
  const after = change(before);
  expect(after).not.toBe(before);
  writeFileSync(path, after);
}

function dataFile(folder: string): string {
  const name = readdirSync(folder).find((entry) => entry.endsWith(".parquet"));
  return join(folder, name ?? "none");
}

function vectorFile(folder: string): string {
  const name = readdirSync(folder).find((entry) => entry.endsWith(".bin"));
  return join(folder, name ?? "none");
}

function append(folder: string, file: string, action: object): void {
  writeFileSync(log(folder, file), `${JSON.stringify(action)}\n`, {
    flag: "a",
  });
}

const FILE = {
  partitionValues: {},
  size: 1000,
  modificationTime: 0,
  dataChange: true,
};

const DAMAGES: readonly Damage[] = [
  {
    name: "a data file cut short",
    from: "dat-basic-append",
    harm: (folder) => truncateSync(dataFile(folder), 300),
    failure: /^XX001 .*table "public\.d0".*\.parquet/s,
  },
  {
    name: "a data file of other bytes",
    from: "dat-basic-append",
    harm: (folder) => writeFileSync(dataFile(folder), "x".repeat(2000)),
    failure: /^XX001 .*table "public\.d1".*\.parquet/s,
  },
  {
    name: "an empty data file",
    from: "dat-basic-append",
    harm: (folder) => writeFileSync(dataFile(folder), ""),
    failure: /^XX001 .*table "public\.d2".*\.parquet/s,
  },
  {
    name: "a data file that is gone",
    from: "dat-basic-append",
    harm: (folder) => rmSync(dataFile(folder)),
    failure: /^58P01 .*table "public\.d3".*\.parquet/s,
  },
  {
    name: "a deletion vector whose checksum is wrong (D2)",
    from: "dv-small-two-rows-deleted",
    harm: (folder) => {
      const bytes = readFileSync(vectorFile(folder));
      const last = bytes.length - 1;
      bytes[last] = (bytes[last] ?? 0) ^ 0xff;
      writeFileSync(vectorFile(folder), bytes);
    },
    failure: /^XX001 .*deletion_vector_.*checksum.*"public\.d4"/s,
  },
  {
    name: "a deletion vector of another size than the log says (D2)",
    from: "dv-small-two-rows-deleted",
    harm: (folder) =>
      edit(log(folder, SECOND), (text) =>
        text.replace(/"sizeInBytes":\d+/g, '"sizeInBytes":20'),
      ),
    failure: /^XX001 .*deletion_vector_.*size.*"public\.d5"/s,
  },
  {
    name: "a deletion vector of another cardinality than the log says (D8)",
    from: "dv-small-two-rows-deleted",
    harm: (folder) =>
      edit(log(folder, SECOND), (text) =>
        text.replace(/"cardinality":\d+/g, '"cardinality":3'),
      ),
    failure: /^XX001 .*deletion_vector_.*"public\.d6"/s,
  },
  {
    name: "a deletion vector that is gone (D8)",
    from: "dv-small-two-rows-deleted",
    harm: (folder) => rmSync(vectorFile(folder)),
    failure: /^58P01 .*deletion_vector_.*"public\.d7"/s,
  },
  {
    name: "an action and a field nobody knows (L4)",
    from: "dat-basic-append",
    harm: (folder) => {
      append(folder, SECOND, { newAction: { a: 1 } });
      append(folder, SECOND, {
        txn: { appId: "a", version: 1, newField: [1] },
      });
    },
  },
  {
    name: "a reader feature nobody knows (F1)",
    from: "dat-basic-append",
    harm: (folder) =>
      append(folder, SECOND, {
        protocol: {
          minReaderVersion: 3,
          minWriterVersion: 7,
          readerFeatures: ["telepathy"],
          writerFeatures: ["telepathy"],
        },
      }),
    failure: /^0A000 .*"public\.d9".*"telepathy"/s,
  },
  {
    name: "a writer feature nobody knows (F2)",
    from: "dat-basic-append",
    harm: (folder) =>
      append(folder, SECOND, {
        protocol: {
          minReaderVersion: 1,
          minWriterVersion: 7,
          writerFeatures: ["telepathy"],
        },
      }),
  },
  {
    name: "a path that climbs out of the table (P3)",
    from: "dat-basic-append",
    harm: (folder) =>
      append(folder, SECOND, { add: { ...FILE, path: "../../x.parquet" } }),
    failure: /^42501 .*"\.\.\/\.\.\/x\.parquet" of table "public\.d11"/s,
  },
  {
    name: "a path that climbs out of the table in disguise (P1, P3)",
    from: "dat-basic-append",
    harm: (folder) =>
      append(folder, SECOND, {
        add: { ...FILE, path: "%2E%2E/%2E%2E/x.parquet" },
      }),
    failure: /^42501 .*of table "public\.d12"/s,
  },
  {
    name: "an absolute path outside the lake (P3)",
    from: "dat-basic-append",
    harm: (folder) =>
      append(folder, SECOND, { add: { ...FILE, path: "file:///etc/passwd" } }),
    failure: /^42501 .*"\/etc\/passwd" of table "public\.d13"/s,
  },
  {
    name: "a symbolic link out of the lake",
    from: "dat-basic-append",
    harm: (folder) => {
      const file = dataFile(folder);
      const outside = join(root, "outside.parquet");
      cpSync(file, outside);
      rmSync(file);
      symlinkSync(outside, file);
    },
    failure: /^42501 .*table "public\.d14"/s,
  },
  {
    name: "statistics that are no JSON (K2)",
    from: "dat-basic-append",
    harm: (folder) =>
      edit(log(folder, FIRST), (text) =>
        text.replace(/"stats":"(?:[^"\\]|\\.)*"/g, '"stats":"{nonsense"'),
      ),
  },
  {
    name: "statistics that are null (K2)",
    from: "dat-basic-append",
    harm: (folder) =>
      edit(log(folder, FIRST), (text) =>
        text.replace(/"stats":"(?:[^"\\]|\\.)*"/g, '"stats":"null"'),
      ),
  },
  {
    name: "a last checkpoint that is no JSON (S4)",
    from: "dat-basic-append",
    harm: (folder) => writeFileSync(log(folder, "_last_checkpoint"), "\0{"),
  },
  {
    name: "a last checkpoint that is not there (S4)",
    from: "dat-basic-append",
    harm: (folder) =>
      writeFileSync(
        log(folder, "_last_checkpoint"),
        '{"version":7,"size":3,"parts":2}',
      ),
  },
  {
    name: "a line of the log cut short (L6)",
    from: "dat-basic-append",
    harm: (folder) =>
      edit(log(folder, SECOND), (text) => text.trimEnd().slice(0, -20)),
    failure:
      /^XX001 log of table "public\.d19" is damaged .*0001\.json": line/s,
  },
  {
    name: "a schema that is no JSON (S8)",
    from: "dat-basic-append",
    harm: (folder) =>
      edit(log(folder, FIRST), (text) =>
        text.replace(/"schemaString":"(?:[^"\\]|\\.)*"/, '"schemaString":"{"'),
      ),
    failure: /^XX001 .*"public\.d20"/s,
  },
  {
    name: "an added file without a path",
    from: "dat-basic-append",
    harm: (folder) => append(folder, SECOND, { add: { size: 1 } }),
    failure: /^XX001 .*"public\.d21".*0001\.json/s,
  },
  {
    name: "a size that is no number",
    from: "dat-basic-append",
    harm: (folder) =>
      append(folder, SECOND, { add: { ...FILE, path: "x", size: "big" } }),
    failure: /^XX001 .*"public\.d22"/s,
  },
  {
    name: "a checkpoint cut short",
    from: "dat-stats-as-struct",
    harm: (folder) => {
      const file = readdirSync(join(folder, "_delta_log")).find((name) =>
        name.endsWith(".checkpoint.parquet"),
      );
      truncateSync(log(folder, file ?? "none"), 200);
    },
    failure: /^XX001 log of table "public\.d23" is damaged .*checkpoint/s,
  },
  {
    name: "a commit without a line (an empty file)",
    from: "dat-basic-append",
    harm: (folder) =>
      writeFileSync(log(folder, "00000000000000000002.json"), ""),
  },
  {
    name: "a stray file among the commits (L2)",
    from: "dat-basic-append",
    harm: (folder) => {
      writeFileSync(log(folder, ","), "x");
      writeFileSync(log(folder, "00000000000000000009.json.tmp"), "x");
      writeFileSync(log(folder, ".00000000000000000009.json.crc"), "x");
    },
  },
];

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "sluice-damage-"));
  const lake = join(root, "lake");
  mkdirSync(lake);
  DAMAGES.forEach(({ from, harm }, index) => {
    const folder = join(lake, `d${index}`);
    cpSync(join(TABLES, from), folder, { recursive: true });
    harm(folder);
  });
  for (const from of new Set(DAMAGES.map((damage) => damage.from)))
    cpSync(join(TABLES, from), join(lake, from), { recursive: true });
  gateway = await startTestGateway({ lakes: { lake } });
  client = await gateway.connect({ database: "lake" });
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  rmSync(root, { recursive: true, force: true });
});

async function rows(table: string): Promise<readonly string[]> {
  const result = await client.query(`SELECT * FROM ${quoted(table)}`);
  return result.rows.map((row) => JSON.stringify(row)).sort();
}

describe("a table with", () => {
  test.each(
    DAMAGES.map((damage, index) => ({ ...damage, table: `d${index}` })),
  )("$name says so or reads right", async ({ table, from, failure }) => {
    if (failure === undefined) {
      expect(await rows(table)).toEqual(await rows(from));
      return;
    }
    expect(await failureOf(client, `SELECT * FROM ${quoted(table)}`)).toMatch(
      failure,
    );
  });

  test("damage leaves the others alone: all are listed, and the good ones answer", async () => {
    const listed = await client.query("SHOW TABLES IN lake.public");
    expect(listed.rows.length).toBeGreaterThanOrEqual(DAMAGES.length);
    expect((await rows("dat-basic-append")).length).toBeGreaterThan(0);
  });
});
