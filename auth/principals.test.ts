import { describe, expect, test } from "vitest";
import { ADMIN, World, clientFields, outcomeOf } from "./governance.testkit.ts";
import {
  alterGroup,
  createGroup,
  createPrincipal,
  dropGroup,
  dropUser,
  listGroups,
  listUsers,
} from "./principals.ts";

function create(w: World, name: string): string {
  return outcomeOf(() =>
    createPrincipal(w.governance, w.as(ADMIN), { name, kind: "user" }),
  );
}

describe("names", () => {
  test("are compared without case and kept as given", () => {
    using w = new World();
    expect(create(w, "Zoë@X.y")).toBe("ok");
    expect(w.governance.access.named("ZOË@x.Y")?.name).toBe("Zoë@X.y");
    expect(create(w, "zoë@x.y")).toBe("42710");
  });

  test("are normalised: both spellings of an accent are one name", () => {
    using w = new World();
    expect(create(w, "e\u0301ve")).toBe("ok");
    expect(create(w, "\u00e9ve")).toBe("42710");
    expect(w.governance.access.named("\u00e9ve")?.name).toBe("\u00e9ve");
    w.reopen();
    expect(w.governance.access.named("E\u0301VE")?.name).toBe("\u00e9ve");
  });

  test("with control or direction characters, empty or too long, are refused", () => {
    using w = new World();
    for (const name of [
      "",
      " ",
      "a\u0000",
      "a\nb",
      "ali\u202ece",
      "x".repeat(256),
      " padded",
    ]) {
      expect(create(w, name)).toBe("42602");
    }
    expect(create(w, "x".repeat(255))).toBe("ok");
  });

  test("`account users` is users; a quoted PUBLIC is nobody", () => {
    using w = new World();
    w.setup("U(sales>account users) +SELECT(sales.orders>Account Users)");
    expect(w.select("bob", "sales.orders")).toBe("ok");
    expect(
      outcomeOf(() => w.change("grant", "SELECT(sales.orders>PUBLIC)")),
    ).toBe("42704");
  });
});

describe("groups", () => {
  test("`users` cannot be edited or dropped, `admins` not dropped", () => {
    using w = new World();
    const root = w.as(ADMIN);
    const join = [
      { verb: "add", type: "user", members: [{ name: "bob" }] },
    ] as const;
    expect(
      outcomeOf(() => alterGroup(w.governance, root, { name: "users" }, join)),
    ).toBe("42939");
    expect(
      outcomeOf(() => dropGroup(w.governance, root, { name: "users" }, false)),
    ).toBe("42939");
    expect(
      outcomeOf(() => dropGroup(w.governance, root, { name: "admins" }, false)),
    ).toBe("42939");
  });

  test("change as a whole: one unknown member and nothing happened", () => {
    using w = new World();
    const members = [{ name: "dave" }, { name: "ghost", position: 7 }];
    const alter = () =>
      alterGroup(w.governance, w.as(ADMIN), { name: "analysts" }, [
        { verb: "add", type: "user", members },
      ]);
    expect(clientFields(alter)).toMatchObject({ code: "42704", position: 7 });
    expect(w.governance.access.isMember(w.id("dave"), "analysts")).toBe(false);
    expect(
      outcomeOf(() =>
        createGroup(w.governance, w.as(ADMIN), { name: "fresh" }, [
          { verb: "add", type: "user", members },
        ]),
      ),
    ).toBe("42704");
    expect(w.governance.access.named("fresh")).toBeUndefined();
  });

  test("take a member twice and lose a stranger without a word", () => {
    using w = new World();
    const once = (verb: "add" | "drop", name: string) =>
      outcomeOf(() =>
        alterGroup(w.governance, w.as(ADMIN), { name: "analysts" }, [
          { verb, type: "user", members: [{ name }] },
        ]),
      );
    expect([once("add", "bob"), once("drop", "erin")]).toEqual(["ok", "ok"]);
  });

  test("in a list of the other kind are refused", () => {
    using w = new World();
    const add = (type: "user" | "group", name: string) =>
      outcomeOf(() =>
        alterGroup(w.governance, w.as(ADMIN), { name: "owners" }, [
          { verb: "add", type, members: [{ name }] },
        ]),
      );
    expect([add("user", "emea"), add("group", "erin")]).toEqual([
      "42809",
      "42809",
    ]);
  });

  test("membership is transitive, `users` is everybody, an unknown group nobody", () => {
    using w = new World();
    const { access } = w.governance;
    expect(access.isMember(w.id("bob"), "EMEA")).toBe(true);
    expect(access.isMember(w.id("dave"), "emea")).toBe(false);
    expect(access.isMember(w.id("dave"), "users")).toBe(true);
    expect(access.isMember(w.id("dave"), "nosuch")).toBe(false);
    expect(access.isMember(w.id("dave"), "alice")).toBe(false);
  });

  test("a group of administrators makes its members administrators", () => {
    using w = new World();
    alterGroup(w.governance, w.as(ADMIN), { name: "admins" }, [
      { verb: "add", type: "group", members: [{ name: "owners" }] },
    ]);
    expect(w.select("dave", "sales.orders")).toBe("ok");
    w.reopen();
    expect(w.select("alice", "hr.salaries")).toBe("ok");
  });

  test("owning through a group makes its members owners, and dropping it leaves the table unowned", () => {
    using w = new World();
    w.owner("sales.orders", "analysts");
    w.setup("U(sales>bob) U(sales>alice)");
    w.owner("sales", ADMIN);
    expect(w.select("bob", "sales.orders")).toBe("ok");
    expect(w.select("alice", "sales.orders")).toBe("NF");
    dropGroup(w.governance, w.as(ADMIN), { name: "analysts" }, false);
    expect(w.object("sales.orders").owner).toBeUndefined();
    expect(w.select("bob", "sales.orders")).toBe("NF");
    expect(w.select(ADMIN, "sales.orders")).toBe("ok");
  });
});

describe("lists", () => {
  test("show all to administrators, oneself and one's own groups to others", () => {
    using w = new World();
    const users = (who: string) =>
      listUsers(w.governance, w.as(who)).map(({ name }) => name);
    const groups = (who: string, member?: string) =>
      listGroups(
        w.governance,
        w.as(who),
        member === undefined ? undefined : { name: member },
      ).map(({ name }) => name);
    expect(users(ADMIN)).toEqual([
      "alice",
      "bob",
      "carol",
      "dave",
      "erin",
      "root",
    ]);
    expect(users("bob")).toEqual(["bob"]);
    expect(groups(ADMIN)).toEqual([
      "admins",
      "analysts",
      "emea",
      "owners",
      "users",
    ]);
    expect(groups("bob")).toEqual(["analysts", "emea", "users"]);
    expect(groups(ADMIN, "dave")).toEqual(["owners", "users"]);
    expect(outcomeOf(() => groups("bob", "dave"))).toBe("42704");
    expect(clientFields(() => groups("bob", "dave"))).toEqual(
      clientFields(() => groups("bob", "dave")),
    );
  });
});

test("dropping a user that is not there is an error, or a notice with IF EXISTS", () => {
  using w = new World();
  expect(
    outcomeOf(() =>
      dropUser(w.governance, w.as(ADMIN), { name: "ghost" }, false),
    ),
  ).toBe("42704");
  expect(
    dropUser(w.governance, w.as(ADMIN), { name: "ghost" }, true).notices,
  ).toEqual(['role "ghost" does not exist, skipping']);
  expect(
    outcomeOf(() =>
      dropUser(w.governance, w.as(ADMIN), { name: "analysts" }, false),
    ),
  ).toBe("42809");
});
