// Makes the demo lake in the main catalog's folder on the first start: real Delta tables, by our own writer on our own nodes.
// Each table is written aside and moved into place when it is whole, so that an interrupted start begins again with what is missing.

import { existsSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { PhysicalPlan } from "../../planner/physical/plan.ts";
import { representationOf } from "../../planner/functions/emit.ts";
import { invariant } from "../../storage/common/invariant.ts";
import {
  definedSchema,
  newDefinition,
} from "../../storage/delta/definition/definition.ts";
import type { TableRef } from "../../storage/delta/table-ref.ts";
import {
  appended,
  commitChange,
  createTableWith,
  writeTarget,
} from "../write/table-write.ts";
import type { Services } from "../services.ts";
import type { DemoTable } from "./demo-table.ts";
import { tpchTables } from "./tpch.ts";
import { WEB_TABLES } from "./web.ts";

/** Told after each part: how many of all parts are written, and what was written last. */
export type DemoProgress = (done: number, total: number, table: string) => void;

const TABLES: readonly DemoTable[] = [...tpchTables(0.1), ...WEB_TABLES];
/** Small enough that orders and lineitem are several files each. */
const TARGET_FILE_BYTES = 32 * 1024 * 1024;

/** Tables that exist are left alone. */
export async function makeDemoLake(
  services: Services,
  onProgress: DemoProgress = () => undefined,
): Promise<void> {
  const lake = services.config.lakes.get("main");
  invariant(lake !== undefined, "the main lake is always mounted");
  const missing = TABLES.filter(
    (table) => !existsSync(join(lake, table.schema, table.name, "_delta_log")),
  );
  if (missing.length > 0) await services.pool.started();
  const total = missing.reduce((sum, table) => sum + table.parts.length, 0);
  const building = join(lake, "_building");
  await rm(building, { recursive: true, force: true });
  let done = 0;
  for (const table of missing) {
    const name = `${table.schema}.${table.name}`;
    const ref: TableRef = {
      location: join(building, name),
      name,
      lakeRoot: undefined,
    };
    await mkdir(ref.location, { recursive: true });
    await writeTable(services, table, ref, () =>
      onProgress((done += 1), total, name),
    );
    const place = join(lake, table.schema, table.name);
    await mkdir(dirname(place), { recursive: true });
    await rename(ref.location, place);
    services.tables.forget(ref);
  }
  await rm(building, { recursive: true, force: true });
}

async function writeTable(
  services: Services,
  table: DemoTable,
  ref: TableRef,
  onPart: () => void,
): Promise<void> {
  const { partitionColumns, parts, commitEachPart } = table;
  const columns = table.columns.map((column) => ({
    ...column,
    nullable: true,
  }));
  const definition = newDefinition(
    ref.name,
    { columns, partitionColumns, createdTime: Date.now() },
    undefined,
  );
  const target = {
    ...writeTarget(ref.location, definedSchema(definition).layout, {}),
    targetFileBytes: TARGET_FILE_BYTES,
  };
  const write = async (
    sql: string,
  ): Promise<Awaited<ReturnType<typeof services.scheduler.runWrite>>> => {
    const options = {
      queryId: `demo-${ref.name}`,
      signal: AbortSignal.timeout(600_000),
    };
    const outcome = await services.scheduler.runWrite(
      planOf(table, sql),
      new Map(),
      target,
      options,
    );
    onPart();
    return outcome;
  };
  if (commitEachPart) {
    await createTableWith(services, ref, { definition }, undefined);
    for (const part of parts) {
      const outcome = await write(part);
      const snapshot = await services.tables.snapshot(ref);
      await commitChange(services, appended(snapshot, outcome));
    }
    return;
  }
  const outcomes = [];
  for (const part of parts) outcomes.push(await write(part));
  const drafts = outcomes.flatMap((outcome) => outcome.drafts);
  await createTableWith(services, ref, { definition }, drafts);
}

/** One stage that computes the part's rows from numbers. */
function planOf(table: DemoTable, sql: string): PhysicalPlan {
  const names = table.columns.map((column) => `"${column.name}"`).join(", ");
  const columns = table.columns.map(({ name, type }) => ({
    name,
    type,
    representation: representationOf(type),
  }));
  const stage = {
    id: 0,
    sql: `SELECT * FROM (${sql}) AS part(${names})`,
    scans: [],
    inputs: [],
    distribution: { kind: "single" as const },
    columns,
    estimate: { rows: 100_000, peakBytes: 64 * 1024 * 1024 },
    reason: "demo data",
  };
  return { stages: [stage], output: columns };
}
