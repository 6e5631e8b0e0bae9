// The program's version, as package.json states it.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { installationDir } from "./program-files.ts";

function readVersion(): string {
  try {
    const text = readFileSync(join(installationDir(), "package.json"), "utf8");
    const content: unknown = JSON.parse(text);
    if (typeof content === "object" && content !== null && "version" in content)
      return String(content.version);
  } catch {
    // A copy of the build alone.
  }
  return "unknown";
}

export const VERSION: string = readVersion();
