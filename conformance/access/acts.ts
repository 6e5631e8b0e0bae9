// What scenarios need beside statements: log-ins, files of outsiders, principals switched off. One function an act; the words that
// name it are its arguments.

import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { connect } from "node:net";
import { basename, join } from "node:path";
import pg from "pg";
import { serialize } from "pg-protocol";
import {
  at,
  idOf,
  stateOf,
  statementClient,
  type StatementClient,
} from "../http/statement-client.ts";
import { runningStatement } from "../running-statement.ts";
import { TranscriptClient } from "../wire/wire-client.ts";
import { failureOf, type Outcome, type Success } from "./outcome.ts";
import type { Stage } from "./play.ts";

interface Given {
  readonly stage: Stage;
  readonly words: readonly string[];
  /** After the colon. */
  readonly sql: string;
}

const DONE: Success = { kind: "ok", columns: [], rows: [], notices: [] };
const SCIM = "/api/2.0/preview/scim/v2";

const ACTS: Readonly<Record<string, (given: Given) => Promise<Outcome>>> = {
  connects: logIn,
  deactivates: deactivate,
  makes: makeServicePrincipal,
  forgets: forgetToken,
  link: makeLink,
  forge: forgeTable,
  folder: checkFolder,
  transcript: simpleQuery,
  describe: parseAndDescribe,
  "somebody's": askForOthers,
  cancels: cancelWithWrongKey,
  revokes: revokeDuring,
  follows: followLinks,
};

/** Never ends by itself while a test looks. */
const ENDLESS = `SELECT count(*) FROM ${Array.from(
  { length: 15 },
  (_, at) => `(VALUES (0),(1),(2),(3),(4),(5),(6),(7),(8),(9)) AS d${at}(v)`,
).join(
  ", ",
)} WHERE ${Array.from({ length: 15 }, (_, at) => `d${at}.v`).join(" + ")} = 999`;

/** Throws for an act that is none. */
export function runAct(stage: Stage, said: string): Promise<Outcome> {
  const [head = "", ...rest] = said.split(": ");
  const [name = "", ...words] = head.split(/\s+/);
  const act = ACTS[name];
  if (act === undefined) throw new Error(`there is no act ${name}`);
  return act({ stage, words, sql: rest.join(": ") });
}

/** `connects bob`, `connects bob with -c role=root`, `connects root with the token of bob`. */
async function logIn({ stage, words }: Given): Promise<Outcome> {
  const [user = "", ...more] = words;
  const holder = more.includes("token") ? (more.at(-1) ?? "") : user;
  const { fixture, protocol } = stage;
  const password = await fixture.tokenOf(holder);
  if (protocol === "http") {
    const speaker = await stage.open(holder);
    return speaker.run("SELECT 1");
  }
  const client = new pg.Client({
    host: "127.0.0.1",
    port: fixture.gateway.pgPort,
    database: "main",
    user,
    password,
    ...(more.includes("-c") ? { options: more.slice(1).join(" ") } : {}),
  });
  try {
    await client.connect();
    await client.query("SELECT 1");
    return DONE;
  } catch (error) {
    return failureOf(error);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** `deactivates erin`. */
async function deactivate({
  stage,
  words: [user = ""],
}: Given): Promise<Outcome> {
  const { gateway } = stage.fixture;
  await stage.fixture.tokenOf(user);
  const http = statementClient(gateway.httpUrl, gateway.adminToken);
  const filter = encodeURIComponent(`userName eq "${user}"`);
  const found = await http.request("GET", `${SCIM}/Users?filter=${filter}`);
  const id = String(at(found.body, "Resources", "0", "id"));
  const answer = await http.request("PATCH", `${SCIM}/Users/${id}`, {
    schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
    Operations: [{ op: "replace", value: { active: false } }],
  });
  if (answer.status !== 200) throw new Error(answer.text);
  return DONE;
}

/** `makes service principal Robot as sp1`: {sp1} is its application id. */
async function makeServicePrincipal({ stage, words }: Given): Promise<Outcome> {
  const [, , displayName, , name = ""] = words;
  const { gateway, applications } = stage.fixture;
  const http = statementClient(gateway.httpUrl, gateway.adminToken);
  const answer = await http.request("POST", `${SCIM}/ServicePrincipals`, {
    schemas: ["urn:ietf:params:scim:schemas:core:2.0:ServicePrincipal"],
    displayName,
  });
  if (answer.status !== 201) throw new Error(answer.text);
  applications.set(name, String(at(answer.body, "applicationId")));
  return DONE;
}

/** `forgets the token of bob`: the next statement logs in with a new one. */
async function forgetToken({ stage, words }: Given): Promise<Outcome> {
  const user = words.at(-1) ?? "";
  stage.fixture.forgetToken(user);
  await stage.forget(user);
  return DONE;
}

/** `link ext/x to {sales.orders}`: a symbolic link in the file root. */
function makeLink({ stage, words }: Given): Promise<Outcome> {
  const [name = "", , target = ""] = words;
  symlinkSync(target, inRoot(stage, name));
  return Promise.resolve(DONE);
}

/** `forge ext/evil with a file of {hr.salaries}`: a table whose log names a file of another by its absolute path. */
function forgeTable({ stage, words }: Given): Promise<Outcome> {
  const folder = inRoot(stage, words[0] ?? "");
  const source = words.at(-1) ?? "";
  const log = join(folder, "_delta_log");
  mkdirSync(log, { recursive: true });
  copyFileSync(
    join(source, "_delta_log", `${"0".repeat(20)}.json`),
    join(log, `${"0".repeat(20)}.json`),
  );
  const file = readdirSync(source).find((name) => name.endsWith(".parquet"));
  const add = {
    path: `file://${join(source, file ?? "")}`,
    partitionValues: {},
    size: 1000,
    modificationTime: 0,
    dataChange: true,
  };
  writeFileSync(
    join(log, `${"0".repeat(19)}1.json`),
    `${JSON.stringify({ add })}\n`,
  );
  return Promise.resolve(DONE);
}

/** `folder of t is its id`: nothing of a table's name stands in its path. */
async function checkFolder({ stage, words }: Given): Promise<Outcome> {
  const table = words.slice(1, -3).join(" ");
  const location = await stage.fixture.locationOf(table);
  if (!/^[0-9a-f-]{36}$/.test(basename(location)))
    throw new Error(`${table} lies at ${location}`);
  return DONE;
}

/** `transcript of bob: SQL`: the messages a simple query gets. */
function simpleQuery({ stage, words, sql }: Given): Promise<Outcome> {
  return converse(stage, words.at(-1) ?? "", [serialize.query(sql)]);
}

/** `describe by bob: SQL`: Parse and Describe, without Execute. */
function parseAndDescribe({ stage, words, sql }: Given): Promise<Outcome> {
  return converse(stage, words.at(-1) ?? "", [
    serialize.parse({ text: sql, types: [] }),
    serialize.describe({ type: "S" }),
    serialize.sync(),
  ]);
}

async function converse(
  { fixture }: Stage,
  user: string,
  messages: readonly Buffer[],
): Promise<Outcome> {
  const password = await fixture.tokenOf(user);
  const client = new TranscriptClient(
    await fixture.gateway.connect({ user, password }),
  );
  client.send(Buffer.concat(messages));
  const lines = await client.takeUntilReady(1);
  await client.end();
  return { ...DONE, rows: lines.map((line) => [line]) };
}

/** `somebody's statement of alice asked for by bob`: what GET, GET of a chunk and cancel say, and how the statement is afterwards. */
async function askForOthers({ stage, words }: Given): Promise<Outcome> {
  const { fixture } = stage;
  const as = async (user: string): Promise<StatementClient> =>
    statementClient(fixture.gateway.httpUrl, await fixture.tokenOf(user));
  const owner = await as(words[2] ?? "");
  const other = await as(words.at(-1) ?? "");
  const made = await owner.submit("SELECT 1", { wait_timeout: "50s" });
  const id = idOf(made);
  const answers = [
    await other.get(id),
    await other.chunk(id, 0),
    await other.cancel(id),
  ];
  const after = await owner.get(id);
  const row = [...answers.map(({ status }) => String(status)), stateOf(after)];
  return { ...DONE, rows: [row] };
}

/** `cancels a statement of bob with a wrong key`: the statement runs on, and is ended with the right one. Answers how many ended so. */
async function cancelWithWrongKey({ stage, words }: Given): Promise<Outcome> {
  const user = words[3] ?? "";
  const { gateway } = stage.fixture;
  const password = await stage.fixture.tokenOf(user);
  const client = await gateway.connect({ user, password });
  const pid: unknown = Reflect.get(client, "processID");
  const key: unknown = Reflect.get(client, "secretKey");
  if (typeof pid !== "number" || typeof key !== "number")
    throw new Error("node pg keeps its cancel key elsewhere");
  let ended = 0;
  const running = client.query(ENDLESS).catch((error: unknown) => {
    ended += 1;
    return failureOf(error);
  });
  await runningStatement(gateway.httpUrl);
  await requestCancel(gateway.pgPort, pid, key ^ 1);
  await runningStatement(gateway.httpUrl);
  const early = ended;
  await requestCancel(gateway.pgPort, pid, key);
  await running;
  await client.end();
  return { ...DONE, rows: [[String(ended - early)]] };
}

/** Sends a CancelRequest and waits until the server has closed the connection. */
function requestCancel(port: number, pid: number, key: number): Promise<void> {
  const socket = connect(port, "127.0.0.1");
  const bytes = Buffer.alloc(16);
  [16, 80_877_102, pid, key].forEach((value, at) =>
    bytes.writeInt32BE(value | 0, at * 4),
  );
  return new Promise((resolve, reject) => {
    socket.on("error", reject);
    socket.on("close", () => resolve());
    socket.resume();
    socket.write(bytes);
  });
}

/** `revokes the token of bob during a long statement`: the error its connection ends with. */
async function revokeDuring({ stage, words }: Given): Promise<Outcome> {
  const user = words[3] ?? "";
  const { fixture } = stage;
  const [made] = await fixture.asRoot(`CREATE TOKEN FOR USER "${user}"`);
  const client = await fixture.gateway.connect({
    user,
    password: String(made?.[1]),
  });
  const ended = client.query(ENDLESS).then((): Outcome => DONE, failureOf);
  await runningStatement(fixture.gateway.httpUrl);
  await fixture.asRoot(`REVOKE TOKEN '${String(made?.[0])}'`);
  return ended;
}

/** `follows a link of alice …`: what a link answers as it is, with another chunk, another expiry, and after it has expired. */
async function followLinks({ stage, words }: Given): Promise<Outcome> {
  const { fixture } = stage;
  const { httpUrl } = fixture.gateway;
  const user = statementClient(httpUrl, await fixture.tokenOf(words[3] ?? ""));
  // A link ends with its token at the latest.
  const made = await user.request("POST", "/api/2.0/token/create", {
    lifetime_seconds: 1,
  });
  const brief = statementClient(httpUrl, String(made.body["token_value"]));
  const linkBy = async (client: StatementClient): Promise<URL> => {
    const answer = await client.submit("SELECT 1", {
      disposition: "EXTERNAL_LINKS",
    });
    const link = at(answer.body, "result", "external_links", "0");
    return new URL(String(at(link, "external_link")));
  };
  const statusOf = async (link: URL): Promise<number> =>
    (await fetch(link)).status;
  const link = await linkBy(user);
  const otherChunk = new URL(link);
  otherChunk.pathname = otherChunk.pathname.replace(/0$/, "1");
  const otherExpiry = new URL(link);
  const expires = Number(link.searchParams.get("expires"));
  otherExpiry.searchParams.set("expires", String(expires + 1000));
  const short = await linkBy(brief);
  const end = Number(short.searchParams.get("expires"));
  let late = await statusOf(short);
  while (late === 200 && Date.now() < end + 5_000) late = await statusOf(short);
  const row = [link, otherChunk, otherExpiry].map(statusOf);
  const statuses = [...(await Promise.all(row)), late];
  return { ...DONE, rows: [statuses.map(String)] };
}

function inRoot({ fixture }: Stage, name: string): string {
  return join(fixture.ext, name.replace(/^ext\//, ""));
}
