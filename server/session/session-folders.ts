// `sessions/` of the data dir: a folder for each session that has temporary tables. What a killed gateway left there goes when the next
// one starts.

import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";

export interface DataDir {
  readonly dataDir: string;
}

/** All sessions' folders. */
export function sessionsFolder({ dataDir }: DataDir): string {
  return join(dataDir, "sessions");
}

/** Empty and there: before the nodes start, which may use it, and once the data dir is known to be ours. */
export function clearSessions(at: DataDir): void {
  const folder = sessionsFolder(at);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
}
