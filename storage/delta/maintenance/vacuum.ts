// VACUUM: which files below a table's folder nobody needs any more, and their removal (checklist Y1-Y3). Names go through a kernel
// table, so that millions of files cost no JS heap.

import { throwIfAborted } from "../../common/errors.ts";
import type { DuckDBConnection } from "../../kernel/duckdb.ts";
import { joinPath, type ObjectEntry } from "../../object-store/store.ts";
import { vectorLocation } from "../deletion-vector/deletion-vector-file.ts";
import { checkWritable } from "../features.ts";
import { numberOf, queryRows, textOf } from "../kernel-rows.ts";
import type { LoadContext } from "../load.ts";
import { LOGGED_FILES, stageLoggedFiles } from "../checkpoint/logged-files.ts";
import { escapeHive } from "../paths.ts";
import type { Snapshot } from "../snapshot.ts";
import { quoteText, quoteTexts } from "../sql.ts";
import type { DeltaTables } from "../tables.ts";
import type { TableRef } from "../table-ref.ts";

export interface VacuumRequest {
  /** Files not touched since, and tombstones set before: milliseconds since 1970. */
  readonly olderThanMs: number;
  /** Asked after the listing: versions that somebody still reads, and since when files may be somebody's uncommitted work. */
  readonly inUse: () => {
    readonly versions: readonly number[];
    readonly sinceMs: number;
  };
  readonly signal: AbortSignal;
  /** Told after each batch of deletions. */
  readonly onProgress: (done: number, files: number) => void;
}

export interface VacuumWork {
  readonly files: number;
  readonly bytes: number;
  /** Absolute paths, in order; at most `limit`. */
  list(limit: number): Promise<readonly string[]>;
  /** Throws 57014 between batches when cancelled: what is deleted stays so, and the rest is for the next run. */
  deleteAll(): Promise<void>;
}

/** Finds the files and runs `work` over them. Throws 0A000 when the table's writer features are not all known (Y1). */
export async function withUnneededFiles<T>(
  tables: DeltaTables,
  table: TableRef,
  request: VacuumRequest,
  work: (found: VacuumWork) => Promise<T>,
): Promise<T> {
  const context = tables.contextOf(table);
  const before = await tables.snapshot(table);
  checkWritable(table.name, before.protocol, before.metadata);
  const { store } = context;
  const tree = store.listTree(table.location, (path) =>
    isEntered(path, before),
  );
  return await context.kernel.use(async (connection) => {
    await connection.run(CREATE_LISTED);
    for await (const batch of tree) {
      throwIfAborted(request.signal);
      await insertListed(
        connection,
        batch.filter(
          (entry) =>
            isVisible(entry.name) && entry.modifiedMs < request.olderThanMs,
        ),
      );
    }
    // After the listing: a file committed meanwhile is live in this version, and a file listed and not committed is younger than
    // the transaction that writes it.
    const snapshot = await tables.snapshot(table);
    const { versions, sinceMs } = request.inUse();
    await connection.run(`DELETE FROM listed WHERE modified >= ${sinceMs}`);
    await dropNeeded(context, connection, snapshot, request.olderThanMs);
    for (const version of versions) {
      const pinned = await tables.snapshot(table, { kind: "version", version });
      await dropPinned(context, connection, pinned);
    }
    return await work(await vacuumWork(context, connection, request));
  });
}

/** Checklist Y2: hidden folders are not the table's, but for change data and partitions of columns that are named so. */
function isEntered(path: string, snapshot: Snapshot): boolean {
  const name = path.slice(path.lastIndexOf("/") + 1);
  if (!/^[._]/.test(name) || path === "_change_data") return true;
  return snapshot.files.columns.partitions.some(({ physicalName }) =>
    name.startsWith(`${escapeHive(physicalName)}=`),
  );
}

function isVisible(path: string): boolean {
  return !/^[._]/.test(path.slice(path.lastIndexOf("/") + 1));
}

/** Listed files, as a temporary table: path below the table's folder, size in bytes, milliseconds since 1970. */
const CREATE_LISTED =
  "CREATE TEMP TABLE listed (name VARCHAR, size BIGINT, modified BIGINT)";
const INSERT_BATCH = 1000;

async function insertListed(
  connection: DuckDBConnection,
  entries: readonly ObjectEntry[],
): Promise<void> {
  for (let from = 0; from < entries.length; from += INSERT_BATCH) {
    const rows = entries
      .slice(from, from + INSERT_BATCH)
      .map(
        ({ name, sizeBytes, modifiedMs }) =>
          `(${quoteText(name)}, ${sizeBytes}, ${Math.ceil(modifiedMs)})`,
      );
    await connection.run(`INSERT INTO listed VALUES ${rows.join(", ")}`);
  }
}

/** One spelling of a path below the table's folder: two that a file system takes for one file must not look different. */
function normal(expression: string): string {
  const withoutDots = `regexp_replace(${expression}, '(^|/)(\\./)+', '\\1', 'g')`;
  return `regexp_replace(${withoutDots}, '/+', '/', 'g')`;
}

/** A key of the log below the table's folder; an absolute one outside it stays as it is and matches nothing. */
function below(location: string, key: string): string {
  const root = joinPath(location, "");
  return normal(
    `CASE WHEN starts_with(${key}, ${quoteText(root)}) THEN substr(${key}, ${root.length + 1}) ELSE ${key} END`,
  );
}

/** Takes out what live files and tombstones name, their deletion vectors too. */
async function dropNeeded(
  context: LoadContext,
  connection: DuckDBConnection,
  snapshot: Snapshot,
  olderThanMs: number,
): Promise<void> {
  await stageLoggedFiles(context, connection, snapshot.version);
  await connection.run(
    `DELETE FROM ${LOGGED_FILES} WHERE NOT is_add AND coalesce(TRY_CAST(json_extract_string(j, '/deletionTimestamp') AS BIGINT), 0) <= ${olderThanMs}`,
  );
  await dropNames(connection, context, LOGGED_FILES);
  const member = (name: string): string =>
    `json_extract_string(j, '/deletionVector/${name}')`;
  await dropVectors(
    connection,
    context,
    `SELECT DISTINCT ${member("storageType")}, ${member("pathOrInlineDv")} FROM ${LOGGED_FILES} WHERE dv_id <> ''`,
  );
}

/** Takes out the files of a version that somebody reads. */
async function dropPinned(
  context: LoadContext,
  connection: DuckDBConnection,
  pinned: Snapshot,
): Promise<void> {
  await pinned.files.use(async ({ table, live }) => {
    await dropNames(connection, context, `${table} WHERE ${live}`);
    await dropVectors(
      connection,
      context,
      `SELECT DISTINCT dv_storage, dv_path FROM ${table} WHERE ${live} AND dv_path IS NOT NULL`,
    );
  });
}

async function dropNames(
  connection: DuckDBConnection,
  { table }: LoadContext,
  relation: string,
): Promise<void> {
  await connection.run(
    `DELETE FROM listed WHERE ${normal("name")} IN (SELECT ${below(table.location, "key")} FROM ${relation})`,
  );
}

async function dropVectors(
  connection: DuckDBConnection,
  { table }: LoadContext,
  sql: string,
): Promise<void> {
  const rows = await queryRows(connection, sql);
  const paths = rows.flatMap(([storage, path]) => {
    const [storageType, pathOrInlineDv] = [textOf(storage), textOf(path)];
    if (storageType === null || pathOrInlineDv === null) return [];
    const place = vectorLocation(table, {
      storageType,
      pathOrInlineDv,
      sizeInBytes: 0,
      cardinality: 0,
    });
    return place.storageType === "i" ? [] : [place.location];
  });
  for (let from = 0; from < paths.length; from += INSERT_BATCH) {
    const batch = paths.slice(from, from + INSERT_BATCH);
    await connection.run(
      `DELETE FROM listed WHERE ${normal("name")} IN (SELECT ${below(table.location, "path")} FROM (SELECT unnest(${quoteTexts(batch)}) AS path))`,
    );
  }
}

/** Files deleted between two looks at the signal. */
const DELETE_BATCH = 1000;

async function vacuumWork(
  { store, table }: LoadContext,
  connection: DuckDBConnection,
  { signal, onProgress }: VacuumRequest,
): Promise<VacuumWork> {
  const [row = []] = await queryRows(
    connection,
    "SELECT count(*), coalesce(sum(size), 0)::BIGINT FROM listed",
  );
  const page = async (
    after: string | undefined,
    limit: number,
  ): Promise<readonly string[]> => {
    const where = after === undefined ? "true" : `name > ${quoteText(after)}`;
    const rows = await queryRows(
      connection,
      `SELECT name FROM listed WHERE ${where} ORDER BY name LIMIT ${limit}`,
    );
    return rows.map(([name]) => textOf(name) ?? "");
  };
  const files = numberOf(row[0]) ?? 0;
  return {
    files,
    bytes: numberOf(row[1]) ?? 0,
    list: async (limit) =>
      (await page(undefined, limit)).map((name) =>
        joinPath(table.location, name),
      ),
    deleteAll: async () => {
      let done = 0;
      for (
        let names = await page(undefined, DELETE_BATCH);
        names.length > 0;
        names = await page(names.at(-1), DELETE_BATCH)
      ) {
        throwIfAborted(signal);
        await store.deleteAll(
          names.map((name) => joinPath(table.location, name)),
        );
        done += names.length;
        onProgress(done, files);
      }
    },
  };
}
