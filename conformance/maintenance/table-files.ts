// What lies in a table's folder, looked at from outside.

import {
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
} from "node:fs";
import { join } from "node:path";
import type pg from "pg";

export async function locationOf(
  client: pg.Client,
  table: string,
): Promise<string> {
  const { rows } = await client.query<{ location: string }>(
    `DESCRIBE DETAIL ${table}`,
  );
  return rows[0]?.location ?? "";
}

/** Paths below the folder, without the log. */
export function dataFiles(location: string): readonly string[] {
  return readdirSync(location, { recursive: true, encoding: "utf8" })
    .filter((name) => statSync(join(location, name)).isFile())
    .filter((name) => !name.startsWith("_delta_log"))
    .toSorted();
}

interface LogLine {
  readonly add?: {
    readonly path: string;
    readonly size: number;
    readonly dataChange: boolean;
    readonly stats?: string;
    readonly clusteringProvider?: string;
    readonly deletionVector?: Readonly<Record<string, unknown>>;
    readonly partitionValues: Readonly<Record<string, string | null>>;
  };
  readonly remove?: { readonly path: string; readonly dataChange: boolean };
  readonly commitInfo?: Readonly<Record<string, unknown>>;
  readonly metaData?: unknown;
}

export function commitLines(
  location: string,
  version: number,
): readonly LogLine[] {
  const name = `${String(version).padStart(20, "0")}.json`;
  const path = join(location, "_delta_log", name);
  if (!existsSync(path)) return [];
  return readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as LogLine);
}

/** Live files by replaying commits from 0: an independent, small reader. Deletion vectors are not looked at. */
export function liveAdds(
  location: string,
): ReadonlyMap<string, NonNullable<LogLine["add"]>> {
  const live = new Map<string, NonNullable<LogLine["add"]>>();
  for (let version = 0; ; version += 1) {
    const lines = commitLines(location, version);
    if (lines.length === 0) return live;
    for (const { remove } of lines) if (remove) live.delete(remove.path);
    for (const { add } of lines) if (add) live.set(add.path, add);
  }
}

/** Makes files look `days` old, so that retention applies to them. */
export function age(location: string, days: number): void {
  const then = Date.now() / 1000 - days * 86_400;
  for (const name of dataFiles(location))
    utimesSync(join(location, name), then, then);
}
