// The gateway as a process of its own, for tests that kill, drain and restart it.

import { spawn, type ChildProcess } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { builtProgram } from "./built-program.ts";

export interface RealProcess {
  readonly process: ChildProcess;
  readonly pgPort: number;
  readonly httpUrl: string;
  /** Everything on standard output up to the ready line and behind it. */
  readonly readyText: string;
  /** Exit code; null when a signal ended it. */
  readonly ended: Promise<number | null>;
  connect(): Promise<pg.Client>;
}

export interface Launch {
  /** A file that arms a call of the gateway's file system to end it or to fail, once it holds a CrashPoint. */
  readonly crashPointFile?: string;
  /** No file of the gateway or its nodes grows larger (RLIMIT_FSIZE): a multiple of 512 bytes. */
  readonly maxFileBytes?: number;
}

/** Node, behind a shell that sets the limit first where there is one. */
function limited(
  maxFileBytes: number | undefined,
): readonly [string, ...string[]] {
  if (maxFileBytes === undefined) return [process.execPath];
  const script = `ulimit -f ${maxFileBytes / 512} && exec "$0" "$@"`;
  return ["sh", "-c", script, process.execPath];
}

/** Resolves at the ready line. Throws with what was printed when the process ends before it. */
export async function startProcess(
  dataDir: string,
  args: readonly string[] = [],
  launch: Launch = {},
): Promise<RealProcess> {
  const built = await builtProgram();
  mkdirSync(dataDir, { recursive: true });
  const [program, ...leading] = limited(launch.maxFileBytes);
  const { crashPointFile } = launch;
  const crashPoints = join(built, "conformance/crash/crash-points.js");
  const child = spawn(
    program,
    [
      ...leading,
      ...(crashPointFile === undefined ? [] : ["--import", crashPoints]),
      ...[join(built, "server/main.js"), "serve"],
      ...["--data-dir", dataDir, "--pg-port", "0", "--http-port", "0"],
      ...["--node-memory", "1GB", ...args],
    ],
    {
      cwd: dataDir,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, CRASH_POINT_FILE: crashPointFile },
    },
  );
  // A test that fails half-way leaves no gateway behind.
  const killChild = (): void => {
    child.kill("SIGKILL");
  };
  process.once("exit", killChild);
  child.once("exit", () => process.off("exit", killChild));
  const ended = new Promise<number | null>((resolve) =>
    child.once("exit", resolve),
  );
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
  });
  const readyText = await new Promise<string>((resolve, reject) => {
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (piece: string) => {
      text += piece;
      if (text.includes("psql ")) resolve(text);
    });
    child.once("error", reject);
    void ended.then(() => reject(new Error(`it never was ready: ${errors}`)));
  });
  const announced: unknown = JSON.parse(
    readFileSync(join(dataDir, "sluice.json"), "utf8"),
  );
  const port = (name: string): number =>
    typeof announced === "object" && announced !== null
      ? Number(Reflect.get(announced, name))
      : Number.NaN;
  const pgPort = port("pgPort");
  return {
    process: child,
    pgPort,
    httpUrl: `http://127.0.0.1:${port("httpPort")}`,
    readyText,
    ended,
    connect: async () => {
      const client = new pg.Client({
        host: "127.0.0.1",
        port: pgPort,
        user: "admin",
        password: readFileSync(join(dataDir, "admin-token"), "utf8").trim(),
        database: "main",
      });
      client.on("error", () => undefined);
      await client.connect();
      return client;
    },
  };
}
