// access-control section 21, scenarios A, B, C and D as far as they are decisions: statements stand for the requirements they have.

import { describe, expect, test } from "vitest";
import { ADMIN, World, clientFields, outcomeOf } from "./governance.testkit.ts";
import { changeGrants, repairPrivileges } from "./grants.ts";
import {
  alterGroup,
  createGroup,
  createPrincipal,
  dropGroup,
  dropUser,
  setUserActive,
} from "./principals.ts";
import { authorizeStatement } from "./governance.ts";
import { showGrants } from "./show-grants.ts";

const ORDERS = "sales.orders";

function world(setup = ""): World {
  const fresh = new World();
  fresh.setup(setup);
  return fresh;
}

describe("A. the USAGE gate", () => {
  test("A1 nothing granted: not found", () => {
    using w = world();
    expect(w.select("bob", ORDERS)).toBe("NF");
  });
  test("A2 SELECT without USAGE: not found", () => {
    using w = world("+SELECT(sales.orders>bob)");
    expect(w.select("bob", ORDERS)).toBe("NF");
  });
  test("A3 USAGE without SELECT: not found", () => {
    using w = world("U(sales>bob)");
    expect(w.select("bob", ORDERS)).toBe("NF");
  });
  test("A4 USAGE and SELECT: allowed", () => {
    using w = world("U(sales>bob) +SELECT(sales.orders>bob)");
    expect(w.select("bob", ORDERS)).toBe("ok");
  });
  test("A5 USAGE is inherited from the catalog", () => {
    using w = world("+USAGE(main>users) +SELECT(sales.orders>bob)");
    expect(w.select("bob", ORDERS)).toBe("ok");
  });
  test("A6 READ_METADATA makes it visible: permission denied", () => {
    using w = world("U(sales>bob) +READ_METADATA(sales.orders>bob)");
    expect(w.select("bob", ORDERS)).toBe("PD");
  });
  test("A7, A8 a table's owner needs the gate too", () => {
    using w = world();
    w.owner("hr", ADMIN);
    expect(w.select("dave", "hr.salaries")).toBe("NF");
    w.setup("U(hr>dave)");
    expect(w.select("dave", "hr.salaries")).toBe("ok");
  });
  test("A9 a deny on the catalog beats a grant on the schema", () => {
    using w = world("-USAGE(main>bob) U(sales>bob) +SELECT(sales.orders>bob)");
    expect(w.select("bob", ORDERS)).toBe("NF");
  });
  test("A10 a deny does not bind the schema's owner", () => {
    using w = world("-USAGE(sales>alice)");
    expect(w.select("alice", ORDERS)).toBe("ok");
  });
  test("A11 a deny does not bind an administrator", () => {
    using w = world("-USAGE(main>users)");
    expect(w.select(ADMIN, ORDERS)).toBe("ok");
  });
  test("A12 a deactivated user has no identity, whatever is granted", () => {
    using w = world("U(sales>users) +SELECT(sales.orders>users)");
    setUserActive(w.governance, w.as(ADMIN), { name: "erin" }, false);
    expect(w.governance.access.activePrincipal(w.id("erin"))).toBeUndefined();
    expect(() => w.as("erin")).toThrow("cannot log in");
  });
});

describe("B. DENY, inheritance, groups", () => {
  test("B1, B2 a grant on the schema reaches present and future tables", () => {
    using w = world("U(sales>bob) +SELECT(sales>bob)");
    expect(w.select("bob", ORDERS)).toBe("ok");
    w.table("sales.fresh", "alice");
    expect(w.select("bob", "sales.fresh")).toBe("ok");
  });
  test("B3, B4 all but one table", () => {
    using w = world(
      "U(sales>bob) +SELECT(sales>bob) -SELECT(sales.orders>bob)",
    );
    expect(w.select("bob", ORDERS)).toBe("NF");
    expect(w.select("bob", "sales.customers")).toBe("ok");
    const listed = w
      .visible("bob")
      .relations(w.object("sales").id)
      .map(({ name }) => name);
    expect(listed).toEqual(["customers", "v_orders"]);
    w.setup("+READ_METADATA(sales.orders>bob)");
    expect(w.select("bob", ORDERS)).toBe("PD");
  });
  test("B5 a higher deny beats a lower grant", () => {
    using w = world(
      "U(sales>bob) +SELECT(sales.orders>bob) -SELECT(sales>bob)",
    );
    expect(w.select("bob", ORDERS)).toBe("NF");
  });
  test("B6 a group's deny beats a user's grant", () => {
    using w = world(
      "U(sales>bob) +SELECT(sales.orders>bob) -SELECT(sales.orders>analysts)",
    );
    expect(w.select("bob", ORDERS)).toBe("NF");
  });
  test("B7 a user's deny beats a group's grant, for that user only", () => {
    using w = world(
      "U(sales>bob) U(sales>carol) +SELECT(sales.orders>analysts) -SELECT(sales.orders>bob)",
    );
    expect(w.select("bob", ORDERS)).toBe("NF");
    expect(w.select("carol", ORDERS)).toBe("ok");
  });
  test("B8 a deny reaches through nested groups", () => {
    using w = world(
      "U(sales>bob) +SELECT(sales.orders>bob) -SELECT(sales.orders>emea)",
    );
    expect(w.select("bob", ORDERS)).toBe("NF");
  });
  test("B9 users is everybody; owner and administrator are exempt", () => {
    using w = world(
      "U(sales>users) +SELECT(sales.orders>bob) -SELECT(sales.orders>users)",
    );
    expect(w.select("bob", ORDERS)).toBe("NF");
    expect(w.select("alice", ORDERS)).toBe("ok");
    expect(w.select(ADMIN, ORDERS)).toBe("ok");
  });
  test("B10, B11, B12 only REVOKE lifts a deny, and it takes the grant along", () => {
    using w = world(
      "U(sales>bob) -SELECT(sales.orders>bob) +SELECT(sales.orders>bob)",
    );
    expect(w.select("bob", ORDERS)).toBe("NF");
    w.change("revoke", "SELECT(sales.orders>bob)");
    expect(w.select("bob", ORDERS)).toBe("NF");
    w.setup("+SELECT(sales.orders>bob)");
    expect(w.select("bob", ORDERS)).toBe("ok");
  });
  test("B13 REVOKE reaches no inherited and no group record", () => {
    using w = world("U(sales>bob) +SELECT(sales>analysts)");
    w.change("revoke", "SELECT(sales.orders>bob)", "alice");
    expect(w.select("bob", ORDERS)).toBe("ok");
  });
  test("B14 DENY ALL PRIVILEGES hides the table", () => {
    using w = world(
      "U(sales>bob) +SELECT,MODIFY(sales>bob) -ALL PRIVILEGES(sales.orders>bob)",
    );
    expect(w.select("bob", ORDERS)).toBe("NF");
    expect(w.insert("bob", ORDERS)).toBe("NF");
  });
  test("B15 ALL was expanded: what is left keeps the table visible", () => {
    using w = world("U(sales>bob) +ALL PRIVILEGES(sales.orders>bob)");
    w.change("revoke", "SELECT(sales.orders>bob)");
    expect(w.insert("bob", ORDERS)).toBe("ok");
    expect(w.select("bob", ORDERS)).toBe("PD");
  });
  test("B16 a deny is of one privilege", () => {
    using w = world(
      "U(sales>bob) +ALL PRIVILEGES(sales.orders>bob) -MODIFY(sales>bob)",
    );
    expect(w.select("bob", ORDERS)).toBe("ok");
    expect(w.insert("bob", ORDERS)).toBe("PD");
  });
  test("B17 membership is read at each statement", () => {
    using w = world("U(sales>analysts) +SELECT(sales.orders>analysts)");
    expect(w.select("bob", ORDERS)).toBe("ok");
    w.leave("analysts", "bob");
    expect(w.select("bob", ORDERS)).toBe("NF");
  });
  test("B18, F1-F3 ANY FILE is outside the tree, and DENY works there too", () => {
    using w = world("+USAGE,SELECT(main>bob)");
    const read = w.needs("SELECT", "ANY FILE");
    expect(w.try("bob", read)).toBe("PD");
    expect(
      clientFields(() => {
        authorizeStatement(w.governance, w.as("bob"), [read]);
      }),
    ).toMatchObject({
      detail: "User does not have permission SELECT on any file.",
    });
    w.setup("+SELECT(ANY FILE>bob)");
    expect(w.try("bob", read)).toBe("ok");
    w.setup("-SELECT(ANY FILE>analysts)");
    expect(w.try("bob", read)).toBe("PD");
  });
  test("B19 a service principal goes by its application id, not its display name", () => {
    using w = world();
    const id = "0f3f8a52-0e5c-4b0e-9a53-7a4f0c6f2b11";
    createPrincipal(w.governance, w.as(ADMIN), {
      name: id,
      kind: "service-principal",
      displayName: "nightly",
    });
    w.setup(`U(sales>${id}) +SELECT(sales.orders>${id})`);
    expect(w.select(id, ORDERS)).toBe("ok");
    expect(
      outcomeOf(() => w.change("grant", "SELECT(sales.orders>nightly)")),
    ).toBe("42704");
  });
});

describe("C. ownership chains", () => {
  const VIEW = "sales.v_orders";
  const C1 = "U(sales>bob) +SELECT(sales.v_orders>bob)";

  function readView(w: World, who: string, view = VIEW, base = ORDERS): string {
    return w.try(who, w.needs("SELECT", view), w.below("SELECT", base, [view]));
  }

  test("C1 an intact chain asks nothing on the base", () => {
    using w = world(C1);
    expect(readView(w, "bob")).toBe("ok");
    expect(w.select("bob", ORDERS)).toBe("NF");
  });
  test("C2 a deny on the base is not consulted through an intact chain", () => {
    using w = world(`${C1} -SELECT(sales.orders>bob)`);
    expect(readView(w, "bob")).toBe("ok");
  });
  test("C3 a deny on the schema reaches the view itself", () => {
    using w = world(`${C1} -SELECT(sales>bob)`);
    expect(readView(w, "bob")).toBe("NF");
  });
  test("C4 a broken chain names nothing below the view", () => {
    using w = world("U(scratch>bob)");
    w.view("scratch.v", "carol");
    w.setup("+SELECT(scratch.v>bob)");
    const statement = [
      w.needs("SELECT", "scratch.v"),
      w.below("SELECT", ORDERS, ["scratch.v"]),
    ];
    expect(w.try("bob", ...statement)).toBe("PD");
    const text = JSON.stringify(
      clientFields(() => {
        authorizeStatement(w.governance, w.as("bob"), statement);
      }),
    );
    expect(text).toContain("permission denied for view scratch.v");
    expect(text).not.toMatch(/orders|sales|alice/);
  });
  test("C5, C6 on a broken link the caller's own rights count, denies too", () => {
    using w = world("U(scratch>bob) U(sales>bob) +SELECT(sales.orders>bob)");
    w.view("scratch.v", "carol");
    w.setup("+SELECT(scratch.v>bob)");
    expect(readView(w, "bob", "scratch.v")).toBe("ok");
    w.setup("-SELECT(sales.orders>emea)");
    expect(readView(w, "bob", "scratch.v")).toBe("PD");
  });
  test("C7 on a broken link the view's owner does not count", () => {
    using w = world(
      "U(scratch>bob) U(sales>users) +SELECT(sales.orders>bob) +SELECT(sales.orders>carol)",
    );
    w.view("scratch.v", "carol");
    w.setup("+SELECT(scratch.v>bob)");
    w.change("revoke", "SELECT(sales.orders>carol)");
    expect(readView(w, "bob", "scratch.v")).toBe("ok");
  });
  test("C8 two intact links", () => {
    using w = world("U(sales>bob)");
    w.view("sales.v2", "alice");
    w.setup("+SELECT(sales.v2>bob)");
    const statement = [
      w.needs("SELECT", "sales.v2"),
      w.below("SELECT", VIEW, ["sales.v2"]),
      w.below("SELECT", ORDERS, ["sales.v2", VIEW]),
    ];
    expect(w.try("bob", ...statement)).toBe("ok");
  });
  test("C9 link by link: the first satisfied by the caller, the second intact", () => {
    using w = world(`U(scratch>bob) ${C1}`);
    w.view("scratch.v3", "carol");
    w.setup("+SELECT(scratch.v3>bob)");
    const statement = [
      w.needs("SELECT", "scratch.v3"),
      w.below("SELECT", VIEW, ["scratch.v3"]),
      w.below("SELECT", ORDERS, ["scratch.v3", VIEW]),
    ];
    expect(w.try("bob", ...statement)).toBe("ok");
    w.change("revoke", "SELECT(sales.v_orders>bob)");
    expect(w.try("bob", ...statement)).toBe("PD");
  });
  test("C10, C11 the view owner's membership in the owning group makes the link", () => {
    using w = world(C1);
    w.owner(ORDERS, "owners");
    expect(readView(w, "bob")).toBe("ok");
    w.owner("sales", ADMIN);
    w.setup("U(sales>alice)");
    w.leave("owners", "alice");
    expect(readView(w, "bob")).toBe("PD");
  });
  test("a group's view over a member's table is a broken link", () => {
    using w = world(C1);
    w.owner(VIEW, "owners");
    expect(readView(w, "bob")).toBe("PD");
  });
  test("an administrator's view over another's table is a broken link", () => {
    using w = world(C1);
    w.owner(VIEW, ADMIN);
    expect(readView(w, "bob")).toBe("PD");
  });
  test("C12 a view is not given away by its owner", () => {
    using w = world("U(scratch>carol)");
    w.view("scratch.v", "carol");
    expect(outcomeOf(() => w.owner("scratch.v", "alice", "carol"))).toBe("PD");
    expect(w.object("scratch.v").owner).toBe(w.id("carol"));
  });
  test("an owner may hand its object to a group it belongs to", () => {
    using w = world("U(scratch>carol)");
    w.view("scratch.v", "carol");
    expect(outcomeOf(() => w.owner("scratch.v", "analysts", "carol"))).toBe(
      "ok",
    );
    expect(outcomeOf(() => w.owner("scratch.v", "owners", "carol"))).toBe("PD");
  });
  test("C13 a transfer that closes a chain takes the view's grants away", () => {
    using w = world("U(scratch>bob)");
    w.view("scratch.v", "carol");
    w.setup(
      "+SELECT(scratch.v>bob) +SELECT(scratch.v>root) -MODIFY(scratch.v>bob)",
    );
    const notices = w.owner("scratch.v", "alice", ADMIN, [ORDERS]);
    expect(notices.join()).toContain("1 grant on view scratch.v removed");
    expect(readView(w, "bob", "scratch.v")).toBe("NF");
    const left = showGrants(
      w.governance,
      w.as(ADMIN),
      w.on("scratch.v"),
      undefined,
    )
      .filter(({ objectKey }) => objectKey.includes("`v`"))
      .map(({ principal, actionType }) => `${principal} ${actionType}`);
    expect(left).toEqual(["alice OWN", "bob DENIED_MODIFY", "root SELECT"]);
  });
  test("a transfer that leaves the chain as it was keeps the grants", () => {
    using w = world("U(scratch>bob)");
    w.view("scratch.v", "carol");
    w.setup("+SELECT(scratch.v>bob)");
    expect(w.owner("scratch.v", "dave", ADMIN, [ORDERS])).toEqual([]);
    expect(w.select("bob", "scratch.v")).toBe("ok");
  });
  test("C14 a table of the same name with another owner breaks the link", () => {
    using w = world(C1);
    w.drop(ORDERS);
    w.table(ORDERS, "dave");
    expect(readView(w, "bob")).toBe("PD");
  });
  test("C15 a CREATE on the schema does not replace another's view", () => {
    using w = world("U,CREATE(sales>bob) +SELECT(sales.v_orders>bob)");
    expect(w.try("bob", { kind: "owner", ...w.on(VIEW) })).toBe("PD");
  });
  test("C18 the view owner's own gate must be open", () => {
    using w = world(C1);
    w.owner("sales", ADMIN);
    expect(readView(w, "bob")).toBe("PD");
    expect(readView(w, ADMIN)).toBe("ok");
    w.setup("U(sales>alice)");
    expect(readView(w, "bob")).toBe("ok");
  });
  test("a view owned by a deactivated user keeps working", () => {
    using w = world(C1);
    setUserActive(w.governance, w.as(ADMIN), { name: "alice" }, false);
    expect(readView(w, "bob")).toBe("ok");
  });
  test("C21 a deleted owner's view is unowned: its chain is broken, administrators still read", () => {
    using w = world(C1);
    dropUser(w.governance, w.as(ADMIN), { name: "alice" }, false);
    expect(w.object(VIEW).owner).toBeUndefined();
    expect(readView(w, "bob")).toBe("PD");
    expect(readView(w, ADMIN)).toBe("ok");
    w.reopen();
    expect(w.object(VIEW).owner).toBeUndefined();
  });
});

describe("D. granting and life cycle", () => {
  test("D1 holding a privilege gives no right to pass it on", () => {
    using w = world("U(sales>bob) +SELECT(sales.orders>bob)");
    expect(
      outcomeOf(() => w.change("grant", "SELECT(sales.orders>carol)", "bob")),
    ).toBe("PD");
    expect(w.select("carol", ORDERS)).toBe("NF");
  });
  test("D2 a schema's owner grants on everything in it", () => {
    using w = world("U,CREATE(sales>bob)");
    w.table("sales.b", "bob");
    expect(
      outcomeOf(() => w.change("grant", "SELECT(sales.b>carol)", "alice")),
    ).toBe("ok");
  });
  test("D3 a schema's owner does not grant on the catalog", () => {
    using w = world();
    expect(outcomeOf(() => w.change("grant", "USAGE(main>bob)", "alice"))).toBe(
      "PD",
    );
  });
  test("D4 only administrators grant on ANY FILE", () => {
    using w = world("+SELECT,MODIFY(ANY FILE>bob)");
    expect(
      outcomeOf(() => w.change("grant", "SELECT(ANY FILE>carol)", "bob")),
    ).toBe("PD");
  });
  test("D5, D6 a deny on an owner is stored and binds once ownership is gone", () => {
    using w = world();
    expect(w.change("deny", "SELECT(sales.orders>alice)").join()).toContain(
      '"alice" owns table sales.orders',
    );
    expect(w.select("alice", ORDERS)).toBe("ok");
    w.owner("sales", "dave");
    w.owner(ORDERS, "dave");
    w.setup("U(sales>alice) +SELECT(sales.orders>alice)");
    expect(w.select("alice", ORDERS)).toBe("NF");
  });
  test("D7 an unknown principal is an error and nothing is stored", () => {
    using w = world();
    const request = {
      kind: "grant",
      privileges: [{ name: "SELECT" }],
      on: w.on(ORDERS),
      principals: [{ name: "bob" }, { name: "ghost@x.y", position: 40 }],
    } as const;
    expect(
      clientFields(() => changeGrants(w.governance, w.as("alice"), request)),
    ).toMatchObject({
      code: "42704",
      message: 'role "ghost@x.y" does not exist',
      position: 40,
    });
    expect(w.governance.access.marksOn(w.object(ORDERS).id)?.size ?? 0).toBe(0);
  });
  test("D8 privileges that do not apply, or are Postgres' own", () => {
    using w = world();
    expect(
      outcomeOf(() => w.change("grant", "USAGE(sales.f_mask>bob)", "alice")),
    ).toBe("0LP01");
    expect(
      clientFields(() =>
        w.change("grant", "INSERT(sales.orders>bob)", "alice"),
      ),
    ).toMatchObject({
      code: "0LP01",
      hint: expect.stringContaining("MODIFY") as unknown,
    });
  });
  test("D9 grants die with the object", () => {
    using w = world("U(sales>bob) +SELECT(sales.orders>bob)");
    w.drop(ORDERS);
    w.table(ORDERS, "alice");
    expect(w.select("bob", ORDERS)).toBe("NF");
    w.reopen();
    expect(w.select("bob", ORDERS)).toBe("NF");
  });
  test("D10 grants follow a renamed object", () => {
    using w = world("U(sales>bob) +SELECT(sales.orders>bob)");
    w.governance.catalog.rename(w.object(ORDERS).id, "orders2");
    expect(w.select("bob", "sales.orders2")).toBe("ok");
    expect(
      w.visible("bob").relation(w.object("sales").id, {
        name: "orders",
        quoted: false,
        position: 1,
      }),
    ).toBeUndefined();
  });
  test("D11 an inherited grant stays behind when the object moves", () => {
    using w = world("U(sales>bob) U(scratch>bob) +SELECT(sales>bob)");
    w.governance.catalog.move(
      w.object(ORDERS).id,
      w.object("scratch").id,
      "orders",
    );
    expect(w.select("bob", "scratch.orders")).toBe("NF");
  });
  test("D12 a replaced view keeps grants and denies", () => {
    using w = world(
      "U(sales>analysts) +SELECT(sales.v_orders>bob) -SELECT(sales.v_orders>carol)",
    );
    w.governance.catalog.replaceView(w.object("sales.v_orders").id, {
      source: "x",
      definition: "x",
      columns: [],
    });
    expect(w.select("bob", "sales.v_orders")).toBe("ok");
    expect(w.select("carol", "sales.v_orders")).toBe("NF");
  });
  test("D13 a user made again starts from nothing", () => {
    using w = world("U(sales>users) +SELECT(sales.orders>bob)");
    dropUser(w.governance, w.as(ADMIN), { name: "bob" }, false);
    createPrincipal(w.governance, w.as(ADMIN), { name: "bob", kind: "user" });
    expect(w.select("bob", ORDERS)).toBe("NF");
  });
  test("D14 SHOW GRANTS lists what affects the table, leaf to root", () => {
    using w = world("+SELECT(sales>analysts) -SELECT(sales.orders>bob)");
    expect(
      showGrants(w.governance, w.as("alice"), w.on(ORDERS), undefined),
    ).toEqual([
      {
        principal: "alice",
        actionType: "OWN",
        objectType: "TABLE",
        objectKey: "`sales`.`orders`",
      },
      {
        principal: "bob",
        actionType: "DENIED_SELECT",
        objectType: "TABLE",
        objectKey: "`sales`.`orders`",
      },
      {
        principal: "alice",
        actionType: "OWN",
        objectType: "DATABASE",
        objectKey: "`sales`",
      },
      {
        principal: "analysts",
        actionType: "SELECT",
        objectType: "DATABASE",
        objectKey: "`sales`",
      },
      {
        principal: "root",
        actionType: "OWN",
        objectType: "CATALOG$",
        objectKey: "`main`",
      },
    ]);
  });
  test("D15 others may ask about themselves only", () => {
    using w = world("U(sales>bob) +SELECT(sales.orders>bob)");
    const ask = (about?: string) =>
      showGrants(
        w.governance,
        w.as("bob"),
        w.on(ORDERS),
        about === undefined ? undefined : { name: about },
      );
    expect(outcomeOf(() => ask())).toBe("PD");
    expect(outcomeOf(() => ask("carol"))).toBe("PD");
    expect(
      ask("BOB").map(
        ({ actionType, objectType }) => `${actionType} ${objectType}`,
      ),
    ).toEqual(["SELECT TABLE", "USAGE DATABASE"]);
  });
  test("D16 SHOW GRANTS on an invisible table: not found", () => {
    using w = world();
    expect(
      outcomeOf(() =>
        showGrants(w.governance, w.as("bob"), w.on("hr.salaries"), undefined),
      ),
    ).toBe("NF");
    expect(
      outcomeOf(() =>
        showGrants(w.governance, w.as("bob"), w.on("hr.salaries"), {
          name: "bob",
        }),
      ),
    ).toBe("NF");
  });
  test("D17 MSCK REPAIR PRIVILEGES removes grants and denies, not ownership", () => {
    using w = world("+SELECT(sales.orders>bob) -SELECT(sales.orders>carol)");
    repairPrivileges(w.governance, w.as("alice"), w.on(ORDERS));
    const rows = showGrants(
      w.governance,
      w.as("alice"),
      w.on(ORDERS),
      undefined,
    );
    expect(
      rows
        .filter(({ objectType }) => objectType === "TABLE")
        .map(({ actionType }) => actionType),
    ).toEqual(["OWN"]);
    w.reopen();
    expect(w.governance.access.marksOn(w.object(ORDERS).id)?.size ?? 0).toBe(0);
  });
  test("D18 groups are the administrators' business", () => {
    using w = world();
    expect(
      outcomeOf(() =>
        createGroup(w.governance, w.as("bob"), { name: "g" }, []),
      ),
    ).toBe("PD");
    const join = [
      { verb: "add", type: "user", members: [{ name: "bob" }] },
    ] as const;
    expect(
      outcomeOf(() =>
        alterGroup(w.governance, w.as("bob"), { name: "admins" }, join),
      ),
    ).toBe("PD");
    expect(w.governance.access.named("g")).toBeUndefined();
    expect(w.governance.access.isAdmin(w.id("bob"))).toBe(false);
  });
  test("D19 dropping a group with a deny can widen access, and the notice says so", () => {
    using w = world(
      "U(sales>bob) +SELECT(sales.orders>bob) -SELECT(sales.orders>analysts)",
    );
    expect(w.select("bob", ORDERS)).toBe("NF");
    const { notices } = dropGroup(
      w.governance,
      w.as(ADMIN),
      { name: "analysts" },
      false,
    );
    expect(notices).toEqual(['1 deny removed with group "analysts"']);
    expect(w.select("bob", ORDERS)).toBe("ok");
  });
  test("D20 the last administrator stays", () => {
    using w = world();
    const root = w.as(ADMIN);
    expect(outcomeOf(() => w.leave("admins", ADMIN))).toBe("55000");
    expect(
      outcomeOf(() => dropUser(w.governance, root, { name: ADMIN }, false)),
    ).toBe("55000");
    expect(
      outcomeOf(() =>
        setUserActive(w.governance, root, { name: ADMIN }, false),
      ),
    ).toBe("55000");
    expect(w.governance.access.isAdmin(w.id(ADMIN))).toBe(true);
    expect(w.select(ADMIN, ORDERS)).toBe("ok");
    w.reopen();
    expect(w.governance.access.isAdmin(w.id(ADMIN))).toBe(true);
  });
  test("D21 users and groups share one namespace, without case", () => {
    using w = world();
    expect(
      outcomeOf(() =>
        createGroup(w.governance, w.as(ADMIN), { name: "ALICE" }, []),
      ),
    ).toBe("42710");
    for (const name of [
      "users",
      "Admins",
      "token",
      "PUBLIC",
      "account users",
    ]) {
      expect(
        outcomeOf(() => createGroup(w.governance, w.as(ADMIN), { name }, [])),
      ).toBe("42939");
    }
  });
  test("D23 groups do not contain themselves", () => {
    using w = world();
    const nest = (group: string, member: string) =>
      outcomeOf(() =>
        alterGroup(w.governance, w.as(ADMIN), { name: group }, [
          { verb: "add", type: "group", members: [{ name: member }] },
        ]),
      );
    expect(nest("analysts", "emea")).toBe("0LP01");
    expect(nest("analysts", "analysts")).toBe("0LP01");
    expect(nest("emea", "analysts")).toBe("ok");
  });
  test("D24 one unknown privilege fails the whole list", () => {
    using w = world("U(sales>bob)");
    expect(
      outcomeOf(() =>
        w.change("grant", "SELECT,SELEKT(sales.orders>bob)", "alice"),
      ),
    ).toBe("0LP01");
    expect(w.select("bob", ORDERS)).toBe("NF");
  });
});

describe("E, I. what statements need", () => {
  test("E13, E16 CREATE is missing on what is visible: permission denied", () => {
    using w = world("U(scratch>bob)");
    expect(w.try("bob", w.needs("CREATE", "scratch"))).toBe("PD");
    expect(w.try("bob", w.needs("CREATE", "main"))).toBe("PD");
    w.setup("+CREATE(scratch>bob) +CREATE(main>bob)");
    expect(w.try("bob", w.needs("CREATE", "scratch"))).toBe("ok");
    expect(w.try("bob", w.needs("CREATE", "main"))).toBe("ok");
  });
  test("E17 CREATE on the catalog is inherited by schemas, whose gate still counts", () => {
    using w = world("+CREATE(main>bob)");
    expect(w.try("bob", w.needs("CREATE", "sales"))).toBe("NF");
    w.setup("U(sales>bob)");
    expect(w.try("bob", w.needs("CREATE", "sales"))).toBe("ok");
  });
  test("E18, E19 dropping needs ownership, inherited ownership included", () => {
    using w = world("U,CREATE(sales>bob) +SELECT,MODIFY(sales.orders>bob)");
    w.table("sales.b", "bob");
    expect(w.try("bob", { kind: "owner", ...w.on(ORDERS) })).toBe("PD");
    expect(w.try("alice", { kind: "owner", ...w.on("sales.b") })).toBe("ok");
  });
  test("F17, F18 functions: SELECT on them, or on ANONYMOUS FUNCTION", () => {
    using w = world("U(sales>bob)");
    expect(w.try("bob", w.needs("SELECT", "sales.f_mask"))).toBe("NF");
    w.setup("+SELECT(sales.f_mask>bob)");
    expect(w.try("bob", w.needs("SELECT", "sales.f_mask"))).toBe("ok");
    expect(w.try("bob", w.needs("SELECT", "ANONYMOUS FUNCTION"))).toBe("PD");
  });
  test("the first requirement that fails decides the error", () => {
    using w = world("U(sales>bob) +READ_METADATA(sales.orders>bob)");
    const visible = w.needs("SELECT", ORDERS);
    const hidden = w.needs("SELECT", "hr.salaries");
    expect(w.try("bob", visible, hidden)).toBe("PD");
    expect(w.try("bob", hidden, visible)).toBe("NF");
  });
  test("I3 an invisible object and an absent one give the same bytes, but for the name", () => {
    using w = world("+SELECT(hr.salaries>bob)");
    const table = w.table("scratch.gone", ADMIN);
    const view = w.view("scratch.gone_v", ADMIN);
    const fn = w.function("scratch.gone_f", ADMIN);
    const absent = [table, view, fn].map(({ id, kind }) => ({ id, kind }));
    const invisible = [
      w.object("hr.salaries"),
      w.object("sales.v_orders"),
      w.object("sales.f_mask"),
    ];
    w.drop("scratch.gone");
    w.drop("scratch.gone_v");
    w.drop("scratch.gone_f");
    for (const [index, gone] of absent.entries()) {
      const type = (
        { table: "TABLE", view: "VIEW", function: "FUNCTION" } as const
      )[gone.kind as "table" | "view" | "function"];
      const refuse = (id: typeof gone.id) =>
        clientFields(() => {
          authorizeStatement(w.governance, w.as("bob"), [
            {
              kind: "privilege",
              privilege: "SELECT",
              securable: { kind: "object", type, id },
              name: "x.y",
              position: 15,
            },
          ]);
        });
      const hidden = invisible[index];
      expect(hidden).toBeDefined();
      if (hidden) expect(refuse(hidden.id)).toEqual(refuse(gone.id));
      expect(refuse(gone.id)).toBeDefined();
    }
  });
  test("a refusal is audited with the real object and the deciding record", () => {
    using w = world(
      "U(sales>bob) +SELECT(sales.orders>bob) -SELECT(sales>analysts)",
    );
    const typed = { ...w.on(ORDERS), name: "typed" };
    expect(
      w.try("bob", { kind: "privilege", privilege: "SELECT", ...typed }),
    ).toBe("NF");
    const record = w.auditRecords().at(-1);
    expect(record?.action_name).toBe("requestPermissions");
    expect(record?.user_identity.email).toBe("bob");
    expect(record?.request_params).toMatchObject({
      securable: "TABLE main.sales.orders",
      typed_name: "typed",
      sqlstate: "42P01",
    });
    expect(record?.response).toMatchObject({
      result: "refused",
      error_message: "DENY SELECT on DATABASE main.sales to analysts",
    });
  });
  test("refusals leave grants as they were", () => {
    using w = world("U(sales>bob) +SELECT(sales.orders>bob)");
    const before = w.governance.access.version;
    w.try("bob", w.needs("SELECT", "hr.salaries"));
    outcomeOf(() => w.change("grant", "SELECT(sales.orders>carol)", "bob"));
    expect(w.governance.access.version).toBe(before);
  });
});

test("everything granted, denied and owned is there after a restart", () => {
  using w = world(
    "U(sales>bob) +SELECT(sales>analysts) -SELECT(sales.orders>emea) +MODIFY(ANY FILE>dave)",
  );
  const snapshot = () =>
    ["sales.orders", "sales.customers", "hr.salaries"].map((path) =>
      showGrants(w.governance, w.as(ADMIN), w.on(path), undefined),
    );
  const before = snapshot();
  const files = showGrants(
    w.governance,
    w.as(ADMIN),
    w.on("ANY FILE"),
    undefined,
  );
  w.reopen();
  expect(snapshot()).toEqual(before);
  expect(
    showGrants(w.governance, w.as(ADMIN), w.on("ANY FILE"), undefined),
  ).toEqual(files);
  expect(files).toEqual([
    {
      principal: "dave",
      actionType: "MODIFY",
      objectType: "ANY_FILE",
      objectKey: "",
    },
  ]);
});
