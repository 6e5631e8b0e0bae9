// `array<…>`, `map<…>`, `struct<…>` where a type stands: the whole type becomes one marker; tree-type.ts reads its tokens.

import { LEADING_WORDS, RESERVED_WORDS } from "../keywords.ts";
import {
  addMark,
  dropTokens,
  replaceToken,
  type Rewriter,
} from "../rewriter.ts";
import { isQuotedName, isSymbol, isWord, type Token } from "../token.ts";

export function rewriteCompositeType(r: Rewriter, index: number): number {
  const { tokens } = r;
  if (!tokens[index + 1]?.text.startsWith("<")) return index + 1;
  if (!isTypePlace(tokens, index)) return index + 1;
  const extent = readExtent(r, index);
  if (extent === undefined) return index + 1;
  const mark = addMark(r, { kind: "type", tokens: extent.tokens });
  dropTokens(r, index, extent.last);
  replaceToken(r, index, mark);
  // `x::array<int>=y`: the lexer read `>=`.
  replaceToken(r, extent.last, extent.rest);
  return extent.last + 1;
}

/** Index after the composite type at `index`; undefined when none stands there. */
export function afterCompositeType(
  r: Rewriter,
  index: number,
): number | undefined {
  const word = r.tokens[index];
  const named =
    isWord(word, "array") || isWord(word, "map") || isWord(word, "struct");
  const angle = r.tokens[index + 1]?.text.startsWith("<") === true;
  if (!named || !angle || !isTypePlace(r.tokens, index)) return undefined;
  const extent = readExtent(r, index);
  return extent === undefined ? undefined : extent.last + 1;
}

/** After `::`, AS, or a column's name. ARRAY is reserved and never compared, so it needs no such proof. */
function isTypePlace(tokens: readonly Token[], index: number): boolean {
  if (isWord(tokens[index], "array")) return true;
  const previous = tokens[index - 1];
  if (previous === undefined) return true;
  if (isWord(tokens[0], "prepare") && /^[(,]$/.test(previous.text)) return true;
  if (isSymbol(previous, "::") || isWord(previous, "as")) return true;
  if (previous.kind === "word") {
    return (
      !RESERVED_WORDS.has(previous.text) && !LEADING_WORDS.has(previous.text)
    );
  }
  return isQuotedName(previous);
}

interface Extent {
  readonly tokens: readonly Token[];
  /** Index of the token that holds the closing `>`. */
  readonly last: number;
  /** What that token has behind it. */
  readonly rest: string;
}

function readExtent(r: Rewriter, start: number): Extent | undefined {
  const { tokens } = r;
  const read: Token[] = [];
  let depth = 0;
  for (let i = start; i < tokens.length; i++) {
    const token = tokens[i];
    if (token === undefined || r.lookahead-- <= 0) return undefined;
    if (token.kind !== "operator") {
      read.push(token);
      continue;
    }
    for (let offset = 0; offset < token.text.length; offset++) {
      const char = token.text.charAt(offset);
      if (char !== "<" && char !== ">") return undefined;
      depth += char === "<" ? 1 : -1;
      read.push(characterOf(token, offset));
      if (depth > 0) continue;
      const rest = token.text.slice(offset + 1);
      return { tokens: read, last: i, rest };
    }
  }
  return undefined;
}

function characterOf(token: Token, offset: number): Token {
  const start = token.start + offset;
  return {
    kind: "operator",
    text: token.text.charAt(offset),
    start,
    end: start + 1,
    position: token.position + offset,
  };
}
