// The built program as a user runs it: a process of its own, for benches and for tests that kill it.

import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";

export interface Program extends AsyncDisposable {
  readonly process: ChildProcess;
  readonly dataDir: string;
  readonly pgPort: number;
  readonly httpPort: number;
  readonly adminToken: string;
  connect(options?: {
    readonly raw?: boolean;
    /** Somebody else than the administrator. */
    readonly login?: { readonly user: string; readonly password: string };
  }): Promise<pg.Client>;
  /** Resolves with the exit code, null when a signal ended it. */
  stop(signal: NodeJS.Signals): Promise<number | null>;
}

export interface ProgramOptions {
  readonly dataDir: string;
  readonly demo?: boolean;
  readonly nodes?: number;
  /** Further options of `sluice serve`. */
  readonly args?: readonly string[];
}

const RAW = { getTypeParser: () => (value: unknown) => value };
const START_TIMEOUT_MS = 120_000;

/** Needs `npm run build`. Resolves at the ready line. */
export async function startProgram({
  dataDir,
  demo = false,
  nodes = 1,
  args: further = [],
}: ProgramOptions): Promise<Program> {
  const entry = join(import.meta.dirname, "..", "dist", "server", "main.js");
  if (!existsSync(entry))
    throw new Error("the program is not built: run `npm run build`");
  rmSync(join(dataDir, "sluice.json"), { force: true });
  const args = [
    "serve",
    "--data-dir",
    dataDir,
    "--pg-port",
    "0",
    "--http-port",
    "0",
    "--nodes",
    String(nodes),
    "--log-level",
    "error",
    ...(demo ? ["--demo"] : []),
    ...further,
  ];
  const child = spawn(process.execPath, [entry, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = new Promise<number | null>((resolve) =>
    child.once("exit", resolve),
  );
  await ready(child, exited);
  const { pgPort, httpPort } = JSON.parse(
    readFileSync(join(dataDir, "sluice.json"), "utf8"),
  ) as { pgPort: number; httpPort: number };
  const adminToken = readFileSync(join(dataDir, "admin-token"), "utf8").trim();
  const stop = (signal: NodeJS.Signals): Promise<number | null> => {
    child.kill(signal);
    return exited;
  };
  return {
    process: child,
    dataDir,
    pgPort,
    httpPort,
    adminToken,
    connect: async ({ raw = false, login } = {}) => {
      const client = new pg.Client({
        host: "127.0.0.1",
        port: pgPort,
        user: "admin",
        password: adminToken,
        database: "main",
        ...login,
        ...(raw ? { types: RAW } : {}),
      });
      client.on("error", () => undefined);
      await client.connect();
      return client;
    },
    stop,
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode === null && child.signalCode === null)
        await stop("SIGTERM");
    },
  };
}

function ready(
  child: ChildProcess,
  exited: Promise<number | null>,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const timeout = setTimeout(
      () => reject(new Error("the program did not get ready")),
      START_TIMEOUT_MS,
    );
    let output = "";
    child.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
      output += chunk;
      if (!output.includes("Sluice is ready")) return;
      clearTimeout(timeout);
      resolve();
    });
    void exited.then((code) => {
      clearTimeout(timeout);
      reject(
        new Error(
          `the program ended with code ${String(code)} before it was ready`,
        ),
      );
    });
  });
}
