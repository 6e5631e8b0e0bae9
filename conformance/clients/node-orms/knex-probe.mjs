// knex as applications use it: schema builder, query builder, transactions, streams, inspection.

import { connection, fact, load, VALUES } from "./facts.mjs";

const knex = load("knex")({
  client: "pg",
  connection,
  pool: { min: 0, max: 4 },
});

await fact(
  "raw",
  async () => (await knex.raw("select 1 + ? as two", [1])).rows,
);

// Values by bindings, and a value of every type through a table.
for (const [type, value] of Object.entries(VALUES)) {
  const { rows } = await knex.raw(
    `select ?::${type} as v, ?::${type} as nothing`,
    [value, null],
  );
  await fact(`binding ${type}`, async () => rows);
}

// Schema builder.
await knex.schema.createTable("books", (table) => {
  table.integer("id").notNullable();
  table.string("title", 40).notNullable().defaultTo("untitled");
  table.text("summary");
  table.decimal("price", 10, 2);
  table.boolean("sold").defaultTo(false);
  table.float("weight");
  table.bigInteger("isbn");
  table.smallint("shelf");
  table.date("published");
  table.timestamp("seen_at", { useTz: true });
  table.datetime("noted_at", { useTz: false });
  table.json("raw");
  table.jsonb("extra");
  table.uuid("key");
  table.binary("cover");
  table.specificType("tags", "text[]");
  table.primary(["id"]);
});
await fact("has table", async () => [
  await knex.schema.hasTable("books"),
  await knex.schema.hasTable("nosuch"),
  await knex.schema.hasColumn("books", "title"),
  await knex.schema.hasColumn("books", "nosuch"),
]);
await fact("column info", async () => await knex("books").columnInfo());
await fact("one column", async () => await knex("books").columnInfo("price"));

// Inserts with defaults, RETURNING, several rows; keys in any order.
await fact(
  "insert returning",
  async () =>
    await knex("books")
      .insert({
        id: 1,
        title: "Dune",
        price: "12.50",
        isbn: "9780441013593",
        published: "1965-08-01",
        seen_at: new Date("2024-02-29T12:00:00.250Z"),
        noted_at: "2024-02-29 12:00:00",
        raw: { b: 1 },
        extra: { a: [1, null] },
        key: VALUES.uuid,
        cover: Buffer.from([0, 255, 16]),
        tags: ["a", "b c"],
      })
      .returning("*"),
);
await fact(
  "insert many",
  async () =>
    await knex("books").insert(
      [
        { id: 2, title: "Emma", price: 7 },
        { id: 3, summary: "no title" },
        { id: 4, title: "Ulysses", sold: true, weight: 0.75, shelf: 3 },
      ],
      ["id", "title", "sold"],
    ),
);
await fact(
  "batch insert",
  async () =>
    await knex
      .batchInsert(
        "books",
        Array.from({ length: 25 }, (_, index) => ({
          id: 100 + index,
          title: `batch ${index}`,
        })),
        10,
      )
      .returning("id"),
);

// Queries.
await fact("first", async () => await knex("books").where({ id: 1 }).first());
await fact(
  "where",
  async () =>
    await knex("books")
      .select("id", "title")
      .whereIn("id", [1, 2, 3])
      .andWhere((q) => q.whereNull("price").orWhere("price", ">", 10))
      .orderBy("id"),
);
await fact(
  "pluck",
  async () => await knex("books").where("id", "<", 5).orderBy("id").pluck("id"),
);
await fact(
  "like",
  async () => await knex("books").whereILike("title", "%UN%").count("* as n"),
);
await fact(
  "aggregate",
  async () =>
    await knex("books")
      .sum("price as s")
      .avg("price as a")
      .min("id as lo")
      .max("id as hi")
      .first(),
);
await fact(
  "distinct",
  async () => await knex("books").countDistinct("sold as d").first(),
);
await fact(
  "join",
  async () =>
    await knex("books as b")
      .leftJoin("books as c", "b.id", knex.raw("c.id - 1"))
      .select("b.id", "c.title as next")
      .where("b.id", "<", 5)
      .orderBy("b.id", "desc"),
);
await fact(
  "with and window",
  async () =>
    await knex
      .with("cheap", knex("books").where("price", "<", 20))
      .from("cheap")
      .select("id")
      .rowNumber("n", (w) => w.orderBy("price", "desc"))
      .orderBy("id"),
);
await fact(
  "union",
  async () =>
    await knex("books")
      .select("id")
      .where("id", 1)
      .unionAll([knex("books").select("id").where("id", 2)])
      .orderBy("id"),
);
await fact(
  "paging",
  async () => await knex("books").select("id").orderBy("id").limit(3).offset(2),
);
await fact(
  "group",
  async () =>
    await knex("books")
      .select("sold")
      .count("*")
      .groupBy("sold")
      .having(knex.raw("count(*)"), ">", 1)
      .orderBy("sold"),
);
await fact(
  "json path",
  async () =>
    await knex("books")
      .select(knex.raw("extra->'a'->>0 as a"))
      .whereJsonPath("extra", "$.a[0]", "=", 1),
);
await fact(
  "json subset",
  async () =>
    await knex("books")
      .whereJsonSupersetOf("extra", { a: [1] })
      .pluck("id"),
);
await fact(
  "array",
  async () =>
    await knex("books").whereRaw("? = any(tags)", ["b c"]).pluck("id"),
);

// Changes.
await fact(
  "update",
  async () =>
    await knex("books")
      .where("id", 2)
      .update({ price: 9.99, title: knex.raw("upper(title)") }, [
        "id",
        "title",
        "price",
      ]),
);
await fact(
  "increment",
  async () => await knex("books").where("id", 4).increment("shelf", 2),
);
await fact(
  "update count",
  async () => await knex("books").where("id", ">=", 100).update({ sold: true }),
);
await fact(
  "delete",
  async () => await knex("books").where("id", ">", 110).del(),
);
await fact(
  "delete returning",
  async () => await knex("books").where("id", 110).delete(["id", "title"]),
);

// Transactions.
await knex.transaction(async (trx) => {
  await trx("books").insert({ id: 50, title: "kept" });
  await fact("inner rolls back", () =>
    trx.transaction(async (inner) => {
      await inner("books").insert({ id: 51, title: "gone" });
      await inner.raw("select 1/0");
    }),
  );
  await trx("books").where("id", 50).update({ title: "kept twice" });
});
await fact(
  "after savepoint",
  async () => await knex("books").whereIn("id", [50, 51]).select("id", "title"),
);
await fact("transaction", () =>
  knex.transaction(async (trx) => {
    await trx("books").del();
    throw new Error("enough");
  }),
);
await fact("after rollback", async () => await knex("books").count("* as n"));
const readOnly = await knex.transaction(null, {
  readOnly: true,
  isolationLevel: "repeatable read",
});
await fact("read only", () => readOnly("books").del());
await readOnly.rollback();

// A long result, row by row through a cursor.
let count = 0;
let sum = 0;
for await (const row of knex
  .select("g")
  .fromRaw("generate_series(1, 30000) as g")
  .stream({ highWaterMark: 500 })) {
  count += 1;
  sum += row.g;
}
await fact("stream", async () => [count, sum]);

// Definitions altered.
await knex.schema.alterTable("books", (table) => {
  table.string("author", 30);
  table.integer("pages");
  table.setNullable("title");
});
await fact("a wider column", async () => {
  await knex.schema.alterTable("books", (table) => {
    table.string("title", 80).alter();
  });
  return knex("books").columnInfo("title");
});
await knex.schema.renameTable("books", "volumes");
await fact("altered", async () =>
  Object.keys(await knex("volumes").columnInfo()),
);
await fact(
  "comment",
  async () =>
    await knex
      .raw("comment on table volumes is 'all of them'")
      .then(() => knex.raw("select obj_description('volumes'::regclass) as c"))
      .then(({ rows }) => rows),
);
await knex.schema.createView("cheap_volumes", (view) => {
  view.columns(["id", "price"]);
  view.as(knex("volumes").select("id", "price").where("price", "<", 10));
});
await fact("view", async () => await knex("cheap_volumes").orderBy("id"));
await knex.schema.dropView("cheap_volumes");
await knex.schema.createTable("volumes_too", (table) => {
  table.integer("id").references("id").inTable("volumes");
});
await knex.schema.dropTable("volumes_too");
// What a table of files cannot do at once.
await knex.schema.createTable("spare", (table) => {
  table.integer("a");
  table.integer("b");
});
await knex("spare").insert({ a: 1 });
await fact("a column with a default, to rows", async () => {
  await knex.schema.alterTable("spare", (table) => {
    table.integer("copies").defaultTo(1);
  });
});
await fact("a column dropped", async () => {
  await knex.schema.alterTable("spare", (table) => {
    table.dropColumn("b");
  });
});
await fact("definitions in a transaction", () =>
  knex.transaction(async (trx) => {
    await trx.schema.createTable("inside", (table) => table.integer("a"));
    await trx.schema.dropTable("inside");
  }),
);
await fact("a key that counts", async () => {
  await knex.schema.createTable("counted", (table) => {
    table.increments("id");
    table.bigInteger("n");
  });
  const made = await knex("counted").insert([{ n: 7 }, { n: 8 }], ["id", "n"]);
  await knex.schema.dropTable("counted");
  return made;
});
await fact("on conflict", () =>
  knex("spare").insert({ a: 1 }).onConflict("a").ignore(),
);
await knex.schema.dropTable("spare");
await knex("volumes").truncate();
await fact("truncated", async () => await knex("volumes").count());

// Errors.
await fact("no table", () => knex("nosuch"));
await fact("no column", () => knex("volumes").select("nosuch"));
await fact("not null", () => knex("volumes").insert({ id: null }));
await fact("bad value", () => knex("volumes").insert({ id: "x" }));
await fact("too long", () =>
  knex("volumes").insert({ id: 1, author: "x".repeat(31) }),
);
await fact("exists", () =>
  knex.schema.createTable("volumes", (table) => table.integer("a")),
);
await fact("timeout", () =>
  knex
    .raw(
      "select sum(sqrt(a.i * b.i)) from generate_series(1, 100000) a(i), generate_series(1, 100000) b(i)",
    )
    .timeout(300, { cancel: true }),
);
await knex.schema.dropTableIfExists("nosuch");
await knex.schema.dropTable("volumes");
await fact("alive", async () => (await knex.raw("select 'yes' as alive")).rows);
await knex.destroy();
