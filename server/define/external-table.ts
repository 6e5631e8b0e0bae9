// CREATE TABLE … LOCATION: a folder of a lake or a file root becomes a table that DROP only forgets. A Delta table that lies there is
// taken as it is; what the statement says of it must agree (access-control section 9.3).

import { authorizeStatement } from "../../auth/governance.ts";
import type {
  BoundCreateTable,
  BoundCreateTableAs,
} from "../../planner/bind/bound.ts";
import type {
  CreateTableAsStatement,
  CreateTableStatement,
} from "../../planner/parse/ast.ts";
import { typeNameWithModifier } from "../../storage/common/data-type.ts";
import { notSupported, SqlError } from "../../storage/common/errors.ts";
import { listLog, newestVersion } from "../../storage/delta/log.ts";
import type { Snapshot } from "../../storage/delta/snapshot.ts";
import type { TableRef } from "../../storage/delta/table-ref.ts";
import {
  fileLocation,
  overlappingTables,
  unreachablePath,
} from "../files/file-place.ts";
import type { RunContext } from "../run-query.ts";
import { visibleTo } from "../visible.ts";

export interface ExternalPlace {
  readonly location: string;
  /** The table that lies there already. */
  readonly adopted: Snapshot | undefined;
}

/** Throws 42P01 for places that may not be used, 0A000 for a folder that holds something else. */
export async function externalPlace(
  context: RunContext,
  path: string,
  name: string,
  position: number,
): Promise<ExternalPlace> {
  const { services } = context;
  const location = await freeLocation(context, path, position);
  const store = services.stores.storeFor(location);
  const ref: TableRef = { location, name, lakeRoot: undefined };
  if (newestVersion(await listLog(store, location)) !== undefined)
    return { location, adopted: await services.tables.snapshot(ref) };
  requireWritable(context, position);
  for await (const batch of store.listTree(location, () => true)) {
    if (batch.length > 0)
      throw notSupported(
        "a table in a folder that holds other files is",
        position,
      );
  }
  return { location, adopted: undefined };
}

/** The canonical location, where no table lies. Throws 42501, 0A000. */
export async function freeLocation(
  context: RunContext,
  path: string,
  position: number,
): Promise<string> {
  const { services, session } = context;
  const location = await fileLocation(services, path, position, "table");
  const [other] = overlappingTables(services, location);
  if (other !== undefined) {
    const visible = visibleTo(session, services);
    throw visible.mayReadMetadata(other)
      ? notSupported(
          `a location that overlaps with that of table "${other.name}" is`,
          position,
        )
      : unreachablePath(path, position);
  }
  return location;
}

/** A place that is made needs the right to write any file. */
export function requireWritable(
  { services, session }: RunContext,
  position: number,
): void {
  authorizeStatement(services.governance, session.identity, [
    {
      kind: "privilege",
      privilege: "MODIFY",
      securable: { kind: "any-file" },
      name: "any file",
      position,
    },
  ]);
}

type CreateTable = CreateTableStatement | CreateTableAsStatement;

/** Throws 42P16 where the statement says something else than the table's log. */
export function checkAdopted(
  bound: BoundCreateTable | BoundCreateTableAs,
  { options, position }: CreateTable,
  { schema, partitionColumns, properties }: Snapshot,
): void {
  const differs = (what: string, detail: string): SqlError =>
    new SqlError("42P16", `the table at the location has other ${what}`, {
      detail,
      position,
    });
  if (bound.kind === "create-table-as")
    throw new SqlError("42P07", "a table lies at the location already", {
      position,
    });
  const shown = schema.columns
    .map(({ name, type, nullable }) =>
      shownColumn(name, typeNameWithModifier(type), nullable),
    )
    .join(", ");
  const asked = bound.columns
    .map(({ name, type, nullable }) =>
      shownColumn(name, typeNameWithModifier(type), nullable),
    )
    .join(", ");
  if (asked !== "" && asked !== shown)
    throw differs("columns", `They are (${shown}).`);
  const partitions = options.partitionedBy.map(({ name }) =>
    name.toLowerCase(),
  );
  const stored = partitionColumns.map((name) => name.toLowerCase());
  if (partitions.length > 0 && partitions.join() !== stored.join())
    throw differs(
      "partition columns",
      `They are (${partitionColumns.join(", ")}).`,
    );
  for (const [key, value] of Object.entries(options.properties)) {
    if (properties[key] !== value)
      throw differs(
        "properties",
        `"${key}" is ${properties[key] === undefined ? "not set" : `"${properties[key] ?? ""}"`}.`,
      );
  }
  const rules =
    bound.checks.length +
    bound.keys.length +
    options.clusterBy.length +
    bound.columns.filter((it) => it.default ?? it.generated ?? it.identity)
      .length;
  if (rules > 0)
    throw notSupported(
      "a rule for a table that is there already is",
      position,
      "Use ALTER TABLE.",
    );
}

function shownColumn(name: string, type: string, nullable: boolean): string {
  return `${name} ${type}${nullable ? "" : " NOT NULL"}`;
}
