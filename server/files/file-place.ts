// Paths in SQL (access-control section 9.3, contract.md section 5): where a text like `root/folder` or `/lake/folder` lies, checked before
// anything is opened. Only lakes and file roots are reachable, symbolic links followed, and never by a way round a table's rights.

import { realpath } from "node:fs/promises";
import { dirname } from "node:path";
import type { TableEntry } from "../../storage/catalog/objects.ts";
import { SqlError } from "../../storage/common/errors.ts";
import { isUrl } from "../../storage/object-store/address.ts";
import { joinPath } from "../../storage/object-store/store.ts";
import type { Services } from "../services.ts";

/**
 * The canonical location. Throws 42601 for a text that is no path, 42P01 for a place no root holds. `use`: files of a root itself can be
 * read, but no table can take all of it.
 */
export async function fileLocation(
  services: Services,
  text: string,
  position: number | undefined,
  use: "read" | "table",
): Promise<string> {
  const path = withoutScheme(text, position);
  const roots = rootsOf(services);
  const candidate =
    isUrl(path) || path.startsWith("/") ? path : underRoot(roots, path);
  const root =
    candidate === undefined
      ? undefined
      : [...roots.values()].find((it) => isInside(candidate, it));
  if (candidate === undefined || root === undefined)
    throw unreachablePath(text, position);
  const location = isUrl(candidate) ? candidate : await followed(candidate);
  const within = isUrl(root) ? root : await followed(root);
  const whole = location === within && use === "table";
  if (!isInside(location, within) || whole)
    throw unreachablePath(text, position);
  return location;
}

/** The registered tables whose folders hold the location, or lie in it. */
export function overlappingTables(
  { governance }: Services,
  location: string,
): readonly TableEntry[] {
  const tables: TableEntry[] = [];
  for (const object of governance.catalog.index.objects()) {
    if (
      object.kind === "table" &&
      (isInside(location, object.location) ||
        isInside(object.location, location))
    )
      tables.push(object);
  }
  return tables;
}

/** Absent and forbidden read the same. */
export function unreachablePath(
  text: string,
  position: number | undefined,
): SqlError {
  return new SqlError("42P01", `path "${text}" does not exist`, {
    detail:
      "It lies in no lake and no file root that may be used so, or holds no data.",
    position,
  });
}

function rootsOf({
  config,
  governance,
}: Services): ReadonlyMap<string, string> {
  return new Map([
    ...governance.catalog.index
      .catalogs()
      .map(({ name, location }) => [name, location] as const),
    ...config.fileRoots,
  ]);
}

function underRoot(
  roots: ReadonlyMap<string, string>,
  path: string,
): string | undefined {
  const [name = "", ...rest] = path.split("/");
  const root = roots.get(name);
  return root === undefined || rest.length === 0
    ? root
    : joinPath(root, rest.join("/"));
}

/** `file:///x`, `file://localhost/x` and `file:/x` are one path; segments `.` and `..` are resolved, doubled slashes collapse. */
function withoutScheme(text: string, position: number | undefined): string {
  const file = /^file:(?:\/\/(?:localhost)?)?(?=\/)/i.exec(text);
  const path = file === null ? text : decoded(text.slice(file[0].length));
  if (path === undefined || path === "" || /[\u0000-\u001f\u007f\\]/.test(path))
    throw new SqlError("42601", `"${text}" is not a path`, { position });
  const scheme = /^[a-z][a-z0-9+.-]*:\/\/[^/]*/i.exec(path)?.[0] ?? "";
  const lead = scheme !== "" || path.startsWith("/") ? `${scheme}/` : "";
  const segments: string[] = [];
  for (const segment of path.slice(scheme.length).split("/")) {
    if (segment === "" || segment === ".") continue;
    if (segment !== "..") segments.push(segment);
    else if (segments.pop() === undefined)
      throw unreachablePath(text, position);
  }
  return lead + segments.join("/");
}

/** Once; what is encoded twice is no path. */
function decoded(path: string): string | undefined {
  try {
    const once = decodeURIComponent(path);
    return /%[0-9a-f]{2}/i.test(once) ? undefined : once;
  } catch {
    return undefined;
  }
}

/** Through symbolic links; what does not exist yet lies where its nearest folder does. */
async function followed(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    const parent = dirname(path);
    if (parent === path) return path;
    return joinPath(await followed(parent), path.slice(parent.length + 1));
  }
}

/** By segments: `/data/hr` does not hold `/data/hr2`. */
function isInside(path: string, folder: string): boolean {
  const base = folder.replace(/\/+$/, "");
  return path === base || path.startsWith(`${base}/`);
}
