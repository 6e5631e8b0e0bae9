// SIMILAR TO patterns as advanced regular expressions (similar_escape in regexp.c).

import { SqlError } from "../../../../storage/common/errors.ts";

/** `escape` is one character, or empty for none. 22025 for a longer one. */
export function similarToRegex(pattern: string, escape: string): string {
  if (Array.from(escape).length > 1) {
    throw new SqlError("22025", "invalid escape string", {
      hint: "Escape string must be empty or one character.",
    });
  }
  const characters = Array.from(pattern);
  let result = "^(?:";
  let inBracket = false;
  let separators = 0;
  for (let i = 0; i < characters.length; i++) {
    const char = characters[i] ?? "";
    if (escape !== "" && char === escape) {
      const next = characters[++i] ?? "";
      if (next === '"' && !inBracket) {
        separators++;
        if (separators > 2) {
          throw new SqlError(
            "2201B",
            "SQL regular expression may not contain more than two escape-double-quote separators",
          );
        }
        result += separators === 1 ? "){1,1}?(" : "){1,1}(?:";
      } else result += `\\${next}`;
    } else if (inBracket) {
      result += char === "\\" ? "\\\\" : char;
      if (char === "]") inBracket = false;
    } else result += translated(char);
    if (!inBracket && char === "[" && !(escape === "[")) inBracket = true;
  }
  return `${result})$`;
}

function translated(char: string): string {
  if (char === "%") return ".*";
  if (char === "_") return ".";
  if (char === "(") return "(?:";
  return "\\.^$".includes(char) ? `\\${char}` : char;
}
