// `npm run bench -- access`: what deciding costs a trivial statement, as processor time of the gateway: all of it beside all but what is
// spent deciding. A user who reads through nested groups, with grants and denies around; the target is a ratio of 1.02.

import { performance } from "node:perf_hooks";
import type pg from "pg";
import { startTestGateway } from "../harness.ts";
import { report } from "./metric.ts";
import { profiled } from "./profile.ts";

const GROUPS = 20;
const TABLES = 50;
const STATEMENTS = 4000;
/** Before anything is measured: compiled code is what counts. */
const WARM = 1500;

/** Whether the session may do it, by the records there are; the keys a kept plan is compared by are part of it. */
const DECIDING: ReadonlySet<string> = new Set([
  "authorizeStatement",
  "planKey",
]);
/** Telling the audit what was allowed, and by which record; the history that it ended. */
const RECORDING: ReadonlySet<string> = new Set(["record"]);

interface Kind {
  readonly name: string;
  readonly sql: (round: number) => string;
}

const KINDS: readonly Kind[] = [
  { name: "known statement", sql: () => "select id from s.t0 limit 0" },
  {
    // its tree, names and plan are made each time
    name: "new statement",
    sql: (round) => `select id as c${round} from s.t${round % TABLES} limit 0`,
  },
];

export async function access(): Promise<void> {
  await using gateway = await startTestGateway();
  const admin = await gateway.connect();
  for (const sql of world()) await admin.query(sql);
  const made = await admin.query<{ token_value: string }>(
    "CREATE TOKEN FOR USER u",
  );
  const password = made.rows[0]?.token_value ?? "";
  const user = await gateway.connect({ user: "u", password });
  for (const kind of KINDS) await measure(user, kind);
}

async function measure(user: pg.Client, { name, sql }: Kind): Promise<void> {
  let round = 0;
  const run = async (count: number): Promise<void> => {
    for (const end = round + count; round < end; round += 1)
      await user.query(sql(round));
  };
  await run(WARM);
  const began = performance.now();
  const time = await profiled(() => run(STATEMENTS));
  const elapsed = performance.now() - began;
  for (const [what, functions] of [
    ["deciding", DECIDING],
    ["telling audit and history", RECORDING],
  ] as const) {
    const without = time.gateway - time.below(functions);
    report({
      bench: "access",
      metric: `${name}, processor time beside the same without ${what}`,
      ours: time.gateway / STATEMENTS,
      theirs: without / STATEMENTS,
      unit: "ms",
    });
  }
  report({
    bench: "access",
    metric: `${name}, elapsed`,
    ours: elapsed / STATEMENTS,
    theirs: null,
    unit: "ms",
  });
}

/** A user at the end of a chain of groups, and records of every group on every table. */
function world(): readonly string[] {
  const groups = Array.from({ length: GROUPS }, (_, at) => `g${at}`);
  const tables = Array.from({ length: TABLES }, (_, at) => `s.t${at}`);
  return [
    "CREATE USER u",
    "CREATE SCHEMA s",
    ...groups.map((group, at) =>
      at === 0
        ? "CREATE GROUP g0 WITH USER u"
        : `CREATE GROUP ${group} WITH GROUP g${at - 1}`,
    ),
    `GRANT USAGE, SELECT ON SCHEMA s TO g${GROUPS - 1}`,
    ...tables.flatMap((table) => [
      `CREATE TABLE ${table} (id int)`,
      `GRANT SELECT, READ_METADATA ON TABLE ${table} TO ${groups.join(", ")}`,
      `DENY MODIFY ON TABLE ${table} TO ${groups.join(", ")}`,
    ]),
  ];
}
