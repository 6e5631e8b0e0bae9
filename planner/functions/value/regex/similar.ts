// SIMILAR TO patterns as advanced regular expressions (similar_escape in regexp.c).

import { SqlError } from "../../../../storage/common/errors.ts";

/** `escape` is one character, or empty for none. 22025 for a longer one. */
export function similarToRegex(pattern: string, escape: string): string {
  if (Array.from(escape).length > 1) {
    throw new SqlError("22025", "invalid escape string", {
      hint: "Escape string must be empty or one character.",
    });
  }
  const state = { inBracket: false, separators: 0 };
  const characters = Array.from(pattern);
  let result = "^(?:";
  for (let i = 0; i < characters.length; i++) {
    const char = characters[i] ?? "";
    result +=
      escape !== "" && char === escape
        ? escaped(characters[++i] ?? "", state)
        : plain(char, state);
  }
  return `${result})$`;
}

interface State {
  inBracket: boolean;
  /** Of escaped double quotes, which part the pattern for substring. */
  separators: number;
}

function escaped(next: string, state: State): string {
  if (next !== '"' || state.inBracket) return `\\${next}`;
  state.separators++;
  if (state.separators > 2) {
    throw new SqlError(
      "2201B",
      "SQL regular expression may not contain more than two escape-double-quote separators",
    );
  }
  return state.separators === 1 ? "){1,1}?(" : "){1,1}(?:";
}

function plain(char: string, state: State): string {
  if (state.inBracket) {
    if (char === "]") state.inBracket = false;
    return char === "\\" ? "\\\\" : char;
  }
  if (char === "[") state.inBracket = true;
  return translated(char);
}

function translated(char: string): string {
  if (char === "%") return ".*";
  if (char === "_") return ".";
  if (char === "(") return "(?:";
  return "\\.^$".includes(char) ? `\\${char}` : char;
}
