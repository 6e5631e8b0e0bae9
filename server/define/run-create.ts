// CREATE TABLE, CREATE TABLE AS, and OR REPLACE of both. A managed table lies at `_managed/<table id>` of its catalog's folder, so that
// names never enter paths. Its log is written first: a crash before the catalog's row leaves a folder nobody names.

import type { Governance } from "../../auth/governance.ts";
import type {
  BoundCreateTable,
  BoundCreateTableAs,
} from "../../planner/bind/bound.ts";
import type { Resolved } from "../../planner/bind/resolve/resolved.ts";
import { outputOf } from "../../planner/logical/walk.ts";
import type {
  CreateTableAsStatement,
  CreateTableStatement,
  Identifier,
} from "../../planner/parse/ast.ts";
import { newObjectId } from "../../storage/catalog/catalog.ts";
import type { TableEntry } from "../../storage/catalog/objects.ts";
import { notSupported, SqlError } from "../../storage/common/errors.ts";
import { invariant } from "../../storage/common/invariant.ts";
import type { Column } from "../../storage/common/schema.ts";
import {
  definedSchema,
  definitionOf,
  lastColumnIdOf,
  newDefinition,
  type Definition,
  type NewDefinition,
} from "../../storage/delta/definition/definition.ts";
import type { Snapshot } from "../../storage/delta/snapshot.ts";
import type { TableLayout } from "../../storage/scan/split.ts";
import type { TableRef } from "../../storage/delta/table-ref.ts";
import type { WriteOutcome } from "../compute/load.ts";
import { checkAdopted, externalPlace } from "./external-table.ts";
import { createFilesTable } from "./files-table.ts";
import { fileLocation } from "../files/file-place.ts";
import {
  newTarget,
  relationExists,
  type NewTarget,
  type TemporaryTarget,
} from "./new-target.ts";
import { temporaryPolicies } from "./run-set-policies.ts";
import { tablePlace, type TablePlace } from "./table-place.ts";
import { writeRows } from "../write/run-insert.ts";
import { policiesFor } from "./table-policies.ts";
import type { RunContext } from "../run-query.ts";
import type { Result } from "../session/result.ts";
import { keyProperties, noticeKeys } from "./table-keys.ts";
import { tableRef } from "../table-ref.ts";
import { pinTables } from "../pin.ts";
import { makeInBlock } from "../block/begin-block.ts";
import { commitTogether } from "../block/commit-together.ts";
import { applyChange, refuseSecondTable } from "../write/pending-write.ts";
import {
  commitChange,
  createTableWith,
  replaced,
  writeTarget,
} from "../write/table-write.ts";

type CreateTable = CreateTableStatement | CreateTableAsStatement;
type BoundCreate = BoundCreateTable | BoundCreateTableAs;

export async function runCreateTable(
  bound: BoundCreate,
  statement: CreateTable,
  resolved: Resolved,
  context: RunContext,
): Promise<Result> {
  const { session } = context;
  refuseUnbuilt(statement);
  const target = targetOf(bound, statement, resolved);
  const place = tablePlace(target, statement, context);
  const { existing } = place;
  if (existing !== undefined && statement.mode === "if-not-exists") {
    session.notice(
      "NOTICE",
      `relation "${target.name}" already exists, skipping`,
      { code: "42P07" },
    );
    return created(bound, 0);
  }
  if (existing !== undefined && statement.mode !== "or-replace")
    throw relationExists(target.name);
  if (existing?.kind === "view")
    throw new SqlError("42809", `"${target.name}" is not a table`, {
      position: statement.name.position,
    });
  if (existing?.files !== undefined)
    throw notSupported(
      `replacing table "${existing.name}", which holds ${existing.files.kind} files, is`,
      statement.position,
      "DROP it first.",
    );
  const make = { bound, statement, target, place, context };
  const files = await createFiles(make, existing);
  if (files !== undefined) return files;
  const rows =
    existing === undefined
      ? await createNew(make)
      : await replace(make, existing);
  if (bound.kind === "create-table")
    noticeKeys(session, target.name, bound.keys);
  return created(bound, rows);
}

/** Undefined: the table is no table of plain files. */
async function createFiles(
  { bound, statement, target, context }: Make,
  existing: TableEntry | undefined,
): Promise<Result | undefined> {
  if (bound.kind === "create-table-as" || bound.files === undefined)
    return undefined;
  if (existing !== undefined || statement.kind === "create-table-as")
    throw notSupported("replacing a Delta table by plain files is");
  invariant(target.kind === "new", "no temporary table is of plain files");
  await createFilesTable(bound, statement, bound.files, { target, context });
  return created(bound, 0);
}

interface Make {
  readonly bound: BoundCreate;
  readonly statement: CreateTable;
  readonly target: NewTarget | TemporaryTarget;
  readonly place: TablePlace;
  readonly context: RunContext;
}

/** Answers the number of rows written. */
async function createNew(make: Make): Promise<number> {
  const { statement, place, context } = make;
  const id = newObjectId();
  const name = place.fullName;
  const path = statement.options.location;
  const external =
    path === undefined
      ? undefined
      : await externalPlace(context, path, name, statement.position);
  const location = external?.location ?? place.location(id);
  const ref: TableRef = {
    location,
    name,
    lakeRoot: external === undefined ? place.lakeRoot : undefined,
  };
  if (external === undefined && make.target.kind === "new")
    makeInBlock(context.services, context.session, id, location);
  const made =
    external?.adopted === undefined
      ? await createAt(make, ref)
      : {
          rows: adopt(make, external.adopted),
          layout: external.adopted.layout,
        };
  const policies = policiesFor(make.bound, undefined, undefined, made.layout);
  place.register({
    id,
    location,
    origin: external === undefined ? "managed" : "external",
    comment: statement.options.comment,
    ...(policies === undefined ? {} : { policies }),
  });
  return made.rows;
}

async function createAt(
  make: Make,
  ref: TableRef,
): Promise<{ readonly rows: number; readonly layout: TableLayout }> {
  const { bound, statement, context } = make;
  const { services, session } = context;
  const { location: path } = statement.options;
  if (path !== undefined && bound.columns.length === 0)
    throw new SqlError("42P16", "a new table needs columns", {
      detail: `There is no table at "${path}" to take them from.`,
      position: statement.position,
    });
  if (path !== undefined && session.transaction.inBlock)
    throw notSupported(
      "making a table at a LOCATION inside a transaction block is",
      statement.position,
      "Run it outside BEGIN and COMMIT.",
    );
  const definition = newDefinition(ref.name, described(make), undefined);
  const outcome = await writtenRows(make, ref.location, definition);
  await createTableWith(
    services,
    ref,
    { definition, userName: session.userName },
    outcome?.drafts,
  );
  const { layout } = definedSchema(definition);
  return { rows: outcome?.rowCount ?? 0, layout };
}

/** Nothing is written: the table is as its log says. */
function adopt({ bound, statement }: Make, adopted: Snapshot): number {
  checkAdopted(bound, statement, adopted);
  return 0;
}

/** One commit that removes every file; grants, owner and identity stay (access-control: life cycle of objects). */
async function replace(make: Make, existing: TableEntry): Promise<number> {
  const { statement, context } = make;
  const { services, session } = context;
  const { location } = statement.options;
  if (location !== undefined) {
    const { position } = statement;
    const place = await fileLocation(services, location, position, "table");
    if (place !== existing.location)
      throw notSupported("moving a table by OR REPLACE is", position);
  }
  refuseSecondTable(session, existing);
  const ref = tableRef(services, existing);
  const pinned = await pinTables(services, session, [
    { table: existing, travel: undefined },
  ]);
  const { version } = pinned.view.pinned(existing.id, undefined);
  const snapshot = pinned.snapshot(existing.id, version);
  const before = definitionOf(snapshot);
  const definition = newDefinition(
    ref.name,
    {
      ...described(make),
      id: before.metadata.id,
      name: before.metadata.name,
      createdTime: before.metadata.createdTime ?? Date.now(),
    },
    { protocol: before.protocol, maxColumnId: lastColumnIdOf(before) },
  );
  const outcome = await writtenRows(make, existing.location, definition);
  const change = await replaced(snapshot, before, definition, outcome);
  const { layout } = definedSchema(definition);
  const describe = ({ catalog }: Governance): void => {
    const { comment } = statement.options;
    if (comment !== existing.comment)
      make.place.setComment(catalog, existing, comment);
    const kept = catalog.object(existing.id);
    const policies = policiesFor(
      make.bound,
      kept?.kind === "table" ? kept.policies : undefined,
      snapshot.layout,
      layout,
    );
    if (policies !== undefined) catalog.setPolicies(existing.id, policies);
  };
  if (session.transaction.inBlock || existing.origin === "temporary") {
    await applyChange(services, session, existing, change);
    describe(services.governance);
  } else {
    const commit = (txnId?: string): Promise<void> =>
      commitChange(services, change, session, txnId);
    const written = { table: existing, version, commit };
    await commitTogether(services, written, describe);
  }
  return outcome?.rowCount ?? 0;
}

function described({ bound, statement, target }: Make): NewDefinition {
  const { options } = statement;
  const keys = bound.kind === "create-table" ? bound.keys : [];
  const primary = keys.find(({ kind }) => kind === "primary-key");
  const columns = bound.columns.map((column) =>
    primary?.columns.includes(column.name) === true
      ? { ...column, nullable: false }
      : column,
  );
  const clusterBy = columnNames(options.clusterBy, columns, "clustering");
  const partitionColumns = columnNames(
    options.partitionedBy,
    columns,
    "partition",
  );
  if (clusterBy.length > 0 && partitionColumns.length > 0)
    throw notSupported(
      "CLUSTER BY of a partitioned table is",
      statement.position,
    );
  return {
    name: target.name,
    description: options.comment,
    columns,
    partitionColumns,
    clusterBy,
    checks: bound.kind === "create-table" ? bound.checks : [],
    keys: keyProperties(keys),
    properties: { ...ownProperties(target), ...options.properties },
    createdTime: Date.now(),
  };
}

/** Columns of a temporary table are renamed and dropped as in PostgreSQL, since nobody else reads its files. */
function ownProperties({ kind }: Make["target"]): Record<string, string> {
  return kind === "temporary" ? { "delta.columnMapping.mode": "name" } : {};
}

/** Rows of CREATE TABLE AS as uncommitted files; undefined when there is no query to run. */
async function writtenRows(
  { bound, statement, context }: Make,
  location: string,
  definition: Definition,
): Promise<WriteOutcome | undefined> {
  if (bound.kind === "create-table") return undefined;
  if (statement.kind === "create-table-as" && !statement.withData)
    return undefined;
  const { layout } = definedSchema(definition);
  const target = writeTarget(
    location,
    layout,
    definition.metadata.configuration,
  );
  return writeRows(bound.source, outputOf(bound.source), target, context);
}

function created(bound: BoundCreate, rows: number): Result {
  return bound.kind === "create-table"
    ? { kind: "command", tag: "CREATE TABLE" }
    : { kind: "command", tag: `SELECT ${rows}`, rowCount: rows };
}

function targetOf(
  bound: BoundCreate,
  statement: CreateTable,
  { targets }: Resolved,
): NewTarget | TemporaryTarget {
  const target = targets.get(statement.name);
  if (target?.kind !== "temporary") return newTarget(target);
  refuseForTemporary(bound, statement);
  return target;
}

/** Throws 0A000 for what takes a place or rights in the catalog. */
function refuseForTemporary(bound: BoundCreate, statement: CreateTable): void {
  const { position, options } = statement;
  if (options.location !== undefined)
    throw notSupported("LOCATION of a temporary table is", position);
  if (bound.kind === "create-table" && bound.files !== undefined)
    throw notSupported("a temporary table of plain files is", position);
  if (bound.policies !== undefined) throw temporaryPolicies();
}

function refuseUnbuilt({ kind, options, position }: CreateTable): void {
  const delta = (options.using ?? "delta").toLowerCase() === "delta";
  if (kind === "create-table-as" && (!delta || options.fileOptions))
    throw notSupported("CREATE TABLE AS of plain files is", position);
}

/** Stored spellings. Throws 42703, 42701. */
function columnNames(
  wanted: readonly Identifier[],
  columns: readonly Column[],
  key: "partition" | "clustering",
): readonly string[] {
  const names = wanted.map((name) => storedName(name, columns, key));
  const repeated = names.find((name, at) => names.indexOf(name) !== at);
  if (repeated !== undefined)
    throw new SqlError(
      "42701",
      `column "${repeated}" appears more than once in ${key} key`,
    );
  return names;
}

function storedName(
  wanted: Identifier,
  columns: readonly Column[],
  key: string,
): string {
  const found =
    columns.find(({ name }) => name === wanted.name) ??
    (wanted.quoted
      ? undefined
      : columns.find(
          ({ name }) => name.toLowerCase() === wanted.name.toLowerCase(),
        ));
  if (found !== undefined) return found.name;
  throw new SqlError(
    "42703",
    `column "${wanted.name}" named in ${key} key does not exist`,
    { position: wanted.position },
  );
}
