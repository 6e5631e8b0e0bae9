// PostgreSQL's own catalog of functions and operators, as far as their arguments are types we have values of. What the gateway does not
// know by name is counted and left out.

import type { BytesClient } from "../bytes-client.ts";
import { isEdgeType, type EdgeType } from "../edges.ts";
import type { Report } from "../report.ts";
import type { Sides } from "../sides.ts";

export interface Routine {
  readonly name: string;
  readonly kind: "function" | "operator";
  readonly args: readonly EdgeType[];
  readonly returns: EdgeType;
}

/** Of the session, the server or the moment; files and large objects; what only types' own machinery calls. */
const LEFT_OUT =
  /^(?:pg_|has_|current_|session_|inet_|txid_|lo_|xml|xpath|query_to|table_to|schema_to|database_to|cursor_to|binary_upgrade|currval|lastval|nextval|setval|now|transaction_timestamp|statement_timestamp|version|getdatabaseencoding|set_config|col_description|obj_description|shobj_description|to_reg|row_security|unknown|dblink|brin|gin|gist|hash|json_in|jsonb_in|ts_|float8_|numeric_|interval_|timestamp_|timestamptz_|date_(?!part|trunc|bin)|time_|text_|bytea_|int\d_|bool(?:and|or)_|bt\w+cmp$|.*(?:send|larger|smaller|range_subdiff)$|int\d(?:inc|dec)|.*_(?:in|out|recv|send|support|larger|smaller|accum|cmp|sortsupport|hash|hash_extended|transfn|finalfn)$)/;

const SQL = `
  select p.proname as name, 'function' as kind, array(select format_type(a, null) from unnest(p.proargtypes) with ordinality as x(a, n) order by n)::text as args,
    format_type(p.prorettype, null) as returns
  from pg_proc p
  where p.prokind = 'f' and p.provolatile <> 'v' and not p.proretset and p.pronargs between 1 and 4 and p.provariadic = 0
    and not exists (select 1 from pg_operator o where o.oprcode = p.oid)
  union all
  select o.oprname, 'operator', array(select format_type(a, null) from unnest(array[o.oprleft, o.oprright]) with ordinality as x(a, n) where a <> 0 order by n)::text,
    format_type(o.oprresult, null)
  from pg_operator o
  order by 1, 2, 3`;

/** Polymorphic arguments become arrays of integers, then of texts. */
const STANDINS: readonly Readonly<Record<string, EdgeType>>[] = [
  {
    anyarray: "integer[]",
    anyelement: "integer",
    anycompatiblearray: "integer[]",
    anycompatible: "integer",
  },
  {
    anyarray: "text[]",
    anyelement: "text",
    anycompatiblearray: "text[]",
    anycompatible: "text",
  },
];

export async function readCatalog(
  sides: Sides,
  report: Report,
): Promise<readonly Routine[]> {
  const known: Routine[] = [];
  for (const routine of await allRoutines(sides.theirs))
    if (await isKnown(sides.ours, routine, report)) known.push(routine);
  return known;
}

async function allRoutines(theirs: BytesClient): Promise<readonly Routine[]> {
  const answer = await theirs.ask({ sql: SQL });
  if (answer.kind === "error") throw new Error(answer.message);
  return answer.rows.flatMap((row) => {
    const [name = "", kind, args = "", returns = ""] = row.map(String);
    return LEFT_OUT.test(name)
      ? []
      : STANDINS.flatMap((standins, at) => {
          const types = listOf(args);
          const named = types.map((type) => standins[type] ?? type);
          const result = standins[returns] ?? returns;
          const again = at > 0 && named.every((type, i) => type === types[i]);
          if (again || !named.every(isEdgeType) || !isEdgeType(result))
            return [];
          return [
            {
              name,
              kind: kind === "operator" ? "operator" : "function",
              args: named,
              returns: result,
            } as const,
          ];
        });
  });
}

/** `{integer,"double precision"}` */
function listOf(array: string): readonly string[] {
  return array === "{}"
    ? []
    : array
        .slice(1, -1)
        .split(",")
        .map((item) => item.replaceAll('"', ""));
}

async function isKnown(
  ours: BytesClient,
  routine: Routine,
  report: Report,
): Promise<boolean> {
  const nulls = routine.args.map((type) => `null::${type}`);
  const answer = await ours.ask({ sql: `select ${callOf(routine, nulls)}` });
  if (answer.kind === "rows" || !["42883", "0A000"].includes(answer.code))
    return true;
  report.refuse(`${routine.kind} ${routine.name}`);
  return false;
}

export function callOf(
  { name, kind }: Routine,
  args: readonly string[],
): string {
  if (kind === "function") return `"${name}"(${args.join(", ")})`;
  const [first = "", second] = args;
  return second === undefined
    ? `(${name} ${first})`
    : `(${first} ${name} ${second})`;
}
