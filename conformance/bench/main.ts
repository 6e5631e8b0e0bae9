// `npm run bench -- <name>`: one JSON line a metric.

import { access } from "./access.ts";
import { catalog } from "./catalog.ts";
import { slice } from "./slice.ts";
import { snapshot } from "./snapshot.ts";
import { tpch } from "./tpch.ts";
import { statements } from "./statements.ts";
import { wire } from "./wire.ts";

const BENCHES: Readonly<Record<string, () => Promise<void>>> = {
  access,
  catalog,
  slice,
  snapshot,
  statements,
  tpch,
  wire,
};

const name = process.argv[2] ?? "";
const bench = BENCHES[name];
if (bench === undefined) {
  process.stderr.write(
    `usage: npm run bench -- ${Object.keys(BENCHES).join(" | ")}\n`,
  );
  process.exitCode = 2;
} else {
  await bench();
}
