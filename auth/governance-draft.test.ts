// A draft of catalog and rights beside what is committed: who sees it, what COMMIT makes of it, and when it loses.

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { SqlError } from "../storage/common/errors.ts";
import { GovernanceDraft } from "./governance-draft.ts";
import type { Governance } from "./governance.ts";
import { ADMIN, World } from "./governance.testkit.ts";
import { createPrincipal, dropUser } from "./principals.ts";

let world: World;
let committed: Governance;
let draft: GovernanceDraft;

beforeEach(() => {
  world = new World();
  committed = world.governance;
  draft = new GovernanceDraft(committed);
});
afterEach(() => {
  draft[Symbol.dispose]();
  world.governance = committed;
  world[Symbol.dispose]();
});

/** Helpers of the world work on the draft until it ends. */
function drafting<T>(work: () => T): T {
  world.governance = draft.governance;
  try {
    return work();
  } finally {
    world.governance = committed;
  }
}

function commit(): string {
  try {
    draft.commit(() => undefined);
    return "committed";
  } catch (error) {
    if (error instanceof SqlError) return error.code;
    throw error;
  }
}

/** Objects, rights and members, whoever reads them. */
function contents({ metastore: { db } }: Governance): unknown {
  return ["object", "access_record", "principal", "membership"].map((table) =>
    db.rows(`SELECT * FROM ${table}`).map(String).toSorted(),
  );
}

describe("what a draft holds", () => {
  test("is its own until it commits, and then everybody's, also after a restart", () => {
    drafting(() => {
      world.schema("fresh", "alice");
      world.table("fresh.t", "alice");
      world.setup("U(fresh>bob) +SELECT(fresh.t>bob)");
      expect(world.select("bob", "fresh.t")).toBe("ok");
    });
    expect(world.find("fresh.t")).toBeUndefined();
    expect(commit()).toBe("committed");
    expect(world.select("bob", "fresh.t")).toBe("ok");
    expect(contents(committed)).toEqual(contents(draft.governance));
    world.reopen();
    committed = world.governance;
    expect(world.select("bob", "fresh.t")).toBe("ok");
  });

  test("goes back to a mark, its audit records too, any number of times", () => {
    drafting(() => world.schema("first", "alice"));
    const undo = draft.mark();
    for (const name of ["second", "third"]) {
      drafting(() => {
        world.schema(name, "alice");
        world.setup(`U(${name}>bob)`);
      });
      undo();
      draft.refresh();
    }
    const told = world.auditRecords().length;
    expect(commit()).toBe("committed");
    expect(world.find("first")).toBeDefined();
    expect(world.find("second") ?? world.find("third")).toBeUndefined();
    expect(world.auditRecords()).toHaveLength(told);
  });

  test("leaves out what failed, and goes on", () => {
    drafting(() => {
      expect(() => world.schema("sales", "alice")).toThrow(SqlError);
      world.schema("fresh", "alice");
    });
    expect(commit()).toBe("committed");
    expect(world.find("fresh")).toBeDefined();
  });

  test("tells the audit of changed rights when it commits, not before", () => {
    drafting(() => world.setup("U(sales>bob)"));
    const actions = (): readonly string[] =>
      world.auditRecords().map(({ action_name }) => action_name);
    const before = actions().length;
    expect(actions().slice(before)).toEqual([]);
    expect(commit()).toBe("committed");
    expect(actions().slice(before)).toEqual(["grantPermission"]);
  });

  test("ends the sessions of a user when the DROP commits, not before", () => {
    createPrincipal(committed, world.as(ADMIN), { name: "zoe", kind: "user" });
    const zoe = world.as("zoe");
    const ended: boolean[] = [];
    committed.credentials.subscribe((matches) => ended.push(matches(zoe)));
    draft[Symbol.dispose]();
    draft = new GovernanceDraft(committed);
    drafting(() =>
      dropUser(draft.governance, world.as(ADMIN), { name: "zoe" }, false),
    );
    expect(ended).toEqual([]);
    expect(commit()).toBe("committed");
    expect(ended).toEqual([true]);
  });
});

interface Race {
  readonly what: string;
  readonly ours: (w: World) => unknown;
  readonly theirs: (w: World) => unknown;
  readonly outcome: "committed" | "40001";
}

const rename = (w: World, path: string, name: string): void =>
  w.governance.catalog.rename(w.object(path).id, name);
const comment = (w: World, path: string): void =>
  w.governance.catalog.setComment(w.object(path).id, "theirs");
const mask = (w: World): void =>
  w.governance.catalog.setPolicies(w.object("sales.orders").id, {
    masks: [
      {
        function: w.object("sales.f_mask").id,
        args: [],
        column: { name: "a", physicalName: "a" },
      },
    ],
  });

const RACES: readonly Race[] = [
  {
    what: "both make one name",
    ours: (w) => w.table("sales.fresh", "alice"),
    theirs: (w) => w.view("sales.fresh", "alice"),
    outcome: "40001",
  },
  {
    what: "both make names in one schema",
    ours: (w) => w.table("sales.ours", "alice"),
    theirs: (w) => w.table("sales.theirs", "alice"),
    outcome: "committed",
  },
  {
    what: "we rename what they comment on",
    ours: (w) => rename(w, "sales.orders", "ours"),
    theirs: (w) => comment(w, "sales.orders"),
    outcome: "40001",
  },
  {
    what: "we rename one table and they another",
    ours: (w) => rename(w, "sales.orders", "ours"),
    theirs: (w) => rename(w, "sales.customers", "theirs"),
    outcome: "committed",
  },
  {
    what: "we comment on what they drop",
    ours: (w) => comment(w, "sales.orders"),
    theirs: (w) => w.drop("sales.orders"),
    outcome: "40001",
  },
  {
    what: "we drop a schema in which they make a table",
    ours: (w) => w.drop("sales"),
    theirs: (w) => w.table("sales.fresh", "alice"),
    outcome: "40001",
  },
  {
    what: "we make a table in a schema they drop",
    ours: (w) => w.table("sales.fresh", "alice"),
    theirs: (w) => w.drop("sales"),
    outcome: "40001",
  },
  {
    what: "we grant on a table they drop",
    ours: (w) => w.setup("+SELECT(sales.orders>bob)"),
    theirs: (w) => w.drop("sales.orders"),
    outcome: "40001",
  },
  {
    what: "we grant to a user they drop",
    ours: (w) => w.setup("+SELECT(sales.orders>erin)"),
    theirs: (w) => dropUser(w.governance, w.as(ADMIN), { name: "erin" }, false),
    outcome: "40001",
  },
  {
    what: "both grant the same",
    ours: (w) => w.setup("+SELECT(sales.orders>bob)"),
    theirs: (w) => w.setup("+SELECT(sales.orders>bob)"),
    outcome: "40001",
  },
  {
    what: "we grant and they deny",
    ours: (w) => w.setup("+SELECT(sales.orders>bob)"),
    theirs: (w) => w.setup("-SELECT(sales.orders>bob)"),
    outcome: "committed",
  },
  {
    what: "we rename a table they hide a column of",
    ours: (w) => rename(w, "sales.orders", "ours"),
    theirs: mask,
    outcome: "40001",
  },
  {
    what: "we drop the function they give to a mask",
    ours: (w) => w.drop("sales.f_mask"),
    theirs: mask,
    outcome: "40001",
  },
  {
    what: "we give a mask the function they drop",
    ours: mask,
    theirs: (w) => w.drop("sales.f_mask"),
    outcome: "40001",
  },
];

const TITLED = RACES.map(
  (race) => [`${race.outcome} when ${race.what}`, race] as const,
);

test.each(TITLED)("%s", (_title, { ours, theirs, outcome }) => {
  drafting(() => ours(world));
  theirs(world);
  const before = contents(committed);
  expect(commit()).toBe(outcome);
  if (outcome === "40001") expect(contents(committed)).toEqual(before);
});
