// The program's version, as package.json states it.

import { readFileSync } from "node:fs";

/** Found beside the sources and, one folder further up, beside the build. */
function readVersion(): string {
  for (const path of ["../package.json", "../../package.json"]) {
    try {
      const content: unknown = JSON.parse(
        readFileSync(new URL(path, import.meta.url), "utf8"),
      );
      if (
        typeof content === "object" &&
        content !== null &&
        "version" in content
      )
        return String(content.version);
    } catch {
      continue;
    }
  }
  return "unknown";
}

export const VERSION: string = readVersion();
