// The gateway as a process of its own, started from source as `npm run dev` does, for tests that kill, drain and restart it.

import { spawn, type ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";

const REPOSITORY = join(import.meta.dirname, "../..");

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
  /** A module loaded before the gateway's own. */
  readonly preload?: string;
  readonly env?: Readonly<Record<string, string>>;
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
  const [program, ...leading] = limited(launch.maxFileBytes);
  const child = spawn(
    program,
    [
      ...leading,
      ...["--import", "tsx"],
      ...(launch.preload === undefined ? [] : ["--import", launch.preload]),
      ...[join(REPOSITORY, "server/main.ts"), "serve"],
      ...["--data-dir", dataDir, "--pg-port", "0", "--http-port", "0"],
      ...["--node-memory", "1GB", ...args],
    ],
    {
      cwd: REPOSITORY,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...launch.env },
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
