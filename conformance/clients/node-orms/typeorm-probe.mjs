// TypeORM: tables made by synchronize(), read back by it, repositories, relations, query builder, transactions, query runner.

import { connection, fact, load } from "./facts.mjs";

const {
  DataSource,
  EntitySchema,
  In,
  IsNull,
  Like,
  MoreThan,
  Table,
  TableColumn,
} = load("typeorm");
const { host, port, user, password, database, ssl } = connection;

const Author = new EntitySchema({
  name: "Author",
  tableName: "authors",
  columns: {
    id: { type: "int", primary: true },
    name: { type: "varchar", length: 40 },
    born: { type: "date", nullable: true },
    alive: { type: "boolean", default: true },
    rating: { type: "float8", nullable: true },
    fortune: { type: "numeric", precision: 12, scale: 2, nullable: true },
    key: { type: "uuid", nullable: true },
    portrait: { type: "bytea", nullable: true },
    notes: { type: "jsonb", nullable: true },
    tags: { type: "text", array: true, nullable: true },
    seenAt: { type: "timestamptz", nullable: true },
    notedAt: { type: "timestamp", nullable: true },
    big: { type: "bigint", nullable: true },
    small: { type: "smallint", nullable: true },
    woke: { type: "time", nullable: true },
    biography: { type: "text", nullable: true },
    simple: { type: "simple-json", nullable: true },
  },
  relations: {
    books: { type: "one-to-many", target: "Book", inverseSide: "author" },
  },
});
const Book = new EntitySchema({
  name: "Book",
  tableName: "books",
  columns: {
    id: { type: "int", primary: true },
    title: { type: "varchar", length: 100 },
    pages: { type: "int", default: 0 },
  },
  relations: {
    author: {
      type: "many-to-one",
      target: "Author",
      inverseSide: "books",
      nullable: true,
      joinColumn: { name: "author_id" },
    },
  },
});

const source = new DataSource({
  type: "postgres",
  driver: load("pg"),
  host,
  port,
  username: user,
  password,
  database,
  ssl,
  entities: [Author, Book],
  installExtensions: false,
  migrationsTransactionMode: "none",
});

await fact("connect", async () => {
  await source.initialize();
});
await fact("synchronize", async () => {
  await source.synchronize();
});
await fact("nothing left to do", async () => {
  const { upQueries } = await source.driver.createSchemaBuilder().log();
  return upQueries.map(({ query }) => query);
});

const runner = source.createQueryRunner();
await fact("tables", async () => {
  const tables = await runner.getTables(["authors", "books"]);
  return tables
    .toSorted((a, b) => a.name.localeCompare(b.name))
    .map(({ name, columns, foreignKeys, indices, uniques, checks }) => ({
      name,
      columns: columns.map((column) => [
        ...[column.name, column.type, column.length, column.precision],
        ...[column.scale, column.isNullable, column.isPrimary],
        ...[column.default, column.isArray, column.isGenerated],
      ]),
      foreignKeys: foreignKeys.map((key) => [
        ...[key.name, key.columnNames, key.referencedTableName],
        ...[key.referencedColumnNames, key.onDelete, key.onUpdate],
      ]),
      indices,
      uniques,
      checks,
    }));
});
await fact("what there is", async () => [
  await runner.hasDatabase("main"),
  await runner.hasSchema("public"),
  await runner.hasSchema("nosuch"),
  await runner.hasTable("authors"),
  await runner.hasTable("nosuch"),
  await runner.hasColumn("authors", "name"),
  await runner.hasColumn("authors", "nosuch"),
  await runner.getCurrentDatabase(),
  await runner.getCurrentSchema(),
]);

const authors = source.getRepository(Author);
const books = source.getRepository(Book);
const AUTHOR = {
  id: 1,
  name: "Ann O'Neil",
  born: "1965-08-01",
  rating: 4.25,
  fortune: "1234567.89",
  key: "7f0d5c1e-0000-4000-8000-000000000001",
  portrait: Buffer.from([0, 255, 16]),
  notes: { b: "ü", a: [1, null] },
  tags: ["a", "b c", ""],
  seenAt: new Date("2024-02-29T12:00:00.250Z"),
  notedAt: new Date("2024-02-29T12:00:00.250Z"),
  big: "9007199254740993",
  small: -3,
  woke: "06:30:00",
  biography: "long \u{1f600}\nlines",
  simple: { x: 1 },
};
await fact("save", async () => authors.save(AUTHOR));
await fact("insert", async () => {
  const { identifiers, raw } = await authors.insert(
    [2, 3, 4].map((id) => ({ id, name: `author ${id}` })),
  );
  return [identifiers, raw];
});
await fact("save many", async () =>
  books.save(
    Array.from({ length: 12 }, (_, id) => ({
      id,
      title: `book ${id}`,
      author: { id: (id % 3) + 1 },
    })),
  ),
);
await fact("find one", () => authors.findOneBy({ id: 1 }));
await fact("find", () =>
  authors.find({
    select: { id: true, name: true },
    where: [{ id: In([1, 2]) }, { name: Like("%3"), born: IsNull() }],
    order: { id: "DESC" },
  }),
);
await fact("relations", () =>
  authors.find({
    select: { id: true, books: { id: true, title: true } },
    relations: { books: true },
    where: { books: { id: MoreThan(6) } },
    order: { id: "ASC", books: { id: "ASC" } },
  }),
);
await fact("find and count", () =>
  authors.findAndCount({
    select: { id: true },
    relations: { books: true },
    order: { id: "ASC", books: { id: "ASC" } },
    skip: 1,
    take: 2,
  }),
);
await fact("query builder", () =>
  source
    .createQueryBuilder(Book, "b")
    .select("b.author_id", "author")
    .addSelect("count(*)", "n")
    .addSelect("max(b.title)", "last")
    .where("b.id > :low", { low: 1 })
    .groupBy("b.author_id")
    .having("count(*) > :n", { n: 1 })
    .orderBy("b.author_id")
    .getRawMany(),
);
await fact("join and map", () =>
  source
    .createQueryBuilder(Book, "b")
    .leftJoinAndSelect("b.author", "a")
    .where("a.name ilike :name", { name: "ann%" })
    .orderBy("b.id", "DESC")
    .limit(2)
    .getMany(),
);
await fact("exists", () => books.existsBy({ title: "book 3" }));
await fact("sum", async () => [
  await books.sum("pages"),
  await books.maximum("id"),
  await books.average("id"),
]);
await fact("update", async () => {
  const { affected } = await books.update({ id: MoreThan(9) }, { pages: 100 });
  return affected;
});
await fact("update returning", async () => {
  const { raw, affected } = await source
    .createQueryBuilder()
    .update(Book)
    .set({ pages: () => "pages + 5" })
    .where("id = :id", { id: 11 })
    .returning(["id", "pages"])
    .execute();
  return [raw, affected];
});
await fact("increment", async () => {
  await books.increment({ id: 1 }, "pages", 7);
  return (await books.findOneBy({ id: 1 })).pages;
});
await fact(
  "delete",
  async () => (await books.delete({ id: In([0, 3]) })).affected,
);
await fact("remove", async () => {
  await books.remove(await books.findBy({ id: 6 }));
  return books.count();
});
await fact("upsert", async () => {
  await authors.upsert({ id: 4, name: "upserted" }, ["id"]);
  return (await authors.findOneBy({ id: 4 })).name;
});
await fact("stream", async () => {
  const rows = await runner.stream("select g from generate_series(1, 5000) g");
  let sum = 0;
  for await (const { g } of rows) sum += g;
  return sum;
});
await fact("transaction", () =>
  source.transaction("SERIALIZABLE", async (manager) => {
    await manager.update(Book, { id: 1 }, { title: "changed" });
    throw new Error("enough");
  }),
);
await fact("nested transaction", () =>
  source.transaction(async (manager) => {
    await manager.update(Book, { id: 1 }, { title: "outer" });
    await manager
      .transaction(async (inner) => {
        await inner.update(Book, { id: 1 }, { title: "inner" });
        throw new Error("inner only");
      })
      .catch(() => undefined);
    return (await manager.findOneBy(Book, { id: 1 })).title;
  }),
);
await fact("committed", async () => (await books.findOneBy({ id: 1 })).title);

await fact("add column", async () => {
  await runner.addColumn(
    "books",
    new TableColumn({ name: "shelf", type: "int", isNullable: true }),
  );
  return runner.hasColumn("books", "shelf");
});
await fact("create table", async () => {
  await runner.createTable(
    new Table({
      name: "shelves",
      columns: [
        {
          name: "id",
          type: "bigint",
          isPrimary: true,
          isGenerated: true,
          generationStrategy: "increment",
        },
        { name: "label", type: "varchar", length: "20", default: "'none'" },
      ],
    }),
    true,
  );
  const shelves = await runner.query(
    `insert into shelves (label) values ('a'), (default) returning *`,
  );
  return shelves;
});
await fact("rename table", async () => {
  await runner.renameTable("shelves", "racks");
  return runner.hasTable("racks");
});
await fact("drop table", async () => {
  await runner.dropTable("racks");
  return runner.hasTable("racks");
});
await fact("no table", () => runner.query("select * from nosuch"));
await fact("no column", () =>
  source.createQueryBuilder(Book, "b").select("b.nosuch").getMany(),
);
await fact("not null", () => books.insert({ id: 99, title: null }));
await fact("bad value", () =>
  runner.query("select * from books where id = $1", ["x"]),
);
await fact("synchronize in a transaction", async () => {
  await source.destroy();
  source.setOptions({ migrationsTransactionMode: "all" });
  await source.initialize();
  await source.synchronize();
});
await fact("drop all", async () => {
  await source.dropDatabase();
});
await fact("all made in a transaction", async () => {
  await source.synchronize();
  const { upQueries } = await source.driver.createSchemaBuilder().log();
  return [
    upQueries.map(({ query }) => query),
    await source.getRepository(Book).count(),
  ];
});
await fact("rolled back with rows", async () => {
  const queries = source.createQueryRunner();
  await queries.startTransaction();
  await queries.query("create table racks (id int, place text)");
  await queries.query("insert into racks values (1, 'a'), (2, 'b')");
  const inside = await queries.query("select place from racks order by id");
  await queries.rollbackTransaction();
  const after = await queries.hasTable("racks");
  await queries.release();
  return [inside, after];
});
for (const table of ["books", "authors"])
  await source.query(`drop table if exists ${table}`);
await source.destroy();
