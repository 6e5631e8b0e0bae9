// Every scalar type and its array, in and out, in both formats: as parameters sent back, and as columns of a table. Bytes must be equal.

import { expect } from "vitest";
import { fc } from "../../../storage/common/property.testkit.ts";
import type { Answer, Asked, Cell } from "./bytes-client.ts";
import type { Sides } from "./sides.ts";

const digits = (max: number): fc.Arbitrary<string> =>
  fc
    .array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: max })
    .map((list) => list.join(""));
const two = (max: number, min = 0): fc.Arbitrary<string> =>
  fc.integer({ min, max }).map((value) => String(value).padStart(2, "0"));

const DATE = fc
  .tuple(fc.integer({ min: 1, max: 9999 }), two(12, 1), two(28, 1))
  .map(([y, m, d]) => `${String(y).padStart(4, "0")}-${m}-${d}`);
const TIME = fc
  .tuple(two(23), two(59), two(59), fc.integer({ min: 0, max: 999_999 }))
  .map(([h, m, s, f]) => `${h}:${m}:${s}.${String(f).padStart(6, "0")}`);
const INTERVAL = fc
  .tuple(
    ...(["years", "mons", "days", "hours", "mins"] as const).map((unit) =>
      fc.integer({ min: -90, max: 90 }).map((count) => `${count} ${unit}`),
    ),
    fc.integer({ min: -59_999_999, max: 59_999_999 }),
  )
  .map((parts) => {
    const micros = Number(parts.at(-1));
    return `${parts.slice(0, -1).join(" ")} ${micros / 1e6} secs`;
  });
const NUMERIC = fc
  .tuple(fc.constantFrom("", "-"), digits(19), fc.option(digits(19)))
  .map(
    ([sign, whole, part]) =>
      `${sign}${whole}${part === null ? "" : `.${part}`}`,
  );
const FLOAT = fc.double().map((value) => String(value));
/** Every length in UTF-8, quotes, backslashes, braces. */
const TEXT = fc
  .oneof(
    fc
      .string({ unit: "binary", maxLength: 12 })
      .map((text) => text.replaceAll("\0", "")),
    fc.string({
      unit: fc.constantFrom(
        "a",
        '"',
        "\\",
        "'",
        "{",
        "}",
        ",",
        " ",
        "\n",
        "é",
        "☃",
        "𝄞",
      ),
      maxLength: 8,
    }),
    fc.constantFrom("", "NULL", "null", " ", "\\", '"', "{}"),
  )
  .map((text) => Buffer.from(text).toString());
const BYTES = fc
  .uint8Array({ maxLength: 12 })
  .map((bytes) => `\\x${Buffer.from(bytes).toString("hex")}`);

const jsonText = fc.oneof(
  fc
    .json({ maxDepth: 3, stringUnit: "grapheme" })
    .filter((text) => !text.includes("\\u0000")),
  fc.constantFrom(
    '{"b":1,"aa":2,"a":3,"b":{"c":[]}}',
    "1e3",
    "1.50",
    "-0",
    "0.00",
    "1E-3",
    '"\\u00e9\\ud834\\udd1e\\n\\/"',
    '{"":null}',
    " [ 1 , 2 ] ",
  ),
);

interface Kind {
  readonly type: string;
  readonly values: fc.Arbitrary<string>;
  /** As a column, where it is another: a numeric of a table has a precision. */
  readonly column?: string;
}

const edges = (
  values: fc.Arbitrary<string>,
  ...more: readonly string[]
): fc.Arbitrary<string> => fc.oneof(values, fc.constantFrom(...more, ...more));

export const KINDS: readonly Kind[] = [
  { type: "boolean", values: fc.constantFrom("t", "f", "true", "no", "on") },
  {
    type: "smallint",
    values: edges(
      fc.integer({ min: -32768, max: 32767 }).map(String),
      "32767",
      "-32768",
    ),
  },
  {
    type: "integer",
    values: edges(fc.integer().map(String), "2147483647", "-2147483648", " 7 "),
  },
  {
    type: "bigint",
    values: edges(
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String),
      "9223372036854775807",
      "-9223372036854775808",
    ),
  },
  {
    type: "real",
    values: edges(
      fc.float().map(String),
      "NaN",
      "Infinity",
      "-Infinity",
      "-0",
      "1e-45",
      "3.4028235e38",
      "0.1",
    ),
  },
  {
    type: "double precision",
    values: edges(
      FLOAT,
      "NaN",
      "Infinity",
      "-Infinity",
      "-0",
      "5e-324",
      "1.7976931348623157e308",
      "0.1",
      "1e15",
      "123456789012345680",
    ),
  },
  {
    type: "numeric",
    column: "numeric(38,18)",
    values: edges(
      NUMERIC,
      "0",
      "0.000",
      "-0",
      "1e10",
      "99999999999999999999.999999999999999999",
      "0.000000000000000001",
    ),
  },
  { type: "text", values: TEXT },
  {
    type: "varchar(12)",
    values: TEXT.map((text) => Array.from(text).slice(0, 12).join("")),
  },
  {
    type: "char(6)",
    values: TEXT.map((text) => Array.from(text).slice(0, 6).join("")),
  },
  { type: "bytea", values: BYTES },
  {
    type: "date",
    values: edges(DATE, "0001-01-01", "9999-12-31", "1582-10-10", "2000-02-29"),
  },
  {
    type: "time",
    values: edges(
      TIME,
      "00:00:00",
      "24:00:00",
      "23:59:59.999999",
      "12:00:00.1",
    ),
  },
  {
    type: "timestamp",
    values: edges(
      fc.tuple(DATE, TIME).map((parts) => parts.join(" ")),
      "0001-01-01 00:00:00",
      "9999-12-31 23:59:59.999999",
      "2024-03-10 02:30:00",
    ),
  },
  {
    type: "timestamptz",
    values: edges(
      fc
        .tuple(DATE, TIME, fc.constantFrom("+00", "-03:30", "+05:45"))
        .map(([date, time, zone]) => `${date} ${time}${zone}`),
      ...[
        "0001-01-03 00:00:00+00",
        "9999-12-30 23:59:59.999999+00",
        "2024-03-10 06:59:59+00",
        "2024-03-10 07:00:00+00",
      ],
      ...[
        "2024-11-03 05:59:59+00",
        "2024-11-03 06:30:00+00",
        "1883-11-18 17:00:00+00",
        "1900-01-01 00:00:00+00",
        "2024-04-06 15:15:00+00",
      ],
    ),
  },
  {
    type: "interval",
    values: edges(
      INTERVAL,
      "0",
      "1 day",
      "-1 day +1 hour",
      "1 mon -1 day",
      "-00:00:00.5",
      "178000000 years",
      "1 year -1 mon",
    ),
  },
  { type: "uuid", values: fc.uuid() },
  { type: "json", values: jsonText },
  { type: "jsonb", values: jsonText },
];

/** With dates other than ISO their abbreviations show. The runtime and PostgreSQL's machine agree on all of these, from local mean time on. */
const ZONES = fc.record({
  TimeZone: fc.constantFrom(
    ...["UTC", "America/New_York", "Europe/Dublin", "Australia/Lord_Howe"],
    ...["Asia/Kathmandu", "America/St_Johns", "Pacific/Apia", "Europe/Berlin"],
    ...["Asia/Kolkata", "Asia/Tokyo", "Europe/Istanbul", "Europe/Moscow"],
    ...["America/Sao_Paulo", "Africa/Casablanca", "Antarctica/Troll"],
  ),
  DateStyle: fc
    .tuple(
      fc.constantFrom("ISO", "SQL", "Postgres", "German"),
      fc.constantFrom("MDY", "DMY", "YMD"),
    )
    .map((parts) => parts.join(", ")),
});

const SETTINGS = fc
  .tuple(
    ZONES,
    fc.record({
      IntervalStyle: fc.constantFrom(
        ...["postgres", "postgres_verbose", "sql_standard", "iso_8601"],
      ),
      extra_float_digits: fc.constantFrom("1", "0", "-3", "3"),
      bytea_output: fc.constantFrom("hex", "escape"),
    }),
  )
  .map(([zone, styles]) => ({ ...zone, ...styles }));

/** The array's text: every element quoted. */
function arrayText(elements: readonly (string | null)[]): string {
  const items = elements.map((element) =>
    element === null ? "NULL" : `"${element.replaceAll(/["\\]/g, "\\$&")}"`,
  );
  return `{${items.join(",")}}`;
}

function shown(answer: Answer): unknown {
  return answer.kind === "error"
    ? answer
    : {
        columns: answer.columns,
        rows: answer.rows.map((row) =>
          row.map((cell) =>
            cell === null
              ? null
              : `${JSON.stringify(cell.toString())} ${cell.toString("hex")}`,
          ),
        ),
      };
}

async function same(
  sides: Sides,
  asked: Asked,
  note: unknown,
): Promise<Answer> {
  const [mine, reference] = await Promise.all([
    sides.ours.ask(asked),
    sides.theirs.ask(asked),
  ]);
  expect(shown(mine), JSON.stringify([asked.sql, note])).toEqual(
    shown(reference),
  );
  return reference;
}

async function withSettings(
  sides: Sides,
  settings: Readonly<Record<string, string>>,
): Promise<void> {
  await sides.setUp(
    Object.entries(settings).map(([name, value]) => `set ${name} = '${value}'`),
  );
}

const elements = (
  values: fc.Arbitrary<string>,
): fc.Arbitrary<readonly (string | null)[]> =>
  fc.array(fc.option(values, { freq: 5 }), { maxLength: 4 });

/** Values and arrays of the type as parameters: text in, both out; and the binary that came out in again. */
export async function checkParameters(
  sides: Sides,
  { type, values }: Kind,
  numRuns: number,
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(
      SETTINGS,
      fc.option(values, { freq: 20 }),
      elements(values),
      async (settings, value, list) => {
        await withSettings(sides, settings);
        const sql = `select $1::${type}, $2::${type}[]`;
        const given = [value, arrayText(list)];
        await same(sides, { sql, values: given }, given);
        const binary = await same(
          sides,
          { sql, values: given, binary: true },
          given,
        );
        if (binary.kind === "error") return;
        const again = {
          sql,
          types: binary.columns.map(oidOf),
          values: binary.rows[0] ?? [],
        };
        await same(sides, again, given);
        await same(sides, { ...again, binary: true }, given);
      },
    ),
    { numRuns },
  );
}

/** `name oid modifier` */
function oidOf(column: string): number {
  return Number(column.split(" ").at(-2));
}

/** Values and arrays of the type as rows of a table, read back in both formats. */
export async function checkColumns(
  sides: Sides,
  { type, values, column = type }: Kind,
  numRuns: number,
): Promise<void> {
  const fresh = fc.array(
    fc.tuple(fc.option(values, { freq: 20 }), elements(values)),
    { minLength: 20, maxLength: 20 },
  );
  await fc.assert(
    fc.asyncProperty(SETTINGS, fresh, async (settings, rows) => {
      await sides.setUp([
        "drop table if exists stored",
        `create table stored (id integer, v ${column}, a ${column}[])`,
      ]);
      const parameters: Cell[] = [];
      const tuples = rows.map(([value, list], id) => {
        for (const text of [value, arrayText(list)])
          parameters.push(text === null ? null : Buffer.from(text));
        return `(${id}, $${2 * id + 1}::text::${column}, $${2 * id + 2}::text::${column}[])`;
      });
      const texts = parameters.map((cell) =>
        cell === null ? null : cell.toString(),
      );
      const insert = {
        sql: `insert into stored values ${tuples.join(", ")}`,
        values: texts,
      };
      await withSettings(sides, { ...DEFAULTS });
      const stored = await same(sides, insert, texts);
      expect(stored.kind, JSON.stringify(stored)).toBe("rows");
      await withSettings(sides, settings);
      for (const binary of [false, true])
        await same(
          sides,
          { sql: "select * from stored order by id", binary },
          settings,
        );
    }),
    { numRuns },
  );
}

const DEFAULTS = {
  TimeZone: "UTC",
  DateStyle: "ISO, MDY",
  IntervalStyle: "postgres",
};
