// A DELETE that takes whole files: without a predicate, or with one over partition columns alone. The log says which files those are
// and how many rows they hold, so that no data file is opened.

import { randomUUID } from "node:crypto";
import type { BoundChange } from "../../planner/bind/bound.ts";
import { columnsUsed, onlyColumns } from "../../planner/logical/columns.ts";
import { someExpression } from "../../planner/logical/expression-walk.ts";
import type { Expression } from "../../planner/logical/expression.ts";
import type { LogicalPlan, Scan } from "../../planner/logical/plan.ts";
import { isVolatile } from "../../planner/optimize/facts.ts";
import { lookupFunction } from "../../planner/optimize/function-lookup.ts";
import { scanPredicate } from "../../planner/optimize/pruning.ts";
import { INT8 } from "../../storage/common/data-type.ts";
import { columnId, type ColumnId } from "../../storage/common/ids.ts";
import {
  liveFiles,
  type LiveFile,
} from "../../storage/delta/file-table/live-files.ts";
import type { Snapshot } from "../../storage/delta/snapshot.ts";
import { planQuery, simplified, type RunContext } from "../run-query.ts";

export interface WholeFiles {
  readonly files: readonly LiveFile[];
  /** Live rows in them. */
  readonly rowCount: number;
}

/** With more different partitions, asking about each costs more than reading the rows' positions. */
const MOST_PARTITIONS = 10_000;

/** The files that a DELETE takes whole, as the log alone tells; undefined when rows have to be looked at. */
export function doomedFiles(
  { source, columns }: Pick<BoundChange, "source" | "columns">,
  snapshot: Snapshot,
  context: RunContext,
): Promise<WholeFiles | undefined> {
  const { action, filePath, rowIndex } = columns;
  const plan = simplified(
    onlyColumns(source, [action, filePath, rowIndex]),
    context.parameters,
  );
  return wholeFiles(plan, snapshot, context);
}

/** The files all of whose rows the (simplified) plan selects; undefined when that cannot be told from the log. */
async function wholeFiles(
  plan: LogicalPlan,
  snapshot: Snapshot,
  context: RunContext,
): Promise<WholeFiles | undefined> {
  const scan = scanBelow(plan);
  if (scan === undefined || !overPartitions(scan, snapshot)) return undefined;
  const predicate = scanPredicate(
    scan,
    lookupFunction,
    context.session.settings.output().timeZone,
  );
  const kept = await liveFiles(
    snapshot,
    predicate === undefined ? { kind: "all" } : { kind: "matching", predicate },
  );
  const files =
    scan.filters.length === 0
      ? kept
      : await satisfying(kept, scan, snapshot, context);
  if (files === undefined) return undefined;
  let rowCount = 0;
  for (const file of files) {
    if (file.rowCount === undefined) return undefined;
    rowCount += file.rowCount - (file.deletionVector?.cardinality ?? 0);
  }
  return { files, rowCount };
}

/** The scan whose rows the plan gives one by one. */
function scanBelow(plan: LogicalPlan): Scan | undefined {
  if (plan.kind === "project") return scanBelow(plan.input);
  return plan.kind === "scan" ? plan : undefined;
}

/** Whether the scan's filters give every row of a file the same answer. */
function overPartitions(scan: Scan, snapshot: Snapshot): boolean {
  const partitions = new Set(
    scan.columns.flatMap(({ id, source }) =>
      source.kind === "column" &&
      snapshot.partitionColumns.includes(source.name)
        ? [id]
        : [],
    ),
  );
  return scan.filters.every(
    (filter) =>
      [...columnsUsed(filter)].every((id) => partitions.has(id)) &&
      !isVolatile(filter, lookupFunction) &&
      !someExpression(filter, (part) => part.kind === "subquery"),
  );
}

/** Asks a node which partitions satisfy the filters, in the semantics of any query. */
async function satisfying(
  files: readonly LiveFile[],
  scan: Scan,
  snapshot: Snapshot,
  context: RunContext,
): Promise<readonly LiveFile[] | undefined> {
  const keyOf = ({ partitionValues }: LiveFile): string =>
    JSON.stringify(partitionValues);
  const partitions = [
    ...new Map(files.map((file) => [keyOf(file), file])).values(),
  ];
  if (partitions.length > MOST_PARTITIONS) return undefined;
  const columns = scan.columns.flatMap((column) => {
    const { source } = column;
    const index =
      source.kind === "column"
        ? snapshot.partitionColumns.indexOf(source.name)
        : -1;
    return index < 0 ? [] : [{ column, index }];
  });
  const number = {
    id: columnId(1 + Math.max(...scan.columns.map(({ id }) => Number(id)))),
    name: "number",
    type: INT8,
    nullable: false,
  };
  const plan: LogicalPlan = {
    kind: "filter",
    predicate: { kind: "and", type: { kind: "bool" }, operands: scan.filters },
    input: {
      kind: "values",
      columns: [
        ...columns.map(({ column: { id, name, type, nullable } }) => ({
          id,
          name,
          type,
          nullable,
        })),
        number,
      ],
      rows: partitions.map(({ partitionValues }, at) => [
        ...columns.map(({ column: { type }, index }): Expression => ({
          kind: "literal",
          type,
          value: partitionValues[index] ?? null,
        })),
        { kind: "literal", type: INT8, value: String(at) },
      ]),
    },
  };
  const numbers = await numbersOf(plan, number.id, context);
  const wanted = new Set(
    partitions.filter((_, at) => numbers.has(at)).map(keyOf),
  );
  return files.filter((file) => wanted.has(keyOf(file)));
}

async function numbersOf(
  plan: LogicalPlan,
  number: ColumnId,
  context: RunContext,
): Promise<ReadonlySet<number>> {
  const { services, session, signal } = context;
  const { physical, inputs } = await planQuery(
    simplified(plan, context.parameters),
    [number],
    context,
  );
  const batches = await services.scheduler.runPlan(physical, inputs, {
    queryId: `${session.pid}-${randomUUID()}`,
    format: { kind: "json", output: session.settings.output() },
    signal,
  });
  const numbers = new Set<number>();
  for await (const { bytes } of batches) {
    for (const [digits] of Buffer.from(bytes)
      .toString("latin1")
      .matchAll(/\d+/g))
      numbers.add(Number(digits));
  }
  return numbers;
}
