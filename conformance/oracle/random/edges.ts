// Values at the edges of each type, as texts; `'text'::type` on both sides.

export type EdgeType =
  | "boolean"
  | "smallint"
  | "integer"
  | "bigint"
  | "real"
  | "double precision"
  | "numeric"
  | "text"
  | "bytea"
  | "date"
  | "time without time zone"
  | "timestamp without time zone"
  | "timestamp with time zone"
  | "interval"
  | "uuid"
  | "jsonb"
  | "json"
  | "integer[]"
  | "text[]";

export const EDGES: Readonly<Record<EdgeType, readonly string[]>> = {
  boolean: ["t", "f"],
  smallint: ["0", "1", "-1", "7", "-32768", "32767"],
  integer: ["0", "1", "-1", "2", "3", "10", "-7", "2147483647", "-2147483648"],
  bigint: [
    ...["0", "1", "-1", "5", "1000000007"],
    ...["9223372036854775807", "-9223372036854775808"],
  ],
  real: [
    ...["0", "-0", "1.5", "-2.25", "3.4028235e38", "1e-45", "1e10"],
    ...["NaN", "Infinity", "-Infinity"],
  ],
  "double precision": [
    ...["0", "-0", "0.5", "1.5", "2.5", "-2.25", "1e15", "123456789.987654321"],
    ...["1.7976931348623157e308", "5e-324", "NaN", "Infinity", "-Infinity"],
  ],
  numeric: [
    ...["0", "0.00", "1", "-1", "2.5", "-2.50", "0.001", "123.456", "1e10"],
    ...["99999999999999999999999999999999999999", "-0.00000000000000000001"],
    ...["12345678901234567890.123456789", "10", "100.0"],
  ],
  text: [
    ...["", "a", "abc", "ABC", " padded ", "a,b;c", "%", "_", "\\", "'"],
    ...["Ünïcödé ☃ 𝄞", "2020-02-29", "12", "-1.5", "true", "a1b22c333"],
    ...['{"a": 1}', "foo bar  baz", "YYYY-MM-DD", "hex", "base64"],
  ],
  bytea: ["\\x", "\\x00", "\\xdeadbeef", "\\x616263", "\\xff00ff"],
  date: [
    ...["2020-02-29", "2000-01-01", "1970-01-01", "1999-12-31", "2024-12-30"],
    ...["0001-01-01", "9999-12-31"],
  ],
  "time without time zone": [
    ...["00:00:00", "12:34:56.789", "23:59:59.999999", "24:00:00", "01:02:03"],
  ],
  "timestamp without time zone": [
    ...[
      "2020-02-29 12:34:56.789",
      "2000-01-01 00:00:00",
      "1970-01-01 00:00:00",
    ],
    ...["1969-12-31 23:59:59.999999", "2024-03-10 02:30:00"],
    ...["0001-01-01 00:00:00", "9999-12-31 23:59:59.999999"],
  ],
  "timestamp with time zone": [
    ...["2020-02-29 12:34:56.789+00", "2000-01-01 00:00:00+00"],
    ...["1969-12-31 23:59:59.999999+00", "2024-03-10 07:00:00+00"],
    ...["2024-11-03 05:30:00+00", "0001-01-01 00:00:00+00"],
    ...["9999-12-31 00:00:00+00"],
  ],
  interval: [
    ...[
      "0",
      "1 day",
      "-1 day",
      "1 month",
      "1 year 2 months 3 days 04:05:06.789",
    ],
    ...["-1 year 2 days -03:00", "36:00:00", "-00:00:00.000001", "1000 years"],
    ...["30 days", "1 mon -30 days"],
  ],
  uuid: [
    ...["00000000-0000-0000-0000-000000000000"],
    ...["ffffffff-ffff-ffff-ffff-ffffffffffff"],
    ...["550e8400-e29b-41d4-a716-446655440000"],
  ],
  jsonb: [
    ...["null", "true", "1", "-1.50", '"a"', "[]", "{}", "[1, [2, null]]"],
    ...['{"a": 1, "b": {"c": [1, 2]}, "": null}', '{"a": "x\\u00e9\\n"}'],
    ...["1e20", '[{"a": 1}, {"a": 2}]'],
  ],
  json: ['{"a" : 1, "a":2}', "[1,2]", '"x"', "null", '{"b":{"c":[1,"d"]}}'],
  "integer[]": ["{}", "{1,2,3}", "{NULL,1}", "{3,1,2,2}"],
  "text[]": ["{}", "{a,b}", '{"a\\"b","c\\\\d",NULL,""}', "{b,a,b}"],
};

export function isEdgeType(name: string): name is EdgeType {
  return Object.hasOwn(EDGES, name);
}

export const EDGE_TYPES: readonly [EdgeType, ...EdgeType[]] = [
  "boolean",
  ...Object.keys(EDGES)
    .filter(isEdgeType)
    .filter((type) => type !== "boolean"),
];

export function literal(type: string, text: string | undefined): string {
  return text === undefined
    ? `null::${type}`
    : `'${text.replaceAll("'", "''")}'::${type}`;
}
