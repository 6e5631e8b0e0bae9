// The privileges of information_schema: our records in place of PostgreSQL's reading of acls, with the columns of PostgreSQL where it has
// such a relation, and where a record is inherited from behind them (access-control section 16).

/** Columns of every one of them; `names` are those that say which object it is. */
function relation(name: string, names: string, from: string): string {
  return `
CREATE OR REPLACE VIEW information_schema.${name} AS
  SELECT o.owner::information_schema.sql_identifier AS grantor, p.grantee::information_schema.sql_identifier AS grantee,
    ${names}, p.privilege::information_schema.character_data AS privilege_type, 'NO'::information_schema.yes_or_no AS is_grantable,
    ${name === "table_privileges" ? "'NO'::information_schema.yes_or_no AS with_hierarchy," : ""}
    p.inherited_from::information_schema.character_data AS inherited_from
  FROM pg_catalog.pg_sluice_privilege p JOIN (${from}) o ON o.oid = p.object;
GRANT SELECT ON information_schema.${name} TO PUBLIC;`;
}

function identifier(expression: string, name: string): string {
  return `(${expression})::information_schema.sql_identifier AS ${name}`;
}

const CATALOG = "current_database()";

/** Owners who are not to be named are the bootstrap role. */
function owned(columns: string, from: string, owner: string): string {
  return `SELECT ${columns}, r.rolname AS owner FROM ${from} LEFT JOIN pg_catalog.pg_roles r ON r.oid = ${owner} AND r.oid <> 10`;
}

export const PRIVILEGES: string = [
  `CREATE TABLE pg_catalog.pg_sluice_privilege (object oid, kind text, name text, grantee text, privilege text, inherited_from text);`,
  relation(
    "catalog_privileges",
    identifier("p.name", "catalog_name"),
    owned("d.oid", "pg_catalog.pg_database d", "d.datdba"),
  ),
  relation(
    "schema_privileges",
    [
      identifier(CATALOG, "catalog_name"),
      identifier("o.nspname", "schema_name"),
    ].join(", "),
    owned("n.oid, n.nspname", "pg_catalog.pg_namespace n", "n.nspowner"),
  ),
  relation(
    "table_privileges",
    [
      identifier(CATALOG, "table_catalog"),
      identifier("o.nspname", "table_schema"),
      identifier("o.relname", "table_name"),
    ].join(", "),
    owned(
      "c.oid, n.nspname, c.relname",
      "pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace",
      "c.relowner",
    ),
  ),
  relation(
    "routine_privileges",
    [
      identifier(CATALOG, "specific_catalog"),
      identifier("o.nspname", "specific_schema"),
      identifier("o.proname || '_' || o.oid::text", "specific_name"),
      identifier(CATALOG, "routine_catalog"),
      identifier("o.nspname", "routine_schema"),
      identifier("o.proname", "routine_name"),
    ].join(", "),
    owned(
      "f.oid, n.nspname, f.proname",
      "pg_catalog.pg_proc f JOIN pg_catalog.pg_namespace n ON n.oid = f.pronamespace",
      "f.proowner",
    ),
  ),
  "REVOKE ALL ON pg_catalog.pg_sluice_privilege FROM PUBLIC;",
].join("\n");
