// Sequelize: models made by sync(), typed attributes, finders, associations, transactions, and what its query interface reads back.

import { connection, fact, load } from "./facts.mjs";

const { DataTypes, Op, QueryTypes, Sequelize } = load("sequelize");
const { host, port, user, password, database, ssl } = connection;
const sequelize = new Sequelize(database, user, password, {
  dialect: "postgres",
  dialectModule: load("pg"),
  host,
  port,
  logging: false,
  dialectOptions: ssl === false ? {} : { ssl },
  define: { timestamps: false },
});
const schema = sequelize.getQueryInterface();

await fact("authenticate", () => sequelize.authenticate());
await fact(
  "version",
  async () => (await sequelize.databaseVersion()).split(".")[0],
);

const Author = sequelize.define(
  "Author",
  {
    id: { type: DataTypes.INTEGER, primaryKey: true },
    name: { type: DataTypes.STRING(40), allowNull: false },
    born: DataTypes.DATEONLY,
    alive: { type: DataTypes.BOOLEAN, defaultValue: true },
    rating: DataTypes.DOUBLE,
    fortune: DataTypes.DECIMAL(12, 2),
    key: DataTypes.UUID,
    portrait: DataTypes.BLOB,
    notes: DataTypes.JSONB,
    tags: DataTypes.ARRAY(DataTypes.TEXT),
    seenAt: DataTypes.DATE,
    big: DataTypes.BIGINT,
    small: DataTypes.SMALLINT,
    woke: DataTypes.TIME,
    biography: DataTypes.TEXT,
  },
  { tableName: "authors" },
);
const Book = sequelize.define(
  "Book",
  {
    id: { type: DataTypes.INTEGER, primaryKey: true },
    title: { type: DataTypes.STRING, allowNull: false },
    authorId: DataTypes.INTEGER,
  },
  { tableName: "books" },
);
Author.hasMany(Book, { foreignKey: "authorId", constraints: false });
Book.belongsTo(Author, { foreignKey: "authorId", constraints: false });

await fact("sync", async () => {
  await sequelize.sync();
});
await fact("sync again", async () => {
  await sequelize.sync();
});
await fact("describe", () => schema.describeTable("authors"));
await fact("tables", async () => (await schema.showAllTables()).toSorted());
await fact("exists", async () => [
  await schema.tableExists("authors"),
  await schema.tableExists("nosuch"),
]);
await fact("indexes", () => schema.showIndex("authors"));
await fact("references", () => schema.getForeignKeyReferencesForTable("books"));

const AUTHOR = {
  id: 1,
  name: "Ann O'Neil",
  born: "1965-08-01",
  rating: 4.25,
  fortune: "1234567.89",
  key: "7f0d5c1e-0000-4000-8000-000000000001",
  portrait: Buffer.from([0, 255, 16]),
  notes: { a: [1, null], b: "ü" },
  tags: ["a", "b c", ""],
  seenAt: new Date("2024-02-29T12:00:00.250Z"),
  big: "9007199254740993",
  small: -3,
  woke: "06:30:00",
  biography: "long \u{1f600}\nlines",
};
await fact("create", async () => (await Author.create(AUTHOR)).toJSON());
await fact("bulk create", async () =>
  (
    await Author.bulkCreate(
      [2, 3, 4].map((id) => ({ id, name: `author ${id}`, small: id })),
      { returning: ["id", "alive"] },
    )
  ).map((one) => one.toJSON()),
);
await fact("books", async () => {
  await Book.bulkCreate(
    Array.from({ length: 12 }, (_, id) => ({
      id,
      title: `book ${id}`,
      authorId: (id % 3) + 1,
    })),
  );
});
await fact("by key", async () => (await Author.findByPk(1)).toJSON());
await fact("find all", () =>
  Author.findAll({
    where: {
      [Op.or]: [
        { small: { [Op.between]: [2, 3] } },
        { name: { [Op.iLike]: "ANN%" } },
      ],
      id: { [Op.in]: [1, 2, 3] },
    },
    attributes: [
      "id",
      "name",
      [sequelize.fn("upper", sequelize.col("name")), "loud"],
    ],
    order: [["id", "DESC"]],
    raw: true,
  }),
);
await fact("array contains", () =>
  Author.findAll({
    where: { tags: { [Op.contains]: ["a"] } },
    attributes: ["id"],
    raw: true,
  }),
);
await fact("json path", () =>
  Author.findAll({ where: { "notes.b": "ü" }, attributes: ["id"], raw: true }),
);
await fact("regexp", () =>
  Author.findAll({
    where: { name: { [Op.regexp]: "r [23]$" } },
    attributes: ["id"],
    order: ["id"],
    raw: true,
  }),
);
await fact("include", async () =>
  (
    await Author.findAll({
      attributes: ["id"],
      include: {
        model: Book,
        attributes: ["id", "title"],
        where: { id: { [Op.lt]: 6 } },
      },
      order: [
        ["id", "ASC"],
        [Book, "id", "ASC"],
      ],
    })
  ).map((one) => one.toJSON()),
);
await fact("include with limit", async () =>
  (
    await Author.findAll({
      attributes: ["id"],
      include: {
        model: Book,
        attributes: ["id"],
        separate: true,
        limit: 2,
        order: [["id", "DESC"]],
      },
      order: ["id"],
      limit: 2,
    })
  ).map((one) => one.toJSON()),
);
await fact("paged include", async () =>
  (
    await Author.findAndCountAll({
      attributes: ["id"],
      include: { model: Book, attributes: ["id"] },
      order: [
        ["id", "ASC"],
        [Book, "id", "ASC"],
      ],
      distinct: true,
      limit: 2,
      offset: 1,
    })
  ).rows.map((one) => one.toJSON()),
);
await fact("group", () =>
  Book.findAll({
    attributes: ["authorId", [sequelize.fn("count", sequelize.col("id")), "n"]],
    group: ["authorId"],
    having: sequelize.where(
      sequelize.fn("count", sequelize.col("id")),
      Op.gt,
      1,
    ),
    order: ["authorId"],
    raw: true,
  }),
);
await fact("aggregates", async () => [
  await Book.count(),
  await Book.max("id"),
  await Author.sum("small"),
]);
await fact("update", () =>
  Author.update({ alive: false }, { where: { id: { [Op.gt]: 2 } } }),
);
await fact("update returning", async () => {
  const [count, rows] = await Author.update(
    { rating: sequelize.literal("coalesce(rating, 0) + 1") },
    { where: { id: 1 }, returning: true },
  );
  return [count, rows.map((one) => one.rating)];
});
await fact("increment", async () => {
  const author = await Author.findByPk(2);
  await author.increment("small", { by: 5 });
  return (await author.reload()).small;
});
await fact("save", async () => {
  const author = await Author.findByPk(3);
  author.name = "renamed";
  author.notes = { x: null };
  await author.save();
  return (await Author.findByPk(3)).toJSON();
});
await fact("destroy", () => Book.destroy({ where: { authorId: 3 } }));
await fact("upsert", async () => {
  const [row] = await Author.upsert({ id: 4, name: "upserted" });
  return row.name;
});
await fact("find or create", async () => {
  const [row, created] = await Author.findOrCreate({
    where: { id: 9 },
    defaults: { name: "ninth" },
  });
  return [row.name, created];
});

await fact("transaction", () =>
  sequelize.transaction(
    { isolationLevel: "SERIALIZABLE" },
    async (transaction) => {
      await Book.update(
        { title: "changed" },
        { where: { id: 1 }, transaction },
      );
      await sequelize.transaction({ transaction }, async (inner) => {
        await Book.update(
          { title: "nested" },
          { where: { id: 3 }, transaction: inner },
        );
      });
      throw new Error("enough");
    },
  ),
);
await fact("after rollback", () =>
  Book.count({ where: { title: ["changed", "nested"] } }),
);
await fact("locked", () =>
  sequelize.transaction(async (transaction) =>
    (
      await Book.findByPk(1, { transaction, lock: transaction.LOCK.UPDATE })
    ).toJSON(),
  ),
);

await fact("raw", () =>
  sequelize.query("select :a::int + 1 as n, $$x$$ as t", {
    replacements: { a: 1 },
    type: QueryTypes.SELECT,
  }),
);
await fact("bind", () =>
  sequelize.query("select $1::text as a, $b::int as b", {
    bind: ["x"],
    type: QueryTypes.SELECT,
  }),
);
await fact("bound", () =>
  sequelize.query("select $a::text as a, $b::int[] as b", {
    bind: { a: "x", b: [1, 2] },
    type: QueryTypes.SELECT,
  }),
);

await fact("add column", async () => {
  await schema.addColumn("books", "pages", { type: DataTypes.INTEGER });
});
await fact("described", () => schema.describeTable("books"));
await schema.createTable("spare", {
  a: DataTypes.INTEGER,
  b: DataTypes.INTEGER,
  x: DataTypes.INTEGER,
});
await fact("rename column", async () => {
  await schema.renameColumn("spare", "b", "c");
});
await fact("remove column", async () => {
  await schema.removeColumn("spare", "a");
});
await fact("change column", async () => {
  await schema.changeColumn("spare", "x", { type: DataTypes.BIGINT });
});
await schema.dropTable("spare");
await fact("rename table", async () => {
  await schema.renameTable("books", "volumes");
});
await fact("truncate", async () => {
  await schema.bulkDelete("volumes", {}, { truncate: true });
});
await fact("alter sync", async () => {
  await sequelize
    .define(
      "Author",
      {
        id: { type: DataTypes.INTEGER, primaryKey: true },
        name: DataTypes.STRING(40),
        nick: DataTypes.TEXT,
      },
      { tableName: "authors" },
    )
    .sync({ alter: { drop: false } });
  return Object.keys(await schema.describeTable("authors"));
});

await fact("no table", () => sequelize.query("select * from nosuch"));
await fact("no column", () => Author.findAll({ attributes: ["nosuch"] }));
await fact("not null", () =>
  schema.insert(null, "authors", { id: 7, name: null }),
);
await fact("bad value", () => Author.findByPk("x"));
await fact("unique index", async () => {
  await schema.addIndex("authors", ["name"], { unique: true });
});
await fact("automatic key", async () => {
  const Note = sequelize.define(
    "Note",
    { text: DataTypes.TEXT },
    { tableName: "notes", timestamps: true },
  );
  await Note.sync();
  const made = await Note.create({ text: "first" });
  return [made.id, made.text, made.createdAt instanceof Date];
});
await fact("enum", async () => {
  await sequelize
    .define(
      "Mood",
      {
        id: { type: DataTypes.INTEGER, primaryKey: true },
        mood: DataTypes.ENUM("glad", "sad"),
      },
      { tableName: "moods" },
    )
    .sync();
});
await fact("drop", async () => {
  await sequelize.query("drop table if exists moods");
  await schema.dropTable("notes");
  await schema.dropTable("volumes");
  await schema.dropTable("authors");
  return (await schema.showAllTables()).toSorted();
});
await sequelize.close();
