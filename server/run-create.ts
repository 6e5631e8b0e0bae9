// CREATE TABLE, CREATE TABLE AS and CREATE VIEW. A managed table lies at `_managed/<table id>` of its catalog's folder, so that names
// never enter paths. Its log is written first: a crash before the catalog's row leaves a folder nobody names.

import { join } from "node:path";
import type {
  BoundCreateTable,
  BoundCreateTableAs,
  BoundCreateView,
} from "../planner/bind/bound.ts";
import type { Resolved, ResolvedTarget } from "../planner/bind/resolved.ts";
import { outputOf } from "../planner/logical/walk.ts";
import type {
  CreateTableAsStatement,
  CreateTableStatement,
  CreateViewStatement,
  TableOptions,
} from "../planner/parse/ast.ts";
import { newObjectId } from "../storage/catalog/catalog.ts";
import { notSupported, SqlError } from "../storage/common/errors.ts";
import { invariant } from "../storage/common/invariant.ts";
import type { Schema } from "../storage/common/schema.ts";
import { mkdir } from "node:fs/promises";
import { writeRows } from "./run-insert.ts";
import type { RunContext } from "./run-query.ts";
import type { Result } from "./session/result.ts";
import { createTableWith, layoutOf, writeTarget } from "./table-write.ts";

type CreateTable = CreateTableStatement | CreateTableAsStatement;

export async function runCreateTable(
  bound: BoundCreateTable | BoundCreateTableAs,
  statement: CreateTable,
  resolved: Resolved,
  context: RunContext,
): Promise<Result> {
  const { services, session } = context;
  const { catalog } = services.governance;
  const target = newTarget(resolved.targets.get(statement.name));
  refuseUnbuilt(statement);
  const tag =
    bound.kind === "create-table" ? "CREATE TABLE" : "CREATE TABLE AS";
  if (nameIsTaken(context, target)) {
    if (statement.mode !== "if-not-exists") throw relationExists(target.name);
    session.notice(
      "NOTICE",
      `relation "${target.name}" already exists, skipping`,
      { code: "42P07" },
    );
    return { kind: "command", tag };
  }
  const id = newObjectId();
  const location = join(target.catalog.location, "_managed", id);
  const schema: Schema = {
    columns: bound.columns.map(({ comment, ...column }) =>
      comment === undefined ? column : { ...column, comment },
    ),
  };
  const partitionColumns = partitionNames(statement.options, schema);
  const created = {
    schema,
    partitionColumns,
    properties: statement.options.properties,
    name: target.name,
    userName: session.userName,
  };
  const ref = {
    location,
    name: `${target.schema.name}.${target.name}`,
    lakeRoot: target.catalog.location,
  };
  await mkdir(location, { recursive: true });
  const write = writeTarget(
    location,
    layoutOf(schema, partitionColumns),
    statement.options.properties,
  );
  const outcome =
    bound.kind === "create-table-as" &&
    !("withData" in statement && !statement.withData)
      ? await writeRows(bound.source, outputOf(bound.source), write, context)
      : undefined;
  await createTableWith(services, ref, created, outcome?.drafts);
  catalog.createTable({
    id,
    schema: target.schema.id,
    name: target.name,
    owner: session.identity.principal.id,
    location,
    origin: "managed",
    comment: statement.options.comment,
  });
  const rows = outcome?.rowCount ?? 0;
  return bound.kind === "create-table"
    ? { kind: "command", tag }
    : { kind: "command", tag: `SELECT ${rows}`, rowCount: rows };
}

/** The printed definition is stored beside the user's text; it is bound anew at each use. */
export function runCreateView(
  bound: BoundCreateView,
  statement: CreateViewStatement,
  resolved: Resolved,
  context: RunContext,
): Result {
  const { services, session } = context;
  const { catalog } = services.governance;
  if (statement.temporary)
    throw notSupported("CREATE TEMPORARY VIEW is", statement.position);
  const target = newTarget(resolved.targets.get(statement.name));
  const body = {
    source: statement.source,
    definition: bound.definition,
    columns: bound.columns,
  };
  const existing = catalog.unfiltered.relation(
    target.schema.id,
    exactly(target.name),
  );
  if (existing === undefined) {
    catalog.createView({
      ...body,
      schema: target.schema.id,
      name: target.name,
      owner: session.identity.principal.id,
      comment: statement.comment,
    });
  } else if (statement.mode === "or-replace" && existing.kind === "view") {
    catalog.replaceView(existing.id, body);
  } else if (statement.mode === "or-replace") {
    throw new SqlError("42809", `"${target.name}" is not a view`, {
      position: statement.name.position,
    });
  } else if (statement.mode === "if-not-exists") {
    session.notice(
      "NOTICE",
      `relation "${target.name}" already exists, skipping`,
      { code: "42P07" },
    );
  } else throw relationExists(target.name);
  return { kind: "command", tag: "CREATE VIEW" };
}

type NewTarget = Extract<ResolvedTarget, { readonly kind: "new" }>;

function newTarget(target: ResolvedTarget | undefined): NewTarget {
  if (target?.kind === "temporary") throw notSupported("temporary tables are");
  invariant(target?.kind === "new", "what CREATE names is resolved");
  return target;
}

/** A relation the session cannot see takes its name all the same (access-control section 15.2). */
function nameIsTaken({ services }: RunContext, target: NewTarget): boolean {
  return (
    services.governance.catalog.unfiltered.relation(
      target.schema.id,
      exactly(target.name),
    ) !== undefined
  );
}

function exactly(name: string): {
  readonly name: string;
  readonly quoted: boolean;
  readonly position: number;
} {
  return { name, quoted: true, position: 0 };
}

function relationExists(name: string): SqlError {
  return new SqlError("42P07", `relation "${name}" already exists`);
}

function refuseUnbuilt(statement: CreateTable): void {
  const { options, position } = statement;
  if (statement.temporary)
    throw notSupported("CREATE TEMPORARY TABLE is", position);
  if (statement.mode === "or-replace")
    throw notSupported("CREATE OR REPLACE TABLE is", position);
  if (options.location !== undefined)
    throw notSupported("LOCATION is", position);
  if (options.clusterBy.length > 0)
    throw notSupported("CLUSTER BY is", position);
  if (options.using !== undefined && options.using.toLowerCase() !== "delta")
    throw notSupported(`USING ${options.using} is`, position);
  if (statement.kind === "create-table-as") return;
  const unbuilt = statement.columns.find(
    (column) => column.default !== undefined || column.check !== undefined,
  );
  if (unbuilt !== undefined)
    throw notSupported("DEFAULT and CHECK on a column are", unbuilt.position);
  if (statement.constraints.length > 0)
    throw notSupported("table constraints are", position);
}

/** Stored spellings of the partition columns. Throws 42703. */
function partitionNames(
  { partitionedBy }: TableOptions,
  { columns }: Schema,
): readonly string[] {
  return partitionedBy.map((wanted) => {
    const found =
      columns.find(({ name }) => name === wanted.name) ??
      (wanted.quoted
        ? undefined
        : columns.find(
            ({ name }) => name.toLowerCase() === wanted.name.toLowerCase(),
          ));
    if (found === undefined) {
      throw new SqlError(
        "42703",
        `column "${wanted.name}" named in partition key does not exist`,
        { position: wanted.position },
      );
    }
    return found.name;
  });
}
