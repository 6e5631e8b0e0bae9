// Where the program's own files lie. The sources are run by tsx; the build (build.mjs) puts the code of all modules into files of its
// folder `server/`, so paths are relative to this folder, and this file must stay in it.

import { fileURLToPath } from "node:url";

const IS_SOURCE = import.meta.url.endsWith(".ts");

/** Node's own arguments for a process of the program. */
export const PROCESS_ARGUMENTS: readonly string[] = IS_SOURCE
  ? ["--import", "tsx"]
  : [];

/** Where a process of the program begins: `compute/node/main`. */
export function entryPoint(name: string): string {
  const file = `./${name}.${IS_SOURCE ? "ts" : "js"}`;
  return fileURLToPath(new URL(file, import.meta.url));
}

/** The folder of package.json and node_modules, as they lie around the sources, or around dist/. */
export function installationDir(): string {
  return fileURLToPath(new URL(IS_SOURCE ? ".." : "../..", import.meta.url));
}
