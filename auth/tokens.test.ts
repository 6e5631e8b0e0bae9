import { createRequire } from "node:module";
import { describe, expect, test } from "vitest";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fc } from "../storage/common/property.testkit.ts";
import { openMetastore } from "../storage/metastore/metastore.ts";
import { setTokenRevoked } from "../storage/metastore/tokens.ts";
import type { TokenId } from "../storage/common/ids.ts";
import {
  authenticateBearer,
  authenticatePassword,
  beginScram,
} from "./authenticate.ts";
import { bootstrap, operatorIdentity } from "./bootstrap.ts";
import { openGovernance } from "./governance.ts";
import { ADMIN, World, clientFields, outcomeOf } from "./governance.testkit.ts";
import { dropUser, setUserActive } from "./principals.ts";
import type { Identity } from "./principal.ts";
import {
  createToken,
  listTokens,
  revokeToken,
  sweepTokens,
  type TokenRequest,
} from "./token-requests.ts";
import { isTokenText, newTokenText } from "./token-text.ts";
import { DAY_MS, type IssuedToken } from "./tokens.ts";

const HOME = { clientAddress: "127.0.0.1" };

function issue(
  w: World,
  user: string,
  request: TokenRequest = {},
): IssuedToken {
  return createToken(w.governance, w.as(ADMIN), {
    user: { name: user },
    ...request,
  });
}

describe("addresses of a token", () => {
  const AWAY = { clientAddress: "192.168.7.7" };

  test("let it in from there alone, by each way to log in, and the refusal is audited", () => {
    using w = new World();
    const { value, token } = issue(w, "bob", {
      addresses: ["10.0.0.0/8", "127.0.0.1"],
    });
    const from = (clientAddress: string): string =>
      outcomeOf(() =>
        authenticatePassword(w.governance, "bob", value, { clientAddress }),
      );
    expect(from("127.0.0.1")).toBe("ok");
    expect(from("::ffff:10.1.2.3")).toBe("ok");
    expect(from(AWAY.clientAddress)).toBe("28000");
    expect(authenticateBearer(w.governance, value, AWAY)).toBeUndefined();
    expect(authenticateBearer(w.governance, value, HOME)).toMatchObject({
      credential: token.id,
    });
    const denied = w
      .auditRecords()
      .filter((record) => record.action_name === "deniedIpLogin");
    expect(denied).toHaveLength(2);
    for (const record of denied)
      expect(record).toMatchObject({
        source_ip_address: AWAY.clientAddress,
        request_params: { token_id: token.id },
        response: { result: "refused" },
      });
  });

  test("bind the tokens that are made with it", () => {
    using w = new World();
    const { token } = issue(w, "bob", { addresses: ["10.0.0.0/8"] });
    const limited = { ...w.as("bob"), credential: token.id };
    const made = (addresses?: readonly string[]): readonly string[] =>
      createToken(w.governance, limited, { addresses }).token.allowedCidrs;
    expect(made()).toEqual(["10.0.0.0/8"]);
    expect(made(["10.1.0.0/16"])).toEqual(["10.1.0.0/16"]);
    for (const wider of ["10.0.0.0/7", "0.0.0.0/0", "::/0", "11.0.0.1"])
      expect(
        outcomeOf(() => made([wider])),
        wider,
      ).toBe("PD");
  });

  test("are addresses or CIDR blocks", () => {
    using w = new World();
    for (const wrong of ["home", "10.0.0.0/33", ""])
      expect(outcomeOf(() => issue(w, "bob", { addresses: [wrong] }))).toBe(
        "22023",
      );
  });
});

function fail(error: unknown): never {
  throw error;
}

function password(w: World, user: string, secret: string): Identity {
  return authenticatePassword(w.governance, user, secret, HOME);
}

interface PgSasl {
  startSession(mechanisms: readonly string[]): SaslSession;
  continueSession(
    session: SaslSession,
    password: string,
    data: string,
  ): Promise<void>;
  finalizeSession(session: SaslSession, data: string): void;
}
interface SaslSession {
  response: string;
}
const sasl = createRequire(import.meta.url)(
  join(process.cwd(), "node_modules/pg/lib/crypto/sasl.js"),
) as PgSasl;

/** node-postgres' own client code, against our exchange. */
async function scram(
  w: World,
  user: string,
  secret: string,
): Promise<Identity> {
  const exchange = beginScram(w.governance, user, HOME);
  const session = sasl.startSession(["SCRAM-SHA-256"]);
  await sasl.continueSession(
    session,
    secret,
    exchange.clientFirst(session.response),
  );
  const { message, identity } = exchange.clientFinal(session.response);
  sasl.finalizeSession(session, message);
  return identity;
}

async function scramCode(
  w: World,
  user: string,
  secret: string,
): Promise<string> {
  try {
    await scram(w, user, secret);
    return "ok";
  } catch (error) {
    return outcomeOf(() => {
      throw error;
    });
  }
}

describe("the text of a token", () => {
  test("has prefix, 49 base62 characters, and is short enough for old prompts", () => {
    const text = newTokenText("sluice");
    expect(text).toMatch(/^sluice_[0-9A-Za-z]{49}$/);
    expect(text.length).toBeLessThan(100);
    expect(isTokenText(text, "sluice")).toBe(true);
    expect(isTokenText(text, "other")).toBe(false);
  });

  test("carries a checksum that finds every changed character", () => {
    fc.assert(
      fc.property(
        fc.nat(55),
        fc.constantFrom("0", "9", "A", "Z", "a", "z"),
        (at, character) => {
          const text = newTokenText("sluice");
          const changed = text.slice(0, at) + character + text.slice(at + 1);
          expect(isTokenText(changed, "sluice")).toBe(changed === text);
        },
      ),
    );
  });
});

describe("issuing", () => {
  test("returns the value once and keeps only its hash and sealed keys", () => {
    using w = new World();
    const { value, token } = issue(w, "bob");
    w.governance.metastore.db.script("PRAGMA wal_checkpoint(TRUNCATE)");
    const bytes = readFileSync(join(w.dataDir, "metastore.sqlite"));
    expect(bytes.includes(token.id)).toBe(true);
    expect(bytes.includes(value)).toBe(false);
    expect(bytes.includes(value.slice(7, 30))).toBe(false);
    const audit = readFileSync(join(w.dataDir, "audit/audit.jsonl"), "utf8");
    expect(audit).toContain("generateDbToken");
    expect(audit).not.toContain(value.slice(7, 30));
  });

  test("lives 90 days unless asked otherwise, at most 730", () => {
    using w = new World();
    const { token } = issue(w, "bob");
    expect((token.expiresAtMs ?? 0) - token.createdAtMs).toBe(90 * DAY_MS);
    expect(outcomeOf(() => issue(w, "bob", { lifetimeMs: 730 * DAY_MS }))).toBe(
      "ok",
    );
    expect(
      outcomeOf(() => issue(w, "bob", { lifetimeMs: 730 * DAY_MS + 1 })),
    ).toBe("22023");
    expect(outcomeOf(() => issue(w, "bob", { lifetimeMs: 0 }))).toBe("22023");
    expect(outcomeOf(() => issue(w, "bob", { lifetimeMs: -1 }))).toBe("22023");
    expect(outcomeOf(() => issue(w, "bob", { comment: "x".repeat(257) }))).toBe(
      "22023",
    );
  });

  test("for somebody else is the administrators' right", () => {
    using w = new World();
    const bob = w.as("bob");
    expect(
      outcomeOf(() =>
        createToken(w.governance, bob, { user: { name: "carol" } }),
      ),
    ).toBe("PD");
    expect(
      outcomeOf(() =>
        createToken(w.governance, bob, { user: { name: "BOB" } }),
      ),
    ).toBe("ok");
    expect(outcomeOf(() => createToken(w.governance, bob, {}))).toBe("ok");
    expect(outcomeOf(() => issue(w, "analysts"))).toBe("42809");
    expect(outcomeOf(() => issue(w, "ghost"))).toBe("42704");
  });

  test("never gives more scopes than the credential in use has", () => {
    using w = new World();
    const narrow = { ...w.as("bob"), scopes: ["sql", "authentication"] };
    expect(createToken(w.governance, narrow, {}).token.scopes).toEqual([
      "sql",
      "authentication",
    ]);
    expect(
      createToken(w.governance, narrow, { scopes: ["sql"] }).token.scopes,
    ).toEqual(["sql"]);
    expect(
      outcomeOf(() =>
        createToken(w.governance, narrow, { scopes: ["all-apis"] }),
      ),
    ).toBe("PD");
    expect(
      outcomeOf(() =>
        createToken(w.governance, { ...narrow, scopes: ["sql"] }, {}),
      ),
    ).toBe("PD");
    expect(
      outcomeOf(() =>
        createToken(w.governance, narrow, { scopes: ["nonsense"] }),
      ),
    ).toBe("22023");
  });

  test("stops at 600 live tokens a principal", () => {
    using w = new World();
    const { tokens, metastore } = w.governance;
    const fresh = {
      principal: w.id("bob"),
      createdBy: ADMIN,
      comment: "",
      scopes: ["sql"],
      lifetimeMs: undefined,
      allowedCidrs: [],
    };
    const last = metastore.db.transaction(() => {
      for (let i = 0; i < 599; i++) tokens.issue(fresh);
      return tokens.issue(fresh);
    });
    expect(outcomeOf(() => issue(w, "bob"))).toBe("54000");
    revokeToken(w.governance, w.as("bob"), last.token.id);
    expect(outcomeOf(() => issue(w, "bob"))).toBe("ok");
  });
});

describe("logging in", () => {
  test("works as the user, in any case, and as `token`", () => {
    using w = new World();
    const { value, token } = issue(w, "bob");
    for (const user of ["bob", "BOB", "token", "Token"]) {
      expect(password(w, user, value)).toMatchObject({
        principal: { name: "bob" },
        credential: token.id,
        credentialKind: "token",
      });
    }
    expect(authenticateBearer(w.governance, value, HOME)?.principal.name).toBe(
      "bob",
    );
  });

  test("with another user's name is refused in the words of a wrong password", () => {
    using w = new World();
    const { value } = issue(w, "bob");
    const fields = (user: string, secret: string): unknown =>
      clientFields(() => password(w, user, secret));
    const refused = {
      code: "28P01",
      message: 'password authentication failed for user "alice"',
      detail: undefined,
      hint: undefined,
      position: undefined,
    };
    expect(fields("alice", value)).toEqual(refused);
    expect(fields("alice", "wrong")).toEqual(refused);
    expect(fields("alice", newTokenText("sluice"))).toEqual(refused);
    expect(
      authenticateBearer(w.governance, newTokenText("sluice"), HOME),
    ).toBeUndefined();
  });

  test("fails once the token expired, also for a session that is open", () => {
    using w = new World();
    const { value, token } = issue(w, "bob", { lifetimeMs: 10_000 });
    expect(w.governance.tokens.isLive(token.id)).toBe(true);
    w.advance(10_000);
    expect(w.governance.tokens.isLive(token.id)).toBe(false);
    expect(outcomeOf(() => password(w, "bob", value))).toBe("28P01");
  });

  test("A12 of a deactivated user says so only after the right secret", async () => {
    using w = new World();
    const { value } = issue(w, "erin");
    setUserActive(w.governance, w.as(ADMIN), { name: "erin" }, false);
    expect(outcomeOf(() => password(w, "erin", value))).toBe("28000");
    expect(outcomeOf(() => password(w, "erin", newTokenText("sluice")))).toBe(
      "28P01",
    );
    expect(await scramCode(w, "erin", value)).toBe("28000");
    expect(await scramCode(w, "erin", newTokenText("sluice"))).toBe("28P01");
    expect(authenticateBearer(w.governance, value, HOME)).toBeUndefined();
    setUserActive(w.governance, w.as(ADMIN), { name: "erin" }, true);
    expect(outcomeOf(() => password(w, "erin", value))).toBe("ok");
  });

  test("needs scope sql on the Postgres wire", () => {
    using w = new World();
    const { value } = issue(w, "bob", { scopes: ["scim"] });
    expect(outcomeOf(() => password(w, "bob", value))).toBe("28000");
  });

  test("is audited: who, or the name as typed without secrets", () => {
    using w = new World();
    const { value } = issue(w, "bob");
    password(w, "token", value);
    outcomeOf(() => password(w, `${value}\u0007`, "x"));
    const [success, failure] = w.auditRecords().slice(-2);
    expect(success).toMatchObject({
      action_name: "tokenLogin",
      user_identity: { email: "bob" },
    });
    expect(failure).toMatchObject({
      action_name: "loginFailure",
      request_params: { user: "sluice_***\\u0007" },
    });
  });

  test("notes the use at most every five minutes", () => {
    using w = new World();
    const { value, token } = issue(w, "bob");
    const used = (): number | undefined =>
      w.governance.tokens.find(token.id)?.lastUsedAtMs;
    password(w, "bob", value);
    const first = used();
    expect(first).toBeDefined();
    w.advance(299_000);
    password(w, "bob", value);
    expect(used()).toBe(first);
    w.advance(2_000);
    password(w, "bob", value);
    expect(used()).toBe((first ?? 0) + 301_000);
  });
});

describe("SCRAM with node-postgres' client", () => {
  test("works with each of three tokens; revoking the second fails only it", async () => {
    using w = new World();
    const [one, two, three] = [
      issue(w, "bob"),
      issue(w, "bob"),
      issue(w, "bob"),
    ];
    for (const { value, token } of [one, two, three]) {
      const identity = await scram(w, "bob", value);
      expect(identity).toMatchObject({
        principal: { name: "bob" },
        credential: token.id,
      });
    }
    revokeToken(w.governance, w.as("bob"), two.token.id);
    expect(await scramCode(w, "bob", one.value)).toBe("ok");
    expect(await scramCode(w, "bob", two.value)).toBe("28P01");
    expect(await scramCode(w, "Bob", three.value)).toBe("ok");
  });

  test("refuses another user's token and an expired one", async () => {
    using w = new World();
    const { value } = issue(w, "bob", { lifetimeMs: 5_000 });
    issue(w, "alice");
    expect(await scramCode(w, "alice", value)).toBe("28P01");
    w.advance(5_000);
    expect(await scramCode(w, "bob", value)).toBe("28P01");
  });

  test("runs the same messages for a user that does not exist, with a salt that stays", async () => {
    using w = new World();
    const { value } = issue(w, "bob");
    const saltOf = (user: string): string | undefined =>
      /s=([^,]+),i=4096$/.exec(
        beginScram(w.governance, user, HOME).clientFirst("n,,n=,r=abc"),
      )?.[1];
    expect(saltOf("ghost")).toBe(saltOf("GHOST"));
    expect(saltOf("ghost")).not.toBe(saltOf("phantom"));
    expect(saltOf("ghost")?.length).toBe(saltOf("bob")?.length);
    expect(await scramCode(w, "ghost", value)).toBe("28P01");
    expect(await scramCode(w, "analysts", value)).toBe("28P01");
  });

  test("is not for the user `token`: it has no salt", () => {
    using w = new World();
    expect(
      clientFields(() => beginScram(w.governance, "token", HOME)),
    ).toMatchObject({
      code: "28000",
      hint: expect.stringContaining("name of the user") as unknown,
    });
  });

  test("answers nonsense with a protocol error", () => {
    using w = new World();
    expect(
      outcomeOf(() =>
        beginScram(w.governance, "bob", HOME).clientFirst("nonsense"),
      ),
    ).toBe("08P01");
  });
});

describe("ending credentials", () => {
  /** The tokens, by their owners, whose sessions heard that they are over. */
  function listen(w: World, ...tokens: readonly TokenId[]): TokenId[] {
    const identities = tokens.map((credential) => {
      const owner = w.governance.tokens.find(credential)?.principal;
      const name = owner && w.governance.access.principal(owner)?.name;
      return { ...w.as(name ?? ""), credential };
    });
    const told: TokenId[] = [];
    w.governance.credentials.subscribe((ended) => {
      told.push(...identities.filter(ended).map((one) => one.credential));
    });
    return told;
  }

  test("by revoking tells sessions at once", () => {
    using w = new World();
    const { value, token } = issue(w, "bob");
    password(w, "bob", value);
    const ended = listen(w, token.id);
    revokeToken(w.governance, w.as("bob"), token.id);
    expect(ended).toEqual([token.id]);
    expect(w.governance.tokens.isLive(token.id)).toBe(false);
    expect(outcomeOf(() => password(w, "bob", value))).toBe("28P01");
  });

  test("of others is for administrators; a stranger's token reads as absent", () => {
    using w = new World();
    const { token } = issue(w, "bob");
    const refuse = (id: string): unknown =>
      clientFields(() => revokeToken(w.governance, w.as("carol"), id));
    expect(JSON.stringify(refuse(token.id)).replace(token.id, "x")).toBe(
      JSON.stringify(refuse("x")),
    );
    expect(
      outcomeOf(() => revokeToken(w.governance, w.as(ADMIN), token.id)),
    ).toBe("ok");
  });

  test("by deactivating or dropping the user tells sessions", () => {
    using w = new World();
    const bob = issue(w, "bob").token.id;
    const carol = issue(w, "carol").token.id;
    const ended = listen(w, bob, carol, issue(w, "dave").token.id);
    setUserActive(w.governance, w.as(ADMIN), { name: "bob" }, false);
    dropUser(w.governance, w.as(ADMIN), { name: "carol" }, false);
    expect(ended).toEqual([bob, carol]);
    expect(w.governance.tokens.isLive(bob)).toBe(false);
    expect(w.governance.tokens.isLive(carol)).toBe(false);
  });

  test("by a tool on the same data directory counts within five seconds", () => {
    using w = new World();
    const { value, token } = issue(w, "bob");
    password(w, "bob", value);
    const ended = listen(w, token.id);
    using tool = openMetastore({ dataDir: w.dataDir, use: "tool" });
    setTokenRevoked(tool.db, token.id, w.governance.metastore.now() + 1);
    w.advance(5_000);
    expect(w.governance.tokens.isLive(token.id)).toBe(false);
    expect(outcomeOf(() => password(w, "bob", value))).toBe("28P01");
    sweepTokens(w.governance);
    expect(ended).toContain(token.id);
  });

  test("by a tool counts too when the clock was set back", () => {
    using w = new World();
    const { value, token } = issue(w, "bob");
    password(w, "bob", value);
    sweepTokens(w.governance);
    const ended = listen(w, token.id);
    w.advance(-60 * 60_000);
    using tool = openMetastore({ dataDir: w.dataDir, use: "tool" });
    setTokenRevoked(tool.db, token.id, w.governance.metastore.now());
    w.advance(5_000);
    expect(w.governance.tokens.isLive(token.id)).toBe(false);
    sweepTokens(w.governance);
    expect(ended).toEqual([token.id]);
  });

  test("by time is told by the sweep", () => {
    using w = new World();
    const { token } = issue(w, "bob", { lifetimeMs: 60_000 });
    const ended = listen(w, token.id);
    w.advance(59_000);
    sweepTokens(w.governance);
    expect(ended).toEqual([]);
    w.advance(1_000);
    sweepTokens(w.governance);
    expect(ended).toEqual([token.id]);
  });

  test("unused for 90 days revokes, and is audited", () => {
    using w = new World();
    const { value, token } = issue(w, "bob", { lifetimeMs: 400 * DAY_MS });
    w.advance(50 * DAY_MS);
    password(w, "bob", value);
    w.advance(90 * DAY_MS);
    expect(sweepTokens(w.governance)).toEqual([]);
    w.advance(DAY_MS);
    expect(sweepTokens(w.governance)).toEqual([token.id]);
    expect(w.auditRecords().at(-1)).toMatchObject({
      action_name: "revokeDbToken",
    });
    expect(outcomeOf(() => password(w, "bob", value))).toBe("28P01");
  });
});

test("lists show live tokens: one's own, or all for administrators", () => {
  using w = new World();
  const mine = issue(w, "bob").token.id;
  const gone = issue(w, "bob").token.id;
  issue(w, "carol");
  revokeToken(w.governance, w.as("bob"), gone);
  expect(
    listTokens(w.governance, w.as("bob"), "own").map(({ id }) => id),
  ).toEqual([mine]);
  expect(outcomeOf(() => listTokens(w.governance, w.as("bob"), "all"))).toBe(
    "PD",
  );
  expect(listTokens(w.governance, w.as(ADMIN), "all").length).toBe(3);
});

describe("the first start", () => {
  test("makes the administrator, whose token lies in a file only the owner reads", () => {
    using w = new World();
    const file = join(w.dataDir, "admin-token");
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const identity = password(w, ADMIN, readFileSync(file, "utf8").trim());
    expect(w.governance.access.isAdmin(identity.principal.id)).toBe(true);
    expect(w.object("main").owner).toBe(identity.principal.id);
  });

  test("lets a person at the data directory make a token while the gateway runs", () => {
    using w = new World();
    using metastore = openMetastore({
      dataDir: w.dataDir,
      use: "tool",
      now: w.governance.metastore.now,
    });
    using tool = openGovernance(metastore, { onAuditError: fail });
    const operator = operatorIdentity(tool);
    expect(operator?.principal.name).toBe(ADMIN);
    if (operator === undefined) return;
    const { value } = createToken(tool, operator, { user: { name: "bob" } });
    expect(password(w, "bob", value).principal.name).toBe("bob");
  });

  test("happens once", () => {
    using w = new World();
    const file = join(w.dataDir, "admin-token");
    const before = readFileSync(file, "utf8");
    w.reopen();
    const again = bootstrap(w.governance, {
      adminUser: "other",
      mounts: [{ name: "main", location: "/lake" }],
    });
    expect(again.firstStart).toBe(false);
    expect(readFileSync(file, "utf8")).toBe(before);
    expect(w.governance.access.named("other")).toBeUndefined();
    expect(outcomeOf(() => password(w, ADMIN, before.trim()))).toBe("ok");
  });
});
