// Names the grammar would fold, cut or refuse become markers: every quoted name (so that the tree tells quoted from unquoted),
// names of more than 63 bytes, `default` as a schema, `window` as a function, and HTTP's parameter markers.

import {
  addMark,
  dropTokens,
  replaceToken,
  type Rewriter,
} from "../rewriter.ts";
import { sourceText, utf8Length } from "../source.ts";
import { isSymbol, isWord, type Token } from "../token.ts";

/** PostgreSQL's NAMEDATALEN - 1. */
const MAX_NAME_BYTES = 63;

/** Bytes are at most three a UTF-16 unit, so most words need no count. */
export function isLongName(token: Token): boolean {
  const units = token.text.length;
  return units * 3 > MAX_NAME_BYTES && utf8Length(token.text) > MAX_NAME_BYTES;
}

/** Replaces a token by a marker for the name it spells. */
export function markName(r: Rewriter, index: number): void {
  const token = r.tokens[index];
  if (token === undefined) return;
  const { text: name, position } = token;
  const quoted = token.kind !== "word";
  const mark = addMark(r, {
    kind: "name",
    identifier: { name, quoted, position },
    backtick: token.kind === "backtick",
  });
  replaceToken(r, index, mark);
}

/** `default.t`, `SCHEMA default`, `USE default`: the schema of that name. */
export function markDefaultSchema(r: Rewriter, index: number): number {
  const previous = r.tokens[index - 1];
  const names =
    isSymbol(r.tokens[index + 1], ".") ||
    isSymbol(previous, ".") ||
    isWord(previous, "schema");
  if (names) markName(r, index);
  return index + 1;
}

/** `window(` is a call: in every other place WINDOW is followed by a name. */
export function markWindowCall(r: Rewriter, index: number): number {
  if (isSymbol(r.tokens[index + 1], "(")) markName(r, index);
  return index + 1;
}

const UNICODE_ESCAPE = /\\(?:\\|\+([0-9A-Fa-f]{6})|([0-9A-Fa-f]{4}))/g;

/** `U&"d\0061t\+000061"` with the usual escape character becomes a marker; with UESCAPE the grammar decodes it. */
export function markUnicodeName(r: Rewriter, index: number): void {
  const token = r.tokens[index];
  if (token === undefined || isWord(r.tokens[index + 1], "uescape")) return;
  const inside = token.text.slice(3, -1).replaceAll('""', '"');
  // What is left of a wrong escape is the grammar's to refuse, with its own words.
  if (inside.replace(UNICODE_ESCAPE, "").includes("\\")) return;
  const name = inside.replace(
    UNICODE_ESCAPE,
    (escape, long: string | undefined, short: string | undefined) => {
      const digits = long ?? short;
      return digits === undefined
        ? escape.slice(1)
        : unicodeCharacter(Number.parseInt(digits, 16));
    },
  );
  if (name.includes("\ufffd")) return;
  const mark = addMark(r, {
    kind: "name",
    identifier: { name, quoted: true, position: token.position },
    backtick: false,
  });
  replaceToken(r, index, mark);
}

// Halves of pairs and values past the end are the grammar's to judge too.
function unicodeCharacter(point: number): string {
  const valid = point > 0 && point <= 0x10ffff && (point & 0xfff800) !== 0xd800;
  return valid ? String.fromCodePoint(point) : "\ufffd";
}

/** `:name`, only for a name the caller supplied; the same name is the same parameter wherever it stands. */
export function markNamedParameter(r: Rewriter, index: number): number {
  const { markers } = r.statement;
  const colon = r.tokens[index];
  const word = r.tokens[index + 1];
  if (markers === undefined || !("names" in markers)) return index + 1;
  if (colon === undefined || word?.kind !== "word") return index + 1;
  if (word.start !== colon.end) return index + 1;
  const ordinal = markers.names.indexOf(sourceText(r.statement, word)) + 1;
  if (ordinal === 0) return index + 1;
  replaceToken(r, index, `$${ordinal}`);
  replaceToken(r, index + 1, "");
  return index + 2;
}

/** `?`, only when the caller numbers its parameters. */
export function markOrdinalParameter(r: Rewriter, index: number): number {
  if (r.tokens[index]?.text === "?") {
    r.ordinals++;
    replaceToken(r, index, `$${r.ordinals}`);
  }
  return index + 1;
}

/** Spark's `current_date()`: PostgreSQL's keyword takes no empty brackets. */
export function dropEmptyBrackets(r: Rewriter, index: number): number {
  const empty =
    isSymbol(r.tokens[index + 1], "(") && isSymbol(r.tokens[index + 2], ")");
  if (empty) dropTokens(r, index + 1, index + 3);
  return index + 1;
}
