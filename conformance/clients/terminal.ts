// A program in a terminal of its own (tmux), typed into and read as a person would.

import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { promisify } from "node:util";
import { requireProgram } from "./program.ts";

const run = promisify(execFile);
/** A screen that never shows what is waited for. */
const PATIENCE_MS = 30_000;

export interface Terminal extends AsyncDisposable {
  /** tmux' names of keys (`Enter`, `C-c`), or text. */
  type(...keys: readonly string[]): Promise<void>;
  /** Resolves with the screen once it matches. Throws, showing the screen, when it never does. */
  shows(pattern: RegExp): Promise<string>;
}

export async function openTerminal(
  command: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<Terminal> {
  requireProgram("tmux", "tmux");
  const socket = `sluice-${randomUUID()}`;
  const tmux = async (...args: readonly string[]): Promise<string> =>
    (await run("tmux", ["-L", socket, "-f", "/dev/null", ...args])).stdout;
  const set = Object.entries(environment).flatMap(([name, value]) => [
    "-e",
    `${name}=${value}`,
  ]);
  await tmux("new-session", "-d", "-x", "150", "-y", "50", ...set, ...command);
  return {
    type: async (...keys) => {
      // At the end of an argument tmux takes a semicolon for its own.
      await tmux("send-keys", ...keys.map((key) => key.replace(/;$/, "\\;")));
    },
    shows: async (pattern) => {
      const deadline = Date.now() + PATIENCE_MS;
      for (;;) {
        const screen = await tmux("capture-pane", "-p");
        if (pattern.test(screen)) return screen;
        if (Date.now() > deadline)
          throw new Error(`the screen never showed ${pattern}:\n${screen}`);
      }
    },
    [Symbol.asyncDispose]: async () => {
      await tmux("kill-server").catch(() => undefined);
    },
  };
}
