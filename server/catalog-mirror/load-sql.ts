// The SQL that takes a mirror from one content to another: rows of pg_catalog written directly, so that objects have the oids they have
// in Sluice and ten thousand tables need a few statements. Only what changed is written.

import type { Content } from "./content.ts";
import { putKeys } from "./load-keys.ts";
import {
  dropRelations,
  putRelations,
  putStatistics,
} from "./load-relations.ts";
import { literal, quoted } from "./names.ts";
import { OWNER_ROLE } from "./setup.ts";

/** Objects in one statement; bounds the size of the text. */
const BATCH = 500;

/** Undefined `before` is an empty mirror. Empty when nothing changed. */
export function loadStatements(
  before: Content | undefined,
  after: Content,
): readonly string[] {
  const relations = difference(before?.relations, after.relations);
  const statements = [
    ...databases(before, after),
    ...changed(before?.roles, after.roles, dropRoles, putRoles),
    ...changed(before?.schemas, after.schemas, dropSchemas, putSchemas),
    ...written(relations, dropRelations, (rows) => [
      ...putRelations(rows),
      ...putKeys(rows),
    ]),
    ...changed(before?.functions, after.functions, dropFunctions, putFunctions),
    ...statistics(before, after, new Set(relations.fresh)),
    ...changed(before?.policies, after.policies, dropPolicies, putPolicies),
    ...changed(
      before?.privileges,
      after.privileges,
      dropPrivileges,
      putPrivileges,
    ),
    ...(isEmpty(relations) ? [] : ["SELECT pg_catalog.pg_sluice_define()"]),
  ];
  if (statements.length === 0) return [];
  return [
    // RESET would change nothing: a single-user server has no value to go back to.
    `SET SESSION AUTHORIZATION ${OWNER_ROLE}`,
    "BEGIN",
    ...statements,
    "COMMIT",
    `SET SESSION AUTHORIZATION ${quoted(after.user)}`,
  ];
}

interface Item {
  readonly oid: number;
}

interface Difference<T> {
  /** Oids of rows that are gone, or not the same any more. */
  readonly gone: readonly number[];
  readonly fresh: readonly T[];
}

function difference<T extends Item>(
  before: readonly T[] = [],
  after: readonly T[],
): Difference<T> {
  const known = new Map(before.map((row) => [row.oid, textOf(row)]));
  const wanted = new Map(after.map((row) => [row.oid, textOf(row)]));
  const differs = (oid: number): boolean => wanted.get(oid) !== known.get(oid);
  return {
    gone: [...known.keys()].filter(differs),
    fresh: after.filter(({ oid }) => differs(oid)),
  };
}

/** Rows never change: each is printed once, and compared with the next content's. */
function textOf(row: Item): string {
  const text = TEXTS.get(row) ?? JSON.stringify(row);
  TEXTS.set(row, text);
  return text;
}

const TEXTS = new WeakMap<Item, string>();

function isEmpty({ gone, fresh }: Difference<unknown>): boolean {
  return gone.length === 0 && fresh.length === 0;
}

function written<T>(
  { gone, fresh }: Difference<T>,
  drop: (oids: string) => readonly string[],
  put: (rows: string) => readonly string[],
): readonly string[] {
  return [
    ...batches(gone).flatMap((oids) => drop(`(${oids.join()})`)),
    ...batches(fresh).flatMap((rows) => put(records(rows))),
  ];
}

function changed<T extends Item>(
  before: readonly T[] | undefined,
  after: readonly T[],
  drop: (oids: string) => readonly string[],
  put: (rows: string) => readonly string[],
): readonly string[] {
  return written(difference(before, after), drop, put);
}

/** Relations written anew have lost theirs. */
function statistics(
  before: Content | undefined,
  after: Content,
  fresh: ReadonlySet<Item>,
): readonly string[] {
  const anew = new Set([...fresh].map(({ oid }) => oid));
  const kept = before?.statistics.filter(({ oid }) => !anew.has(oid));
  return changed(kept, after.statistics, () => [], putStatistics);
}

function batches<T>(items: readonly T[]): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / BATCH) }, (_, at) =>
    items.slice(at * BATCH, (at + 1) * BATCH),
  );
}

/** A relation `j` of one column `value`, to be read with ->>. */
function records(rows: readonly unknown[]): string {
  return `jsonb_array_elements(${literal(JSON.stringify(rows).replaceAll("\\u0000", ""))}::jsonb) AS j(value)`;
}

function describe(catalog: string, rows: string): string {
  return `INSERT INTO pg_catalog.pg_description (objoid, classoid, objsubid, description)
    SELECT (value->>'oid')::oid, '${catalog}'::regclass, 0, value->>'comment' FROM ${rows} WHERE value ? 'comment'`;
}

function databases(
  before: Content | undefined,
  after: Content,
): readonly string[] {
  const now = JSON.stringify([after.database, after.databases]);
  if (
    before !== undefined &&
    JSON.stringify([before.database, before.databases]) === now
  )
    return [];
  const { database } = after;
  const rows = records(after.databases);
  const all = records([database, ...after.databases]);
  return [
    "DELETE FROM pg_catalog.pg18_database WHERE oid <> 5",
    `UPDATE pg_catalog.pg18_database SET datname = ${literal(database.name)}, datdba = ${database.owner} WHERE oid = 5`,
    `UPDATE pg_catalog.pg_sluice_database SET oid = ${database.oid}`,
    `INSERT INTO pg_catalog.pg18_database SELECT (jsonb_populate_record(d, jsonb_build_object(
        'oid', value->>'oid', 'datname', value->>'name', 'datdba', value->>'owner'))).*
      FROM pg_catalog.pg18_database d, ${rows} WHERE d.oid = 5`,
    "DELETE FROM pg_catalog.pg_shdescription WHERE classoid = 'pg_catalog.pg_database'::regclass",
    `INSERT INTO pg_catalog.pg_shdescription (objoid, classoid, description)
      SELECT (value->>'oid')::oid, 'pg_catalog.pg_database'::regclass, value->>'comment' FROM ${all} WHERE value ? 'comment'`,
  ];
}

function dropRoles(oids: string): readonly string[] {
  return [
    `DELETE FROM pg_catalog.pg_auth_members WHERE member IN ${oids}`,
    `DELETE FROM pg_catalog.pg18_authid WHERE oid IN ${oids}`,
  ];
}

function putRoles(rows: string): readonly string[] {
  return [
    `INSERT INTO pg_catalog.pg18_authid (oid, rolname, rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin, rolreplication,
        rolbypassrls, rolconnlimit)
      SELECT (value->>'oid')::oid, value->>'name', false, true, false, false, (value->>'login')::boolean, false, false, -1 FROM ${rows}`,
    `INSERT INTO pg_catalog.pg_auth_members (oid, roleid, member, grantor, admin_option, inherit_option, set_option)
      SELECT pg_catalog.pg_nextoid('pg_catalog.pg_auth_members', 'oid', 'pg_catalog.pg_auth_members_oid_index'),
        g.value::oid, (j.value->>'oid')::oid, 10, false, true, false
      FROM ${rows}, jsonb_array_elements_text(j.value->'groups') AS g(value)`,
  ];
}

function dropSchemas(oids: string): readonly string[] {
  return [
    `DELETE FROM pg_catalog.pg_description WHERE classoid = 'pg_catalog.pg_namespace'::regclass AND objoid IN ${oids}`,
    `DELETE FROM pg_catalog.pg_namespace WHERE oid IN ${oids}`,
  ];
}

function putSchemas(rows: string): readonly string[] {
  return [
    `INSERT INTO pg_catalog.pg_namespace (oid, nspname, nspowner, nspacl)
      SELECT (value->>'oid')::oid, value->>'name', (value->>'owner')::oid, (value->>'acl')::aclitem[] FROM ${rows}`,
    describe("pg_catalog.pg_namespace", rows),
  ];
}

function dropFunctions(oids: string): readonly string[] {
  return [
    `DELETE FROM pg_catalog.pg_description WHERE classoid = 'pg_catalog.pg_proc'::regclass AND objoid IN ${oids}`,
    `DELETE FROM pg_catalog.pg_proc WHERE oid IN ${oids}`,
  ];
}

function putFunctions(rows: string): readonly string[] {
  return [
    `INSERT INTO pg_catalog.pg_proc SELECT r.* FROM ${rows}, pg_catalog.pg_proc stub,
        LATERAL jsonb_populate_record(stub, jsonb_build_object(
          'oid', value->>'oid', 'proname', value->>'name', 'pronamespace', value->>'schema', 'proowner', value->>'owner',
          'proacl', value->>'acl', 'pronargs', jsonb_array_length(value->'argumentTypes'), 'prorettype', value->>'returnType',
          'proargtypes', translate(value->>'argumentTypes', '[],', '  '), 'proargnames', value->'argumentNames',
          'prosrc', value->>'source')) AS r
      WHERE stub.oid = 'pg_catalog.pg_sluice_function'::regproc`,
    describe("pg_catalog.pg_proc", rows),
  ];
}

function dropPolicies(oids: string): readonly string[] {
  return [`DELETE FROM pg_catalog.pg_sluice_policy WHERE relation IN ${oids}`];
}

function putPolicies(rows: string): readonly string[] {
  return [
    `INSERT INTO pg_catalog.pg_sluice_policy SELECT (value->>'oid')::oid, value->'rowFilter', value->'masks' FROM ${rows}`,
  ];
}

function dropPrivileges(oids: string): readonly string[] {
  return [`DELETE FROM pg_catalog.pg_sluice_privilege WHERE object IN ${oids}`];
}

function putPrivileges(rows: string): readonly string[] {
  return [
    `INSERT INTO pg_catalog.pg_sluice_privilege
      SELECT (j.value->>'oid')::oid, j.value->>'kind', j.value->>'name', r.value->>'grantee', r.value->>'privilegeType',
        r.value->>'inheritedFrom'
      FROM ${rows}, jsonb_array_elements(j.value->'rows') AS r(value)`,
  ];
}
