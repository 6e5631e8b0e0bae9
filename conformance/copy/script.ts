// Copy scripts: statements for two servers, and the data COPY FROM reads.
//
//   -- a comment
//   sql create table t (a int)
//   in copy t from stdin           data lines follow, up to a line `\end`; each ends in a newline
//   1
//   \end
//   out copy t to stdout
//   rows t                         the same as out copy t to stdout
//
// A data line `json "…"` is the string's bytes and nothing behind them: \u00ff is one byte.

export type ScriptStep =
  | {
      readonly kind: "sql" | "out";
      readonly line: number;
      readonly sql: string;
    }
  | {
      readonly kind: "in";
      readonly line: number;
      readonly sql: string;
      readonly data: Buffer;
    };

export function parseScript(text: string, file: string): readonly ScriptStep[] {
  const lines = text.split("\n");
  const steps: ScriptStep[] = [];
  for (let at = 0; at < lines.length; at++) {
    const content = lines[at] ?? "";
    if (content.trim() === "" || content.startsWith("--")) continue;
    const [, word = "", rest = ""] = /^(\w+) (.*)$/.exec(content) ?? [];
    const line = at + 1;
    switch (word) {
      case "sql":
      case "out":
        steps.push({ kind: word, line, sql: rest });
        break;
      case "rows":
        steps.push({
          kind: "out",
          line,
          sql: `copy ${rest} to stdout`,
        });
        break;
      case "in": {
        const end = lines.indexOf("\\end", at);
        if (end < 0) throw new Error(`${file}:${line}: no \\end`);
        const data = Buffer.concat(lines.slice(line, end).map(dataLine));
        steps.push({ kind: "in", line, sql: rest, data });
        at = end;
        break;
      }
      default:
        throw new Error(`${file}:${line}: what is "${content}"?`);
    }
  }
  return steps;
}

function dataLine(line: string): Buffer {
  if (!line.startsWith("json ")) return Buffer.from(`${line}\n`);
  const text: unknown = JSON.parse(line.slice(5));
  return Buffer.from(String(text), "latin1");
}
