// Skipping never loses a matching row: random files, random statistics (complete, cut, partial or absent, tight or wide, from writers
// that count NaN and those that do not), with and without column mapping, random predicates also on fields of structs; the kernel says which files hold a match.

import { afterAll, beforeAll, expect, test } from "vitest";
import type { DataType } from "../common/data-type.ts";
import { fc } from "../common/property.testkit.ts";
import type { Scalar } from "../common/scalar.ts";
import { queryRows } from "../delta/kernel-rows.ts";
import { quoteText } from "../delta/sql.ts";
import { statsJson } from "../delta/stats.ts";
import {
  add,
  metaData,
  PROTOCOL,
  testLake,
  writeCommit,
  type TestLake,
} from "../delta/delta.testkit.ts";
import { localStore } from "../object-store/local.ts";
import type { CompareOperator, ScanPredicate } from "./predicate.ts";
import { scanFiles } from "./scan.ts";

interface TestColumn {
  readonly name: string;
  readonly delta: string;
  readonly type: DataType;
  readonly sqlType: string;
  readonly values: readonly string[];
}

const LONG = "x".repeat(31);
const COLUMNS: readonly TestColumn[] = [
  column("p", "string", { kind: "text" }, "VARCHAR", ["a", "b", "a b/c%", "é"]),
  column("q", "date", { kind: "date" }, "DATE", [
    "2024-01-01",
    "2024-01-31",
    "1969-12-31",
  ]),
  column("i", "long", { kind: "int8" }, "BIGINT", [
    "-5",
    "0",
    "1",
    "7",
    "9007199254740993",
    "9223372036854775807",
  ]),
  column("f", "double", { kind: "float8" }, "DOUBLE", [
    "-Infinity",
    "-1.5",
    "-0",
    "0.1",
    "5",
    "Infinity",
    "NaN",
  ]),
  column("r", "float", { kind: "float4" }, "FLOAT", [
    "0.1",
    "-2.5",
    "16777216",
    "NaN",
  ]),
  column(
    "d",
    "decimal(12,2)",
    { kind: "numeric", precision: 12, scale: 2 },
    "DECIMAL(12,2)",
    ["-1.00", "0.99", "1.00", "1.01"],
  ),
  column(
    "w",
    "decimal(38,4)",
    { kind: "numeric", precision: 38, scale: 4 },
    "DECIMAL(38,4)",
    [
      "12345678901234567890.1234",
      "12345678901234567890.1235",
      "-0.0001",
      "99999999999999999999999999999.9999",
    ],
  ),
  column("s", "string", { kind: "text" }, "VARCHAR", [
    "",
    "a",
    "ab",
    "Ab",
    `${LONG}yz`,
    `${LONG}y\u{10FFFF}z`,
    `${LONG}\u{1F600}a`,
    `${LONG}x\u{1F600}`,
    `${LONG}x\u00E9`,
    `${LONG}\u{FFFD}b`,
    "~",
    "it's",
  ]),
  column("t", "timestamp", { kind: "timestamptz" }, "TIMESTAMPTZ", [
    "2024-01-01 00:00:00+00",
    "2024-01-01 00:00:00.000001+00",
    "2024-01-01 00:00:00.000999+00",
    "1969-12-31 23:59:59.9995+00",
  ]),
  column("b", "boolean", { kind: "bool" }, "BOOLEAN", ["t", "f"]),
  column("n.x", "integer", { kind: "int4" }, "INTEGER", ["-1", "0", "2"]),
  column("n.y", "double", { kind: "float8" }, "DOUBLE", ["-1.5", "3", "NaN"]),
  column("n.inner.z", "string", { kind: "text" }, "VARCHAR", [
    "",
    "a",
    `${LONG}yz`,
  ]),
];
const PARTITIONED = 2;

function column(
  ...[name, delta, type, sqlType, values]: [
    string,
    string,
    DataType,
    string,
    readonly string[],
  ]
): TestColumn {
  return { name, delta, type, sqlType, values };
}

type Row = readonly (string | null)[];
interface TestFile {
  readonly partition: Row;
  readonly rows: readonly Row[];
  readonly statistics:
    "complete" | "absent" | "null" | "unreadable" | "counts only" | "no counts";
  readonly countsNaN: boolean;
  /** Wide: the bounds are those of the file's and the next one's rows together (K8). */
  readonly bounds: "tight" | "wide";
}

const cell = (test: TestColumn): fc.Arbitrary<string | null> =>
  fc.option(fc.constantFrom(...test.values), { freq: 5 });

const file: fc.Arbitrary<TestFile> = fc.record({
  partition: fc.tuple(...COLUMNS.slice(0, PARTITIONED).map(cell)),
  rows: fc.array(fc.tuple(...COLUMNS.slice(PARTITIONED).map(cell)), {
    minLength: 1,
    maxLength: 4,
  }),
  statistics: fc.constantFrom(
    "complete",
    "complete",
    "complete",
    "absent",
    "null",
    "unreadable",
    "counts only",
    "no counts",
  ),
  countsNaN: fc.boolean(),
  bounds: fc.constantFrom("tight", "tight", "wide"),
});

const OPERATORS: readonly CompareOperator[] = ["=", "<>", "<", "<=", ">", ">="];
const OTHER_NUMBERS: readonly Scalar[] = [
  { type: { kind: "numeric" }, text: "0.995" },
  { type: { kind: "numeric" }, text: "9007199254740992.5" },
  { type: { kind: "numeric" }, text: "1e30" },
  { type: { kind: "float8" }, text: "9007199254740992" },
  { type: { kind: "float8" }, text: "NaN" },
  { type: { kind: "int4" }, text: "1" },
];

function constant(test: TestColumn): fc.Arbitrary<Scalar> {
  const own = fc
    .constantFrom(...test.values)
    .map((text): Scalar => ({ type: test.type, text }));
  const isNumber = ["int4", "int8", "float4", "float8", "numeric"].includes(
    test.type.kind,
  );
  return isNumber
    ? fc.oneof({ weight: 3, arbitrary: own }, fc.constantFrom(...OTHER_NUMBERS))
    : own;
}

const leaf: fc.Arbitrary<ScanPredicate> = fc
  .constantFrom(...COLUMNS)
  .chain((test): fc.Arbitrary<ScanPredicate> => {
    const path = pathOf(test.name);
    return fc.oneof(
      fc.record({
        kind: fc.constant("compare"),
        column: fc.constant(path),
        operator: fc.constantFrom(...OPERATORS),
        value: constant(test),
      }),
      fc.record({
        kind: fc.constant("in"),
        column: fc.constant(path),
        values: fc.array(
          fc
            .constantFrom(...test.values)
            .map((text): Scalar => ({ type: test.type, text })),
          { minLength: 1, maxLength: 90 },
        ),
      }),
      fc.record({
        kind: fc.constant("is-null"),
        column: fc.constant(path),
        negated: fc.boolean(),
      }),
      test.type.kind === "text"
        ? fc.record({
            kind: fc.constant("starts-with"),
            column: fc.constant(path),
            prefix: fc.constantFrom(
              ...test.values.map((value) => value.slice(0, 33)),
              "a",
              "x",
            ),
            negated: fc.boolean(),
          })
        : fc.record({
            kind: fc.constant("is-null"),
            column: fc.constant(path),
            negated: fc.boolean(),
          }),
    );
  });

const predicate: fc.Arbitrary<ScanPredicate> = fc.letrec<{
  tree: ScanPredicate;
}>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 2, depthSize: "small" },
    leaf,
    fc.record({
      kind: fc.constantFrom("and", "or"),
      operands: fc.array(tie("tree"), { minLength: 1, maxLength: 3 }),
    }),
  ),
})).tree;

let lake: TestLake;
beforeAll(async () => {
  lake = await testLake();
});
afterAll(() => lake[Symbol.asyncDispose]());

let tableNumber = 0;

test("skipping never loses a matching row", { timeout: 120_000 }, async () => {
  const skipped = { plain: 0, mapped: 0, nested: 0, wide: 0 };
  await fc.assert(
    fc.asyncProperty(
      fc.array(file, { minLength: 1, maxLength: 6 }),
      fc.array(predicate, { minLength: 6, maxLength: 12 }),
      fc.boolean(),
      async (files, predicates, mapped) => {
        tableNumber += 1;
        const table = lake.ref(`t${tableNumber}`);
        const rows = await storeRows(files);
        const names = COLUMNS.slice(0, PARTITIONED).map((test) => test.name);
        const adds = await Promise.all(
          files.map(async (content, index) => {
            const partitionValues = Object.fromEntries(
              names.map((name, at) => [
                physical(name, mapped),
                content.partition[at] ?? null,
              ]),
            );
            return add(`f${index}`, {
              partitionValues,
              stats: await statisticsOf(rows, index, files, mapped),
            });
          }),
        );
        await writeCommit(localStore(), table, 0, [
          mapped
            ? { protocol: { minReaderVersion: 2, minWriterVersion: 5 } }
            : PROTOCOL,
          metaData(fieldsOf(mapped), {
            partitionColumns: names,
            ...(mapped
              ? { configuration: { "delta.columnMapping.mode": "name" } }
              : {}),
          }),
          ...adds,
        ]);
        const snapshot = await lake.tables.snapshot(table);
        for (const tested of predicates) {
          const { splits, statistics } = await scanFiles(snapshot, tested);
          const kept = new Set(
            splits.map((split) =>
              split.path.slice(split.path.lastIndexOf("/") + 2),
            ),
          );
          expect(statistics.filesKept).toBe(splits.length);
          const lost = files.length - splits.length;
          skipped[mapped ? "mapped" : "plain"] += lost;
          if (tested.kind === "compare" && tested.column.length > 1)
            skipped.nested += lost;
          files.forEach(({ bounds }, index) => {
            if (bounds === "wide" && !kept.has(String(index)))
              skipped.wide += 1;
          });
          for (const index of await filesWithMatch(rows, tested)) {
            expect(
              kept,
              `${JSON.stringify(tested)} loses file ${index}`,
            ).toContain(String(index));
          }
        }
      },
    ),
    { numRuns: 40 },
  );
  // Else it would say nothing.
  for (const count of Object.values(skipped)) expect(count).toBeGreaterThan(0);
});

/** `n.inner.z` is a field inside structs. */
function pathOf(name: string): readonly [string, ...string[]] {
  const [first = "", ...rest] = name.split(".");
  return [first, ...rest];
}

function physical(name: string, mapped: boolean): string {
  return mapped ? `col-${name}` : name;
}

interface Field {
  readonly name: string;
  readonly type:
    string | { readonly type: "struct"; readonly fields: readonly Field[] };
  readonly nullable: true;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** The table's schema: columns with a common first name are fields of one struct. */
function fieldsOf(
  mapped: boolean,
  columns: readonly (readonly [
    path: readonly string[],
    type: string,
  ])[] = COLUMNS.map(({ name, delta }) => [pathOf(name), delta]),
  id = { last: 0 },
): readonly Field[] {
  const names = [...new Set(columns.map(([[first = ""]]) => first))];
  return names.map((name) => {
    const own = columns.filter(([[first]]) => first === name);
    id.last += 1;
    const metadata = mapped
      ? {
          "delta.columnMapping.id": id.last,
          "delta.columnMapping.physicalName": physical(name, true),
        }
      : {};
    const [[path, type] = [[], ""] as const] = own;
    const inner = own.map(([[, ...rest], kind]) => [rest, kind] as const);
    return {
      name,
      type:
        path.length === 1
          ? type
          : { type: "struct", fields: fieldsOf(mapped, inner, id) },
      nullable: true,
      metadata,
    };
  });
}

/** A kernel table with the rows of all files; its name. */
async function storeRows(files: readonly TestFile[]): Promise<string> {
  const name = `rows_${tableNumber}`;
  const values = files.flatMap((content, index) =>
    content.rows.map((row) => {
      const cells = [...content.partition, ...row].map((text, at) =>
        sqlValue(text, COLUMNS[at]?.sqlType ?? "VARCHAR"),
      );
      return `(${index}, ${cells.join(", ")})`;
    }),
  );
  const columns = COLUMNS.map((test) => `"${test.name}" ${test.sqlType}`).join(
    ", ",
  );
  await run(`CREATE TABLE ${name} (file INTEGER, ${columns})`);
  await run(`INSERT INTO ${name} VALUES ${values.join(", ")}`);
  return name;
}

function sqlValue(text: string | null, sqlType: string): string {
  return text === null ? "NULL" : `CAST(${quoteText(text)} AS ${sqlType})`;
}

async function run(sql: string): Promise<readonly (readonly unknown[])[]> {
  const connection = await lake.kernel.connect();
  try {
    return await queryRows(connection, sql);
  } finally {
    connection.closeSync();
  }
}

async function statisticsOf(
  rows: string,
  index: number,
  files: readonly TestFile[],
  mapped: boolean,
): Promise<string | null | undefined> {
  const content = files[index];
  if (content === undefined) return undefined;
  if (content.statistics === "absent") return undefined;
  if (content.statistics === "null") return "null";
  if (content.statistics === "unreadable")
    return '{"numRecords":1,"minValues":{"s":"\\ud83d';
  const columns = COLUMNS.slice(PARTITIONED);
  const items = columns.flatMap((test) => {
    const float = test.type.kind === "float8" || test.type.kind === "float4";
    const skipNaN =
      float && !content.countsNaN
        ? ` FILTER (WHERE NOT isnan("${test.name}"))`
        : "";
    return [
      `min("${test.name}")${skipNaN}`,
      `max("${test.name}")${skipNaN}`,
    ].map((sql) => `CAST(${sql} AS VARCHAR)`);
  });
  const counts = columns.map(
    (test) => `(count(*) - count("${test.name}"))::INTEGER`,
  );
  const [row = []] = await run(
    `SELECT ${items.join(", ")} FROM ${rows} WHERE file = ${index}${content.bounds === "wide" ? ` OR file = ${(index + 1) % files.length}` : ""}`,
  );
  const [nulls = []] = await run(
    `SELECT ${counts.join(", ")} FROM ${rows} WHERE file = ${index}`,
  );
  const withBounds = content.statistics !== "counts only";
  const withCounts = content.statistics !== "no counts";
  return statsJson(
    content.rows.length,
    columns.map((test, at) => ({
      path: pathOf(test.name).map((name) => physical(name, mapped)),
      type: test.type,
      min: withBounds ? canonical(row[2 * at]) : null,
      max: withBounds ? canonical(row[2 * at + 1]) : null,
      nullCount: withCounts ? nullCount(Number(nulls[at]), content) : undefined,
    })),
    content.bounds,
  );
}

/** With wide bounds only "none" and "all" can be relied on. */
function nullCount(real: number, { bounds, rows }: TestFile): number {
  const between = real > 0 && real < rows.length;
  return bounds === "wide" && between ? 1 : real;
}

function canonical(value: unknown): string | null {
  if (typeof value !== "string") return null;
  return { nan: "NaN", inf: "Infinity", "-inf": "-Infinity" }[value] ?? value;
}

async function filesWithMatch(
  rows: string,
  tested: ScanPredicate,
): Promise<readonly number[]> {
  const found = await run(
    `SELECT DISTINCT file FROM ${rows} WHERE ${truth(tested)}`,
  );
  return found.map(([index]) => Number(index));
}

function truth(tested: ScanPredicate): string {
  switch (tested.kind) {
    case "constant":
      return String(tested.value);
    case "and":
      return `(${tested.operands.map(truth).join(" AND ")})`;
    case "or":
      return `(${tested.operands.map(truth).join(" OR ")})`;
    case "is-null":
      return `${stored(tested.column.join("."))} IS ${tested.negated ? "NOT " : ""}NULL`;
    case "starts-with":
      return `${tested.negated ? "NOT " : ""}starts_with(${stored(tested.column.join("."))}, ${quoteText(tested.prefix)})`;
    case "in":
      return `(${tested.values.map((value) => compared(tested.column.join("."), "=", value)).join(" OR ")})`;
    case "compare":
      return compared(tested.column.join("."), tested.operator, tested.value);
  }
}

function stored(name: string): string {
  return name === "p" ? `nullif("p", '')` : `"${name}"`;
}

const FLOATS: readonly string[] = ["float4", "float8"];

/** PostgreSQL's comparison: in float8 when a side is a float (two float4 as float4), else exactly. */
function compared(
  name: string,
  operator: CompareOperator,
  value: Scalar,
): string {
  const test = COLUMNS.find((candidate) => candidate.name === name);
  const kinds = [test?.type.kind ?? "", value.type.kind];
  const literal = quoteText(value.text ?? "");
  if (kinds.every((kind) => kind === "float4"))
    return `"${name}" ${operator} CAST(${literal} AS FLOAT)`;
  if (kinds.some((kind) => FLOATS.includes(kind))) {
    return `CAST("${name}" AS DOUBLE) ${operator} CAST(${literal} AS DOUBLE)`;
  }
  if (kinds.some((kind) => kind === "numeric") && kinds[0] !== kinds[1]) {
    return `CAST("${name}" AS DECIMAL(38,3)) ${operator} CAST(${literal} AS DECIMAL(38,3))`;
  }
  if (kinds[0] === "numeric") return exactly(name, operator, value.text ?? "");
  return `${stored(name)} ${operator} CAST(${literal} AS ${test?.sqlType ?? "VARCHAR"})`;
}

/** Decimals of any scale and size, compared by their difference from the kernel's text. */
function exactly(
  name: string,
  operator: CompareOperator,
  text: string,
): string {
  if (text === "1e30")
    return ["<>", "<", "<="].includes(operator)
      ? `"${name}" IS NOT NULL`
      : "false";
  const scale = name === "w" ? 4 : 3;
  return `CAST("${name}" AS DECIMAL(38,${scale})) ${operator} CAST('${text}' AS DECIMAL(38,${scale}))`;
}
