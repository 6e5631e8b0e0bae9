// What the official JavaScript SDK makes of a gateway: each step prints one line. Run with DATABRICKS_HOST, DATABRICKS_TOKEN and SDK, the
// folder it is installed in.

import { createRequire } from "node:module";
import { join } from "node:path";

const require = createRequire(join(process.env.SDK, "package.json"));
const { WorkspaceClient } = require("@databricks/sdk-experimental");

const host = process.env.DATABRICKS_HOST;
const token = process.env.DATABRICKS_TOKEN;
const w = new WorkspaceClient({ host, token, authType: "pat" });

const told = (label, value) =>
  process.stdout.write(`${label}=${JSON.stringify(value)}\n`);

async function refused(label, work) {
  try {
    await work();
    told(label, "accepted");
  } catch (error) {
    told(label, [
      error.statusCode ?? error.response?.statusCode,
      error.errorCode,
    ]);
  }
}

const all = async (items) => {
  const list = [];
  for await (const item of items) list.push(item);
  return list;
};

told("me", (await w.currentUser.me()).userName);
const [warehouse] = await all(w.warehouses.list({}));
const run = (statement, more = {}) =>
  w.statementExecution.executeStatement({
    statement,
    warehouse_id: warehouse.id,
    wait_timeout: "50s",
    ...more,
  });
const done = await run("select 1 as a, null as b, :s as c", {
  parameters: [{ name: "s", value: "x", type: "STRING" }],
});
told("select", done.result.data_array);
const linked = await run(
  "select g, repeat('x', 60) as t from generate_series(1, 300000) g order by g",
  { disposition: "EXTERNAL_LINKS", format: "JSON_ARRAY" },
);
const rows = [];
for (let part = linked.result; part?.external_links;) {
  const [link] = part.external_links;
  for (const row of await (await fetch(link.external_link)).json())
    rows.push(row);
  part =
    link.next_chunk_index &&
    (await w.statementExecution.getStatementResultChunkN({
      statement_id: linked.statement_id,
      chunk_index: link.next_chunk_index,
    }));
}
told("by links", [
  linked.manifest.total_chunk_count > 1,
  rows.length,
  rows[0][0],
  rows.at(-1)[0],
]);
told(
  "failed",
  (await run("select * from nothing_here")).status.error.error_code,
);

const ann = await w.usersV2.create({
  userName: "kim@example.org",
  displayName: "Kim",
});
const group = await w.groupsV2.create({
  displayName: "writers",
  members: [{ value: ann.id }],
});
told(
  "group",
  (await w.groupsV2.get({ id: group.id })).members.map((m) => m.display),
);
// This version asks for the first page again and again, so its listing is left after the first user.
for await (const user of w.usersV2.list({
  filter: 'userName eq "kim@example.org"',
})) {
  told("user", [user.userName, user.active]);
  break;
}

const made = await w.tokens.create({ comment: "js", lifetime_seconds: 600 });
told(
  "token",
  (await all(w.tokens.list())).some(
    (t) => t.token_id === made.token_info.token_id,
  ),
);
const own = new WorkspaceClient({
  host,
  token: made.token_value,
  authType: "pat",
});
told("with it", (await own.currentUser.me()).userName);
await w.tokens.delete({ token_id: made.token_info.token_id });
await refused("revoked", () => own.currentUser.me());

// Rights are given by SQL: this version sends PATCH without its body.
await run("create schema js");
await run("grant usage, select on schema js to writers");
const rights = await w.grants.get({
  securable_type: "SCHEMA",
  full_name: "main.js",
});
told("grants", rights.privilege_assignments);
await refused("unknown user", () => w.usersV2.get({ id: "123456789" }));
process.exit(0);
