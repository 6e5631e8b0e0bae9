// The lake of the model on a gateway, changed from world to world, and what its users get to see: every byte the gateway sends them.

import type pg from "pg";
import { startTestGateway, type TestGateway } from "../../harness.ts";
import { statementClient } from "../../http/statement-client.ts";
import { socketOf } from "../../socket-of.ts";
import {
  GROUPS,
  MAP,
  OWNERS,
  ROWS,
  TABLES,
  USERS,
  isGoverned,
  markerOf,
  type Filter,
  type Mark,
  type Mask,
  type Policy,
  type User,
  type World,
} from "./model.ts";
import type { Statement } from "./statements.ts";

export interface Seen {
  readonly succeeded: boolean;
  /** Cells in what was sent, whatever it said. */
  readonly cells: ReadonlySet<string>;
  readonly text: string;
}

const CELL = /t\dr\dc\d!|88010\d0\d03/gi;

const FILTERS: Readonly<Record<Filter, string>> = {
  "row 2": "p.not_two",
  "group g1": "p.one_or_g1",
  "group g2": "p.one_or_g2",
  mapped: "p.mapped",
  none: "p.nothing",
};
const MASKS: Readonly<Record<Mask, string>> = {
  constant: "constant",
  "group g1": "in_g1",
  "group g2": "in_g2",
  first: "first",
};

export class Lake implements AsyncDisposable {
  readonly #gateway: TestGateway;
  readonly #root: pg.Client;
  readonly #sessions: ReadonlyMap<User, Session>;
  readonly #folders: ReadonlyMap<string, string>;
  readonly #floors = new Set<string>();
  #made: readonly Change[] = [];

  private constructor(
    gateway: TestGateway,
    root: pg.Client,
    sessions: ReadonlyMap<User, Session>,
    folders: ReadonlyMap<string, string>,
  ) {
    this.#gateway = gateway;
    this.#root = root;
    this.#sessions = sessions;
    this.#folders = folders;
  }

  static async start(): Promise<Lake> {
    const gateway = await startTestGateway();
    const root = await gateway.connect();
    for (const sql of objects()) await root.query(sql);
    const sessions = new Map<User, Session>();
    for (const user of USERS) {
      const password = await tokenOf(gateway, root, user);
      const client = await gateway.connect({ user, password, raw: true });
      sessions.set(user, new Session(client, gateway.httpUrl, password));
    }
    const folders = new Map<string, string>();
    for (const table of TABLES) {
      const { rows } = await root.query<{ location: string }>(
        `DESCRIBE DETAIL ${table}`,
      );
      folders.set(table, rows[0]?.location ?? "");
    }
    return new Lake(gateway, root, sessions, folders);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#gateway[Symbol.asyncDispose]();
  }

  /** Leaves the last world, but for what both have. The answer knows which tables ever had policies here. */
  async enter(world: Omit<World, "floors">): Promise<World> {
    const wanted = changesInto(world);
    const [now, then] = [byPlace(this.#made), byPlace(wanted)];
    const differs = ({ place }: Change): boolean =>
      now.get(place) !== then.get(place);
    for (const { undo } of this.#made.toReversed().filter(differs))
      await this.#root.query(undo);
    for (const { sql } of wanted.filter(differs)) await this.#root.query(sql);
    this.#made = wanted;
    for (const table of TABLES)
      if (isGoverned(world, table)) this.#floors.add(table);
    return { ...world, floors: new Set(this.#floors) };
  }

  async add(mark: Mark): Promise<void> {
    const change = marked(mark);
    await this.#root.query(change.sql);
    this.#made = [...this.#made, change];
  }

  /** What the statement sends to the user, who leaves nothing behind. */
  async show(user: User, { form, steps }: Statement): Promise<Seen> {
    const session = this.#sessions.get(user);
    if (session === undefined) throw new Error(`no session of ${user}`);
    const written = steps.map((step) =>
      step.replaceAll(
        /\{path (.*?)\}/g,
        (_, table: string) => this.#folders.get(table) ?? "",
      ),
    );
    const seen = form.startsWith("http")
      ? await session.post(written)
      : await session.run(written, form === "extended");
    const folders = [...this.#folders.values()];
    for (const left of LEFT[form] ?? []) await this.#root.query(left);
    return {
      ...seen,
      text: folders
        .reduce((text, at) => text.replaceAll(at, "…"), seen.text)
        .replaceAll(/[^\x20-\x7e…]+/g, " "),
    };
  }
}

/** A statement of the administrator, and the one that takes it back, with all others of its place. */
interface Change {
  readonly place: string;
  readonly sql: string;
  readonly undo: string;
}

function byPlace(changes: readonly Change[]): ReadonlyMap<string, string> {
  const places = new Map<string, string>();
  for (const { place, sql } of changes)
    places.set(place, `${places.get(place) ?? ""}${sql};`);
  return places;
}

/** Each once: what is done twice is taken back once. */
function changesInto(world: Omit<World, "floors">): readonly Change[] {
  const changes = [
    ...GROUPS.flatMap((group) =>
      world.members[group].map((member): Change => {
        const kind = member === "g1" ? "GROUP" : "USER";
        return {
          place: `${group} ${member}`,
          sql: `ALTER GROUP ${group} ADD ${kind} ${member}`,
          undo: `ALTER GROUP ${group} DROP ${kind} ${member}`,
        };
      }),
    ),
    ...TABLES.flatMap((table) => policyChanges(table, world.policies[table])),
    ...world.marks.map(marked),
  ];
  return [...new Map(changes.map((change) => [change.sql, change])).values()];
}

function policyChanges(
  table: string,
  { filter, masks }: Policy,
): readonly Change[] {
  const filters =
    filter === undefined
      ? []
      : [
          {
            place: table,
            sql: `ALTER TABLE ${table} SET ROW FILTER ${FILTERS[filter]} ON (n)`,
            undo: `ALTER TABLE ${table} DROP ROW FILTER`,
          },
        ];
  const masked = masks.flatMap((mask, index): readonly Change[] => {
    if (mask === undefined) return [];
    const using = mask === "first" ? " USING COLUMNS (n)" : "";
    const name = `p.${index === 2 ? "number" : "text"}_${MASKS[mask]}`;
    const column = `ALTER TABLE ${table} ALTER COLUMN c${index + 1}`;
    return [
      {
        place: column,
        sql: `${column} SET MASK ${name}${using}`,
        undo: `${column} DROP MASK`,
      },
    ];
  });
  return [...filters, ...masked];
}

function marked({ effect, privilege, on, to }: Mark): Change {
  const where = `${privilege} ON ${securable(on)}`;
  return {
    place: `${on} ${to}`,
    sql: `${effect} ${where} TO ${to}`,
    undo: `REVOKE ${where} FROM ${to}`,
  };
}

/** What a form leaves to clean up. */
const LEFT: Readonly<Record<string, readonly string[]>> = {
  copied: ["DROP TABLE IF EXISTS made.copy"],
  viewed: ["DROP VIEW IF EXISTS made.view"],
  inserted: ["TRUNCATE TABLE made.kept"],
};

class Session {
  readonly #client: pg.Client;
  readonly #url: string;
  readonly #token: string;
  #sent: Buffer[] = [];
  #names = 0;

  constructor(client: pg.Client, url: string, token: string) {
    this.#client = client;
    this.#url = url;
    this.#token = token;
    socketOf(client).on("data", (chunk: Buffer) => this.#sent.push(chunk));
  }

  /** Stops at the first step that fails. */
  async run(steps: readonly string[], extended: boolean): Promise<Seen> {
    this.#sent = [];
    let succeeded = true;
    try {
      for (const text of steps)
        await this.#client.query(
          extended ? { text, name: `q${this.#names++}` } : text,
        );
    } catch {
      succeeded = false;
    }
    const text = Buffer.concat(this.#sent).toString("latin1");
    await this.#client.query("ROLLBACK; DEALLOCATE ALL");
    return { succeeded, cells: cellsIn(text), text };
  }

  async post(steps: readonly string[]): Promise<Seen> {
    const http = statementClient(this.#url, this.#token);
    let text = "";
    for (const statement of steps) {
      const answer = await http.submit(statement, { wait_timeout: "50s" });
      text += answer.text;
      if (!answer.text.includes('"SUCCEEDED"'))
        return { succeeded: false, cells: cellsIn(text), text };
    }
    return { succeeded: true, cells: cellsIn(text), text };
  }
}

function cellsIn(text: string): ReadonlySet<string> {
  return new Set(text.match(CELL)?.map((cell) => cell.toLowerCase()));
}

async function tokenOf(
  gateway: TestGateway,
  root: pg.Client,
  user: User,
): Promise<string> {
  if (user === "admin") return gateway.adminToken;
  const { rows } = await root.query<unknown[]>({
    text: `CREATE TOKEN FOR USER ${user}`,
    rowMode: "array",
  });
  return String(rows[0]?.[1]);
}

function objects(): readonly string[] {
  return [
    ...USERS.filter((user) => user !== "admin").map(
      (user) => `CREATE USER ${user}`,
    ),
    ...GROUPS.map((group) => `CREATE GROUP ${group}`),
    ...["s1", "s2", "p", "made"].map((name) => `CREATE SCHEMA ${name}`),
    "GRANT USAGE, CREATE ON SCHEMA made TO users",
    "CREATE TABLE made.kept (n int, c1 text, c2 text, c3 bigint)",
    "GRANT SELECT, MODIFY ON TABLE made.kept TO users",
    ...TABLES.flatMap((table) => [
      `CREATE TABLE ${table} (n int, c1 text, c2 text, c3 bigint)`,
      `INSERT INTO ${table} VALUES ${ROWS.map(
        (n) =>
          `(${n}, '${markerOf(table, n, 1)}', '${markerOf(table, n, 2)}', ${markerOf(table, n, 3)})`,
      ).join(", ")}`,
      `DELETE FROM ${table} WHERE n = 4`,
    ]),
    "CREATE TABLE p.map (who text, n int)",
    `INSERT INTO p.map VALUES ${Object.entries(MAP)
      .map(([who, n]) => `('${who}', ${n})`)
      .join(", ")}`,
    ...policyFunctions(),
    "CREATE VIEW s1.v1 AS SELECT * FROM s1.t1",
    "CREATE VIEW s2.v2 AS SELECT * FROM s1.t1",
    "CREATE VIEW s2.v3 AS SELECT * FROM s1.v1",
    "CREATE VIEW s1.v4 AS SELECT n, c1, ''::text AS c2, 0::bigint AS c3 FROM s1.v1 WHERE n <= 2",
    "CREATE VIEW s1.v5 AS SELECT * FROM s2.t3",
    "CREATE VIEW s1.v6 AS SELECT * FROM s1.t1 UNION ALL SELECT * FROM s1.t2",
    "CREATE FUNCTION s1.f1() RETURNS text RETURN SELECT string_agg(c1, ',' ORDER BY n) FROM s1.t1",
    "CREATE FUNCTION s2.f2() RETURNS text RETURN SELECT string_agg(c1, ',' ORDER BY n) FROM s1.t2",
    ...Object.entries(OWNERS)
      .filter(([, owner]) => owner !== "admin")
      .map(([name, owner]) => `ALTER ${securable(name)} OWNER TO ${owner}`),
  ];
}

function policyFunctions(): readonly string[] {
  const masks = (["text", "number"] as const).flatMap((kind) => {
    const [type, hidden] =
      kind === "text" ? ["text", "'hidden'"] : ["bigint", "-1"];
    const declared = (name: string, more: string, body: string): string =>
      `CREATE FUNCTION p.${kind}_${name}(c ${type}${more}) RETURNS ${type} RETURN ${body}`;
    return [
      declared("constant", "", `${hidden}::${type}`),
      ...["g1", "g2"].map((group) =>
        declared(
          `in_${group}`,
          "",
          `CASE WHEN is_member('${group}') THEN c ELSE ${hidden} END`,
        ),
      ),
      declared("first", ", n int", `CASE WHEN n = 1 THEN c ELSE ${hidden} END`),
    ];
  });
  const filters = {
    not_two: "n <> 2",
    one_or_g1: "n = 1 OR is_member('g1')",
    one_or_g2: "n = 1 OR is_member('g2')",
    mapped:
      "EXISTS (SELECT 1 FROM p.map m WHERE m.who = current_user AND m.n = one_or_more)",
    nothing: "false",
  };
  return [
    ...masks,
    ...Object.entries(filters).map(([name, body]) =>
      name === "mapped"
        ? `CREATE FUNCTION p.mapped(one_or_more int) RETURNS boolean RETURN ${body}`
        : `CREATE FUNCTION p.${name}(n int) RETURNS boolean RETURN ${body}`,
    ),
  ];
}

function securable(name: string): string {
  if (name === "any file") return "ANY FILE";
  if (name === "main") return "CATALOG main";
  if (name.endsWith(")")) return `FUNCTION ${name.slice(0, -2)}`;
  if (!name.includes(".")) return `SCHEMA ${name}`;
  return `${name.includes(".v") ? "VIEW" : "TABLE"} ${name}`;
}
