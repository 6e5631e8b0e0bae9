// Run as a process of its own by metastore.test.ts, which kills it: commits settings one after another in the folder given as argument and
// prints each number once its transaction returned.

import { openMetastore } from "./metastore.ts";
import { writeSetting } from "./settings.ts";

const [, , dataDir = ""] = process.argv;
const { db } = openMetastore({ dataDir, use: "gateway" });
for (let number = 0; ; number++) {
  db.transaction(() => {
    writeSetting(db, `a${number}`, "x");
    writeSetting(db, `b${number}`, "x");
  });
  process.stdout.write(`${number}\n`);
}
