import { describe, expect, test } from "vitest";
import { ADMIN, World, outcomeOf } from "./governance.testkit.ts";
import { defaultCatalog } from "./visible-catalog.ts";

const plain = (name: string) => ({ name, quoted: false, position: 1 });
const quoted = (name: string) => ({ name, quoted: true, position: 1 });

function world(setup: string): World {
  const fresh = new World();
  fresh.setup(setup);
  return fresh;
}

describe("names", () => {
  test("of what a session may not see are absent, schemas included", () => {
    using w = world("");
    const bob = w.visible("bob");
    expect(defaultCatalog(bob)?.name).toBe("main");
    expect(bob.schema(w.object("main").id, plain("sales"))).toBeUndefined();
    expect(bob.relation(w.object("sales").id, plain("orders"))).toBeUndefined();
    expect(bob.functions(w.object("sales").id, plain("f_mask"))).toEqual([]);
    expect(
      bob.unfiltered.relation(w.object("sales").id, plain("orders"))?.name,
    ).toBe("orders");
  });

  test("fall back to any case only among what is visible", () => {
    using w = world("U(sales>bob)");
    w.table("sales.Orders", "alice");
    w.table("sales.ORDERS", "alice");
    w.setup("+SELECT(sales.ORDERS>bob)");
    const sales = w.object("sales").id;
    expect(w.visible("bob").relation(sales, plain("orders"))?.name).toBe(
      "ORDERS",
    );
    expect(w.visible("bob").relation(sales, quoted("orders"))).toBeUndefined();
    expect(w.visible("alice").relation(sales, plain("orders"))?.name).toBe(
      "orders",
    );
    w.drop("sales.orders");
    expect(
      outcomeOf(() => w.visible("alice").relation(sales, plain("orders"))),
    ).toBe("42P09");
  });

  test("of a catalog: any visible schema, any privilege on it, owner or administrator; `main` is everybody's", () => {
    using w = world("");
    const lake = w.governance.catalog.createCatalog({
      name: "lake",
      location: "/other",
      owner: w.id(ADMIN),
    });
    const sees = (who: string) =>
      w.visible(who).catalog(plain("lake")) !== undefined;
    expect([sees("bob"), sees(ADMIN)]).toEqual([false, true]);
    w.setup("+READ_METADATA(lake>bob)");
    expect(sees("bob")).toBe(true);
    const schema = w.governance.catalog.createSchema({
      catalog: lake.id,
      name: "inner",
      owner: w.id("carol"),
    });
    expect([sees("carol"), sees("dave")]).toEqual([true, false]);
    w.governance.catalog.setOwner(schema.id, w.id(ADMIN));
    expect(sees("carol")).toBe(false);
  });
});

describe("listings", () => {
  test("I2 hold the schemas whose gate is open, and in them what is visible", () => {
    using w = world("U(sales>bob)");
    const bob = w.visible("bob");
    expect(bob.schemas(w.object("main").id).map(({ name }) => name)).toEqual([
      "sales",
    ]);
    expect(bob.relations(w.object("sales").id)).toEqual([]);
    w.setup("+SELECT(sales.v_orders>bob) +READ_METADATA(sales.f_mask>bob)");
    expect(bob.relations(w.object("sales").id).map(({ name }) => name)).toEqual(
      ["v_orders"],
    );
    expect(
      bob.functionsIn(w.object("sales").id).map(({ name }) => name),
    ).toEqual(["f_mask"]);
    expect(w.visible("carol").relations(w.object("sales").id)).toEqual([]);
  });

  test("follow every change, and so does the key caches use", () => {
    using w = world("U(sales>bob) +SELECT(sales.orders>analysts)");
    const bob = w.visible("bob");
    const keys = new Set([bob.key]);
    const count = () => bob.relations(w.object("sales").id).length;
    expect(count()).toBe(1);
    w.leave("analysts", "bob");
    keys.add(bob.key);
    expect(count()).toBe(0);
    w.owner("sales", "bob");
    keys.add(bob.key);
    expect(count()).toBe(3);
    w.drop("sales.orders");
    keys.add(bob.key);
    expect(count()).toBe(2);
    expect(keys.size).toBe(4);
  });

  test("of ten thousand tables take a fraction of a second", () => {
    using w = world(
      "U(sales>bob) +SELECT(sales>analysts) -SELECT(sales.orders>emea)",
    );
    w.governance.metastore.db.transaction(() => {
      for (let i = 0; i < 10_000; i++) w.table(`sales.t${i}`, "alice");
    });
    const start = performance.now();
    expect(w.visible("bob").relations(w.object("sales").id).length).toBe(
      10_002,
    );
    expect(performance.now() - start).toBeLessThan(1000);
  });

  test("READ_METADATA is asked apart from visibility", () => {
    using w = world("U(sales>bob) +SELECT(sales.v_orders>bob)");
    const view = w.object("sales.v_orders");
    expect(w.visible("bob").isVisible(view)).toBe(true);
    expect(w.visible("bob").mayReadMetadata(view)).toBe(false);
    w.setup("+READ_METADATA(sales.v_orders>bob)");
    expect(w.visible("bob").mayReadMetadata(view)).toBe(true);
  });
});
