// ANALYZE [t [(c, …)]], ANALYZE TABLE t COMPUTE STATISTICS [FOR COLUMNS c, …]: about how many distinct values each column holds,
// counted by a node over the newest version and kept for the optimizer (column-statistics.ts).

import { randomUUID } from "node:crypto";
import { undefinedColumn } from "../../planner/bind/errors/errors-column.ts";
import { matching } from "../../planner/bind/names.ts";
import { representationOf } from "../../planner/functions/emit.ts";
import type { PhysicalPlan, Stage } from "../../planner/physical/plan.ts";
import { INT8, type DataType } from "../../storage/common/data-type.ts";
import { firstRefusal, securableOf } from "../../auth/authorize.ts";
import type { TableEntry } from "../../storage/catalog/objects.ts";
import { SqlError, throwIfAborted } from "../../storage/common/errors.ts";
import { invariant } from "../../storage/common/invariant.ts";
import type { Snapshot } from "../../storage/delta/snapshot.ts";
import { scanFiles } from "../../storage/scan/scan.ts";
import type { LayoutColumn, ScanFiles } from "../../storage/scan/split.ts";
import { tableRef } from "../table-ref.ts";
import {
  action,
  done,
  type Command,
  type CommandContext,
  type StatementOf,
} from "./command.ts";
import { targetTable } from "./target-table.ts";
import { visibleTo } from "../visible.ts";

/** Without a table: each of the current catalog that the session sees. */
export function analyzeCommand(statement: StatementOf<"analyze">): Command {
  const { table, columns } = statement;
  return action(async (context) => {
    if (table === undefined) await analyzeAll(context);
    else await analyze(context, targetTable(context, table), columns);
    return done("ANALYZE");
  });
}

/** As PostgreSQL does it, tables that are another's are passed over with a warning; and so are those that cannot be read. */
async function analyzeAll(context: CommandContext): Promise<void> {
  const { services, session, signal } = context;
  const { access } = services.governance;
  const { id } = session.identity.principal;
  const view = visibleTo(session, services);
  const current = view
    .catalogs()
    .filter(({ name }) => name === session.currentCatalog);
  const tables = current
    .flatMap((entry) => view.schemas(entry.id))
    .flatMap((schema) => view.relations(schema.id))
    .filter((relation) => relation.kind === "table");
  for (const table of tables) {
    throwIfAborted(signal);
    const refusal = firstRefusal(access, id, [
      {
        kind: "privilege",
        privilege: "MODIFY",
        securable: securableOf(table),
        name: table.name,
      },
    ]);
    if (refusal !== undefined) {
      session.notice(
        "WARNING",
        `skipping "${table.name}" --- only table or database owner can analyze it`,
      );
      continue;
    }
    try {
      await analyze(context, table, undefined);
    } catch (error) {
      throwIfAborted(signal);
      if (!(error instanceof SqlError)) throw error;
      session.notice("WARNING", `skipping "${table.name}": ${error.message}`);
    }
  }
}

async function analyze(
  context: CommandContext,
  entry: TableEntry,
  names: StatementOf<"analyze">["columns"],
): Promise<void> {
  const { services, session } = context;
  // Nothing is kept of what goes with its session.
  if (entry.origin === "temporary") return;
  const snapshot = await services.tables.snapshot(tableRef(services, entry));
  services.pins.hold(session.transaction, snapshot);
  const columns = measured(snapshot, names);
  if (columns.length > 0) {
    const files = await scanFiles(snapshot, undefined);
    const counts = await distinctCounts(context, snapshot, { columns, files });
    const analyzedAtMs = Date.now();
    services.governance.catalog.keepStatistics(
      entry.id,
      columns.map(({ name }, index) => ({
        column: name,
        distinctCount: counts[index] ?? 0,
        tableVersion: snapshot.version,
        analyzedAtMs,
      })),
    );
  }
}

/** Types whose values no plan compares as a whole. */
const UNMEASURED: ReadonlySet<DataType["kind"]> = new Set([
  "array",
  "struct",
  "map",
  "json",
  "jsonb",
]);

/** Throws 42703. */
function measured(
  { layout }: Snapshot,
  names: StatementOf<"analyze">["columns"],
): readonly LayoutColumn[] {
  const chosen =
    names === undefined
      ? layout.columns
      : names.map((name) => {
          const [found] = matching(
            layout.columns,
            name,
            (column) => column.name,
          );
          if (found === undefined)
            throw undefinedColumn(name.name, undefined, name.position);
          return found;
        });
  return [...new Set(chosen)].filter(({ type }) => !UNMEASURED.has(type.kind));
}

const SCAN_ID = 0;

/** In the order of the columns. */
async function distinctCounts(
  { services, session, signal }: CommandContext,
  { table, layout }: Snapshot,
  read: {
    readonly columns: readonly LayoutColumn[];
    readonly files: ScanFiles;
  },
): Promise<readonly number[]> {
  const { splits } = read.files;
  const batches = await services.scheduler.runPlan(
    countingPlan(read.columns, read.files),
    new Map([
      [SCAN_ID, { tableName: table.name, tableOid: 0, layout, splits }],
    ]),
    {
      queryId: `${session.pid}-${randomUUID()}`,
      format: { kind: "json", output: session.settings.output() },
      signal,
    },
  );
  let row = "";
  for await (const { bytes } of batches)
    row += Buffer.from(bytes).toString("latin1");
  const counts = [...row.matchAll(/\d+/g)].map(([digits]) => Number(digits));
  invariant(
    counts.length === read.columns.length,
    "every column has its count",
  );
  return counts;
}

/** One node reads all files: counts of parts cannot be added up. */
function countingPlan(
  measuredColumns: readonly LayoutColumn[],
  { statistics }: ScanFiles,
): PhysicalPlan {
  const columns = measuredColumns.map((_, index) => ({
    name: `n${index}`,
    type: INT8,
    representation: representationOf(INT8),
  }));
  const counts = columns.map(
    ({ name }, index) => `approx_count_distinct(c${index}) AS ${name}`,
  );
  const stage: Stage = {
    id: 0,
    sql: `SELECT ${counts.join(", ")} FROM scan_${SCAN_ID}`,
    scans: [
      {
        scanId: SCAN_ID,
        columns: measuredColumns.map(({ name }, index) => ({
          alias: `c${index}`,
          source: { kind: "column", name },
        })),
      },
    ],
    inputs: [],
    distribution: { kind: "single" },
    columns,
    estimate: { rows: 1, peakBytes: Math.min(statistics.bytesKept, 1 << 26) },
    reason: "statistics",
  };
  return { stages: [stage], output: columns };
}
