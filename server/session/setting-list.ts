// Settings that are lists of names, above all search_path: `a, "B c"`.

const QUOTED_LISTS: ReadonlySet<string> = new Set(["search_path"]);
const LISTS: ReadonlySet<string> = new Set(["search_path", "datestyle"]);

export function isQuotedList(name: string): boolean {
  return QUOTED_LISTS.has(name.toLowerCase());
}

/** Whether SET takes several values for it. */
export function isList(name: string): boolean {
  return LISTS.has(name.toLowerCase());
}

/** Names as SHOW search_path prints them: quoted only where they need it. */
export function joinList(names: readonly string[]): string {
  return names
    .map((name) =>
      /^[a-z_][a-z0-9_$]*$/.test(name)
        ? name
        : `"${name.replaceAll('"', '""')}"`,
    )
    .join(", ");
}

/** The names of a list as text: unquoted ones fold to lower case, `""` within quotes is one quote. */
export function splitList(text: string): readonly string[] {
  const names: string[] = [];
  for (const match of text.matchAll(/"((?:[^"]|"")*)"|[^\s,"]+/g)) {
    const [whole, quoted] = match;
    names.push(
      quoted === undefined ? whole.toLowerCase() : quoted.replaceAll('""', '"'),
    );
  }
  return names;
}

/** Whether the text is a list of names: no empty item, no open quote. */
export function isNameList(text: string): boolean {
  return (
    text.trim() === "" ||
    /^\s*(?:"(?:[^"]|"")*"|[^\s,"]+)\s*(?:,\s*(?:"(?:[^"]|"")*"|[^\s,"]+)\s*)*$/.test(
      text,
    )
  );
}
