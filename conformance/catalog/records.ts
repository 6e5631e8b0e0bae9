// The recorded client traffic (client-traffic/README.md of the published facts): introspection statements of real clients with what
// PostgreSQL 15 answered. Where the collection is not at hand, the selection in this folder stands for it.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

export interface RecordedColumn {
  readonly name: string;
  /** As format_type names it. */
  readonly type: string;
  readonly typmod?: number;
}

export type Cell = string | null;

export interface RecordedAnswer {
  readonly columns?: readonly RecordedColumn[];
  readonly row_count?: number;
  readonly rows?: readonly (readonly Cell[])[];
  /** Rows about the sample schema and common types, of an answer too large to record. */
  readonly rows_sample?: readonly (readonly Cell[])[];
  readonly error?: { readonly sqlstate: string; readonly message: string };
}

export interface RecordedStatement {
  readonly client: string;
  readonly action: string;
  readonly sql: string;
  readonly params?: readonly Cell[];
  readonly search_path?: string;
  /** Depends on time, pids or storage: names and types of columns are compared, values are not. */
  readonly volatile?: boolean;
  /** Recorded oids inside `sql` and `params`, with the objects they stand for. */
  readonly oids?: Readonly<Record<string, string>>;
  readonly expected: RecordedAnswer | readonly RecordedAnswer[];
}

const REPOSITORY = resolve(import.meta.dirname, "../..");
const COLLECTION = resolve(REPOSITORY, "../shared/client-traffic");

/** True when all recordings are here, and not the selection alone. */
export const COMPLETE: boolean = existsSync(
  join(COLLECTION, "sample-oids.json"),
);

/** The folder of the recordings, the sample schema and its oids. */
export const RECORDINGS: string = COMPLETE
  ? COLLECTION
  : join(import.meta.dirname, "recorded");

/** By file, which is what the published table lists. */
export function recordedStatements(): ReadonlyMap<
  string,
  readonly RecordedStatement[]
> {
  const files = readdirSync(RECORDINGS).filter((name) =>
    name.endsWith(".jsonl"),
  );
  return new Map(
    files
      .toSorted()
      .map((name): [string, readonly RecordedStatement[]] => [
        name.replace(".jsonl", ""),
        statementsIn(join(RECORDINGS, name)),
      ])
      .filter(([, statements]) => statements.length > 0),
  );
}

function statementsIn(file: string): readonly RecordedStatement[] {
  return readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line): unknown => JSON.parse(line))
    .filter(isIntrospection);
}

function isIntrospection(record: unknown): record is RecordedStatement {
  return (
    typeof record === "object" &&
    record !== null &&
    "class" in record &&
    record.class === "introspection" &&
    "sql" in record &&
    "expected" in record
  );
}

/** Recorded oid to the object's name, of everything in the sample schema. */
export function recordedOids(): ReadonlyMap<string, string> {
  const oids: unknown = JSON.parse(
    readFileSync(join(RECORDINGS, "sample-oids.json"), "utf8"),
  );
  return new Map([
    ...Object.entries(isRecord(oids) ? oids : {}).map(
      ([oid, name]): [string, string] => [oid, String(name)],
    ),
    ...SYSTEM_TYPES,
  ]);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

/** Oids of information_schema's domains differ between builds; drivers send the ones they read back in parameters. */
const SYSTEM_TYPES: readonly (readonly [string, string])[] = [
  ["13221", "type information_schema.cardinal_number"],
  ["13224", "type information_schema.character_data"],
  ["13226", "type information_schema.sql_identifier"],
  ["13232", "type information_schema.time_stamp"],
  ["13234", "type information_schema.yes_or_no"],
];
