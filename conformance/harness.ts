// Starts a gateway on free ports over a folder of its own, and hands out clients. Tests see what a user sees.

import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { startGateway, type Gateway } from "../server/gateway.ts";
import { linkDemoLake } from "./demo-lake.ts";

export interface TestGateway extends AsyncDisposable {
  readonly gateway: Gateway;
  readonly dataDir: string;
  readonly adminToken: string;
  readonly pgPort: number;
  readonly httpUrl: string;
  /** A connected `pg` client; closed by the caller or with the gateway. */
  connect(options?: ConnectOptions): Promise<pg.Client>;
}

interface ConnectOptions {
  readonly user?: string;
  readonly password?: string;
  readonly database?: string;
  /** Cells as the server's text instead of JavaScript values. */
  readonly raw?: boolean;
}

export interface TestGatewayOptions {
  readonly nodes?: number;
  readonly demo?: boolean;
  readonly lakes?: Readonly<Record<string, string>>;
  readonly fileRoots?: Readonly<Record<string, string>>;
  /** Variables the gateway is started with: none of this process's own. */
  readonly environment?: Readonly<Record<string, string>>;
  /** More options, by name. */
  readonly flags?: Readonly<Record<string, string>>;
  /** Kept after the gateway ends, so that a test can start a second one on it. */
  readonly dataDir?: string;
}

const RAW = { getTypeParser: () => (value: unknown) => value };

export async function startTestGateway(
  options: TestGatewayOptions = {},
): Promise<TestGateway> {
  const dataDir =
    options.dataDir ?? mkdtempSync(join(tmpdir(), "sluice-test-"));
  const lake = join(dataDir, "lake");
  if (options.demo === true && !existsSync(lake))
    await linkDemoLake(lake, makeDemoLake);
  const gateway = await startGateway(
    {
      ...quietFlags(dataDir),
      nodes: String(options.nodes ?? 1),
      demo: String(options.demo ?? false),
      ...(options.lakes === undefined ? {} : { lake: { ...options.lakes } }),
      ...(options.fileRoots === undefined
        ? {}
        : { "file-root": { ...options.fileRoots } }),
      ...options.flags,
    },
    options.environment,
  );
  const adminToken = readFileSync(join(dataDir, "admin-token"), "utf8").trim();
  const clients: pg.Client[] = [];
  return {
    gateway,
    dataDir,
    adminToken,
    pgPort: gateway.pgPort,
    httpUrl: `http://127.0.0.1:${gateway.httpPort}`,
    connect: async (connect = {}) => {
      const client = new pg.Client({
        host: "127.0.0.1",
        port: gateway.pgPort,
        database: connect.database ?? "main",
        user: connect.user ?? "admin",
        password: connect.password ?? adminToken,
        ...(connect.raw === true ? { types: RAW } : {}),
      });
      await client.connect();
      client.on("error", () => undefined);
      clients.push(client);
      return client;
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(
        clients.map((client) => client.end().catch(() => undefined)),
      );
      await gateway[Symbol.asyncDispose]();
      if (options.dataDir === undefined)
        rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

function quietFlags(dataDir: string): Record<string, string> {
  return {
    "data-dir": dataDir,
    "pg-port": "0",
    "http-port": "0",
    "node-memory": "1GB",
    "log-level": "error",
  };
}

async function makeDemoLake(dataDir: string): Promise<void> {
  await using gateway = await startGateway({
    ...quietFlags(dataDir),
    demo: "true",
  });
  await gateway.drain(0);
}
