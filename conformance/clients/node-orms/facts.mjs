// What the probes of this folder share: packages from where install.sh put them, and facts as lines `name=value`.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

/** Loads a package of .cache/node-orms, named by the variable PACKAGES. */
export const load = createRequire(join(process.env.PACKAGES, "package.json"));

/** Where and as whom to log in, as node-postgres takes it. */
export const connection = {
  host: process.env.PGHOST,
  port: Number(process.env.PGPORT),
  user: process.env.PGUSER,
  password: process.env.PGPASSWORD,
  database: process.env.PGDATABASE,
  ssl:
    process.env.PGSSLMODE === "disable"
      ? false
      : { ca: readFileSync(process.env.PGSSLROOTCERT, "utf8") },
};

/** Prints what `work` gives, or how it fails: the SQLSTATE and message the client hands on. */
export async function fact(name, work) {
  let value;
  try {
    value = await work();
  } catch (error) {
    const cause = error.original ?? error.cause ?? error;
    value = [error.name, cause.code, cause.message];
  }
  process.stdout.write(`${name}=${JSON.stringify(value, plain)}\n`);
}

/** bigint has no JSON. */
function plain(_key, value) {
  return typeof value === "bigint" ? `${value}n` : value;
}

/** Every scalar type and some arrays, with a value of each as PostgreSQL prints it. */
export const VALUES = {
  bool: "t",
  int2: "-32768",
  int4: "2147483647",
  int8: "-9223372036854775808",
  float4: "0.1",
  float8: "1e+300",
  numeric: "12345678901234567890.123456789",
  "numeric(10,2)": "-0.50",
  text: "O'Reilly \\ é\u{1f600}",
  "varchar(5)": "abc",
  "char(3)": "x  ",
  bytea: "\\x00ff10",
  date: "2024-02-29",
  timestamp: "2024-02-29 23:59:59.123456",
  timestamptz: "2024-02-29 23:59:59.5+00",
  time: "23:59:59.123456",
  interval: "1 year 2 mons 3 days 04:05:06",
  uuid: "7f0d5c1e-0000-4000-8000-000000000001",
  json: '{"b": 1,  "a": [null]}',
  jsonb: '{"a": [null], "b": 1}',
  "int4[]": "{1,NULL,-3}",
  "int8[]": "{9007199254740993}",
  "text[]": '{a,"b c","","NULL",NULL,"\\""}',
  "float8[]": "{1.5,NaN,-Infinity}",
  "bool[]": "{t,f}",
  "date[]": "{2024-02-29}",
};
