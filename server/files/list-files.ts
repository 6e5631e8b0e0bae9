// The plain files at a path: one file, all below a folder, or those a pattern names. What begins with `_` or `.` is not data, and
// folders `k=v` are partitions, as Spark has it.

import { notSupported, SqlError } from "../../storage/common/errors.ts";
import type { FilesFormat } from "../../storage/files/format.ts";
import { unreachableFile } from "./errors.ts";
import type { FileTimes } from "./file-times.ts";
import {
  baseName,
  compareNames,
  joinPath,
  type ObjectStore,
} from "../../storage/object-store/store.ts";

export interface PlainFile {
  readonly path: string;
  readonly sizeBytes: number;
  readonly modifiedMs: number;
  /** Changes when the file is replaced. */
  readonly tag: string;
  /** Values of the folders `k=v` above it, in their order; null for Hive's default partition. */
  readonly partition: ReadonlyMap<string, string | null>;
  /** Of the files of a log. */
  readonly times?: FileTimes;
}

const WILDCARD = /[*?[\]{}]/;

/** The part of a path before its first segment with a wildcard, and that segment with all behind it. */
export function splitPattern(path: string): {
  readonly base: string;
  readonly pattern: string | undefined;
} {
  const segments = path.split("/");
  const at = segments.findIndex((segment) => WILDCARD.test(segment));
  if (at < 0) return { base: path, pattern: undefined };
  return {
    base: segments.slice(0, at).join("/"),
    pattern: segments.slice(at).join("/"),
  };
}

/** In the order of their paths; none when nothing is there. Throws 0A000 in a Delta table, 42P01 for one of `only` that is not there. */
export async function listFiles(
  store: ObjectStore,
  base: string,
  pattern: string | undefined,
  format: Pick<FilesFormat, "nameFilter" | "only">,
): Promise<readonly PlainFile[]> {
  const matches = pattern === undefined ? undefined : matcher(pattern);
  const wanted = nameTest(format);
  const single = matches === undefined ? await store.stat(base) : undefined;
  if (single !== undefined)
    return wanted(baseName(base))
      ? [{ ...single, path: base, partition: new Map() }]
      : [];
  if (
    pattern === undefined &&
    (await store.hasFolder(joinPath(base, "_delta_log")))
  )
    throw notSupported(
      "reading the files of a Delta table as plain files is",
      undefined,
      "Read it as delta.`path`.",
    );
  const files: PlainFile[] = [];
  const enter = (path: string): boolean => isData(baseName(path));
  for await (const batch of store.listTree(base, enter)) {
    for (const entry of batch) {
      const { name } = entry;
      const taken =
        name.split("/").every(isData) &&
        (matches === undefined || matches.below(name)) &&
        wanted(name);
      if (!taken) continue;
      const { sizeBytes, modifiedMs, tag } = entry;
      const path = joinPath(base, name);
      const partition = partitionOf(name);
      files.push({ path, sizeBytes, modifiedMs, tag, partition });
    }
  }
  requireAll(format.only ?? [], base, files);
  return files.sort((a, b) => compareNames(a.path, b.path));
}

/** Over paths from the folder on. */
function nameTest({
  nameFilter,
  only,
}: Pick<FilesFormat, "nameFilter" | "only">): (path: string) => boolean {
  const named = nameFilter === undefined ? undefined : matcher(nameFilter);
  const listed = only && new Set(only);
  return (path) =>
    (named === undefined || named.exact(baseName(path))) &&
    (listed === undefined || listed.has(path));
}

function requireAll(
  names: readonly string[],
  base: string,
  files: readonly PlainFile[],
): void {
  const found = new Set(files.map(({ path }) => path));
  for (const name of names)
    if (!found.has(joinPath(base, name))) throw unreachableFile(name);
}

function isData(segment: string): boolean {
  return !/^[_.]/.test(segment) || /^_[^/=]*=/.test(segment);
}

function partitionOf(name: string): ReadonlyMap<string, string | null> {
  const values = new Map<string, string | null>();
  for (const folder of name.split("/").slice(0, -1)) {
    const at = folder.indexOf("=");
    if (at <= 0) continue;
    const value = unescaped(folder.slice(at + 1));
    values.set(
      unescaped(folder.slice(0, at)),
      value === "__HIVE_DEFAULT_PARTITION__" ? null : value,
    );
  }
  return values;
}

/** Percent signs stand for themselves where no code follows. */
function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

interface Matcher {
  exact(text: string): boolean;
  /** The text, or a folder it lies in. */
  below(text: string): boolean;
}

/** `*` and `?` within a segment, `[a-z]`, `[!a]`, `{one,two}`. Throws 22023. */
export function matcher(pattern: string): Matcher {
  const source = patternSource(pattern);
  try {
    const exact = new RegExp(`^${source}$`, "u");
    const below = new RegExp(`^${source}(/.*)?$`, "u");
    return {
      exact: (text) => exact.test(text),
      below: (text) => below.test(text),
    };
  } catch (error) {
    throw new SqlError("22023", `"${pattern}" is not a pattern of paths`, {
      cause: error,
    });
  }
}

function patternSource(pattern: string): string {
  let source = "";
  let depth = 0;
  for (let at = 0; at < pattern.length; at += 1) {
    const char = pattern.charAt(at);
    if (char === "*") source += "[^/]*";
    else if (char === "?") source += "[^/]";
    else if (char === "{") {
      depth += 1;
      source += "(?:";
    } else if (char === "}" && depth > 0) {
      depth -= 1;
      source += ")";
    } else if (char === "," && depth > 0) source += "|";
    else if (char === "[") {
      const end = pattern.indexOf("]", at + 2);
      if (end < 0) return "[";
      const inner = pattern.slice(at + 1, end).replaceAll(/[\\[\]^]/g, "\\$&");
      source += inner.startsWith("!") ? `[^/${inner.slice(1)}]` : `[${inner}]`;
      at = end;
    } else source += char.replace(/[\\^$.*+?()[\]{}|/]/, "\\$&");
  }
  return depth > 0 ? "[" : source;
}
