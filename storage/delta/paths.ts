// Where the files a log names lie: relative to the table, or absolute inside its lake (checklist P3), and how new ones are named
// (P1; Hive's folder escaping inside URI encoding).

import { CANONICAL } from "../object-store/address.ts";
import { joinPath } from "../object-store/store.ts";
import { fileOutsideLake } from "./errors.ts";
import type { TableRef } from "./table-ref.ts";

/**
 * The absolute path of a decoded file path (`key` in the file table). Throws 42501 naming the file when it lies neither in the
 * table's folder nor in its lake.
 */
export function resolveFile(table: TableRef, path: string): string {
  const absolute =
    path.startsWith("/") || /^[A-Za-z][A-Za-z0-9+.-]*:\//.test(path);
  if (path.split("/").includes("..")) throw fileOutsideLake(table.name, path);
  if (!absolute) return joinPath(table.location, path);
  const roots = [table.location, table.lakeRoot].filter(
    (root) => root !== undefined,
  );
  if (roots.some((root) => path.startsWith(joinPath(root, "")))) return path;
  throw fileOutsideLake(table.name, path);
}

/** One spelling of a decoded path: `file:/a` and `/a` are one file, and so are `s3a://b/a` and `s3://b/a` (checklist R5). */
export function canonicalPath(path: string): string {
  if (path.startsWith("file:"))
    return `/${path.slice("file:".length).replace(/^\/+/, "")}`;
  const [alias = ""] = /^[a-z0-9]+(?=:\/\/)/.exec(path) ?? [];
  const scheme = Object.hasOwn(CANONICAL, alias) ? CANONICAL[alias] : undefined;
  return scheme === undefined ? path : `${scheme}${path.slice(alias.length)}`;
}

/** Percent-decodes bytes once and reads them as UTF-8; what is not an escape stays (checklist P2). `+` is a plus. */
export function decodePath(path: string): string {
  if (!path.includes("%")) return path;
  const source = Buffer.from(path, "utf8");
  const bytes: number[] = [];
  for (let at = 0; at < source.length; at += 1) {
    const hex =
      source[at] === 0x25 ? source.toString("latin1", at + 1, at + 3) : "";
    if (/^[0-9A-Fa-f]{2}$/.test(hex)) {
      bytes.push(Number.parseInt(hex, 16));
      at += 2;
    } else {
      bytes.push(source[at] ?? 0);
    }
  }
  return Buffer.from(bytes).toString("utf8");
}

/** A path on disk as the log spells it: every byte but unreserved ones, `/` and `=` percent-encoded. */
export function encodePath(path: string): string {
  return path
    .split("/")
    .map((part) =>
      encodeURIComponent(part)
        .replaceAll("%3D", "=")
        .replace(/[!'()*]/g, percent),
    )
    .join("/");
}

/** `name=value` as Hive escapes it on disk; null and the empty string are `__HIVE_DEFAULT_PARTITION__`. */
export function partitionFolder(name: string, value: string | null): string {
  const text =
    value === null || value === ""
      ? "__HIVE_DEFAULT_PARTITION__"
      : escapeHive(value);
  return `${escapeHive(name)}=${text}`;
}

// Control characters and what a path or a glob would misread; the set of Hive's FileUtils.
const HIVE_SPECIAL = /[\u0000-\u001f"#%'*/:=?\\\u007f{}[\]^]/g;

export function escapeHive(text: string): string {
  return text.replace(HIVE_SPECIAL, percent);
}

function percent(char: string): string {
  return `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;
}
