// File names for a kernel that expands patterns.

import { notSupported } from "../../../storage/common/errors.ts";

/**
 * A pattern that matches exactly this path (checklist P5): the kernel cannot be told not to expand, but takes a special
 * character in brackets as it is. A backslash is a separator to its patterns, so both in one path are 0A000.
 */
export function escapeGlob(path: string): string {
  if (!/[*?[]/.test(path)) return path;
  if (path.includes("\\")) {
    throw notSupported(
      `data file name "${path}", with a backslash and a pattern character, is`,
    );
  }
  return path.replace(/[*?[]/g, "[$&]");
}
