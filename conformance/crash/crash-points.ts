// Loaded into a gateway before its own modules, by tests alone (node --import): ends the process with SIGKILL at a named call of the
// file system, as a power cut or the kernel would, or lets calls fail as on a full disk. The program itself knows nothing of it.

import { existsSync, readFileSync } from "node:fs";
import fs from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";

/** The JSON in the file that the environment variable CRASH_POINT_FILE names; nothing happens until it is there. */
export interface CrashPoint {
  /** "write" and "sync" are those of an opened file. */
  readonly call:
    | "link"
    | "rename"
    | "unlink"
    | "open"
    | "mkdir"
    | "copyFile"
    | "write"
    | "sync";
  /** A regular expression over the path that the call makes, replaces, removes, opens or fills. */
  readonly path: string;
  /** The process ends before or after the call; or the disk is full: this call and all like it fail, a write after half its bytes. */
  readonly when: "before" | "after" | "full";
  /** Counts matching calls from 1. */
  readonly nth: number;
}

const file = process.env["CRASH_POINT_FILE"];
// Compute nodes inherit the flags of their parent: they are not what is tested.
const isGateway = process.argv[1]?.endsWith("server/main.js") === true;
if (file !== undefined && isGateway) install(file);

function install(armedBy: string): void {
  let armed = "";
  let seen = 0;
  const hits = (
    call: CrashPoint["call"],
    path: unknown,
  ): CrashPoint["when"] | undefined => {
    if (!existsSync(armedBy)) return undefined;
    const text = readFileSync(armedBy, "utf8");
    if (text !== armed) seen = 0;
    armed = text;
    const point = JSON.parse(text) as CrashPoint;
    const matches =
      call === point.call && new RegExp(point.path).test(String(path));
    if (!matches) return undefined;
    seen += 1;
    const due = point.when === "full" ? seen >= point.nth : seen === point.nth;
    return due ? point.when : undefined;
  };
  const around = async <T>(
    call: CrashPoint["call"],
    path: unknown,
    run: () => Promise<T>,
    half?: () => Promise<unknown>,
  ): Promise<T> => {
    const when = hits(call, path);
    if (when === "before") die();
    if (when === "full") {
      await half?.();
      throw noSpace(call, path);
    }
    const result = await run();
    if (when === "after") die();
    return result;
  };
  const { link, rename, unlink, open, mkdir, copyFile } = fs;
  fs.link = (from, to) => around("link", to, () => link(from, to));
  fs.rename = (from, to) => around("rename", to, () => rename(from, to));
  fs.unlink = (path) => around("unlink", path, () => unlink(path));
  fs.mkdir = ((...args: Parameters<typeof mkdir>) =>
    around("mkdir", args[0], () => mkdir(...args))) as typeof mkdir;
  fs.copyFile = (...args) =>
    around(
      "copyFile",
      args[1],
      () => copyFile(...args),
      () => fs.writeFile(args[1], "PAR1"),
    );
  fs.open = (...args) =>
    around("open", args[0], async () => {
      const handle = await open(...args);
      const sync = handle.sync.bind(handle);
      const writeFile = handle.writeFile.bind(handle);
      handle.sync = () => around("sync", args[0], () => sync());
      handle.writeFile = (data, options) => {
        const write = (bytes: typeof data): Promise<void> =>
          writeFile(bytes, options);
        return around(
          "write",
          args[0],
          () => write(data),
          () => write(halfOf(data)),
        );
      };
      return handle;
    });
  syncBuiltinESMExports();
}

function halfOf(data: unknown): Uint8Array {
  const bytes =
    data instanceof Uint8Array ? data : Buffer.from(String(data), "utf8");
  return bytes.subarray(0, bytes.length >> 1);
}

function noSpace(call: string, path: unknown): Error {
  return Object.assign(
    new Error(`ENOSPC: no space left on device, ${call} '${String(path)}'`),
    { code: "ENOSPC", errno: -28, syscall: call },
  );
}

function die(): void {
  process.kill(process.pid, "SIGKILL");
}
