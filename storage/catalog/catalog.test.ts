import { describe, expect, test } from "vitest";
import { INT8, TEXT, arrayOf, numeric } from "../common/data-type.ts";
import { SqlError } from "../common/errors.ts";
import { principalId, type ObjectId } from "../common/ids.ts";
import {
  testMetastore,
  type TestMetastore,
} from "../metastore/metastore.testkit.ts";
import { insertPrincipal } from "../metastore/principals.ts";
import {
  listColumnStatistics,
  replaceColumnStatistics,
} from "../metastore/statistics.ts";
import { Catalog } from "./catalog.ts";
import {
  syncFoundTables,
  type FoundTable,
  type SyncResult,
} from "./found-tables.ts";
import type { NamePart } from "./lookup.ts";
import type { CatalogEntry } from "./objects.ts";

const OWNER = principalId("owner");

class Lake implements Disposable {
  readonly #kit: TestMetastore = testMetastore();
  catalog: Catalog;

  constructor() {
    insertPrincipal(this.#kit.metastore.db, {
      id: OWNER,
      oid: 20000,
      kind: "user",
      name: "owner",
      folded: "owner",
      displayName: undefined,
      active: true,
      createdAtMs: 0,
    });
    this.catalog = new Catalog(this.#kit.metastore);
    this.mount("/lake");
  }

  [Symbol.dispose](): void {
    this.#kit[Symbol.dispose]();
  }

  reopen(): void {
    this.catalog = new Catalog(this.#kit.reopen());
  }

  mount(location: string): void {
    this.catalog.mount([{ name: "main", location }], OWNER);
  }

  get main(): CatalogEntry {
    const [entry] = this.catalog.index.catalogs();
    if (entry === undefined) throw new TypeError("main is not mounted");
    return entry;
  }

  schema(name = "public"): ObjectId {
    const entry = this.catalog.unfiltered.schema(this.main.id, quoted(name));
    if (entry === undefined) throw new TypeError(`no schema ${name}`);
    return entry.id;
  }

  managed(name: string): ObjectId {
    return this.catalog.createTable({
      schema: this.schema(),
      name,
      location: `/lake/_managed/${name}`,
      origin: "managed",
      owner: OWNER,
    }).id;
  }

  sync(listing: readonly FoundTable[], refresh = false): SyncResult {
    return syncFoundTables(this.catalog, this.main.id, listing, {
      owner: OWNER,
      refresh,
    });
  }

  names(schema = "public"): readonly string[] {
    return this.catalog.index
      .relations(this.schema(schema))
      .map(({ name }) => name);
  }

  find(part: NamePart): ObjectId | undefined {
    return this.catalog.unfiltered.relation(this.schema(), part)?.id;
  }
}

function quoted(name: string): NamePart {
  return { name, quoted: true, position: 1 };
}
function plain(name: string): NamePart {
  return { name, quoted: false, position: 1 };
}
function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return error instanceof SqlError ? error.code : String(error);
  }
  return "ok";
}
function found(
  name: string,
  metadataId: string | undefined = `id-${name}`,
  schema = "public",
): FoundTable {
  return { schema, name, location: `/lake/${schema}/${name}`, metadataId };
}

describe("names", () => {
  test("match exactly first; an unquoted one falls back to any case", () => {
    using lake = new Lake();
    const lower = lake.managed("events");
    const upper = lake.managed("EVENTS");
    const mixed = lake.managed("Orders");
    expect(lake.find(plain("events"))).toBe(lower);
    expect(lake.find(quoted("EVENTS"))).toBe(upper);
    expect(lake.find(plain("orders"))).toBe(mixed);
    expect(lake.find(quoted("orders"))).toBeUndefined();
  });

  test("that match several without case, none exactly, are ambiguous", () => {
    using lake = new Lake();
    lake.managed("Orders");
    lake.managed("ORDERS");
    expect(codeOf(() => lake.find(plain("orders")))).toBe("42P09");
    expect(lake.find(quoted("orders"))).toBeUndefined();
  });

  test("of similar looks are different names", () => {
    using lake = new Lake();
    lake.managed("hr");
    for (const name of ["ｈｒ", "h\u200dr", "һr"])
      expect(lake.find(plain(name))).toBeUndefined();
  });

  test("`default` is public, and no schema can take that name", () => {
    using lake = new Lake();
    const { unfiltered } = lake.catalog;
    expect(unfiltered.schema(lake.main.id, plain("default"))?.name).toBe(
      "public",
    );
    expect(unfiltered.schema(lake.main.id, quoted("default"))?.name).toBe(
      "public",
    );
    const make = (name: string): string =>
      codeOf(() =>
        lake.catalog.createSchema({
          catalog: lake.main.id,
          name,
          owner: OWNER,
        }),
      );
    expect(make("default")).toBe("42P06");
    expect(make("public")).toBe("42P06");
    for (const name of [
      "information_schema",
      "pg_catalog",
      "system",
      "pg_temp_1",
    ])
      expect(make(name)).toBe("42939");
    expect(make("")).toBe("42602");
  });

  test("are shared by tables and views, not by functions of other arguments", () => {
    using lake = new Lake();
    lake.managed("a");
    const body = {
      schema: lake.schema(),
      owner: OWNER,
      source: "",
      definition: "",
    };
    expect(
      codeOf(() =>
        lake.catalog.createView({ ...body, name: "a", columns: [] }),
      ),
    ).toBe("42P07");
    const fn = (type: typeof INT8) =>
      codeOf(() =>
        lake.catalog.createFunction({
          ...body,
          name: "a",
          parameters: [{ name: "x", type }],
          returns: type,
        }),
      );
    expect([fn(INT8), fn(TEXT), fn(INT8)]).toEqual(["ok", "ok", "42723"]);
    expect(
      lake.catalog.unfiltered.functions(lake.schema(), plain("a")).length,
    ).toBe(2);
  });

  test("of 900 characters and with any signs work", () => {
    using lake = new Lake();
    for (const name of ["x".repeat(900), "*.*", "../x", "a.b", "`\"'", "💡"]) {
      const id = lake.managed(name);
      expect(lake.find(quoted(name))).toBe(id);
    }
  });
});

describe("changes", () => {
  test("are there after a restart, types and comments included", () => {
    using lake = new Lake();
    const view = lake.catalog.createView({
      schema: lake.schema(),
      name: "v",
      owner: OWNER,
      source: "select 1",
      definition: "SELECT 1",
      columns: [
        { name: "a", type: numeric(10, 2) },
        {
          name: "b",
          type: arrayOf({
            kind: "struct",
            fields: [
              {
                name: "f",
                type: { kind: "varchar", length: 3 },
                nullable: true,
              },
            ],
          }),
        },
      ],
    });
    lake.catalog.setComment(view.id, "a view");
    const before = lake.catalog.object(view.id);
    lake.reopen();
    expect(lake.catalog.object(view.id)).toEqual(before);
    expect(before?.comment).toBe("a view");
  });

  test("raise the version, and rolled back ones leave nothing behind", () => {
    using lake = new Lake();
    const { catalog } = lake;
    const version = catalog.version;
    lake.managed("kept");
    expect(catalog.version).toBeGreaterThan(version);
    expect(() =>
      catalog.metastore.db.transaction(() => {
        lake.managed("lost");
        catalog.drop(lake.schema(), true);
        throw new TypeError("no");
      }),
    ).toThrow("no");
    expect(lake.names()).toEqual(["kept"]);
  });

  test("rename within a schema and move between schemas keep the id", () => {
    using lake = new Lake();
    const id = lake.managed("a");
    lake.managed("b");
    expect(codeOf(() => lake.catalog.rename(id, "b"))).toBe("42P07");
    lake.catalog.rename(id, "c");
    const other = lake.catalog.createSchema({
      catalog: lake.main.id,
      name: "other",
      owner: OWNER,
    });
    lake.catalog.move(id, other.id, "b");
    expect(lake.names()).toEqual(["b"]);
    lake.reopen();
    expect(lake.catalog.unfiltered.relation(other.id, quoted("b"))?.id).toBe(
      id,
    );
  });

  test("dropping a schema needs CASCADE unless it is empty, and takes statistics along", () => {
    using lake = new Lake();
    const { catalog } = lake;
    const id = lake.managed("a");
    replaceColumnStatistics(catalog.metastore.db, id, [
      { column: "x", distinctCount: 7, tableVersion: 3, analyzedAtMs: 1 },
    ]);
    expect(
      listColumnStatistics(catalog.metastore.db, id)[0]?.distinctCount,
    ).toBe(7);
    expect(codeOf(() => catalog.drop(lake.schema(), false))).toBe("2BP01");
    const dropped = catalog.drop(lake.schema(), true).map(({ name }) => name);
    expect(dropped).toEqual(["public", "a"]);
    expect(listColumnStatistics(catalog.metastore.db, id)).toEqual([]);
    expect(catalog.object(id)).toBeUndefined();
  });

  test("a moved lake folder keeps its objects at their new place", () => {
    using lake = new Lake();
    const id = lake.managed("a");
    lake.sync([found("f")]);
    const f = lake.find(quoted("f"));
    lake.mount("/elsewhere");
    expect(lake.catalog.object(id)).toMatchObject({
      location: "/elsewhere/_managed/a",
    });
    lake.sync([{ ...found("f"), location: "/elsewhere/public/f" }]);
    expect(lake.find(quoted("f"))).toBe(f);
  });

  test("a lake that is no longer mounted is hidden with everything in it, and comes back", () => {
    using lake = new Lake();
    const id = lake.managed("a");
    lake.catalog.mount([{ name: "other", location: "/other" }], OWNER);
    expect(lake.catalog.object(id)).toBeUndefined();
    expect(lake.catalog.index.catalogs().map(({ name }) => name)).toEqual([
      "other",
    ]);
    lake.mount("/lake");
    expect(lake.catalog.object(id)?.name).toBe("a");
  });
});

describe("found tables", () => {
  test("appear with their schema, and stay the same objects", () => {
    using lake = new Lake();
    const first = lake.sync([found("a"), found("b", "id-b", "web")]);
    expect(first.added.map(({ name }) => name)).toEqual(["a", "b"]);
    const id = lake.find(quoted("a"));
    const version = lake.catalog.version;
    expect(lake.sync([found("a"), found("b", "id-b", "web")]).added).toEqual(
      [],
    );
    expect(lake.catalog.version).toBe(version);
    lake.reopen();
    lake.sync([found("a"), found("b", "id-b", "web")]);
    expect(lake.find(quoted("a"))).toBe(id);
    expect(lake.names("web")).toEqual(["b"]);
  });

  test("in a folder `default` are in public; folders of reserved names are left out", () => {
    using lake = new Lake();
    const result = lake.sync([
      found("a", "1", "default"),
      found("b", "2", "pg_catalog"),
    ]);
    expect(lake.names()).toEqual(["a"]);
    expect(result.clashing.map(({ name }) => name)).toEqual(["b"]);
  });

  test("that vanish are hidden, and return only with the same Delta id", () => {
    using lake = new Lake();
    lake.sync([found("a")]);
    const id = lake.find(quoted("a"));
    expect(lake.sync([]).hidden.length).toBe(1);
    expect(lake.names()).toEqual([]);
    lake.reopen();
    expect(lake.sync([found("a")]).returned.length).toBe(1);
    expect(lake.find(quoted("a"))).toBe(id);
    lake.sync([]);
    expect(lake.sync([found("a", "another")]).added.length).toBe(1);
    expect(lake.find(quoted("a"))).not.toBe(id);
  });

  test("that return unreadable stay hidden until it is known which they are", () => {
    using lake = new Lake();
    lake.sync([found("a")]);
    const id = lake.find(quoted("a"));
    lake.sync([]);
    lake.sync([{ ...found("a"), metadataId: undefined }]);
    expect(lake.names()).toEqual([]);
    lake.sync([found("a")]);
    expect(lake.find(quoted("a"))).toBe(id);
  });

  test("that cannot be read are listed, and keep what is known of them", () => {
    using lake = new Lake();
    lake.sync([{ ...found("broken"), metadataId: undefined }]);
    expect(lake.names()).toEqual(["broken"]);
  });

  test("that were never read come back as they were: their place is all that is known of them", () => {
    using lake = new Lake();
    const unread = { ...found("a"), metadataId: undefined };
    lake.sync([unread]);
    const id = lake.find(quoted("a"));
    lake.sync([]);
    lake.sync([found("a")]);
    expect(lake.find(quoted("a"))).toBe(id);
    lake.sync([]);
    lake.sync([found("a", "another")]);
    expect(lake.find(quoted("a"))).not.toBe(id);
  });

  test("are known by what a reader saw of them", () => {
    using lake = new Lake();
    lake.sync([{ ...found("a"), metadataId: undefined }]);
    const id = lake.find(quoted("a"));
    if (id) lake.catalog.setMetadataId(id, "seen");
    lake.reopen();
    lake.sync([]);
    lake.sync([found("a", "another")]);
    expect(lake.find(quoted("a"))).not.toBe(id);
  });

  test("replaced in place are the same object", () => {
    using lake = new Lake();
    lake.sync([found("a")]);
    const id = lake.find(quoted("a"));
    lake.sync([found("a", "replaced")]);
    expect(lake.find(quoted("a"))).toBe(id);
    lake.sync([]);
    lake.sync([found("a", "replaced")]);
    expect(lake.find(quoted("a"))).toBe(id);
  });

  test("do not push away a managed table of that name", () => {
    using lake = new Lake();
    const id = lake.managed("a");
    expect(lake.sync([found("a")]).clashing.length).toBe(1);
    expect(lake.find(quoted("a"))).toBe(id);
  });

  test("dropped are found again only by REFRESH CATALOG, as new objects", () => {
    using lake = new Lake();
    lake.sync([found("a")]);
    const id = lake.find(quoted("a"));
    if (id) lake.catalog.drop(id, false);
    lake.sync([found("a")]);
    expect(lake.names()).toEqual([]);
    lake.reopen();
    lake.sync([found("a")]);
    expect(lake.names()).toEqual([]);
    expect(lake.sync([found("a")], true).added.length).toBe(1);
    expect(lake.find(quoted("a"))).not.toBe(id);
  });

  test("hidden in a schema that is dropped do not come back as they were", () => {
    using lake = new Lake();
    lake.sync([found("a", "1", "web")]);
    lake.sync([]);
    lake.catalog.drop(lake.schema("web"), true);
    expect(lake.sync([found("a", "1", "web")]).added.length).toBe(1);
    expect(lake.names("web")).toEqual(["a"]);
  });

  test("by the ten thousand are taken over, and compared in a few milliseconds after", () => {
    using lake = new Lake();
    const listing = Array.from({ length: 10_000 }, (_, i) =>
      found(`t${i}`, `m${i}`, `s${i % 10}`),
    );
    expect(lake.sync(listing).added.length).toBe(10_000);
    const start = performance.now();
    lake.sync(listing);
    expect(performance.now() - start).toBeLessThan(250);
    expect(lake.names("s3").length).toBe(1000);
  });
});
