// Loaded into a gateway before its own modules, by tests alone (node --import): ends the process with SIGKILL at a named call of the
// file system, as a power cut or the kernel would. The program itself knows nothing of it.

import { existsSync, readFileSync } from "node:fs";
import fs from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";

/** The JSON in the file that the environment variable CRASH_POINT_FILE names; nothing happens until it is there. */
export interface CrashPoint {
  readonly call: "link" | "rename" | "unlink" | "open";
  /** A regular expression over the path that the call makes, replaces, removes or opens. */
  readonly path: string;
  readonly when: "before" | "after";
  /** Counts matching calls from 1. */
  readonly nth: number;
}

const file = process.env["CRASH_POINT_FILE"];
// Compute nodes inherit the flags of their parent: they are not what is tested.
const isGateway = process.argv[1]?.endsWith("server/main.ts") === true;
if (file !== undefined && isGateway) install(file);

function install(armedBy: string): void {
  let seen = 0;
  const hits = (
    call: CrashPoint["call"],
    path: unknown,
  ): CrashPoint["when"] | undefined => {
    if (!existsSync(armedBy)) return undefined;
    const point = JSON.parse(readFileSync(armedBy, "utf8")) as CrashPoint;
    const matches =
      call === point.call && new RegExp(point.path).test(String(path));
    if (matches) seen += 1;
    return matches && seen === point.nth ? point.when : undefined;
  };
  const around = async <T>(
    call: CrashPoint["call"],
    path: unknown,
    run: () => Promise<T>,
  ): Promise<T> => {
    const when = hits(call, path);
    if (when === "before") die();
    const result = await run();
    if (when === "after") die();
    return result;
  };
  const { link, rename, unlink, open } = fs;
  fs.link = (from, to) => around("link", to, () => link(from, to));
  fs.rename = (from, to) => around("rename", to, () => rename(from, to));
  fs.unlink = (path) => around("unlink", path, () => unlink(path));
  fs.open = (...args) => around("open", args[0], () => open(...args));
  syncBuiltinESMExports();
}

function die(): void {
  process.kill(process.pid, "SIGKILL");
}
