// Informational keys as PostgreSQL keeps keys: indexes, constraints and what depends on what; and the sequences of identity columns.
// `rows` as in load-relations.ts, whose rows are written before.

const DEPEND =
  "classid, objid, objsubid, refclassid, refobjid, refobjsubid, deptype";

export function putKeys(rows: string): readonly string[] {
  const keys = `(SELECT j.value AS t, k.value AS k FROM ${rows}, jsonb_array_elements(j.value->'keys') AS k(value)) AS keys`;
  const indexed = `${keys} WHERE k->>'type' <> 'f'`;
  const foreign = `${keys} WHERE k->>'type' = 'f'`;
  return [
    `INSERT INTO pg_catalog.pg_class SELECT r.* FROM pg_catalog.pg_class stub, ${keys},
        LATERAL jsonb_populate_record(stub, jsonb_build_object(
          'oid', k->>'index', 'relname', k->>'name', 'relnamespace', t->>'schema', 'relowner', t->>'owner',
          'relnatts', jsonb_array_length(k->'columns'), 'relfilenode', k->>'index', 'relpages', 1, 'reltuples', 0)) AS r
      WHERE stub.oid = 'pg_catalog.pg_sluice_view_pkey'::regclass AND k->>'type' <> 'f'`,
    `INSERT INTO pg_catalog.pg_attribute (attrelid, attname, atttypid, attlen, attnum, atttypmod, attndims, attbyval, attalign,
        attstorage, attcompression, attnotnull, atthasdef, atthasmissing, attidentity, attgenerated, attisdropped, attislocal,
        attinhcount, attcollation)
      SELECT (k->>'index')::oid, a.attname, a.atttypid, a.attlen, c.number, a.atttypmod, a.attndims, a.attbyval, a.attalign,
        a.attstorage, '', false, false, false, '', '', false, true, 0, a.attcollation
      FROM ${keys}, ${columnsOf("columns")} AS c(value, number), pg_catalog.pg_attribute a
      WHERE k->>'type' <> 'f' AND a.attrelid = (t->>'oid')::oid AND a.attnum = c.value::integer`,
    `INSERT INTO pg_catalog.pg_index (indexrelid, indrelid, indnatts, indnkeyatts, indisunique, indnullsnotdistinct, indisprimary,
        indisexclusion, indimmediate, indisclustered, indisvalid, indcheckxmin, indisready, indislive, indisreplident, indkey,
        indcollation, indclass, indoption)
      SELECT (k->>'index')::oid, (t->>'oid')::oid, jsonb_array_length(k->'columns'), jsonb_array_length(k->'columns'), true, false,
        k->>'type' = 'p', false, true, false, true, false, true, true, false,
        (${listOf("c.value")})::int2vector, (${listOf("a.attcollation")})::oidvector,
        (${listOf(operatorClass("a.atttypid"))})::oidvector, (${listOf("0")})::int2vector
      FROM ${indexed}`,
    `INSERT INTO pg_catalog.pg_constraint (${CONSTRAINT})
      SELECT (k->>'oid')::oid, k->>'name', (t->>'schema')::oid, (k->>'type')::"char", false, false, true, true, (t->>'oid')::oid, 0,
        (k->>'index')::oid, 0, 0, ' ', ' ', ' ', true, 0, true, false, ${numbers("k->'columns'")}, NULL, NULL, NULL, NULL
      FROM ${indexed}`,
    `INSERT INTO pg_catalog.pg_constraint (${CONSTRAINT})
      SELECT (k->>'oid')::oid, k->>'name', (t->>'schema')::oid, 'f', false, false, true, true, (t->>'oid')::oid, 0,
        (k->>'index')::oid, 0, (k->>'table')::oid, 'a', 'a', 's', true, 0, true, false, ${numbers("k->'columns'")},
        ${numbers("k->'tableColumns'")}, ${EQUALITY}, ${EQUALITY}, ${EQUALITY}
      FROM ${foreign}`,
    `INSERT INTO pg_catalog.pg_depend (${DEPEND})
      SELECT 1259, (k->>'index')::oid, 0, 2606, (k->>'oid')::oid, 0, 'i'::"char" FROM ${indexed}`,
    `INSERT INTO pg_catalog.pg_depend (${DEPEND})
      SELECT 2606, (k->>'oid')::oid, 0, 1259, (t->>'oid')::oid, c.value::integer, 'a'::"char"
      FROM ${keys}, ${columnsOf("columns")} AS c(value, number)`,
    `INSERT INTO pg_catalog.pg_depend (${DEPEND})
      SELECT 2606, (k->>'oid')::oid, 0, 1259, (k->>'table')::oid, c.value::integer, 'n'::"char"
      FROM ${keys}, ${columnsOf("tableColumns")} AS c(value, number) WHERE k->>'type' = 'f'`,
    `INSERT INTO pg_catalog.pg_depend (${DEPEND})
      SELECT 2606, (k->>'oid')::oid, 0, 1259, (k->>'index')::oid, 0, 'n'::"char" FROM ${foreign} AND k->>'index' <> '0'`,
    ...putSequences(rows),
  ];
}

const CONSTRAINT =
  "oid, conname, connamespace, contype, condeferrable, condeferred, conenforced, convalidated, conrelid, contypid, conindid, conparentid, confrelid, confupdtype, confdeltype, confmatchtype, conislocal, coninhcount, connoinherit, conperiod, conkey, confkey, conpfeqop, conppeqop, conffeqop";

function columnsOf(field: "columns" | "tableColumns"): string {
  return `jsonb_array_elements_text(k->'${field}') WITH ORDINALITY`;
}

function numbers(array: string): string {
  return `ARRAY(SELECT n::smallint FROM jsonb_array_elements_text(${array}) WITH ORDINALITY AS c(n, at) ORDER BY at)`;
}

/** A value for each column `c` of the key, whose attribute is `a`, with spaces between. */
function listOf(value: string): string {
  return `SELECT string_agg((${value})::text, ' ' ORDER BY c.number) FROM ${columnsOf("columns")} AS c(value, number)
    JOIN pg_catalog.pg_attribute a ON a.attrelid = (t->>'oid')::oid AND a.attnum = c.value::integer`;
}

/** The default one for btree; types without one are shown with that of text. */
function operatorClass(type: string): string {
  return `SELECT o.oid FROM pg_catalog.pg_opclass o WHERE o.opcmethod = 403 AND o.opcdefault AND o.opcintype IN (
      CASE ${type} WHEN 1043 THEN 25 ELSE ${type} END, CASE WHEN format_type(${type}, NULL) LIKE '%[]' THEN 2277 END, 25)
    ORDER BY o.opcintype = 25, o.opcintype = 2277 LIMIT 1`;
}

const EQUALITY = `ARRAY(SELECT coalesce((SELECT o.oid FROM pg_catalog.pg_operator o WHERE o.oprname = '=' AND o.oprleft = o.oprright
      AND o.oprleft = CASE a.atttypid WHEN 1043 THEN 25 ELSE a.atttypid END), 98)
    FROM ${columnsOf("columns")} AS c(value, number)
      JOIN pg_catalog.pg_attribute a ON a.attrelid = (t->>'oid')::oid AND a.attnum = c.value::integer ORDER BY c.number)`;

function putSequences(rows: string): readonly string[] {
  const sequences = `(SELECT j.value AS t, c.value->'identity' AS s, c.number, (c.value->>'typeOid')::oid AS type
      FROM ${rows}, jsonb_array_elements(j.value->'columns') WITH ORDINALITY AS c(value, number)
      WHERE c.value->'identity' <> 'null') AS sequences`;
  return [
    `INSERT INTO pg_catalog.pg_class SELECT r.* FROM pg_catalog.pg_class stub, ${sequences},
        LATERAL jsonb_populate_record(stub, jsonb_build_object(
          'oid', s->>'oid', 'relname', s->>'name', 'relnamespace', t->>'schema', 'relowner', t->>'owner', 'relkind', 'S',
          'reltype', 0, 'relnatts', 0, 'relhasrules', false, 'relacl', t->>'acl', 'relfilenode', s->>'oid')) AS r
      WHERE stub.oid = 'pg_catalog.pg_sluice_stub'::regclass`,
    `INSERT INTO pg_catalog.pg_sequence (seqrelid, seqtypid, seqstart, seqincrement, seqmax, seqmin, seqcache, seqcycle)
      SELECT (s->>'oid')::oid, type, (s->>'start')::bigint, (s->>'step')::bigint,
        CASE WHEN (s->>'step')::bigint > 0 THEN largest ELSE -1 END,
        CASE WHEN (s->>'step')::bigint > 0 THEN 1 ELSE -largest - 1 END, 1, false
      FROM ${sequences}, LATERAL (SELECT CASE type WHEN 21 THEN 32767 WHEN 23 THEN 2147483647 ELSE 9223372036854775807 END) AS l(largest)`,
    `INSERT INTO pg_catalog.pg_depend (${DEPEND})
      SELECT 1259, (s->>'oid')::oid, 0, 1259, (t->>'oid')::oid, number, 'i'::"char" FROM ${sequences}`,
  ];
}
