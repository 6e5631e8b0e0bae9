// One fragment on one connection: relations for its scans and inputs, the kernel's run, the rows in the asked form.
// Nothing is answered before the first row, so that a fragment lost until then can be repeated elsewhere.

import type { DuckDBConnection } from "../../../storage/kernel/duckdb.ts";
import type { DataFiles } from "../../../storage/cache/data-files.ts";
import type { CacheUsage } from "../../../storage/cache/usage.ts";
import { queryCanceled, SqlError } from "../../../storage/common/errors.ts";
import type { DeletionVectorReader } from "./deletions.ts";
import { fillDeletions, vectorsOfTable } from "./deletions.ts";
import { FRAME, type EndFrame, type Fragment } from "../fragment.ts";
import { bytesFrame, jsonFrame, rowsFrame } from "../frames.ts";
import type { FragmentBody } from "../fragment-body.ts";
import { changeRows } from "./change-rows.ts";
import type { Connections } from "./connections.ts";
import { loadRows } from "./copy/load-rows.ts";
import { exchangeRows, stageSql } from "./exchange.ts";
import type { FooterCache } from "./footers.ts";
import { kernelError } from "./kernel-error.ts";
import { openLocalFragment } from "./local-fragment.ts";
import { groupFiles, scanSql, type FileGroup } from "./scan-sql.ts";
import type { Spool, SpoolFiles } from "./spool.ts";
import { textGroup } from "./text-files.ts";
import { streamRows } from "./stream-rows.ts";
import { writeFiles } from "./write-files.ts";
import type { WritePlaces } from "./write-places.ts";

export interface NodeServices {
  readonly connections: Connections;
  readonly footers: FooterCache;
  readonly spool: Spool;
  readonly deletionVectors: DeletionVectorReader;
  readonly dataFiles: DataFiles;
  readonly cacheUsage: () => CacheUsage;
  readonly writePlaces: WritePlaces;
  /** Milliseconds, for measuring only. */
  readonly now: () => number;
  /** Bytes the kernel holds now. */
  readonly memoryBytes: () => Promise<number>;
}

/** Takes over a frame's pieces, whose memory is used again when they are sent; settles when more may be sent. */
export type Send = (pieces: readonly Uint8Array[]) => Promise<void>;

/** Sends rows or drafts and the end frame. Throws SqlError instead of sending an error frame. */
export async function runFragment(
  services: NodeServices,
  body: FragmentBody,
  send: Send,
  signal: AbortSignal,
): Promise<void> {
  const began = services.now();
  using local = await openLocalFragment(
    services.dataFiles,
    body.fragment,
    signal,
  );
  const { fragment } = local;
  const memory = watchMemory(services);
  try {
    const { connections } = services;
    const run = async (connection: DuckDBConnection): Promise<number> => {
      await using files = services.spool.open();
      await using relations = await prepare(
        services,
        { ...body, fragment },
        { connection, files, signal },
      );
      return await answer(
        services,
        { ...body, fragment },
        {
          connection,
          files,
          sql: relations.sql,
          send,
          signal,
        },
      );
    };
    // A client may take as long as it likes to send its rows, and must not keep others waiting.
    const rowCount =
      body.clientData === undefined
        ? await connections.with(signal, run)
        : await connections.beside(signal, run);
    const end: EndFrame = {
      rowCount,
      bytesRead: bytesOf(fragment),
      elapsedMs: Math.round(services.now() - began),
      peakMemoryBytes: memory.peak(),
    };
    await send(jsonFrame(FRAME.end, end));
  } catch (error) {
    if (signal.aborted) throw queryCanceled();
    if (error instanceof SqlError) throw error;
    throw await translated(services, error, fragment, { signal });
  } finally {
    memory.stop();
  }
}

function translated(
  services: NodeServices,
  error: unknown,
  fragment: Fragment,
  { signal }: { readonly signal: AbortSignal },
): Promise<SqlError> {
  return kernelError(error, fragment, (sql) =>
    services.connections.with(signal, (connection) => connection.run(sql)),
  );
}

interface Run {
  readonly connection: DuckDBConnection;
  readonly files: SpoolFiles;
  readonly signal: AbortSignal;
}

interface Relations extends AsyncDisposable {
  readonly sql: string;
}

/** The fragment's SQL over common table expressions; NOT MATERIALIZED keeps the kernel's pushdown. */
async function prepare(
  services: NodeServices,
  body: FragmentBody,
  run: Run,
): Promise<Relations> {
  const { fragment, parts } = body;
  const relations: string[] = [];
  const temporary: string[] = [];
  for (const scan of fragment.scans) {
    const { format } = scan;
    if (format !== undefined && format.kind !== "parquet") {
      const table = `texts_${scan.scanId}`;
      temporary.push(`temp.${table}`);
      const group = await textGroup(run.connection, scan, {
        format,
        table,
        signal: run.signal,
      });
      relations.push(
        `scan_${scan.scanId} AS NOT MATERIALIZED (${scanSql(scan, [group])})`,
      );
      continue;
    }
    const groups: FileGroup[] = [];
    for (const found of groupFiles(
      scan,
      await services.footers.read(scan.tableName, scan.splits),
    )) {
      const group = await fillDeletions(
        run.connection,
        found,
        vectorsOfTable(scan.tableName, services.deletionVectors),
      );
      groups.push(group);
      temporary.push(
        ...[group.deletions, group.bitmaps].filter(
          (table) => table !== undefined,
        ),
      );
    }
    relations.push(
      `scan_${scan.scanId} AS NOT MATERIALIZED (${scanSql(scan, groups)})`,
    );
  }
  let next = 0;
  for (const input of fragment.inputs) {
    const paths: string[] = [];
    for (const bytes of parts.slice(next, next + input.parts)) {
      paths.push(
        await run.files.save(
          `stage_${input.stageId}_${paths.length}.parquet`,
          bytes,
        ),
      );
    }
    next += input.parts;
    relations.push(
      `stage_${input.stageId} AS NOT MATERIALIZED (${await stageSql(input, paths, services.footers)})`,
    );
  }
  const sql =
    relations.length === 0
      ? fragment.sql
      : `WITH ${relations.join(", ")} ${fragment.sql}`;
  return {
    sql,
    [Symbol.asyncDispose]: async () => {
      for (const table of temporary) {
        await run.connection.run(`DROP TABLE IF EXISTS ${table}`);
      }
    },
  };
}

async function answer(
  services: NodeServices,
  { fragment, clientData }: FragmentBody,
  run: Run & {
    readonly sql: string;
    readonly send: Send;
  },
): Promise<number> {
  const { output } = fragment;
  switch (output.kind) {
    case "client":
      return await streamRows(run.connection, run.sql, {
        format: output.format,
        columns: fragment.columns,
        rowLimit: output.rowLimit,
        now: services.now,
        rows: (rows) => run.send(rowsFrame(rows)),
        progress: (percent) => run.send(jsonFrame(FRAME.progress, { percent })),
        signal: run.signal,
      });
    case "exchange": {
      const { bytes, rowCount } = await exchangeRows(
        run.connection,
        run.sql,
        run.files,
      );
      if (rowCount > 0) await run.send(bytesFrame(FRAME.exchange, bytes));
      return rowCount;
    }
    case "write": {
      const { target } = output;
      await using place = await services.writePlaces.open(target.location);
      const here = { ...target, location: place.folder };
      const { client } = fragment;
      const drafts =
        client === undefined || clientData === undefined
          ? await writeFiles(
              run.connection,
              {
                ...fragment,
                sql: run.sql,
                // Of use only while the gateway listens: if it does not, the fragment ends anyway.
                onBytes: (writtenBytes) =>
                  void run
                    .send(jsonFrame(FRAME.progress, { writtenBytes }))
                    .catch(() => undefined),
              },
              here,
            )
          : await loadRows(
              {
                connection: run.connection,
                fragment,
                client,
                target: here,
                signal: run.signal,
                inTurn: (work) => services.connections.inTurn(work),
                failure: (error) => translated(services, error, fragment, run),
              },
              clientData,
            );
      await place.finish(
        drafts.map(({ path }) => path),
        run.signal,
      );
      await run.send(jsonFrame(FRAME.drafts, drafts));
      return drafts.reduce((sum, draft) => sum + draft.rowCount, 0);
    }
    case "change": {
      const { target } = output;
      await using place = await services.writePlaces.open(target.location);
      return await changeRows(run.connection, fragment, {
        ...run,
        output: { ...output, target: { ...target, location: place.folder } },
        written: (drafts) =>
          place.finish(
            drafts.map(({ path }) => path),
            run.signal,
          ),
        now: services.now,
      });
    }
  }
}

function bytesOf(fragment: Fragment): number {
  let bytes = 0;
  for (const scan of fragment.scans) {
    for (const split of scan.splits) bytes += split.sizeBytes;
  }
  return bytes;
}

const SAMPLE_MS = 200;

/** The most the kernel held while this ran; 0 for what ended before the first look. */
function watchMemory(services: NodeServices): { peak(): number; stop(): void } {
  let peak = 0;
  let asking = false;
  const timer = setInterval(() => {
    if (asking) return;
    asking = true;
    void services
      .memoryBytes()
      .then((bytes) => {
        peak = Math.max(peak, bytes);
      })
      .finally(() => {
        asking = false;
      });
  }, SAMPLE_MS);
  return { peak: () => peak, stop: () => clearInterval(timer) };
}
