// Query builders and ORMs of Node beside PostgreSQL: what they say of their tables, rows, transactions and errors is the same.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, test } from "vitest";
import {
  expectTheSame,
  startBothServers,
  type BothServers,
  type Difference,
} from "../beside-postgres.ts";

const PACKAGES = join(import.meta.dirname, "../../../.cache/node-orms");

let servers: BothServers;

beforeAll(async () => {
  if (!existsSync(join(PACKAGES, "node_modules")))
    throw new Error(
      `${PACKAGES} is needed: run conformance/clients/install.sh`,
    );
  servers = await startBothServers();
}, 120_000);
afterAll(() => servers[Symbol.asyncDispose]());

function sameFacts(
  probe: string,
  differences: Readonly<Record<string, Difference>>,
): Promise<void> {
  return expectTheSame(
    servers,
    {
      command: process.execPath,
      args: [join(import.meta.dirname, probe)],
      env: { PACKAGES },
    },
    differences,
  );
}

const MAPPING = {
  because: "a Delta table without column mapping knows columns by their names",
};

test("knex", { timeout: 120_000 }, () =>
  sameFacts("knex-probe.mjs", {
    "json path": {
      ours: `["error","42883","select extra->'a'->>0 as a from \\"books\\" where jsonb_path_query_first(\\"extra\\", $1)::int = $2 - function jsonb_path_query_first(jsonb, unknown) does not exist"]`,
      because: "the language jsonpath is not there yet",
    },
    "a column with a default, to rows": {
      ours: `["error","0A000","alter table \\"spare\\" add column \\"copies\\" integer default '1' - adding a column with a default to a table that has rows is not supported"]`,
      because: "Delta's defaults are for rows to come",
    },
    "a column dropped": {
      ours: `["error","0A000","alter table \\"spare\\" drop column \\"b\\" - dropping a column of table \\"public.spare\\" is not supported without column mapping"]`,
      ...MAPPING,
    },
  }),
);

const sequelizeRefusal = (message: string): string =>
  JSON.stringify(["SequelizeDatabaseError", "0A000", message]);

test("Sequelize", { timeout: 120_000 }, () =>
  sameFacts("sequelize-probe.mjs", {
    "find or create": {
      ours: sequelizeRefusal("OUT parameters are not supported"),
      because: "it is done in a function in PL/pgSQL",
    },
    locked: {
      ours: sequelizeRefusal("FOR UPDATE is not supported"),
      because: "rows are not locked: a conflict is found at COMMIT",
    },
    "rename column": {
      ours: sequelizeRefusal(
        'renaming a column of table "public.spare" is not supported without column mapping',
      ),
      ...MAPPING,
    },
    "remove column": {
      ours: sequelizeRefusal(
        'dropping a column of table "public.spare" is not supported without column mapping',
      ),
      ...MAPPING,
    },
    "change column": {
      ours: sequelizeRefusal(
        'changing the type of column "x" of table "public.spare" is not supported without type widening',
      ),
      because: "the files of the table keep the type they have",
    },
    "unique index": {
      ours: sequelizeRefusal("CREATE INDEX is not supported"),
      because: "a lake has no indexes",
    },
    enum: {
      ours: sequelizeRefusal("DO is not supported"),
      because: "there are no types of users",
    },
  }),
);

const typeormRefusal = (message: string): string =>
  JSON.stringify(["QueryFailedError", "0A000", message]);
test("TypeORM", { timeout: 120_000 }, () =>
  sameFacts("typeorm-probe.mjs", {
    "synchronize in a transaction": {
      ours: typeormRefusal(
        'dropping a column of table "public.books" is not supported without column mapping',
      ),
      ...MAPPING,
    },
  }),
);

test("Drizzle", { timeout: 120_000 }, () =>
  sameFacts("drizzle-probe.mjs", {
    introspected: {
      ours: `{"statementsToExecute":["ALTER TABLE \\"books\\" ALTER COLUMN \\"id\\" SET DATA TYPE bigserial;","ALTER TABLE \\"books\\" ALTER COLUMN \\"id\\" DROP IDENTITY;"],"warnings":[],"hasDataLoss":false}`,
      because: "a serial column is kept as Delta's identity column",
    },
  }),
);
