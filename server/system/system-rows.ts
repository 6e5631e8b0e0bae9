// What stands in the tables of schema system at this moment: files of JSON lines for those that are logs, rows for the others.

import { realpath, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import {
  systemTable,
  type SystemTableName,
} from "../../planner/bind/resolve/system-tables.ts";
import type { TableEntry } from "../../storage/catalog/objects.ts";
import { invariant } from "../../storage/common/invariant.ts";
import type { Schema } from "../../storage/common/schema.ts";
import type { FileTimes, TimeSpan } from "../files/file-times.ts";
import type { PlainFile } from "../files/list-files.ts";
import type { Services } from "../services.ts";
import type { Session } from "../session/session.ts";
import { cacheRows } from "./cache-rows.ts";
import { nodeRows } from "./node-rows.ts";

/** A cell is canonical text. */
export type MadeRows = readonly (readonly (string | null)[])[];

/** The files of a log, as far as they concern the session. */
export async function systemFiles(
  services: Services,
  session: Session,
  { name }: TableEntry,
): Promise<readonly PlainFile[]> {
  const { governance, history } = services;
  if (name === "audit")
    return filesAt(
      governance.audit.files().map(({ path, span }) => ({
        path,
        times: new Map(span && [["event_time", span]]),
      })),
    );
  invariant(name === "query_history", "a log of schema system");
  const { id } = session.identity.principal;
  const all = governance.access.isAdmin(id);
  const files = await history.files(all ? undefined : id);
  return filesAt(
    files.map(({ path, endedMs }) => ({
      path,
      times: new Map<string, TimeSpan>([
        ["end_time", endedMs],
        ["start_time", { toMs: endedMs.toMs }],
      ]),
    })),
  );
}

/** Rows that are made when they are asked for. */
export async function systemRows(
  services: Services,
  { name }: TableEntry,
): Promise<{ readonly schema: Schema; readonly rows: MadeRows }> {
  const table = systemTable(name);
  invariant(table?.rows === "made", "a table of made rows");
  return {
    schema: { columns: table.columns },
    rows: await MAKERS[table.name](services),
  };
}

const MAKERS: Readonly<
  Record<SystemTableName, (services: Services) => Promise<MadeRows> | MadeRows>
> = {
  nodes: nodeRows,
  cache: cacheRows,
  audit: () => [],
  query_history: () => [],
};

interface LogFile {
  readonly path: string;
  readonly times: FileTimes;
}

/** Those that are still there, by the paths they really have: a node opens no link. */
async function filesAt(
  files: readonly LogFile[],
): Promise<readonly PlainFile[]> {
  const folders = new Map<string, Promise<string>>();
  const found = await Promise.all(
    files.map(async (file) => {
      const folder = dirname(file.path);
      const real = folders.get(folder) ?? realpath(folder);
      folders.set(folder, real);
      return plainFile(real, file);
    }),
  );
  return found.flatMap((file) => file ?? []);
}

async function plainFile(
  folder: Promise<string>,
  { path, times }: LogFile,
): Promise<PlainFile | undefined> {
  try {
    const { size, mtimeMs } = await stat(path);
    return {
      path: join(await folder, basename(path)),
      sizeBytes: size,
      modifiedMs: mtimeMs,
      tag: String(mtimeMs),
      partition: new Map(),
      times,
    };
  } catch (error) {
    const gone =
      error instanceof Error && "code" in error && error.code === "ENOENT";
    if (gone) return undefined;
    throw error;
  }
}
