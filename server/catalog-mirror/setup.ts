// What makes an empty PostgreSQL 18 cluster look like PostgreSQL 15 and like Sluice: run once, into the image every mirror starts from.
// Relations and functions that answer differently are renamed, and one of the old name takes their place; PostgreSQL itself refers to
// its catalogs by oid, so nothing inside notices.

import { SHAPE_OF_15 } from "./setup-fifteen.ts";
import { DEFINITIONS } from "./setup-definitions.ts";
import { PRIVILEGES } from "./setup-privileges.ts";

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

/** The session's catalog; others are not looked into. */
const DATABASE_SIZE = ["name", "oid"]
  .map(
    (type) => `
ALTER FUNCTION pg_catalog.pg_database_size(${type}) RENAME TO pg18_database_size;
CREATE FUNCTION pg_catalog.pg_database_size(${type}) RETURNS bigint LANGUAGE sql STABLE STRICT
  AS $$SELECT CASE WHEN d.datname = current_database() THEN
      (SELECT coalesce(sum(c.relpages::bigint), 0)::bigint * 8192 FROM pg_catalog.pg_class c WHERE c.relkind = 'r' AND c.oid >= 16384) END
    FROM pg_catalog.pg_database d WHERE d.${type === "oid" ? "oid" : "datname"} = $1$$;`,
  )
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
  FOREACH shown IN ARRAY ARRAY['pg_stat_ssl', 'pg_stat_gssapi', 'pg_locks', 'pg_stat_database']::regclass[] LOOP
    EXECUTE format('CREATE OR REPLACE VIEW pg_catalog.%I AS SELECT * FROM (%s) AS s WHERE false',
      shown::text, rtrim(pg_catalog.pg18_get_viewdef(shown), ';'));
  END LOOP;
END $$;
`;

/** Databricks' relations of information_schema; content holds the policies that the principal may be shown. */
const POLICIES = `
CREATE TABLE pg_catalog.pg_sluice_policy (relation oid, filter jsonb, masks jsonb);
CREATE VIEW information_schema.row_filters AS
  SELECT current_database()::information_schema.sql_identifier AS table_catalog, n.nspname::information_schema.sql_identifier AS table_schema,
    c.relname::information_schema.sql_identifier AS table_name, (p.filter->>'function')::information_schema.character_data AS filter_name,
    (p.filter->>'arguments')::information_schema.character_data AS target_columns
  FROM pg_catalog.pg_sluice_policy p JOIN pg_catalog.pg_class c ON c.oid = p.relation JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE p.filter IS NOT NULL;
CREATE VIEW information_schema.column_masks AS
  SELECT current_database()::information_schema.sql_identifier AS table_catalog, n.nspname::information_schema.sql_identifier AS table_schema,
    c.relname::information_schema.sql_identifier AS table_name, (m.value->>'column')::information_schema.sql_identifier AS column_name,
    (m.value->>'function')::information_schema.character_data AS mask_name,
    (m.value->>'arguments')::information_schema.character_data AS using_columns
  FROM pg_catalog.pg_sluice_policy p JOIN pg_catalog.pg_class c ON c.oid = p.relation JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace,
    jsonb_array_elements(p.masks) AS m(value);
REVOKE ALL ON pg_catalog.pg_sluice_policy FROM PUBLIC;
GRANT SELECT ON information_schema.row_filters, information_schema.column_masks TO PUBLIC;
`;

/** What would tell of secrets, of files, and of values in columns is empty for everybody (access-control section 16). */
const EMPTY = `
DO $$
DECLARE
  hidden text;
  original text;
BEGIN
  FOREACH hidden IN ARRAY ARRAY['pg_stats', 'pg_hba_file_rules', 'pg_file_settings'] LOOP
    original := rtrim(pg_catalog.pg18_get_viewdef(format('pg_catalog.%I', hidden)::regclass), ';');
    EXECUTE format('CREATE OR REPLACE VIEW pg_catalog.%I AS SELECT * FROM (%s) AS s WHERE false', hidden, original);
  END LOOP;
  FOREACH hidden IN ARRAY ARRAY['authid', 'shadow', 'statistic'] LOOP
    UPDATE pg_catalog.pg_type SET typname = 'pg18_' || hidden
      WHERE typrelid = format('pg_catalog.pg_%s', hidden)::regclass;
    UPDATE pg_catalog.pg_class SET relname = 'pg18_' || hidden WHERE oid = format('pg_catalog.pg_%s', hidden)::regclass;
    EXECUTE format(CASE hidden WHEN 'authid' THEN 'CREATE TABLE pg_catalog.pg_%1$s (LIKE pg_catalog.pg18_%1$s)'
      ELSE 'CREATE VIEW pg_catalog.pg_%1$s AS SELECT * FROM pg_catalog.pg18_%1$s WHERE false' END, hidden);
  END LOOP;
END $$;
GRANT SELECT ON pg_catalog.pg_stats, pg_catalog.pg_shadow, pg_catalog.pg_hba_file_rules, pg_catalog.pg_file_settings,
  pg_catalog.pg_authid, pg_catalog.pg_statistic TO PUBLIC;
`;

/** The sequences of identity columns have no file to look for their last value in. */
const SEQUENCES = `
DO $$
BEGIN
  EXECUTE 'CREATE OR REPLACE VIEW pg_catalog.pg_sequences AS ' || replace(
    pg_catalog.pg18_get_viewdef('pg_catalog.pg_sequences'::regclass), 'pg_sequence_last_value((c.oid)::regclass)', 'NULL::bigint');
END $$;
`;

/**
 * Sessions come with the statement that asks for them. What ends one only says so here: the gateway reads the notice and does it
 * (messages.ts).
 */
const ACTIVITY = `
CREATE OR REPLACE VIEW pg_catalog.pg_stat_activity AS
  SELECT d.oid AS datid, a.datname, a.pid, NULL::integer AS leader_pid, r.oid AS usesysid, a.usename, a.application_name,
    CASE WHEN a.client_addr ~ '^[0-9a-fA-F.:]+$' THEN a.client_addr::inet END AS client_addr, NULL::text AS client_hostname,
    NULL::integer AS client_port, a.backend_start, a.xact_start, a.query_start, a.state_change,
    CASE WHEN a.state <> 'active' THEN 'Client' END AS wait_event_type, CASE WHEN a.state <> 'active' THEN 'ClientRead' END AS wait_event,
    a.state, NULL::xid AS backend_xid, NULL::xid AS backend_xmin, NULL::bigint AS query_id, a.query, 'client backend'::text AS backend_type
  FROM jsonb_to_recordset(coalesce(nullif(pg_catalog.pg18_current_setting('sluice.activity', true), ''), '[]')::jsonb)
    AS a(pid integer, datname name, usename name, application_name text, client_addr text, backend_start timestamptz,
      xact_start timestamptz, query_start timestamptz, state_change timestamptz, state text, query text)
    LEFT JOIN pg_catalog.pg_database d ON d.datname = a.datname LEFT JOIN pg_catalog.pg_roles r ON r.rolname = a.usename;
ALTER FUNCTION pg_catalog.pg_cancel_backend(integer) RENAME TO pg18_cancel_backend;
ALTER FUNCTION pg_catalog.pg_terminate_backend(integer, bigint) RENAME TO pg18_terminate_backend;
CREATE FUNCTION pg_catalog.pg_sluice_end(pid integer, how text) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  IF pid::text = ANY (string_to_array(pg_catalog.pg18_current_setting('sluice.backends', true), ',')) THEN
    RAISE NOTICE '%', pid USING ERRCODE = how;
    RETURN true;
  END IF;
  RAISE WARNING 'PID % is not a PostgreSQL backend process', pid;
  RETURN false;
END $$;
CREATE FUNCTION pg_catalog.pg_cancel_backend(pid integer) RETURNS boolean LANGUAGE sql STRICT
  AS $$SELECT pg_catalog.pg_sluice_end(pid, 'SLCAN')$$;
CREATE FUNCTION pg_catalog.pg_terminate_backend(pid integer, timeout bigint DEFAULT 0) RETURNS boolean LANGUAGE sql STRICT
  AS $$SELECT pg_catalog.pg_sluice_end(pid, 'SLTER')$$;
`;

/** The asking session's, which come with the statement that asks for them. */
const OWN_STATEMENTS = `
DROP VIEW pg_catalog.pg_prepared_statements;
CREATE VIEW pg_catalog.pg_prepared_statements AS
  SELECT p.name, p.statement, p.prepare_time, p.parameter_types::regtype[] AS parameter_types, p.from_sql,
    0::bigint AS generic_plans, 0::bigint AS custom_plans
  FROM jsonb_to_recordset(coalesce(nullif(pg_catalog.pg18_current_setting('sluice.prepared_statements', true), ''), '[]')::jsonb)
    AS p(name text, statement text, prepare_time timestamptz, parameter_types oid[], from_sql boolean);
CREATE OR REPLACE VIEW pg_catalog.pg_cursors AS
  SELECT c.name, c.statement, c.is_holdable, c.is_binary, c.is_scrollable, c.creation_time
  FROM jsonb_to_recordset(coalesce(nullif(pg_catalog.pg18_current_setting('sluice.cursors', true), ''), '[]')::jsonb)
    AS c(name text, statement text, is_holdable boolean, is_binary boolean, is_scrollable boolean, creation_time timestamptz);
GRANT SELECT ON pg_catalog.pg_prepared_statements TO PUBLIC;
`;

/** Temporary objects lie in a schema like others, of which a mirror holds the session's alone; PostgreSQL's own knows nothing of them. */
const TEMPORARY = `
ALTER FUNCTION pg_catalog.pg_my_temp_schema() RENAME TO pg18_my_temp_schema;
CREATE FUNCTION pg_catalog.pg_my_temp_schema() RETURNS oid LANGUAGE sql STABLE
  AS $$SELECT coalesce(pg_catalog.pg18_current_setting('sluice.temp_schema_oid', true), '0')::oid$$;
ALTER FUNCTION pg_catalog.pg_is_other_temp_schema(oid) RENAME TO pg18_is_other_temp_schema;
CREATE FUNCTION pg_catalog.pg_is_other_temp_schema(oid) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$SELECT false$$;
ALTER FUNCTION pg_catalog.to_regclass(text) RENAME TO pg18_to_regclass;
CREATE FUNCTION pg_catalog.to_regclass(text) RETURNS regclass LANGUAGE sql STABLE STRICT
  AS $$SELECT pg_catalog.pg18_to_regclass(regexp_replace($1, '^\\s*pg_temp\\s*\\.',
    coalesce(pg_catalog.pg18_current_setting('sluice.temp_schema', true), 'pg_temp') || '.', 'i'))$$;
`;

/** System views that call a renamed function call the new one. */
const VIEWS_OVER_RENAMED = `
DO $$
DECLARE found record;
BEGIN
  FOR found IN
    SELECT format('%s.%I', c.relnamespace::regnamespace, c.relname) AS name, pg_catalog.pg18_get_viewdef(c.oid) AS definition FROM pg_catalog.pg_class c
    WHERE c.relkind = 'v' AND c.relnamespace IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
      AND pg_catalog.pg18_get_viewdef(c.oid) ~ 'pg18_(get_viewdef|my_temp_schema|is_other_temp_schema)'
  LOOP
    EXECUTE format('CREATE OR REPLACE VIEW %s AS %s', found.name,
      regexp_replace(found.definition, 'pg18_(get_viewdef|my_temp_schema|is_other_temp_schema)', 'pg_\\1', 'g'));
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
        || '|pg_(sleep|notify|advisory|try_advisory|logical|replication|create|drop|switch|backup|promote|reload|rotate'
        || '|log_|export|import|restore|clear|read|ls|stat_file|stat_reset|stat_clear|stat_force|current_logfile))')
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
  DATABASE_SIZE,
  SELF,
  SEQUENCES,
  ACTIVITY,
  OWN_STATEMENTS,
  TEMPORARY,
  VIEWS_OVER_RENAMED,
  POLICIES,
  PRIVILEGES,
  EMPTY,
  FORBIDDEN,
  "REVOKE ALL ON pg_catalog.pg_sluice_view, pg_catalog.pg_sluice_stub, pg_catalog.pg_sluice_expression FROM PUBLIC;",
  "CHECKPOINT;",
].join("\n");
