// A mirror over the fixture of access control, and a short form to ask it as somebody.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { World } from "../../auth/governance.testkit.ts";
import { loadGrammar } from "../../planner/parse/grammar.ts";
import { tokenId } from "../../storage/common/ids.ts";
import type { Clock } from "../session/clock.ts";
import { systemClock } from "../session/clock.ts";
import { SessionRegistry } from "../session/registry.ts";
import { readTextRows } from "../session/data-row.ts";
import { Session } from "../session/session.ts";
import { CatalogMirror, type MirrorParts } from "./mirror.ts";
import type { ReadColumns } from "./table-columns.ts";

export interface TestMirror extends AsyncDisposable {
  readonly mirror: CatalogMirror;
  readonly session: (user: string) => Session;
  /** Rows as text. */
  readonly ask: (
    user: string,
    sql: string,
  ) => Promise<readonly (readonly (string | null)[])[]>;
}

export interface TestMirrorOptions extends Pick<
  Partial<MirrorParts>,
  "timeoutMs" | "idleMs" | "maxProcesses"
> {
  readonly readColumns: ReadColumns;
  readonly clock?: Clock;
}

export async function openTestMirror(
  world: World,
  options: TestMirrorOptions,
): Promise<TestMirror> {
  await loadGrammar();
  const dir = mkdtempSync(join(tmpdir(), "sluice-mirror-"));
  const mirror = new CatalogMirror({
    clock: systemClock,
    changedSince: (count) => ({ locations: [], count }),
    ...options,
    governance: world.governance,
    sessions: new SessionRegistry(),
    dir,
    imageDir: join(process.cwd(), "node_modules", ".cache", "sluice-catalog"),
  });
  const sessions = new Map<string, Session>();
  const session = (user: string): Session => {
    const known = sessions.get(user) ?? newSession(world, user);
    sessions.set(user, known);
    return known;
  };
  return {
    mirror,
    session,
    ask: async (user, sql) => {
      const { rows, rowCount } = await mirror.execute(
        session(user),
        {
          sql,
          offset: 0,
          parameterCount: 0,
          repeatable: true,
          aboutSessions: false,
          aboutOwn: false,
        },
        { sql, parameterOids: [], values: [], formats: [] },
      );
      const batches = (async function* () {
        yield await Promise.resolve({ bytes: rows, rowCount });
      })();
      return readTextRows({ kind: "encoded", batches });
    },
    [Symbol.asyncDispose]: async () => {
      await mirror[Symbol.asyncDispose]();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

function newSession(world: World, user: string): Session {
  return new Session({
    identity: {
      principal: { id: world.id(user), kind: "user", name: user },
      credential: tokenId("t"),
      credentialKind: "token",
      expiresAtMs: undefined,
      scopes: [],
      clientAddress: "127.0.0.1",
    },
    pid: 4711,
    catalog: "main",
  });
}
