import { serialize } from "pg-protocol";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fc } from "../../storage/common/property.testkit.ts";
import type { PgListener } from "./listener.ts";
import {
  connectTo,
  plainPassword,
  startTestListener,
} from "./listener.testkit.ts";
import type { WireClient } from "./listener.testkit.ts";

let listener: PgListener;
const faults: unknown[] = [];
beforeAll(async () => {
  listener = await startTestListener({
    ...plainPassword,
    onInternalError: (error) => faults.push(error),
  });
});
afterAll(async () => {
  await listener.close(0);
});

async function loggedIn(): Promise<WireClient> {
  const client = connectTo(listener);
  client.send(serialize.startup({ user: "alice", database: "main" }));
  await client.until("authenticationCleartextPassword");
  client.send(serialize.password("secret"));
  await client.until("readyForQuery");
  return client;
}

const SQL = [
  "select 1",
  "begin",
  "commit",
  "select 1/0",
  "select $1::int4",
  "declare c cursor for select n from generate_series(1, 9) as t(n)",
  "fetch 2 c",
  "savepoint a",
  "rollback to a",
  "select n from generate_series(1, 3000) as t(n)",
  "prepare p as select 1",
  "execute p",
  "discard all",
  "",
  "selec",
];

const message = fc.oneof(
  fc.constantFrom(...SQL).map((sql) => serialize.query(sql)),
  fc
    .tuple(fc.constantFrom(...SQL), fc.constantFrom("", "s"))
    .map(([text, name]) => serialize.parse({ text, name })),
  fc
    .tuple(fc.constantFrom("", "s"), fc.constantFrom("", "p"), fc.boolean())
    .map(([statement, portal, binary]) =>
      serialize.bind({ statement, portal, values: ["1"], binary }),
    ),
  fc
    .tuple(fc.constantFrom("", "p"), fc.nat(3))
    .map(([portal, rows]) => serialize.execute({ portal, rows })),
  fc
    .tuple(
      fc.constantFrom("S" as const, "P" as const),
      fc.constantFrom("", "s"),
    )
    .chain(([type, name]) =>
      fc.constantFrom(
        serialize.describe({ type, name }),
        serialize.close({ type, name }),
      ),
    ),
  fc.constantFrom(serialize.sync(), serialize.flush(), serialize.copyDone()),
);

test("whatever order messages come in, each Sync and Query outside a failed pipeline is answered and the session goes on", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(message, { maxLength: 15 }), async (messages) => {
      const client = await loggedIn();
      const mark = serialize.query("select 'the end' as mark");
      client.send(
        ...messages,
        serialize.sync(),
        serialize.query("rollback"),
        mark,
      );
      for (;;) {
        const received = await client.until("readyForQuery");
        const rows = received.filter((one) => one.name === "dataRow");
        if (rows.some((one) => String(one["fields"]) === "the end")) break;
      }
      client.socket.destroy();
    }),
    { numRuns: 60 },
  );
  expect(faults).toEqual([]);
});

test("whatever bytes come after the log-in, the server answers or closes, and serves others", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(message, { minLength: 1, maxLength: 6 }),
      fc.array(fc.tuple(fc.nat(1000), fc.nat(255)), {
        minLength: 1,
        maxLength: 6,
      }),
      async (messages, changes) => {
        const bytes = Buffer.concat(messages);
        for (const [place, value] of changes) {
          bytes[place % bytes.length] = value;
        }
        const client = await loggedIn();
        client.socket.write(bytes);
        client.socket.end();
        await client.untilClosed();
      },
    ),
    { numRuns: 120 },
  );
  const other = await loggedIn();
  other.send(serialize.query("select 1"));
  await other.until("readyForQuery");
  other.socket.destroy();
  expect(faults).toEqual([]);
});

test("whatever bytes come first, the connection ends and nothing is left behind", async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
      const client = connectTo(listener);
      client.socket.write(bytes);
      client.socket.end();
      await client.untilClosed();
    }),
    { numRuns: 80 },
  );
  while (listener.connections > 0) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(listener.registry.sessions()).toEqual([]);
  expect(faults).toEqual([]);
});

test("a client that goes away in the middle of a result frees its session", async () => {
  const client = await loggedIn();
  client.send(
    serialize.query(
      "select repeat('x', 1000) as a from generate_series(1, 1000000) as t(n)",
    ),
  );
  await client.until("dataRow");
  client.socket.destroy();
  while (listener.connections > 0) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(listener.registry.sessions()).toEqual([]);
});
