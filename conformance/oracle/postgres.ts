// A real PostgreSQL 15 on a free loopback port, run as a non-root user, with the locale the gateway promises (C.UTF-8).

import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import {
  chownSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import pg from "pg";

export interface OracleServer extends AsyncDisposable {
  readonly port: number;
  readonly bin: string;
  connect(raw?: boolean, database?: string): Promise<pg.Client>;
}

const RAW = { getTypeParser: () => (value: unknown) => value };

/** Throws with the package to install when PostgreSQL 15 is missing. */
export async function startPostgres(
  settings: readonly string[] = [],
): Promise<OracleServer> {
  const bin = "/usr/lib/postgresql/15/bin";
  if (!existsSync(join(bin, "initdb"))) {
    throw new Error(
      "PostgreSQL 15 is needed as oracle: install Debian's package postgresql-15",
    );
  }
  const dir = mkdtempSync(join(tmpdir(), "sluice-oracle-"));
  const as = asUser(dir);
  const data = join(dir, "data");
  run(as, [
    join(bin, "initdb"),
    "-D",
    data,
    "-U",
    "oracle",
    "-A",
    "trust",
    "--locale=C.UTF-8",
    "-E",
    "UTF8",
    "-N",
  ]);
  const port = await freePort();
  const server = spawnAs(as, [
    join(bin, "postgres"),
    "-D",
    data,
    "-p",
    String(port),
    "-k",
    dir,
    "-c",
    "listen_addresses=127.0.0.1",
    "-c",
    "fsync=off",
    "-c",
    "timezone=UTC",
    ...settings.flatMap((setting) => ["-c", setting]),
  ]);
  const connect = async (
    raw = true,
    database = "postgres",
  ): Promise<pg.Client> => {
    const client = new pg.Client({
      host: "127.0.0.1",
      port,
      user: "oracle",
      database,
      ...(raw ? { types: RAW } : {}),
    });
    await client.connect();
    client.on("error", () => undefined);
    return client;
  };
  await waitUntilReady(connect, server);
  return {
    port,
    bin,
    connect,
    [Symbol.asyncDispose]: async () => {
      const ended = new Promise((resolve) => server.once("exit", resolve));
      execFileSync("kill", ["-INT", String(server.pid)]);
      await ended;
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** PostgreSQL refuses to run as root: root lends the folder to the user `postgres`. */
function asUser(dir: string): { uid: number; gid: number } | undefined {
  if (userInfo().uid !== 0) return undefined;
  const uid = Number(
    execFileSync("id", ["-u", "postgres"], { encoding: "utf8" }),
  );
  const gid = Number(
    execFileSync("id", ["-g", "postgres"], { encoding: "utf8" }),
  );
  chownSync(dir, uid, gid);
  return { uid, gid };
}

function run(
  as: { uid: number; gid: number } | undefined,
  [command = "", ...args]: readonly string[],
): void {
  execFileSync(command, args, {
    ...as,
    stdio: ["ignore", "ignore", "inherit"],
    cwd: "/",
  });
}

function spawnAs(
  as: { uid: number; gid: number } | undefined,
  [command = "", ...args]: readonly string[],
): ChildProcess {
  return spawn(command, args, { ...as, stdio: "ignore", cwd: "/" });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string")
    throw new Error("no free port");
  return address.port;
}

async function waitUntilReady(
  connect: () => Promise<pg.Client>,
  server: ChildProcess,
): Promise<void> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    try {
      const client = await connect();
      await client.end();
      return;
    } catch (error) {
      if (server.exitCode !== null || Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/** Statement files: one statement ends with a semicolon at the end of a line; `--` lines are comments. */
export function readStatements(
  folder: string,
): readonly { readonly file: string; readonly sql: string }[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".sql"))
    .toSorted()
    .flatMap((file) =>
      splitStatements(readFileSync(join(folder, file), "utf8")).map((sql) => ({
        file,
        sql,
      })),
    );
}

function splitStatements(text: string): readonly string[] {
  const code = text
    .split("\n")
    .filter((line) => !line.startsWith("--"))
    .join("\n");
  return code
    .split(/;[ \t]*(?:\n|$)/)
    .map((item) => item.trim())
    .filter((item) => item !== "");
}
