// A gateway with TLS on both listeners and a configuration file, and clients that trust its certificate.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { Agent, request } from "undici";
import { FIRST_CERTIFICATE, writeCertificate } from "../certificates.ts";
import { startTestGateway, type TestGateway } from "../harness.ts";

export interface SecureAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

export interface SecureGateway extends AsyncDisposable {
  readonly gateway: TestGateway;
  /** Holds the configuration and the certificate. */
  readonly folder: string;
  /** Over TLS. */
  logIn(user: string, password: string): Promise<pg.Client>;
  /** By HTTPS with these headers; `authorization` among them. */
  ask(
    method: "GET" | "POST" | "PATCH" | "DELETE",
    path: string,
    headers: Readonly<Record<string, string>>,
    body?: object,
  ): Promise<SecureAnswer>;
}

/** `yaml` is the configuration file's text; `flags` go beside it. */
export async function startSecureGateway(
  yaml: string,
  flags: Readonly<Record<string, string>> = {},
): Promise<SecureGateway> {
  const folder = mkdtempSync(join(tmpdir(), "sluice-secure-"));
  const { certFile, keyFile } = writeCertificate(folder, FIRST_CERTIFICATE);
  const config = join(folder, "sluice.yaml");
  writeFileSync(config, yaml);
  const gateway = await startTestGateway({
    flags: { config, "tls-cert": certFile, "tls-key": keyFile, ...flags },
  });
  const agent = new Agent({ connect: { ca: FIRST_CERTIFICATE.cert } });
  const clients: pg.Client[] = [];
  const origin = gateway.httpUrl.replace("http:", "https:");
  return {
    gateway,
    folder,
    logIn: async (user, password) => {
      const client = new pg.Client({
        host: "127.0.0.1",
        port: gateway.pgPort,
        database: "main",
        user,
        password,
        ssl: { ca: FIRST_CERTIFICATE.cert },
      });
      client.on("error", () => undefined);
      await client.connect();
      clients.push(client);
      return client;
    },
    ask: async (method, path, headers, body) => {
      const answer = await request(`${origin}${path}`, {
        method,
        dispatcher: agent,
        headers: { "content-type": "application/json", ...headers },
        body: body === undefined ? null : JSON.stringify(body),
      });
      const text = await answer.body.text();
      return { status: answer.statusCode, headers: answer.headers, text };
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(
        clients.map((client) => client.end().catch(() => undefined)),
      );
      await agent.destroy();
      await gateway[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true });
    },
  };
}
