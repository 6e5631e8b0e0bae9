import { once } from "node:events";
import { connect } from "node:net";
import { connect as connectTls } from "node:tls";
import type { TLSSocket } from "node:tls";
import pg from "pg";
import { serialize } from "pg-protocol";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Clock } from "../session/clock.ts";
import { TEST_CERTIFICATE, TEST_KEY } from "./certificate.testkit.ts";
import type { PgListener } from "./listener.ts";
import {
  WireClient,
  connectTo,
  identityOf,
  plainPassword,
  startTestListener,
  testAuthenticator,
} from "./listener.testkit.ts";

const tls = { cert: TEST_CERTIFICATE, key: TEST_KEY };
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);
const GSSENC_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 48]);

let listener: PgListener;
beforeAll(async () => {
  listener = await startTestListener({ tls });
});
afterAll(async () => {
  await listener.close(0);
});

/** The first bytes the server answers; empty when it closes. */
async function firstAnswer(bytes: Buffer, to = listener): Promise<Buffer> {
  const socket = connect({ host: "127.0.0.1", port: to.port });
  socket.on("error", () => undefined);
  socket.write(bytes);
  const answer = await new Promise<Buffer>((resolve) => {
    socket.once("data", resolve);
    socket.once("close", () => resolve(Buffer.alloc(0)));
  });
  socket.destroy();
  return answer;
}

function packet(code: number, body: string | Buffer = ""): Buffer {
  const bytes = Buffer.from(body);
  const header = Buffer.alloc(8);
  header.writeInt32BE(8 + bytes.length, 0);
  header.writeInt32BE(code, 4);
  return Buffer.concat([header, bytes]);
}

const startup = (
  fields: Readonly<Record<string, string>>,
  version = 196_608,
): Buffer =>
  packet(
    version,
    Object.entries(fields)
      .map(([name, value]) => `${name}\0${value}\0`)
      .join("") + "\0",
  );

describe("before the log-in", () => {
  test("a TLS request is answered S and the session goes on encrypted, with the password asked for in clear inside", async () => {
    const client = new pg.Client({
      host: "127.0.0.1",
      port: listener.port,
      user: "alice",
      password: "secret",
      ssl: { rejectUnauthorized: false },
    });
    await client.connect();
    expect((await client.query("select 1 as a")).rows).toEqual([{ a: 1 }]);
    await client.end();
  });

  test("a listener without certificate answers N and goes on in clear", async () => {
    const plain = await startTestListener();
    expect((await firstAnswer(SSL_REQUEST, plain)).toString()).toBe("N");
    const client = new pg.Client({
      host: "127.0.0.1",
      port: plain.port,
      user: "alice",
      password: "secret",
    });
    await client.connect();
    await client.end();
    await plain.close(0);
  });

  test("GSS encryption is declined and TLS may still be asked for", async () => {
    expect((await firstAnswer(GSSENC_REQUEST)).toString()).toBe("N");
    const socket = connect({ host: "127.0.0.1", port: listener.port });
    socket.write(GSSENC_REQUEST);
    await once(socket, "data");
    socket.write(SSL_REQUEST);
    const answer: unknown = await once(socket, "data");
    expect(answer).toEqual([Buffer.from("S")]);
    socket.destroy();
  });

  test("bytes sent in clear behind a TLS request end the connection", async () => {
    const bytes = Buffer.concat([SSL_REQUEST, startup({ user: "alice" })]);
    expect(await firstAnswer(bytes)).toHaveLength(0);
  });

  test("direct TLS needs ALPN postgresql", async () => {
    const answers: string[] = [];
    for (const ALPNProtocols of [["postgresql"], undefined]) {
      const socket: TLSSocket = connectTls({
        host: "127.0.0.1",
        port: listener.port,
        rejectUnauthorized: false,
        ...(ALPNProtocols === undefined ? {} : { ALPNProtocols }),
      });
      socket.on("error", () => undefined);
      const client = new WireClient(socket);
      client.send(startup({ user: "alice" }));
      if (ALPNProtocols === undefined) {
        answers.push(`${(await client.untilClosed()).length} messages`);
      } else {
        await client.until("authenticationCleartextPassword");
        answers.push("password");
      }
      socket.destroy();
    }
    expect(answers).toEqual(["password", "0 messages"]);
  });

  test.each([
    ["a length of 7", Buffer.from([0, 0, 0, 7, 0, 3, 0])],
    ["a length of 1 MiB", Buffer.from([0, 16, 0, 0, 0, 3, 0, 0])],
    ["a negative length", Buffer.from([255, 0, 0, 0, 0, 3, 0, 0])],
    ["an HTTP request", Buffer.from("GET / HTTP/1.1\r\n\r\n")],
  ])(
    "a start-up packet with %s is closed without an answer",
    async (_name, bytes) => {
      expect(await firstAnswer(bytes)).toHaveLength(0);
    },
  );

  test.each([
    [
      "protocol 2",
      packet(131_072),
      "0A000",
      "unsupported frontend protocol 2.0: server supports 3.0 to 3.2",
    ],
    [
      "no user",
      startup({ database: "main" }),
      "28000",
      "no PostgreSQL user name specified in startup packet",
    ],
    [
      "no terminator",
      packet(196_608, "user\0alice\0"),
      "08P01",
      "invalid startup packet layout: expected terminator as last byte",
    ],
    [
      "replication",
      startup({ user: "alice", replication: "database" }),
      "0A000",
      'startup parameter "replication" is not supported',
    ],
    [
      "a role",
      startup({ user: "alice", options: "-c role=root" }),
      "0A000",
      'startup parameter "role" is not supported',
    ],
    [
      "options nobody reads",
      startup({ user: "alice", options: "-x 1" }),
      "22023",
      "invalid command-line argument for server process: -x",
    ],
  ])("a start-up packet with %s is FATAL", async (_name, bytes, code, text) => {
    const client = connectTo(listener);
    client.send(bytes);
    expect(await client.untilClosed()).toMatchObject([
      { name: "error", severity: "FATAL", code, text },
    ]);
  });

  test("half a start-up packet and then silence is closed when the time for logging in is over", async () => {
    const clock = manualClock();
    const slow = await startTestListener({ clock });
    const client = connectTo(slow);
    client.send(Buffer.from([0, 0, 0, 99, 0]));
    await clock.armed();
    clock.fire();
    expect(await client.untilClosed()).toEqual([]);
    await slow.close(0);
  });

  test("silence in the middle of the log-in ends with a FATAL error when the time is over", async () => {
    const clock = manualClock();
    const slow = await startTestListener({ clock, ...plainPassword });
    const client = connectTo(slow);
    client.send(startup({ user: "alice" }));
    await client.until("authenticationCleartextPassword");
    clock.fire();
    expect(await client.untilClosed()).toMatchObject([
      { code: "57014", text: "canceling authentication due to timeout" },
    ]);
    await slow.close(0);
  });

  test("too many connections that do not log in are refused with 53300, and freed places are used again", async () => {
    const small = await startTestListener({
      limits: { maxUnauthenticated: 1 },
    });
    const first = connectTo(small);
    await once(first.socket, "connect");
    first.send(GSSENC_REQUEST);
    await once(first.socket, "data");
    const second = connectTo(small);
    expect(await second.untilClosed()).toMatchObject([{ code: "53300" }]);
    first.socket.destroy();
    let answer = "";
    while (answer !== "N") {
      answer = (await firstAnswer(GSSENC_REQUEST, small)).toString(
        "latin1",
        0,
        1,
      );
    }
    expect(answer).toBe("N");
    await small.close(0);
  });

  test("more sessions than allowed are refused with 53300", async () => {
    const small = await startTestListener({
      limits: { maxConnections: 0 },
      ...plainPassword,
    });
    const client = connectTo(small);
    client.send(startup({ user: "alice" }));
    expect(await client.untilClosed()).toMatchObject([
      { code: "53300", text: "sorry, too many clients already" },
    ]);
    await small.close(0);
  });
});

describe("the log-in", () => {
  const config = {
    host: "127.0.0.1",
    database: "main",
  };

  test("in clear from this machine it is SCRAM-SHA-256, which the driver verifies", async () => {
    const client = new pg.Client({
      ...config,
      port: listener.port,
      user: "alice",
      password: "secret",
    });
    await client.connect();
    await client.end();
  });

  test.each([
    ["a wrong password", "alice", "wrong"],
    ["an unknown user", "mallory", "secret"],
  ])("%s is 28P01 with the user as typed", async (_name, user, password) => {
    for (const ssl of [false, { rejectUnauthorized: false }]) {
      const client = new pg.Client({
        ...config,
        port: listener.port,
        user,
        password,
        ssl,
      });
      await expect(client.connect()).rejects.toMatchObject({
        code: "28P01",
        severity: "FATAL",
        message: `password authentication failed for user "${user}"`,
      });
    }
  });

  test("in clear from elsewhere it is refused before any secret is sent", async () => {
    const strict = await startTestListener({ method: () => undefined });
    const client = connectTo(strict);
    client.send(startup({ user: "alice" }));
    expect(await client.untilClosed()).toMatchObject([{ code: "28000" }]);
    await strict.close(0);
  });

  test("another message than a password is a protocol violation", async () => {
    const client = connectTo(listener);
    client.send(startup({ user: "alice" }), serialize.query("select 1"));
    expect((await client.untilClosed()).at(-1)).toMatchObject({
      code: "08P01",
    });
  });

  test("an unknown SASL mechanism is a protocol violation", async () => {
    const client = connectTo(listener);
    client.send(startup({ user: "alice" }));
    await client.until("authenticationSASL");
    client.send(serialize.sendSASLInitialResponseMessage("PLAIN", "x"));
    expect(await client.untilClosed()).toMatchObject([{ code: "08P01" }]);
  });

  test("a password message above 64 KiB ends the connection", async () => {
    const plain = await startTestListener(plainPassword);
    const client = connectTo(plain);
    client.send(startup({ user: "alice" }));
    await client.until("authenticationCleartextPassword");
    client.send(serialize.password("x".repeat(70_000)));
    expect(await client.untilClosed()).toMatchObject([{ code: "08P01" }]);
    await plain.close(0);
  });

  test("the session is told PostgreSQL 15's parameters in its order, then its key", async () => {
    const plain = await startTestListener(plainPassword);
    const client = connectTo(plain);
    client.send(
      startup({
        user: "alice",
        database: "main",
        application_name: "bi",
        client_encoding: "'utf-8'",
        options:
          "-c extra_float_digits=3 --statement-timeout=5s -c search_path=a,\\ b",
        TimeZone: "europe/paris",
      }),
    );
    await client.until("authenticationCleartextPassword");
    client.send(serialize.password("secret"));
    const messages = await client.until("readyForQuery");
    expect(
      messages
        .filter((message) => message.name === "parameterStatus")
        .map(
          (message) =>
            `${String(message["parameterName"])}=${String(message["parameterValue"])}`,
        ),
    ).toEqual([
      "application_name=bi",
      "client_encoding=UTF8",
      "DateStyle=ISO, MDY",
      "default_transaction_read_only=off",
      "in_hot_standby=off",
      "integer_datetimes=on",
      "IntervalStyle=postgres",
      "is_superuser=off",
      "server_encoding=UTF8",
      "server_version=15.20 (Sluice 0.1.0)",
      "session_authorization=alice",
      "standard_conforming_strings=on",
      "TimeZone=Europe/Paris",
    ]);
    const [session] = plain.registry.sessions();
    expect(session?.searchPath).toEqual(["a", "b"]);
    expect(session?.settings.show("statement_timeout")).toBe("5s");
    expect(messages.at(-2)).toMatchObject({
      name: "backendKeyData",
      processID: session?.pid,
    });
    await plain.close(0);
  });

  test("an unknown setting in the start-up packet is 42704 after the log-in", async () => {
    const plain = await startTestListener(plainPassword);
    const client = connectTo(plain);
    client.send(startup({ user: "alice", nosuch: "1" }));
    await client.until("authenticationCleartextPassword");
    client.send(serialize.password("secret"));
    expect((await client.untilClosed()).at(-1)).toMatchObject({
      code: "42704",
      severity: "FATAL",
      text: 'unrecognized configuration parameter "nosuch"',
    });
    await plain.close(0);
  });

  test("an unknown database is 3D000, and only after the log-in", async () => {
    const { SqlError } = await import("../../storage/common/errors.ts");
    const plain = await startTestListener({
      ...plainPassword,
      admit: (_identity, database) => {
        throw new SqlError(
          "3D000",
          `database "${database ?? ""}" does not exist`,
        );
      },
    });
    for (const [password, code] of [
      ["secret", "3D000"],
      ["wrong", "28P01"],
    ] as const) {
      const client = connectTo(plain);
      client.send(startup({ user: "alice", database: "nosuch" }));
      await client.until("authenticationCleartextPassword");
      client.send(serialize.password(password));
      expect((await client.untilClosed()).at(-1)).toMatchObject({ code });
    }
    await plain.close(0);
  });

  test("a newer minor version and unknown protocol options are negotiated down", async () => {
    const plain = await startTestListener(plainPassword);
    const answer = await firstAnswer(
      startup({ user: "alice", "_pq_.x": "1" }, 0x0003_270f),
      plain,
    );
    expect(answer.subarray(0, answer.indexOf("R")).toString("latin1")).toBe(
      "v\0\0\0\x13\0\x03\0\x02\0\0\0\x01_pq_.x\0",
    );
    await plain.close(0);
  });

  test("protocol 3.2 gets a secret key of 32 bytes, 3.0 one of 4", async () => {
    const plain = await startTestListener(plainPassword);
    const lengths: number[] = [];
    for (const version of [0x0003_0000, 0x0003_0002]) {
      const socket = connect({ host: "127.0.0.1", port: plain.port });
      const bytes: Buffer[] = [];
      socket.on("data", (chunk: Buffer) => bytes.push(chunk));
      socket.write(startup({ user: "alice" }, version));
      await once(socket, "data");
      socket.write(serialize.password("secret"));
      while (!Buffer.concat(bytes).includes("Z\0\0\0\x05")) {
        await once(socket, "data");
      }
      const all = Buffer.concat(bytes);
      lengths.push(all.readInt32BE(all.lastIndexOf("K\0\0\0") + 1) - 8);
      socket.destroy();
    }
    expect(lengths).toEqual([4, 32]);
    await plain.close(0);
  });

  test("a session whose credential expires is ended at its next statement", async () => {
    let nowMs = 1_000_000;
    const plain = await startTestListener({
      ...plainPassword,
      clock: { now: () => nowMs, after: () => () => undefined },
      authenticator: {
        ...testAuthenticator,
        password: (login) =>
          Promise.resolve({ ...identityOf(login), expiresAtMs: 1_000_500 }),
      },
    });
    const client = connectTo(plain);
    client.send(startup({ user: "alice" }));
    await client.until("authenticationCleartextPassword");
    client.send(serialize.password("secret"), serialize.query("select 1"));
    await client.until("commandComplete");
    await client.until("readyForQuery");
    nowMs = 1_000_500;
    client.send(serialize.query("select 1"));
    expect((await client.untilClosed()).at(-1)).toMatchObject({
      code: "57P01",
      severity: "FATAL",
    });
    await plain.close(0);
  });
});

/** A clock whose timers run when the test says so. */
function manualClock(): Clock & {
  readonly fire: () => void;
  readonly armed: () => Promise<void>;
} {
  const actions = new Set<() => void>();
  return {
    now: () => 1_000_000,
    after: (_delayMs, action) => {
      actions.add(action);
      return () => actions.delete(action);
    },
    fire: () => {
      for (const action of [...actions]) action();
    },
    armed: async () => {
      while (actions.size === 0) {
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
  };
}
