// Before a change joins its table with a small source, the source's keys are asked for and prune the table's files: an upsert of some
// rows reads the files that can hold them, not the table.

import { randomUUID } from "node:crypto";
import { lookupFunction } from "../../planner/optimize/function-lookup.ts";
import {
  constantKeys,
  joinKeysOf,
  keysPlan,
  withKeys,
  type JoinKeys,
} from "../../planner/optimize/join-keys.ts";
import { scanPredicate, scansOf } from "../../planner/optimize/pruning.ts";
import type { LogicalPlan, Scan } from "../../planner/logical/plan.ts";
import { invariant } from "../../storage/common/invariant.ts";
import type { ScanStatistics } from "../../storage/scan/split.ts";
import { planQuery, simplified, type RunContext } from "../run-query.ts";

/** Keys beyond this are not worth their way to the gateway. */
const MOST_KEYS = 50_000;
/** A date of another number of digits does not sort as text. */
const SORTABLE_DATE = /^\d{4}-\d\d-\d\d$/;

/** The (simplified) plan, its changed table's scan restricted to keys of the source where that can save files. */
export async function withKeyPruning(
  plan: LogicalPlan,
  changedScan: number,
  context: RunContext,
): Promise<LogicalPlan> {
  const keys = joinKeysOf(plan, changedScan, lookupFunction);
  if (keys === undefined) return plan;
  const target = await statisticsOf(keys.scan, context);
  if (target.filesKept < 2) return plan;
  const rows = constantKeys(keys) ?? (await askedKeys(keys, target, context));
  return rows === undefined || !areSortable(keys, rows)
    ? plan
    : withKeys(plan, keys, rows, lookupFunction);
}

type KeyRows = readonly (readonly (string | null)[])[];

/** Undefined when the source is too large to be read twice, or has too many keys. */
async function askedKeys(
  keys: JoinKeys,
  target: ScanStatistics,
  context: RunContext,
): Promise<KeyRows | undefined> {
  let bytes = 0;
  for (const scan of scansOf(keys.source))
    bytes += (await statisticsOf(scan, context)).bytesKept;
  if (bytes * 2 > target.bytesKept) return undefined;
  const { plan, columns } = keysPlan(keys, MOST_KEYS + 1);
  const rows = await rowsOf(
    simplified(plan, context.parameters),
    columns.map(({ id }) => id),
    context,
  );
  return rows.length > MOST_KEYS ? undefined : rows;
}

async function statisticsOf(
  scan: Scan,
  { pinned, session }: RunContext,
): Promise<ScanStatistics> {
  const { timeZone } = session.settings.output();
  const predicate = scanPredicate(scan, lookupFunction, timeZone);
  return (await pinned.source(scan.table).files(predicate)).statistics;
}

async function rowsOf(
  plan: LogicalPlan,
  output: Parameters<typeof planQuery>[1],
  context: RunContext,
): Promise<KeyRows> {
  const { services, session, signal } = context;
  const { physical, inputs } = await planQuery(plan, output, context);
  const batches = await services.scheduler.runPlan(physical, inputs, {
    queryId: `${session.pid}-${randomUUID()}`,
    format: { kind: "json", output: session.settings.output() },
    signal,
  });
  const rows: (readonly (string | null)[])[] = [];
  for await (const { bytes } of batches)
    rows.push(...readRows(Buffer.from(bytes).toString("utf8")));
  return rows;
}

/** Rows as the nodes write them, arrays of texts with commas between. */
function readRows(json: string): KeyRows {
  const rows: unknown = JSON.parse(`[${json}]`);
  invariant(Array.isArray(rows), "rows are arrays");
  return rows.map((row: unknown) => {
    invariant(Array.isArray(row), "a row is an array");
    return row.map((cell: unknown) => {
      invariant(typeof cell === "string" || cell === null, "a cell is a text");
      return cell;
    });
  });
}

function areSortable({ pairs }: JoinKeys, rows: KeyRows): boolean {
  return pairs.every(
    ({ target }, i) =>
      target.type.kind !== "date" ||
      rows.every((row) => SORTABLE_DATE.test(row[i] ?? "0000-00-00")),
  );
}
