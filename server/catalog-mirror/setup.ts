// What makes an empty PostgreSQL 18 cluster look like PostgreSQL 15 and like Sluice: run once, into the image every mirror starts from.
// Relations and functions that answer differently are renamed, and one of the old name takes their place; PostgreSQL itself refers to
// its catalogs by oid, so nothing inside notices.

import { SHAPE_OF_15 } from "./setup-fifteen.ts";
import { DEFINITIONS } from "./setup-definitions.ts";

/** Owns all that is not shown to belong to somebody. No principal's role can have this name (content-names.ts). */
export const OWNER_ROLE = "postgres";

/** Text, settings and rows that the mirror's own functions read; empty until content is loaded. */
const TABLES = `
CREATE TABLE pg_catalog.pg_sluice_view (oid oid PRIMARY KEY, definition text, native boolean NOT NULL DEFAULT false,
  stale boolean NOT NULL DEFAULT true);
CREATE TABLE pg_catalog.pg_sluice_expression (relation oid, items jsonb);
CREATE VIEW pg_catalog.pg_sluice_stub AS SELECT 1 AS a;
CREATE FUNCTION pg_catalog.pg_sluice_function() RETURNS text LANGUAGE sql STABLE AS 'SELECT NULL';
`;

/** The session's own values, which the gateway sets before each statement. */
const SESSION = `
ALTER FUNCTION pg_catalog.current_setting(text) RENAME TO pg18_current_setting;
ALTER FUNCTION pg_catalog.current_setting(text, boolean) RENAME TO pg18_current_setting;
ALTER FUNCTION pg_catalog.version() RENAME TO pg18_version;
CREATE FUNCTION pg_catalog.version() RETURNS text LANGUAGE sql STABLE
  AS $$SELECT pg_catalog.pg18_current_setting('sluice.version')$$;
ALTER FUNCTION pg_catalog.pg_backend_pid() RENAME TO pg18_backend_pid;
CREATE FUNCTION pg_catalog.pg_backend_pid() RETURNS integer LANGUAGE sql STABLE
  AS $$SELECT pg_catalog.pg18_current_setting('sluice.pid')::integer$$;
CREATE FUNCTION pg_catalog.current_setting(text) RETURNS text LANGUAGE sql STABLE STRICT
  AS $$SELECT coalesce(pg_catalog.pg18_current_setting('sluice.' || lower($1), true), pg_catalog.pg18_current_setting($1))$$;
CREATE FUNCTION pg_catalog.current_setting(text, boolean) RETURNS text LANGUAGE sql STABLE STRICT
  AS $$SELECT coalesce(pg_catalog.pg18_current_setting('sluice.' || lower($1), true), pg_catalog.pg18_current_setting($1, $2))$$;
`;

/** Views whose text is hidden have none; those PostgreSQL does not understand are shown by their stored text. */
const VIEW_TEXT = ["oid", "oid, boolean", "oid, integer"]
  .map(
    (types) => `
ALTER FUNCTION pg_catalog.pg_get_viewdef(${types}) RENAME TO pg18_get_viewdef;
CREATE FUNCTION pg_catalog.pg_get_viewdef(${types}) RETURNS text LANGUAGE sql STABLE STRICT SECURITY DEFINER
  SET search_path = pg_catalog
  AS $$SELECT CASE WHEN EXISTS (SELECT FROM pg_catalog.pg_sluice_view v WHERE v.oid = $1 AND NOT v.native)
    THEN (SELECT ' ' || v.definition || ';' FROM pg_catalog.pg_sluice_view v WHERE v.oid = $1)
    ELSE pg_catalog.pg18_get_viewdef(${types === "oid" ? "$1" : "$1, $2"}) END$$;`,
  )
  .join("");

const VIEW_TEXT_BY_NAME = ["text", "text, boolean"]
  .map(
    (types) => `
ALTER FUNCTION pg_catalog.pg_get_viewdef(${types}) RENAME TO pg18_get_viewdef;
CREATE FUNCTION pg_catalog.pg_get_viewdef(${types}) RETURNS text LANGUAGE sql STABLE STRICT
  AS $$SELECT pg_catalog.pg_get_viewdef($1::pg_catalog.regclass::oid${types === "text" ? "" : ", $2"})$$;`,
  )
  .join("");

/** Nothing is stored here: sizes are 0 without looking for a file. */
const SIZES = [
  "pg_relation_size(regclass)",
  "pg_table_size(regclass)",
  "pg_indexes_size(regclass)",
  "pg_total_relation_size(regclass)",
]
  .map((signature) => {
    const name = signature.slice(0, signature.indexOf("("));
    return `
ALTER FUNCTION pg_catalog.${signature} RENAME TO ${name.replace("pg_", "pg18_")};
CREATE FUNCTION pg_catalog.${signature} RETURNS bigint LANGUAGE sql STABLE STRICT
  AS $$SELECT c.relpages::bigint * 8192 FROM pg_catalog.pg_class c WHERE c.oid = $1$$;`;
  })
  .join("");

/** Views that show this process itself. */
const SELF = `
DO $$
DECLARE
  original text := rtrim(pg_catalog.pg18_get_viewdef('pg_catalog.pg_settings'::regclass), ';');
  columns text := (SELECT string_agg(CASE WHEN attname IN ('setting', 'reset_val')
      THEN format('coalesce(pg_catalog.pg18_current_setting(%L || lower(name), true), %I) AS %I', 'sluice.', attname, attname)
      ELSE quote_ident(attname) END, ', ' ORDER BY attnum)
    FROM pg_catalog.pg_attribute WHERE attrelid = 'pg_catalog.pg_settings'::regclass AND attnum > 0);
BEGIN
  EXECUTE format('CREATE OR REPLACE VIEW pg_catalog.pg_settings AS SELECT %s FROM (%s) AS s WHERE name !~ %L AND category <> %L',
    columns, original, '(_file|_directory|_command|_dir|_path|directories|_library|libraries)$', 'File Locations');
END $$;
DO $$
DECLARE shown regclass;
BEGIN
  FOREACH shown IN ARRAY ARRAY['pg_stat_activity', 'pg_stat_ssl', 'pg_stat_gssapi', 'pg_locks', 'pg_stat_database']::regclass[] LOOP
    EXECUTE format('CREATE OR REPLACE VIEW pg_catalog.%I AS SELECT * FROM (%s) AS s WHERE false',
      shown::text, rtrim(pg_catalog.pg18_get_viewdef(shown), ';'));
  END LOOP;
END $$;
`;

/** System views that call a renamed function call the new one. */
const VIEWS_OVER_RENAMED = `
DO $$
DECLARE found record;
BEGIN
  FOR found IN
    SELECT format('%s.%I', c.relnamespace::regnamespace, c.relname) AS name, pg_catalog.pg18_get_viewdef(c.oid) AS definition FROM pg_catalog.pg_class c
    WHERE c.relkind = 'v' AND c.relnamespace IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
      AND pg_catalog.pg18_get_viewdef(c.oid) ~ 'pg18_get_viewdef'
  LOOP
    EXECUTE format('CREATE OR REPLACE VIEW %s AS %s', found.name,
      replace(found.definition, 'pg18_get_viewdef', 'pg_get_viewdef'));
  END LOOP;
END $$;
`;

/** A second lock behind the list of functions that may be relayed. */
const FORBIDDEN = `
DO $$
DECLARE found record;
BEGIN
  FOR found IN
    SELECT p.oid::regprocedure AS signature FROM pg_catalog.pg_proc p
    WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.prokind = 'f' AND p.provolatile = 'v'
      AND p.proname ~ ('^(set_config|nextval|setval|lo_|lo[a-z]+$|ts_stat|binary_upgrade|brin_|gin_clean'
        || '|(query|cursor|table|schema|database)_to_xml'
        || '|pg_(sleep|notify|advisory|try_advisory|logical|replication|create|drop|switch|backup|promote|reload|rotate|cancel'
        || '|terminate|log_|export|import|restore|clear|read|ls|stat_file|stat_reset|stat_clear|stat_force|current_logfile))')
  LOOP
    EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', found.signature);
  END LOOP;
END $$;
`;

export const SETUP: string = [
  "SET allow_system_table_mods = on;",
  "DROP SCHEMA public;",
  TABLES,
  SESSION,
  VIEW_TEXT,
  VIEW_TEXT_BY_NAME,
  DEFINITIONS,
  SIZES,
  SHAPE_OF_15,
  SELF,
  VIEWS_OVER_RENAMED,
  FORBIDDEN,
  "REVOKE ALL ON pg_catalog.pg_sluice_view, pg_catalog.pg_sluice_stub, pg_catalog.pg_sluice_expression FROM PUBLIC;",
  "CHECKPOINT;",
].join("\n");
