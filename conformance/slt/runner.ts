// sqllogictest files (sqlite.org/sqllogictest, as far as listed here) run over the Postgres wire:
//
//   statement ok | statement error SQLSTATE [part of the message]
//   query TYPES [rowsort]        TYPES only counts columns; values one a line, or a row a line with tabs between
//   ----
//   user NAME                    the following records run as NAME (its token was made by the test)
//
// A record ends with an empty line. NULL prints as NULL, the empty string as (empty).

export interface SltRecord {
  readonly line: number;
  readonly kind: "ok" | "error" | "query" | "user";
  readonly sql: string;
  readonly code: string;
  readonly message: string;
  readonly sorted: boolean;
  readonly expected: readonly string[];
  readonly user: string;
}

/** Throws when the file holds no record: a runner that finds nothing fails. */
export function parseSlt(text: string, file: string): readonly SltRecord[] {
  const records: SltRecord[] = [];
  const lines = text.split("\n");
  let at = 0;
  while (at < lines.length) {
    const line = lines[at] ?? "";
    if (line.trim() === "" || line.startsWith("#")) {
      at += 1;
      continue;
    }
    const start = at;
    const block: string[] = [];
    while (at < lines.length && (lines[at] ?? "").trim() !== "") {
      block.push(lines[at] ?? "");
      at += 1;
    }
    records.push(parseRecord(block, start + 1, file));
  }
  if (records.length === 0) throw new Error(`${file} holds no record`);
  return records;
}

function parseRecord(
  block: readonly string[],
  line: number,
  file: string,
): SltRecord {
  const [head = "", ...body] = block;
  const words = head.split(/\s+/);
  const rule = body.indexOf("----");
  const base = {
    line,
    sql: (rule < 0 ? body : body.slice(0, rule)).join("\n"),
    expected: rule < 0 ? [] : body.slice(rule + 1),
    code: "",
    message: "",
    sorted: false,
    user: "",
  };
  if (words[0] === "statement" && words[1] === "ok")
    return { ...base, kind: "ok" };
  if (words[0] === "statement" && words[1] === "error") {
    return {
      ...base,
      kind: "error",
      code: words[2] ?? "",
      message: words.slice(3).join(" "),
    };
  }
  if (words[0] === "query")
    return { ...base, kind: "query", sorted: words.includes("rowsort") };
  if (words[0] === "user")
    return { ...base, kind: "user", user: words[1] ?? "" };
  throw new Error(`${file}:${line}: "${head}" is not a record`);
}

/** One line a row, cells joined by a tab. */
export function printRow(cells: readonly (string | null)[]): string {
  return cells
    .map((cell) =>
      cell === null
        ? "NULL"
        : cell === ""
          ? "(empty)"
          : cell.replaceAll("\n", "\\n"),
    )
    .join("\t");
}
