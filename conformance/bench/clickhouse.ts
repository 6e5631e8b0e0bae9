// ClickHouse in a process of its own, by the npm package `chdb`. It weighs half a gigabyte, so it is installed for the bench alone,
// into `.cache`.

import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";

const VERSION = "3.4.0";
const FOLDER = resolve(import.meta.dirname, "../../.cache/chdb");

export interface ClickHouse extends Disposable {
  /** Milliseconds the query took inside the process, and its result as text. */
  query(sql: string): Promise<{ readonly ms: number; readonly result: string }>;
  readonly process: ChildProcess;
}

/** Installs it when needed. Undefined, with the reason on stderr, where it cannot be had. `files`: what it may read. */
export function startClickHouse(
  dataDir: string,
  files: string,
): ClickHouse | undefined {
  const entry = join(FOLDER, "node_modules/chdb");
  try {
    if (!existsSync(entry)) {
      mkdirSync(FOLDER, { recursive: true });
      execFileSync(
        "npm",
        ["install", "--no-save", "--prefix", FOLDER, `chdb@${VERSION}`],
        { stdio: "ignore", timeout: 600_000 },
      );
    }
  } catch (error) {
    process.stderr.write(`chdb cannot be installed: ${String(error)}\n`);
    return undefined;
  }
  return running(dataDir, files);
}

/** A line with JSON in, a line with JSON out. */
const CHILD = `
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
const { Session } = createRequire(process.argv[1])("chdb");
const session = new Session(process.argv[2]);
for await (const line of createInterface({ input: process.stdin })) {
  const began = performance.now();
  let answer;
  try { answer = { result: String(session.query(JSON.parse(line), "CSV")) }; } catch (error) { answer = { error: String(error) }; }
  process.stdout.write(JSON.stringify({ ms: performance.now() - began, ...answer }) + "\\n");
}`;

function running(dataDir: string, files: string): ClickHouse {
  const entry = join(FOLDER, "package.json");
  // It reads only what lies in its working directory.
  const child = spawn(
    process.execPath,
    ["--input-type=module", "-e", CHILD, entry, dataDir],
    { cwd: files, stdio: ["pipe", "pipe", "inherit"] },
  );
  const lines = createInterface({ input: child.stdout });
  const answers = lines[Symbol.asyncIterator]();
  return {
    process: child,
    query: async (sql) => {
      child.stdin.write(`${JSON.stringify(sql)}\n`);
      const line: unknown = (await answers.next()).value;
      const answer: unknown = JSON.parse(
        typeof line === "string" ? line : "{}",
      );
      if (!isAnswer(answer))
        throw new Error(`ClickHouse: ${JSON.stringify(answer)}`);
      return answer;
    },
    [Symbol.dispose]: () => {
      child.kill();
    },
  };
}

function isAnswer(
  answer: unknown,
): answer is { readonly ms: number; readonly result: string } {
  return typeof answer === "object" && answer !== null && "result" in answer;
}
