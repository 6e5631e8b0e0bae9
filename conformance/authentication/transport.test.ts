// What lies below a log-in: channel binding, access rules, certificates renewed while the gateway runs.

import { once } from "node:events";
import { connect as connectTls } from "node:tls";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  FIRST_CERTIFICATE,
  SECOND_CERTIFICATE,
  writeCertificate,
} from "../certificates.ts";
import { startSecureGateway, type SecureGateway } from "./secure-gateway.ts";

let secure: SecureGateway;

beforeAll(async () => {
  secure = await startSecureGateway(`
access-rules:
  - host    all  mallory  all  reject
  - hostssl all  admin    127.0.0.0/8  scram
  - hostssl all  token    all  password
`);
});
afterAll(() => secure[Symbol.asyncDispose]());

function client(options: pg.ClientConfig): pg.Client {
  const made = new pg.Client({
    host: "127.0.0.1",
    port: secure.gateway.pgPort,
    database: "main",
    password: secure.gateway.adminToken,
    ssl: { ca: FIRST_CERTIFICATE.cert },
    ...options,
  });
  made.on("error", () => undefined);
  return made;
}

/** Error fields of a refused log-in; undefined when it succeeds. */
async function refusal(options: pg.ClientConfig): Promise<unknown> {
  const made = client(options);
  try {
    await made.connect();
    await made.query("select 1");
    return undefined;
  } catch (error) {
    return error;
  } finally {
    await made.end().catch(() => undefined);
  }
}

describe("access rules", () => {
  test("ask for SCRAM inside TLS, with channel binding where the client can", async () => {
    for (const enableChannelBinding of [true, false]) {
      const options = { user: "admin", enableChannelBinding };
      expect(await refusal(options)).toBeUndefined();
    }
  });

  test("ask the user token for its password", async () => {
    expect(await refusal({ user: "token" })).toBeUndefined();
  });

  test("reject, and refuse what no rule names, before any secret", async () => {
    expect(await refusal({ user: "mallory" })).toMatchObject({
      code: "28000",
      message: expect.stringContaining("an access rule rejects") as string,
    });
    expect(await refusal({ user: "admin", ssl: false })).toMatchObject({
      code: "28000",
      message: expect.stringContaining("no access rule") as string,
    });
  });

  test("a wrong secret with channel binding is 28P01", async () => {
    const wrong = { user: "admin", password: "x", enableChannelBinding: true };
    expect(await refusal(wrong)).toMatchObject({ code: "28P01" });
  });
});

describe("a renewed certificate", () => {
  /** SHA-256 fingerprints that both listeners show to new connections. */
  async function shown(): Promise<readonly string[]> {
    const https = connectTls({
      port: secure.gateway.gateway.httpPort,
      host: "127.0.0.1",
      rejectUnauthorized: false,
    });
    const postgres = connectTls({
      port: secure.gateway.pgPort,
      host: "127.0.0.1",
      rejectUnauthorized: false,
      ALPNProtocols: ["postgresql"],
    });
    const fingerprints: string[] = [];
    for (const socket of [https, postgres]) {
      await once(socket, "secureConnect");
      fingerprints.push(socket.getPeerCertificate().fingerprint256);
      socket.destroy();
    }
    return fingerprints;
  }

  test("is shown to new connections; those open go on, and channel binding follows", async () => {
    const [before, alike] = await shown();
    expect(alike).toBe(before);
    const open = client({ user: "admin" });
    await open.connect();
    writeCertificate(secure.folder, SECOND_CERTIFICATE);
    secure.gateway.gateway.reloadCertificate();
    const [after, alsoAfter] = await shown();
    expect(after).not.toBe(before);
    expect(alsoAfter).toBe(after);
    const { rows } = await open.query<{ a: number }>("select 1 as a");
    expect(rows).toEqual([{ a: 1 }]);
    await open.end();
    expect(
      await refusal({
        user: "admin",
        enableChannelBinding: true,
        ssl: { ca: SECOND_CERTIFICATE.cert },
      }),
    ).toBeUndefined();
  });

  test("that does not fit its key changes nothing", async () => {
    const before = await shown();
    writeCertificate(secure.folder, {
      cert: FIRST_CERTIFICATE.cert,
      key: SECOND_CERTIFICATE.key,
    });
    secure.gateway.gateway.reloadCertificate();
    expect(await shown()).toEqual(before);
  });

  test("is found without being asked for", async () => {
    writeCertificate(secure.folder, FIRST_CERTIFICATE);
    const first = client({ user: "token" });
    const deadline = Date.now() + 30_000;
    for (;;) {
      const answer = await refusal({ user: "token" });
      if (answer === undefined) break;
      expect(Date.now()).toBeLessThan(deadline);
    }
    await first.connect();
    await first.end();
  });
});
