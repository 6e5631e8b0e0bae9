// Outside programs: found or named with the package to install, run to their end or watched while they run.

import { execFileSync, spawn, type ChildProcess } from "node:child_process";

/** Throws, naming the package, when the program is not on the path. */
export function requireProgram(name: string, debianPackage: string): void {
  try {
    execFileSync("which", [name], { stdio: "ignore" });
  } catch {
    throw new Error(
      `${name} is needed: install Debian's package ${debianPackage}, or run conformance/clients/install.sh`,
    );
  }
}

export interface Output {
  readonly stdout: string;
  readonly stderr: string;
  /** Null when a signal ended it. */
  readonly code: number | null;
}

export interface RunningProgram {
  readonly process: ChildProcess;
  readonly ended: Promise<Output>;
  /** Resolves with everything printed so far once `pattern` is in it; rejects when the program ends before. */
  printed(pattern: RegExp): Promise<string>;
}

interface RunOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly input?: string;
  readonly cwd?: string;
}

export function start(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): RunningProgram {
  const child = spawn(command, args, {
    env: { ...process.env, ...options.env },
    stdio: "pipe",
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  let stdout = "";
  let stderr = "";
  const watchers = new Set<() => void>();
  const wake = (): void => watchers.forEach((watch) => watch());
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    wake();
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
    wake();
  });
  const ended = new Promise<Output>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ stdout, stderr, code }));
  });
  if (options.input !== undefined) child.stdin.end(options.input);
  return {
    process: child,
    ended,
    printed: (pattern) =>
      new Promise((resolve, reject) => {
        const watch = (): void => {
          if (!pattern.test(stdout + stderr)) return;
          watchers.delete(watch);
          resolve(stdout + stderr);
        };
        watchers.add(watch);
        void ended.then(() =>
          reject(new Error(`${command} ended without it: ${stdout}${stderr}`)),
        );
        watch();
      }),
  };
}

export function run(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Output> {
  return start(command, args, { input: "", ...options }).ended;
}
