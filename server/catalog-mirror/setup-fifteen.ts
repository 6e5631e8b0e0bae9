// What PostgreSQL 18 has more, less or elsewhere than 15 in its catalog, put back (release notes of 16, 17 and 18). Columns that only
// results of SELECT * can tell apart are put in shape by the gateway (shape-of-15.ts).

/** Catalogs that lost and gained columns. This process knows the session's database by oid 5; clients see the oid it has in Sluice. */
const DATABASES = `
CREATE TABLE pg_catalog.pg_sluice_database (oid oid);
INSERT INTO pg_catalog.pg_sluice_database VALUES (5);
GRANT SELECT ON pg_catalog.pg_sluice_database TO PUBLIC;
UPDATE pg_catalog.pg_class SET relname = 'pg18_database' WHERE oid = 'pg_catalog.pg_database'::regclass;
UPDATE pg_catalog.pg_type SET typname = 'pg18_database' WHERE typrelid = 1262;
CREATE VIEW pg_catalog.pg_database AS
  SELECT CASE oid WHEN 5 THEN (SELECT s.oid FROM pg_catalog.pg_sluice_database s) ELSE oid END AS oid, datname, datdba, encoding,
    datlocprovider, datistemplate, datallowconn, datconnlimit, datfrozenxid, datminmxid, dattablespace,
    'C.UTF-8'::text COLLATE "C" AS datcollate, 'C.UTF-8'::text COLLATE "C" AS datctype, datlocale AS daticulocale, datcollversion, datacl
  FROM pg_catalog.pg18_database;
GRANT SELECT ON pg_catalog.pg_database TO PUBLIC;
UPDATE pg_catalog.pg_class SET relname = 'pg18_collation' WHERE oid = 'pg_catalog.pg_collation'::regclass;
UPDATE pg_catalog.pg_type SET typname = 'pg18_collation' WHERE typrelid = 3456;
CREATE VIEW pg_catalog.pg_collation AS
  SELECT oid, collname, collnamespace, collowner, collprovider, collisdeterministic, collencoding, collcollate, collctype,
    colllocale AS colliculocale, collversion FROM pg_catalog.pg18_collation;
GRANT SELECT ON pg_catalog.pg_collation TO PUBLIC;
UPDATE pg_catalog.pg18_database SET datistemplate = false, datconnlimit = -1 WHERE oid = 5;
DELETE FROM pg_catalog.pg18_database WHERE oid <> 5;
`;

/** By oid, the session's database is asked for under the oid clients see. */
const DATABASE_PRIVILEGES = [
  ["oid, text", "$1", "%s, $2"],
  ["name, oid, text", "$2", "$1, %s, $3"],
  ["oid, oid, text", "$2", "$1, %s, $3"],
]
  .map(
    ([types = "", oid = "", call = ""]) => `
ALTER FUNCTION pg_catalog.has_database_privilege(${types}) RENAME TO pg18_has_database_privilege;
CREATE FUNCTION pg_catalog.has_database_privilege(${types}) RETURNS boolean LANGUAGE sql STABLE STRICT
  AS $$SELECT pg_catalog.pg18_has_database_privilege(${call.replace(
    "%s",
    `CASE ${oid} WHEN (SELECT s.oid FROM pg_catalog.pg_sluice_database s) THEN 5::oid ELSE ${oid} END`,
  )})$$;`,
  )
  .join("");

const NEWER = `
DELETE FROM pg_catalog.pg_auth_members WHERE roleid IN (SELECT oid FROM pg_catalog.pg_authid
  WHERE rolname IN ('pg_use_reserved_connections', 'pg_create_subscription', 'pg_maintain', 'pg_signal_autovacuum_worker'));
DELETE FROM pg_catalog.pg_authid
  WHERE rolname IN ('pg_use_reserved_connections', 'pg_create_subscription', 'pg_maintain', 'pg_signal_autovacuum_worker');
DELETE FROM pg_catalog.pg_cast WHERE (castsource = 17 AND casttarget IN (20, 21, 23)) OR (casttarget = 17 AND castsource IN (20, 21, 23));
DROP VIEW pg_catalog.pg_aios, pg_catalog.pg_shmem_allocations_numa, pg_catalog.pg_stat_io, pg_catalog.pg_stat_checkpointer,
  pg_catalog.pg_wait_events;
`;

export const SHAPE_OF_15: string = DATABASES + DATABASE_PRIVILEGES + NEWER;
