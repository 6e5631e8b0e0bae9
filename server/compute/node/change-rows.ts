// The rows of an UPDATE, DELETE or MERGE, evaluated once into a temporary table (a volatile function must not be asked twice), from
// which everything else is taken: positions of the rows that are gone, files with the new rows, change data, RETURNING.

import { proposedTwice } from "../../../planner/bind/change/errors.ts";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { TEXT } from "../../../storage/common/data-type.ts";
import { invariant } from "../../../storage/common/invariant.ts";
import type { DuckDBConnection } from "../../../storage/kernel/duckdb.ts";
import { rowSetBuilder } from "../../../storage/delta/deletion-vector/row-set.ts";
import type { PhysicalColumn } from "../../../planner/physical/plan.ts";
import { rowChangedTwice } from "../errors.ts";
import {
  FRAME,
  type ChangeDrafts,
  type ChangeOutput,
  type FileDraft,
  type Fragment,
  type WriteTarget,
} from "../fragment.ts";
import { jsonFrame, positionsFrame, rowsFrame } from "../frames.ts";
import { quoteName } from "./kernel-types.ts";
import type { Send } from "./run-fragment.ts";
import { streamRows } from "./stream-rows.ts";
import { writeFiles } from "./write-files.ts";

interface ChangeRun {
  /** The fragment's query over its relations. */
  readonly sql: string;
  readonly output: ChangeOutput;
  /** Brings new files to the table; they are named to nobody before. */
  readonly written: (drafts: readonly FileDraft[]) => Promise<void>;
  readonly send: Send;
  readonly signal: AbortSignal;
  readonly now: () => number;
}

const CHANGED = "changed_rows";
const FILES = "changed_files";
const ACTION = { insert: 0, update: 1, delete: 2 } as const;

/** Sends positions, then drafts, then what RETURNING asks for. Gives the number of changed rows. Throws 21000. */
export async function changeRows(
  connection: DuckDBConnection,
  fragment: Fragment,
  run: ChangeRun,
): Promise<number> {
  const { output, send, signal } = run;
  const columns = rolesOf(fragment.columns, output);
  await connection.run(`CREATE TEMP TABLE ${CHANGED} AS ${run.sql}`);
  await sendPositions(connection, columns, output, send);
  const drafts = await writeChanges(connection, fragment, columns, output);
  await run.written([...drafts.added, ...drafts.changeData]);
  await send(jsonFrame(FRAME.changes, drafts));
  if (output.returning !== undefined) {
    await streamRows(
      connection,
      `SELECT ${listOf(columns.returning)} FROM ${CHANGED}`,
      {
        format: output.returning,
        columns: columns.returning,
        rowLimit: undefined,
        now: run.now,
        rows: (rows) => send(rowsFrame(rows)),
        progress: () => Promise.resolve(),
        signal,
      },
    );
  }
  // A failed run needs no such care: its connection is closed.
  for (const table of [CHANGED, FILES])
    await connection.run(`DROP TABLE temp.${table}`);
  return drafts.inserted + drafts.updated + drafts.deleted;
}

interface Roles {
  readonly action: string;
  readonly path: string;
  readonly row: string;
  /** With the violation behind them where rows are checked. */
  readonly after: readonly PhysicalColumn[];
  readonly before: readonly PhysicalColumn[];
  readonly returning: readonly PhysicalColumn[];
}

/** Which column is what, by the order ChangeOutput tells. */
function rolesOf(
  columns: readonly PhysicalColumn[],
  { target, after, before }: ChangeOutput,
): Roles {
  const width = target.layout.columns.length;
  const written = width + target.tracked.length;
  const names = columns.map(({ name }) => quoteName(name));
  const [action = "", path = "", row = ""] = names;
  const firstBefore = 3 + (after ? written + (target.checked ? 1 : 0) : 0);
  const firstReturning = firstBefore + (before ? width : 0);
  return {
    action,
    path,
    row,
    after: columns.slice(3, firstBefore),
    before: columns.slice(firstBefore, firstReturning),
    returning: columns.slice(firstReturning),
  };
}

function listOf(columns: readonly PhysicalColumn[]): string {
  return columns.map(({ name }) => quoteName(name)).join(", ");
}

/** One frame a file; rows changed twice are found on the way, since equal positions come side by side. */
async function sendPositions(
  connection: DuckDBConnection,
  { path, row }: Roles,
  { duplicates }: ChangeOutput,
  send: Send,
): Promise<void> {
  await connection.run(
    `CREATE TEMP TABLE ${FILES} AS SELECT path, CAST(row_number() OVER (ORDER BY path) - 1 AS INTEGER) AS number
     FROM (SELECT DISTINCT ${path} AS path FROM ${CHANGED} WHERE ${path} IS NOT NULL)`,
  );
  const reader = await connection.runAndReadAll(
    `SELECT path FROM ${FILES} ORDER BY number`,
  );
  const files = reader.getColumns()[0] ?? [];
  const result = await connection.stream(
    `SELECT f.number, CAST(c.${row} AS DOUBLE) FROM ${CHANGED} AS c JOIN ${FILES} AS f ON f.path = c.${path} ORDER BY ALL`,
  );
  let current = 0;
  let builder = rowSetBuilder();
  let repeated = false;
  const close = async (): Promise<void> => {
    const name = files[current];
    invariant(typeof name === "string", "a changed row has a file");
    await send(positionsFrame({ path: name, rows: builder.finish() }));
    builder = rowSetBuilder();
    current += 1;
  };
  for (
    let chunk = await result.fetchChunk();
    chunk !== null && chunk.rowCount > 0;
    chunk = await result.fetchChunk()
  ) {
    const numbers = chunk.getColumnValues(0);
    const rows = chunk.getColumnValues(1);
    for (let at = 0; at < chunk.rowCount; at += 1) {
      while (current < Number(numbers[at])) await close();
      if (!builder.add(Number(rows[at]))) repeated = true;
    }
  }
  if (files.length > 0) await close();
  if (!repeated) return;
  if (duplicates === "refuse") throw rowChangedTwice();
  if (duplicates === "refuse-proposed") throw proposedTwice();
  await keepFirst(connection, path, row);
}

async function keepFirst(
  connection: DuckDBConnection,
  path: string,
  row: string,
): Promise<void> {
  await connection.run(
    `DELETE FROM ${CHANGED} WHERE ${path} IS NOT NULL AND rowid NOT IN (
       SELECT min(rowid) FROM ${CHANGED} WHERE ${path} IS NOT NULL GROUP BY ${path}, ${row})`,
  );
}

async function writeChanges(
  connection: DuckDBConnection,
  fragment: Fragment,
  columns: Roles,
  { target, after, before }: ChangeOutput,
): Promise<ChangeDrafts> {
  const { action } = columns;
  const reader = await connection.runAndReadAll(
    `SELECT count(*) FILTER (WHERE ${action} = ${ACTION.insert}), count(*) FILTER (WHERE ${action} = ${ACTION.update}), count(*) FILTER (WHERE ${action} = ${ACTION.delete}) FROM ${CHANGED}`,
  );
  const [inserted = 0, updated = 0, deleted = 0] = (
    reader.getRowsJson()[0] ?? []
  ).map(Number);
  const writes = after && inserted + updated > 0;
  const added = writes
    ? await writeFiles(
        connection,
        {
          ...fragment,
          sql: `SELECT ${listOf(columns.after)} FROM ${CHANGED} WHERE ${action} <> ${ACTION.delete}`,
          columns: columns.after,
        },
        target,
      )
    : [];
  const changes = before && inserted + updated + deleted > 0;
  const changeData = changes
    ? await writeChangeData(connection, fragment, columns, target)
    : [];
  return { added, changeData, inserted, updated, deleted };
}

const CHANGE_FOLDER = "_change_data";
const CHANGE_TYPE = "_change_type";

/** Checklist G1, G4: every change of the commit, the old and the new row of an update as two. */
async function writeChangeData(
  connection: DuckDBConnection,
  fragment: Fragment,
  { action, after, before }: Roles,
  target: WriteTarget,
): Promise<readonly FileDraft[]> {
  const { layout } = target;
  const location = join(target.location, CHANGE_FOLDER);
  await mkdir(location, { recursive: true });
  const names = layout.columns.map(({ name }) => name);
  const rows = (
    values: readonly PhysicalColumn[],
    kinds: readonly (readonly [keyof typeof ACTION, string])[],
  ): string => {
    const items = names.map(
      (name, index) =>
        `${quoteName(values[index]?.name ?? "")} AS ${quoteName(name)}`,
    );
    const cases = kinds.map(
      ([kind, text]) => `WHEN ${ACTION[kind]} THEN '${text}'`,
    );
    return `SELECT ${items.join(", ")}, CASE ${action} ${cases.join(" ")} END AS ${quoteName(CHANGE_TYPE)} FROM ${CHANGED} WHERE ${action} IN (${kinds.map(([kind]) => ACTION[kind]).join(", ")})`;
  };
  const parts = [
    rows(before, [
      ["update", "update_preimage"],
      ["delete", "delete"],
    ]),
    ...(after.length === 0
      ? []
      : [
          rows(after, [
            ["insert", "insert"],
            ["update", "update_postimage"],
          ]),
        ]),
  ];
  const drafts = await writeFiles(
    connection,
    {
      ...fragment,
      sql: parts.join(" UNION ALL "),
      columns: [...names, CHANGE_TYPE].map((name) => ({ name })),
    },
    {
      location,
      layout: {
        ...layout,
        columns: [
          ...layout.columns,
          { name: CHANGE_TYPE, physicalName: CHANGE_TYPE, type: TEXT },
        ],
      },
      tracked: [],
      targetFileBytes: target.targetFileBytes,
      indexedColumns: 0,
      checked: false,
    },
  );
  return drafts.map((draft) => ({
    ...draft,
    path: `${CHANGE_FOLDER}/${draft.path}`,
  }));
}
