// The metastore's tables, as numbered steps: `PRAGMA user_version` is the number of the last one taken.
// All pending steps run in one transaction, after a copy of the old file was made. Never edit a step that was released.

import { backUp } from "./backup.ts";
import { schemaVersion } from "./check.ts";
import { metastoreTooNew } from "./errors.ts";
import type { Sqlite } from "./sqlite.ts";

/** One numbered step; its number is its place in the list, from 1. */
export interface Migration {
  readonly name: string;
  readonly sql: string;
}

const FIRST: Migration = {
  name: "objects, principals, grants, tokens, statistics, intents",
  sql: `
CREATE TABLE setting (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE principal (
  id TEXT PRIMARY KEY,
  oid INTEGER NOT NULL UNIQUE,
  kind TEXT NOT NULL CHECK (kind IN ('user', 'service-principal', 'group')),
  name TEXT NOT NULL,
  folded TEXT NOT NULL UNIQUE,
  display_name TEXT,
  active INTEGER NOT NULL CHECK (active IN (0, 1)),
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE membership (
  group_id TEXT NOT NULL REFERENCES principal ON DELETE CASCADE,
  member_id TEXT NOT NULL REFERENCES principal ON DELETE CASCADE,
  PRIMARY KEY (group_id, member_id),
  CHECK (group_id <> member_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX membership_member ON membership (member_id);

CREATE TABLE object (
  id TEXT PRIMARY KEY,
  oid INTEGER NOT NULL UNIQUE,
  kind TEXT NOT NULL CHECK (kind IN ('catalog', 'schema', 'table', 'view', 'function')),
  parent_id TEXT REFERENCES object ON DELETE CASCADE,
  name TEXT NOT NULL,
  signature TEXT NOT NULL DEFAULT '',
  owner_id TEXT REFERENCES principal ON DELETE SET NULL,
  comment TEXT,
  location TEXT,
  origin TEXT CHECK (origin IN ('found', 'managed', 'external')),
  found_in TEXT REFERENCES object ON DELETE CASCADE,
  metadata_id TEXT,
  hidden INTEGER NOT NULL DEFAULT 0 CHECK (hidden IN (0, 1)),
  body TEXT,
  created_at INTEGER NOT NULL,
  CHECK ((kind = 'catalog') = (parent_id IS NULL)),
  CHECK ((kind IN ('catalog', 'table')) = (location IS NOT NULL)),
  CHECK ((kind = 'table') = (origin IS NOT NULL)),
  CHECK ((kind IN ('view', 'function')) = (body IS NOT NULL))
) STRICT;
CREATE UNIQUE INDEX object_name ON object (
  coalesce(parent_id, ''), CASE kind WHEN 'view' THEN 'table' ELSE kind END, name, signature
) WHERE hidden = 0;
CREATE UNIQUE INDEX object_found ON object (found_in, location) WHERE found_in IS NOT NULL;
CREATE INDEX object_parent ON object (parent_id);
CREATE INDEX object_owner ON object (owner_id);

CREATE TABLE forgotten_table (
  catalog_id TEXT NOT NULL REFERENCES object ON DELETE CASCADE,
  location TEXT NOT NULL,
  PRIMARY KEY (catalog_id, location)
) STRICT, WITHOUT ROWID;

CREATE TABLE access_record (
  securable TEXT NOT NULL CHECK (securable IN ('object', 'any-file', 'anonymous-function')),
  object_id TEXT REFERENCES object ON DELETE CASCADE,
  principal_id TEXT NOT NULL REFERENCES principal ON DELETE CASCADE,
  privilege TEXT NOT NULL,
  effect TEXT NOT NULL CHECK (effect IN ('grant', 'deny')),
  grantor TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  CHECK ((securable = 'object') = (object_id IS NOT NULL))
) STRICT;
CREATE UNIQUE INDEX access_record_key ON access_record (
  securable, coalesce(object_id, ''), principal_id, privilege, effect
);
CREATE INDEX access_record_object ON access_record (object_id);
CREATE INDEX access_record_principal ON access_record (principal_id);

CREATE TABLE token (
  id TEXT PRIMARY KEY,
  principal_id TEXT NOT NULL REFERENCES principal ON DELETE CASCADE,
  created_by TEXT NOT NULL,
  hash BLOB NOT NULL UNIQUE,
  comment TEXT NOT NULL,
  scopes TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER,
  last_used_at INTEGER,
  revoked_at INTEGER
) STRICT;
CREATE INDEX token_principal ON token (principal_id);
CREATE INDEX token_revoked ON token (revoked_at) WHERE revoked_at IS NOT NULL;

CREATE TABLE scram_salt (
  principal_id TEXT PRIMARY KEY REFERENCES principal ON DELETE CASCADE,
  salt BLOB NOT NULL,
  iterations INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE scram_verifier (
  token_id TEXT PRIMARY KEY REFERENCES token ON DELETE CASCADE,
  sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE column_statistics (
  table_id TEXT NOT NULL REFERENCES object ON DELETE CASCADE,
  column_name TEXT NOT NULL,
  distinct_count INTEGER NOT NULL,
  table_version INTEGER NOT NULL,
  analyzed_at INTEGER NOT NULL,
  PRIMARY KEY (table_id, column_name)
) STRICT, WITHOUT ROWID;

CREATE TABLE commit_intent (
  txn_id TEXT PRIMARY KEY,
  location TEXT NOT NULL,
  changes TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
`,
};

const IP_ACCESS_LISTS: Migration = {
  name: "IP access lists",
  sql: `
CREATE TABLE ip_access_list (
  id TEXT PRIMARY KEY,
  label TEXT NOT NULL,
  type TEXT NOT NULL CHECK (type IN ('ALLOW', 'BLOCK')),
  addresses TEXT NOT NULL,
  enabled INTEGER NOT NULL CHECK (enabled IN (0, 1)),
  created_at INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  updated_at INTEGER NOT NULL,
  updated_by TEXT NOT NULL
) STRICT, WITHOUT ROWID;
`,
};

/** How the plain files of an external table are read, as JSON. */
const PLAIN_FILES: Migration = {
  name: "plain files",
  sql: "ALTER TABLE object ADD COLUMN files TEXT CHECK (files IS NULL OR origin = 'external');",
};

const TABLE_POLICIES: Migration = {
  name: "row filters and column masks",
  sql: `
ALTER TABLE object ADD COLUMN policies TEXT CHECK (policies IS NULL OR kind = 'table');
`,
};

/** Addresses and CIDR blocks a token may be used from, as a JSON list; empty: any. */
const TOKEN_ADDRESSES: Migration = {
  name: "addresses of tokens",
  sql: "ALTER TABLE token ADD COLUMN allowed_cidrs TEXT NOT NULL DEFAULT '[]';",
};

export const MIGRATIONS: readonly Migration[] = [
  FIRST,
  IP_ACCESS_LISTS,
  PLAIN_FILES,
  TABLE_POLICIES,
  TOKEN_ADDRESSES,
];

/**
 * Brings the file to the newest schema. Answers how many steps were taken. Throws 55000 for a file of a newer version;
 * when a step fails the file is as before.
 */
export function migrate(
  db: Sqlite,
  now: () => number,
  migrations: readonly Migration[] = MIGRATIONS,
): number {
  const from = schemaVersion(db);
  if (from > migrations.length) {
    throw metastoreTooNew(db.file, from, migrations.length);
  }
  const pending = migrations.slice(from);
  if (pending.length === 0) return 0;
  if (from > 0) backUp(db, `schema-${from}`, now());
  db.transaction(() => {
    for (const migration of pending) db.script(migration.sql);
    db.script(`PRAGMA user_version = ${migrations.length}`);
  });
  return pending.length;
}
