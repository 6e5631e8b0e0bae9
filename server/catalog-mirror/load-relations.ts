// Tables and views as rows of pg_class, pg_type, pg_attribute and their relatives. `rows` is a relation `j` of one column `value`, a
// RelationRow as JSON; `oids` is a list in brackets.

/** Everything of these relations, and of the indexes and sequences that belong to them. */
export function dropRelations(oids: string): readonly string[] {
  const parts = `(SELECT indexrelid FROM pg_catalog.pg_index WHERE indrelid IN ${oids} UNION ALL
    SELECT objid FROM pg_catalog.pg_depend WHERE classid = 1259 AND refclassid = 1259 AND refobjid IN ${oids} AND deptype = 'i')`;
  return [
    // Views over them are read anew, and those that could not be read get another chance.
    `UPDATE pg_catalog.pg_sluice_view SET stale = true WHERE NOT native OR oid IN (
      SELECT r.ev_class FROM pg_catalog.pg_rewrite r JOIN pg_catalog.pg_depend d ON d.classid = 2618 AND d.objid = r.oid
      WHERE d.refclassid = 1259 AND d.refobjid IN ${oids})`,
    `DELETE FROM pg_catalog.pg_attribute WHERE attrelid IN ${parts}`,
    `DELETE FROM pg_catalog.pg_sequence WHERE seqrelid IN ${parts}`,
    `DELETE FROM pg_catalog.pg_class WHERE oid IN ${parts}`,
    `DELETE FROM pg_catalog.pg_depend WHERE classid = 2606 AND objid IN (SELECT oid FROM pg_catalog.pg_constraint WHERE conrelid IN ${oids})`,
    `DELETE FROM pg_catalog.pg_depend WHERE classid = 2604 AND objid IN (SELECT oid FROM pg_catalog.pg_attrdef WHERE adrelid IN ${oids})`,
    `DELETE FROM pg_catalog.pg_depend WHERE classid = 2618 AND objid IN (SELECT oid FROM pg_catalog.pg_rewrite WHERE ev_class IN ${oids})`,
    `DELETE FROM pg_catalog.pg_depend WHERE classid = 1259 AND refclassid IN (1259, 2606) AND objid IN ${parts}`,
    `DELETE FROM pg_catalog.pg_index WHERE indrelid IN ${oids}`,
    `DELETE FROM pg_catalog.pg_constraint WHERE conrelid IN ${oids}`,
    `DELETE FROM pg_catalog.pg_attrdef WHERE adrelid IN ${oids}`,
    `DELETE FROM pg_catalog.pg_description WHERE classoid = 1259 AND objoid IN ${oids}`,
    `DELETE FROM pg_catalog.pg_rewrite WHERE ev_class IN ${oids}`,
    `DELETE FROM pg_catalog.pg_attribute WHERE attrelid IN ${oids}`,
    `DELETE FROM pg_catalog.pg_type WHERE typelem IN (SELECT reltype FROM pg_catalog.pg_class WHERE oid IN ${oids} AND reltype <> 0)`,
    `DELETE FROM pg_catalog.pg_type WHERE oid IN (SELECT reltype FROM pg_catalog.pg_class WHERE oid IN ${oids})`,
    `DELETE FROM pg_catalog.pg_class WHERE oid IN ${oids}`,
    `DELETE FROM pg_catalog.pg_sluice_view WHERE oid IN ${oids}`,
    `DELETE FROM pg_catalog.pg_sluice_expression WHERE relation IN ${oids}`,
  ];
}

/** A view's rule is the stub's until definitions are read: enough to be opened. Tables have a file name that no file bears. */
export function putRelations(rows: string): readonly string[] {
  return [
    `INSERT INTO pg_catalog.pg_class SELECT r.* FROM ${rows}, pg_catalog.pg_class stub,
        LATERAL jsonb_populate_record(stub, jsonb_build_object(
          'oid', value->>'oid', 'relname', value->>'name', 'relnamespace', value->>'schema', 'relowner', value->>'owner',
          'relacl', value->>'acl', 'relkind', value->>'kind', 'reltype', value->>'type', 'relnatts', jsonb_array_length(value->'columns'),
          'relpersistence', CASE WHEN (value->>'temporary')::boolean THEN 't' ELSE 'p' END,
          'relhasrules', value->>'kind' = 'v', 'relhastriggers', value->'hasTriggers',
          'relhasindex', jsonb_path_exists(value, '$.keys[*] ? (@.type != "f")'),
          'relreplident', CASE WHEN value->>'kind' = 'r' THEN 'd' ELSE 'n' END,
          'relam', CASE WHEN value->>'kind' = 'r' THEN 2 ELSE 0 END,
          'reltuples', CASE WHEN value->>'kind' = 'r' THEN -1 ELSE 0 END,
          'relfilenode', CASE WHEN value->>'kind' = 'r' THEN value->>'oid' ELSE '0' END)) AS r
      WHERE stub.oid = 'pg_catalog.pg_sluice_stub'::regclass`,
    ...rowTypes(rows),
    `INSERT INTO pg_catalog.pg_attribute (${ATTRIBUTE})
      SELECT (j.value->>'oid')::oid, c.value->>'name', t.oid, t.typlen, c.number, (c.value->>'typeModifier')::integer,
        CASE WHEN t.typcategory = 'A' THEN 1 ELSE 0 END, t.typbyval, t.typalign, t.typstorage, '', (c.value->>'notNull')::boolean,
        false, false, CASE c.value->'identity'->>'always' WHEN 'true' THEN 'a' WHEN 'false' THEN 'd' ELSE '' END, '', false, true, 0,
        t.typcollation
      FROM ${rows}, jsonb_array_elements(j.value->'columns') WITH ORDINALITY AS c(value, number)
        JOIN pg_catalog.pg_type t ON t.oid = (c.value->>'typeOid')::oid`,
    // ctid, xmin and so on: PostgreSQL describes them for each table.
    `INSERT INTO pg_catalog.pg_attribute (${ATTRIBUTE}, attstattarget)
      SELECT (j.value->>'oid')::oid, s.attname, s.atttypid, s.attlen, s.attnum, s.atttypmod, s.attndims, s.attbyval, s.attalign,
        s.attstorage, s.attcompression, true, false, false, '', '', false, true, 0, s.attcollation, 0
      FROM ${rows}, pg_catalog.pg_attribute s WHERE s.attrelid = 1259 AND s.attnum < 0 AND j.value->>'kind' = 'r'`,
    `INSERT INTO pg_catalog.pg_rewrite (oid, rulename, ev_class, ev_type, ev_enabled, is_instead, ev_qual, ev_action)
      SELECT pg_catalog.pg_nextoid('pg_catalog.pg_rewrite', 'oid', 'pg_catalog.pg_rewrite_oid_index'), s.rulename,
        (value->>'oid')::oid, s.ev_type, s.ev_enabled, s.is_instead, s.ev_qual, s.ev_action
      FROM ${rows}, pg_catalog.pg_rewrite s
      WHERE s.ev_class = 'pg_catalog.pg_sluice_stub'::regclass AND value->>'kind' = 'v'`,
    `INSERT INTO pg_catalog.pg_sluice_view (oid, definition) SELECT (value->>'oid')::oid, value->>'definition' FROM ${rows}
      WHERE value->>'kind' = 'v'`,
    `INSERT INTO pg_catalog.pg_sluice_expression SELECT (value->>'oid')::oid, value->'expressions' FROM ${rows}
      WHERE value->'expressions' <> '[]'`,
    `INSERT INTO pg_catalog.pg_description (objoid, classoid, objsubid, description)
      SELECT (value->>'oid')::oid, 1259, 0, value->>'comment' FROM ${rows} WHERE value ? 'comment'`,
    `INSERT INTO pg_catalog.pg_description (objoid, classoid, objsubid, description)
      SELECT (j.value->>'oid')::oid, 1259, c.number, c.value->>'comment'
      FROM ${rows}, jsonb_array_elements(j.value->'columns') WITH ORDINALITY AS c(value, number) WHERE c.value ? 'comment'`,
  ];
}

const ATTRIBUTE =
  "attrelid, attname, atttypid, attlen, attnum, atttypmod, attndims, attbyval, attalign, attstorage, attcompression, attnotnull, atthasdef, atthasmissing, attidentity, attgenerated, attisdropped, attislocal, attinhcount, attcollation";

function rowTypes(rows: string): readonly string[] {
  const type = (stub: string, fields: string): string =>
    `INSERT INTO pg_catalog.pg_type SELECT r.* FROM ${rows}, pg_catalog.pg_type stub,
        LATERAL jsonb_populate_record(stub, jsonb_build_object('typnamespace', value->>'schema', 'typowner', value->>'owner', ${fields})) AS r
      WHERE stub.typname = '${stub}' AND stub.typnamespace = 11`;
  return [
    type(
      "pg_sluice_stub",
      "'oid', value->>'type', 'typname', value->>'name', 'typrelid', value->>'oid', 'typarray', value->>'arrayType'",
    ),
    type(
      "_pg_sluice_stub",
      "'oid', value->>'arrayType', 'typname', value->>'arrayTypeName', 'typelem', value->>'type'",
    ),
  ];
}

/** Sizes as the newest logs tell them: nothing else of the table is written for a changed one. */
export function putStatistics(rows: string): readonly string[] {
  return [
    `UPDATE pg_catalog.pg_class c SET reltuples = (value->>'rows')::real, relpages = (value->>'pages')::integer
      FROM ${rows} WHERE c.oid = (value->>'oid')::oid`,
  ];
}
