// OPTIMIZE … WHERE: the files of the partitions a predicate keeps.

import { bind } from "../../planner/bind/bind.ts";
import { resolve } from "../../planner/bind/resolve/resolve.ts";
import { lookupFunction } from "../../planner/optimize/function-lookup.ts";
import { scanPredicate, scansOf } from "../../planner/optimize/pruning.ts";
import { plainQuery } from "../../planner/parse/tree/plain-query.ts";
import type { Scan } from "../../planner/logical/plan.ts";
import { SqlError, notSupported } from "../../storage/common/errors.ts";
import { invariant } from "../../storage/common/invariant.ts";
import type { FileChoice } from "../../storage/delta/file-table/live-files.ts";
import { bindEnvironment, resolveEnvironment } from "../environment.ts";
import { pinTables } from "../pin.ts";
import { simplified } from "../run-query.ts";
import type { CommandContext, StatementOf } from "./command.ts";

const NOTHING: FileChoice = { kind: "paths", paths: [] };

/** Throws 42P10 for columns that are not partition columns, and what binding throws. */
export async function partitionFilter(
  { services, session }: CommandContext,
  { table, where }: StatementOf<"optimize">,
): Promise<FileChoice> {
  if (where === undefined) return { kind: "all" };
  const { position } = where;
  const one = { kind: "integer", text: "1" } as const;
  const query = plainQuery({
    items: [{ value: { kind: "literal", value: one, position }, position }],
    from: [{ kind: "table", name: table, position }],
    where,
    position,
  });
  // The right to optimize was authorized with the statement; the predicate may see nothing but partition values.
  const resolved = resolve(
    { kind: "select", query, position },
    resolveEnvironment(services, session),
  );
  if (resolved.tables.length > 1)
    throw notSupported("a subquery in OPTIMIZE is", position);
  const pinned = await pinTables(services, session, resolved.tables);
  const bound = bind(
    resolved,
    pinned.view,
    [],
    bindEnvironment(services, session),
  );
  invariant(bound.kind === "query", "a SELECT is bound to a query");
  const plan = simplified(bound.query.plan, []);
  const [scan, second] = scansOf(plan);
  if (second !== undefined)
    throw notSupported("a subquery in OPTIMIZE is", position);
  if (scan === undefined) return NOTHING;
  const partitions = pinned.snapshot(
    scan.table.id,
    scan.table.version,
  ).partitionColumns;
  refuseOthers(scan, partitions, position);
  const predicate = scanPredicate(
    scan,
    lookupFunction,
    session.settings.output().timeZone,
  );
  return predicate === undefined
    ? { kind: "all" }
    : { kind: "matching", predicate };
}

function refuseOthers(
  scan: Scan,
  partitions: readonly string[],
  position: number,
): void {
  for (const { source, name } of scan.columns) {
    if (source.kind === "column" && partitions.includes(source.name)) continue;
    throw new SqlError("42P10", `column "${name}" is not a partition column`, {
      detail:
        partitions.length === 0
          ? "The table is not partitioned."
          : `The partition columns are ${partitions.join(", ")}.`,
      hint: "The predicate of OPTIMIZE chooses partitions.",
      position,
    });
  }
}
