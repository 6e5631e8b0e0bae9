// Pieces of kernel SQL: quoting, and paths that must not be read as glob patterns (checklist P5).

import { CANONICAL } from "../object-store/address.ts";

export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function quoteTexts(texts: readonly string[]): string {
  return `[${texts.map(quoteText).join(", ")}]`;
}

/** A list of file names for read_parquet and friends: `*`, `?` and `[` stand for themselves. */
export function quoteFiles(paths: readonly string[]): string {
  return quoteTexts(
    paths.map((path) => path.replace(/[[*?]/g, (char) => `[${char}]`)),
  );
}

/** JSON pointer (RFC 6901) of a member. */
export function jsonPointer(keys: readonly string[]): string {
  return keys
    .map((key) => `/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`)
    .join("");
}

/**
 * The file an action names, decoded once, with `file:` forms and aliases of schemes made one: the key of replay (checklist P1, P2,
 * R5). `canonicalPath` of paths.ts says the same of a decoded path.
 */
export function pathKey(expression: string): string {
  const decoded = `coalesce(TRY(url_decode(${expression})), ${expression})`;
  const aliases = Object.entries(CANONICAL).map(
    ([alias, scheme]) =>
      `WHEN starts_with(${expression}, '${alias}://') THEN '${scheme}' || substr(${decoded}, ${alias.length + 1})`,
  );
  // Most paths are their own keys, and decoding is dear.
  return `CASE WHEN NOT contains(${expression}, '%') AND NOT contains(${expression}, ':') THEN ${expression}
    WHEN starts_with(${expression}, 'file:') THEN '/' || ltrim(substr(${decoded}, 6), '/') ${aliases.join(" ")} ELSE ${decoded} END`;
}
