// The catalog mirror's own process: PostgreSQL as WebAssembly over a private data directory. It knows nothing of lakes or users; the
// gateway tells it what to hold and relays statements. It ends with its parent.

import { PGlite } from "@electric-sql/pglite";
import { invariant } from "../../../storage/common/invariant.ts";
import type { OpenMessage, Reply, Request, Work } from "./protocol.ts";

const COLLECT_AFTER_MS = 300;
const NOTHING = new Uint8Array(0);

let database: PGlite | undefined;
let collecting: NodeJS.Timeout | undefined;
let turn: Promise<void> = Promise.resolve();

process.on("message", (message: OpenMessage | Request) => {
  turn = turn.then(() => ("work" in message ? serve(message) : open(message)));
});
process.on("disconnect", () => process.exit(0));
// A terminal's Ctrl-C reaches the whole group; the gateway decides when this process ends.
process.on("SIGINT", () => undefined);

async function open({ dataDir, setup }: OpenMessage): Promise<void> {
  try {
    database = await PGlite.create({
      dataDir: `file://${dataDir}`,
      relaxedDurability: true,
      initDbStartParams: ["--wal-segsize=1", "-N"],
      postgresqlconf: ["shared_buffers=128kB"],
    });
    if (setup !== undefined) await database.exec(setup);
    collect();
    send({ kind: "ready" });
  } catch (error) {
    send({ kind: "failed", reason: reasonOf(error) });
  }
}

async function serve({ id, work }: Request): Promise<void> {
  try {
    send({ kind: "done", id, bytes: await perform(work) });
  } catch (error) {
    send({ kind: "error", id, reason: reasonOf(error) });
  }
  collectWhenIdle();
  if (work.kind === "close") process.disconnect();
}

async function perform(work: Work): Promise<Uint8Array> {
  invariant(database !== undefined, "the database is opened first");
  switch (work.kind) {
    case "script":
      await database.exec(work.sql);
      return NOTHING;
    case "close":
      await database.close();
      return NOTHING;
    case "relay": {
      // Apart from BEGIN, which would take the settings into the transaction that is rolled back.
      if (work.prelude !== "") await database.exec(work.prelude);
      await database.exec("BEGIN READ ONLY");
      try {
        return await database.execProtocolRaw(work.messages);
      } finally {
        await database.exec("ROLLBACK");
      }
    }
  }
}

/** Not between the statements of one client's burst: a collection takes longer than most answers. */
function collectWhenIdle(): void {
  clearTimeout(collecting);
  collecting = setTimeout(collect, COLLECT_AFTER_MS);
  collecting.unref();
}

/** Present when started with --expose-gc: buffers crossing into WebAssembly pile up otherwise. */
function collect(): void {
  globalThis.gc?.();
}

function send(reply: Reply): void {
  process.send?.(reply);
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
