// Drizzle: typed tables over node-postgres, relational queries, transactions, and drizzle-kit's introspection of the schema.

import { connection, fact, load } from "./facts.mjs";

const { drizzle } = load("drizzle-orm/node-postgres");
const orm = load("drizzle-orm");
const t = load("drizzle-orm/pg-core");
const { Pool } = load("pg");
const { and, asc, count, desc, eq, gt, ilike, inArray, isNull, or, sql, sum } =
  orm;

const pool = new Pool({ ...connection, max: 2 });

const authors = t.pgTable("authors", {
  id: t.integer().primaryKey(),
  name: t.varchar({ length: 40 }).notNull(),
  born: t.date(),
  alive: t.boolean().default(true),
  rating: t.doublePrecision(),
  weight: t.real(),
  fortune: t.numeric({ precision: 12, scale: 2 }),
  key: t.uuid(),
  notes: t.jsonb(),
  raw: t.json(),
  tags: t.text().array(),
  seenAt: t.timestamp("seen_at", { withTimezone: true }),
  notedAt: t.timestamp("noted_at"),
  big: t.bigint({ mode: "bigint" }),
  small: t.smallint(),
  woke: t.time(),
  waited: t.interval(),
  grade: t.char({ length: 2 }),
});
const books = t.pgTable("books", {
  id: t.bigserial({ mode: "number" }).primaryKey(),
  title: t.text().notNull(),
  pages: t.integer().default(0),
  authorId: t.integer("author_id").references(() => authors.id),
});
const authorRelations = orm.relations(authors, ({ many }) => ({
  books: many(books),
}));
const bookRelations = orm.relations(books, ({ one }) => ({
  author: one(authors, { fields: [books.authorId], references: [authors.id] }),
}));
const db = drizzle(pool, {
  schema: { authors, books, authorRelations, bookRelations },
});

// drizzle-kit writes the migration of this schema; each of its statements is run by itself.
const { generateDrizzleJson, generateMigration } = load("drizzle-kit/api");
const statements = await generateMigration(
  generateDrizzleJson({}),
  generateDrizzleJson({ authors, books }),
);
for (const [index, statement] of statements.entries())
  await fact(`migration ${index}`, async () => {
    await db.execute(sql.raw(statement));
    return statement;
  });

const AUTHOR = {
  id: 1,
  name: "Ann O'Neil",
  born: "1965-08-01",
  rating: 4.25,
  weight: 0.5,
  fortune: "1234567.89",
  key: "7f0d5c1e-0000-4000-8000-000000000001",
  notes: { b: "ü", a: [1, null] },
  raw: { b: 1 },
  tags: ["a", "b c", "", 'q"'],
  seenAt: new Date("2024-02-29T12:00:00.250Z"),
  notedAt: new Date("2024-02-29T12:00:00.250Z"),
  big: 9007199254740993n,
  small: -3,
  woke: "06:30:00",
  waited: "1 day 02:03:04",
  grade: "A",
};
await fact("insert", () => db.insert(authors).values(AUTHOR).returning());
await fact("insert many", () =>
  db
    .insert(authors)
    .values([2, 3, 4].map((id) => ({ id, name: `author ${id}` })))
    .returning({ id: authors.id, alive: authors.alive }),
);
await fact("numbered by itself", () =>
  db
    .insert(books)
    .values(
      Array.from({ length: 9 }, (_, i) => ({
        title: `book ${i}`,
        authorId: (i % 3) + 1,
      })),
    )
    .returning({ id: books.id }),
);
await fact("select", () =>
  db
    .select({ id: authors.id, loud: sql`upper(${authors.name})` })
    .from(authors)
    .where(
      or(
        inArray(authors.id, [1, 2]),
        and(ilike(authors.name, "%3"), isNull(authors.born)),
      ),
    )
    .orderBy(desc(authors.id)),
);
await fact("join", () =>
  db
    .select()
    .from(books)
    .innerJoin(authors, eq(books.authorId, authors.id))
    .where(gt(books.id, 7))
    .orderBy(asc(books.id)),
);
await fact("group", () =>
  db
    .select({ author: books.authorId, n: count(), pages: sum(books.pages) })
    .from(books)
    .groupBy(books.authorId)
    .having(({ n }) => gt(n, 1))
    .orderBy(books.authorId),
);
await fact("relational", () =>
  db.query.authors.findMany({
    columns: { id: true, name: true },
    with: {
      books: {
        columns: { id: true, title: true },
        orderBy: asc(books.id),
        limit: 2,
      },
    },
    orderBy: asc(authors.id),
  }),
);
await fact("relational, one", () =>
  db.query.books.findFirst({
    where: eq(books.id, 2),
    with: { author: { columns: { name: true, tags: true, fortune: true } } },
  }),
);
await fact("with", () => {
  const some = db
    .$with("some")
    .as(db.select({ id: books.id }).from(books).where(gt(books.id, 5)));
  return db.with(some).select({ n: count() }).from(some);
});
await fact("union", () =>
  t
    .union(
      db.select({ name: authors.name }).from(authors).where(eq(authors.id, 2)),
      db.select({ name: books.title }).from(books).where(eq(books.id, 2)),
    )
    .orderBy(sql`name`),
);
await fact("count", () => db.$count(books, gt(books.id, 3)));
await fact("prepared", async () => {
  const prepared = db
    .select({ id: books.id })
    .from(books)
    .where(eq(books.title, orm.sql.placeholder("title")))
    .prepare("by_title");
  return [
    await prepared.execute({ title: "book 1" }),
    await prepared.execute({ title: "book 2" }),
  ];
});
await fact("update", () =>
  db
    .update(books)
    .set({ pages: sql`${books.pages} + 5` })
    .where(eq(books.id, 3))
    .returning(),
);
await fact("update from", () =>
  db
    .update(books)
    .set({ title: sql`${authors.name} || '!'` })
    .from(authors)
    .where(and(eq(authors.id, books.authorId), eq(books.id, 4)))
    .returning({ title: books.title }),
);
await fact("delete", () =>
  db.delete(books).where(gt(books.id, 7)).returning({ id: books.id }),
);
await fact("upsert", () =>
  db
    .insert(authors)
    .values({ id: 4, name: "again" })
    .onConflictDoUpdate({ target: authors.id, set: { name: "again" } })
    .returning({ name: authors.name }),
);
await fact("transaction", () =>
  db.transaction(
    async (tx) => {
      await tx.update(books).set({ pages: 1 });
      tx.rollback();
    },
    { isolationLevel: "serializable" },
  ),
);
await fact("nested transaction", () =>
  db.transaction(async (tx) => {
    await tx.update(books).set({ pages: 7 }).where(eq(books.id, 1));
    await tx
      .transaction(async (inner) => {
        await inner.update(books).set({ pages: 8 }).where(eq(books.id, 1));
        inner.rollback();
      })
      .catch(() => undefined);
    return tx.select({ pages: books.pages }).from(books).where(eq(books.id, 1));
  }),
);
await fact("committed", () =>
  db
    .select({ id: books.id, pages: books.pages })
    .from(books)
    .where(gt(books.pages, 0))
    .orderBy(books.id),
);
await fact("view", async () => {
  await db.execute(
    sql`create view long_books as select id, title from books where pages > 0`,
  );
  const rows = await db.execute(sql`select * from long_books order by id`);
  await db.execute(sql`drop view long_books`);
  return rows.rows;
});
await fact("no table", () => db.execute(sql`select * from nosuch`));
await fact("not null", () => db.insert(books).values({ title: null }));
await fact("bad value", () => db.select().from(books).where(eq(books.id, "x")));

// What `drizzle-kit push` would do to a database that is as the schema says.
await fact("introspected", async () => {
  const { pushSchema } = load("drizzle-kit/api");
  // It draws a progress bar there.
  const write = process.stdout.write.bind(process.stdout);
  process.stdout.write = (text) => process.stderr.write(text);
  try {
    const { statementsToExecute, warnings, hasDataLoss } = await pushSchema(
      { authors, books },
      db,
      ["public"],
    );
    return { statementsToExecute, warnings, hasDataLoss };
  } finally {
    process.stdout.write = write;
  }
});
await db.execute(sql`drop table books`);
await db.execute(sql`drop table authors`);
await pool.end();
