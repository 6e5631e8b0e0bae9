// What the gateway answers beside what PostgreSQL answered. Oids and the owner's name are mapped to what they stand for; rows are a
// multiset, since most of the statements leave the order open.

import type pg from "pg";
import {
  recordedOids,
  type Cell,
  type RecordedAnswer,
  type RecordedStatement,
} from "./records.ts";

export interface GivenAnswer {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

export interface OidNames {
  /** Recorded oids. */
  readonly recorded: ReadonlyMap<string, string>;
  /** The gateway's. */
  readonly ours: ReadonlyMap<string, string>;
}

/** Reads the gateway's oids of everything the recording knows by oid. */
export async function readOidNames(client: pg.Client): Promise<OidNames> {
  const { rows } = await client.query<[string, string]>({
    text: OID_NAMES,
    rowMode: "array",
  });
  return { recorded: recordedOids(), ours: new Map(rows) };
}

const RELATION = `CASE nspname WHEN 'public' THEN '' ELSE nspname || '.' END || quote_ident(relname)`;
const OURS = "n.nspname IN ('sales', 'public')";
const OID_NAMES = `
  SELECT c.oid::text, 'relation ' || ${RELATION} FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE ${OURS}
  UNION ALL SELECT oid::text, 'schema ' || nspname FROM pg_namespace n WHERE ${OURS}
  UNION ALL SELECT oid::text, 'database lake' FROM pg_database WHERE datname = 'lake'
  UNION ALL SELECT oid::text, 'role analyst' FROM pg_roles WHERE rolname = 'admin'
  UNION ALL SELECT c.oid::text, 'constraint ' || conname FROM pg_constraint c JOIN pg_namespace n ON n.oid = c.connamespace WHERE ${OURS}
  UNION ALL SELECT r.oid::text, 'rule _RETURN on ' || ${RELATION} FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class
    JOIN pg_namespace n ON n.oid = c.relnamespace WHERE ${OURS}
  UNION ALL SELECT t.oid::text, 'type ' || format_type(t.oid, NULL) FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
    WHERE ${OURS} OR n.nspname = 'information_schema'
  UNION ALL SELECT d.oid::text, 'default of ' || ${RELATION} || '.' || attname FROM pg_attrdef d JOIN pg_class c ON c.oid = d.adrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON attrelid = adrelid AND attnum = adnum`;

/** A statement or parameter of the recording with the gateway's oids. */
export function withOurOids(
  text: string,
  { recorded, ours }: OidNames,
): string {
  const byName = new Map([...ours].map(([oid, name]) => [name, oid]));
  return text.replaceAll(/\b1\d{4}\b/gu, (oid) => {
    const name = recorded.get(oid);
    return (name === undefined ? undefined : byName.get(name)) ?? oid;
  });
}

/** What is wrong with the answer, or nothing. */
export function differences(
  record: RecordedStatement,
  expected: RecordedAnswer,
  given: GivenAnswer,
  names: OidNames,
): readonly string[] {
  const { columns, rows, rows_sample: sample } = expected;
  const wrong: string[] = [];
  const wanted = columns?.map(
    ({ name, type }) => `${name} ${TYPE_NAMES[type] ?? type}`,
  );
  // A prepared statement that ran again was not described again.
  const described = wanted !== undefined && wanted.length > 0;
  if (described && wanted.join() !== given.columns.join())
    wrong.push(`columns: ${given.columns.join()} instead of ${wanted.join()}`);
  if (record.volatile === true) return wrong;
  const found = lines(given.rows, names.ours);
  const left = [...found];
  for (const line of lines(rows ?? sample ?? [], names.recorded)) {
    const at = left.indexOf(line);
    if (at === -1) wrong.push(`missing ${line}`);
    else left.splice(at, 1);
  }
  // Of large answers only rows about the sample schema and common types were recorded.
  if (rows !== undefined) wrong.push(...left.map((line) => `extra ${line}`));
  return wrong;
}

function lines(
  rows: readonly (readonly Cell[])[],
  names: ReadonlyMap<string, string>,
): readonly string[] {
  return rows.map((row) =>
    JSON.stringify(row.map((cell) => cell && withNames(cell, names))),
  );
}

/** Oids of system views and information_schema differ between builds. */
function withNames(cell: string, names: ReadonlyMap<string, string>): string {
  return cell
    .replaceAll(/\b\d{4,10}\b/gu, (digits) => {
      const name = names.get(digits);
      if (name !== undefined) return `<${name}>`;
      const number = Number(digits);
      return number >= 12_000 && number < 16_384 ? "<system>" : digits;
    })
    .replaceAll(/\b(?:analyst|admin)\b/gu, "<owner>");
}

/** The recording names types as pg_type does. */
const TYPE_NAMES: Readonly<Record<string, string>> = {
  bool: "boolean",
  "bool[]": "boolean[]",
  int2: "smallint",
  "int2[]": "smallint[]",
  int4: "integer",
  "int4[]": "integer[]",
  int8: "bigint",
  float4: "real",
  float8: "double precision",
  bpchar: "character",
  varchar: "character varying",
  timestamp: "timestamp without time zone",
  timestamptz: "timestamp with time zone",
  char: '"char"',
  "char[]": '"char"[]',
};
