// `npm run build`: the program as a few files in dist/. A start is mostly the loading of modules, and 900 small ones of ours and of
// packages take twice as long as what this makes of them. Usage: node build.mjs [FOLDER [ENTRY...]]

import { chmodSync, readdirSync, rmSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { build } from "esbuild";

/** One for each kind of process. */
const ENTRIES = [
  "server/main",
  "server/compute/node/main",
  "server/catalog-mirror/process/main",
];
/** Packages with native code, WebAssembly or other files of their own, and large ones that most starts do not load. */
const LEFT_ALONE = [
  "@duckdb/node-bindings",
  "@electric-sql/pglite",
  "apache-arrow",
  "libpg-query",
  "libsql",
  "moment-timezone",
  "undici",
];
/** Packages that are CommonJS ask for Node's modules in their way. */
const BANNER =
  'import { createRequire as requireFor } from "node:module"; const require = requireFor(import.meta.url);';

const REPOSITORY = import.meta.dirname;
const [folder = "dist", ...more] = process.argv.slice(2);
const outdir = resolve(REPOSITORY, folder);
const { metafile } = await build({
  absWorkingDir: REPOSITORY,
  entryPoints: [...ENTRIES, ...more].map((entry) => `${entry}.ts`),
  outbase: ".",
  outdir,
  // Beside server/main.js, so that paths are the same from every one of them (server/program-files.ts).
  chunkNames: "server/[name]-[hash]",
  bundle: true,
  // A dynamic import stays one: what a start does not need is a file of its own.
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20",
  external: LEFT_ALONE,
  banner: { js: BANNER },
  sourcemap: true,
  sourcesContent: false,
  metafile: true,
  logLevel: "warning",
});
chmodSync(join(outdir, "server/main.js"), 0o755);

// Only now, and only what is of an older build: a gateway may be running from this folder.
const made = new Set(
  Object.keys(metafile.outputs).map((path) => resolve(REPOSITORY, path)),
);
for (const entry of readdirSync(outdir, {
  recursive: true,
  withFileTypes: true,
})) {
  const path = join(entry.parentPath, entry.name);
  if (entry.isFile() && !made.has(path)) rmSync(path);
}
process.stdout.write(
  `${made.size / 2} files in ${relative(process.cwd(), outdir)}\n`,
);
