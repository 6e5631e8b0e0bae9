// What the lexer makes and dialect.ts, command.ts and the position map read.

export type TokenKind =
  /** Unquoted word; `text` is in lower case (ASCII letters only, as PostgreSQL folds). */
  | "word"
  /** `"…"`; `text` is the name itself. */
  | "quoted"
  /** `` `…` ``; `text` is the name itself. */
  | "backtick"
  /** `U&"…"`; `text` is the source. */
  | "unicode-name"
  /** Any string constant, with prefix and continuation lines; `text` is the source. */
  | "string"
  | "number"
  /** `$1`; a lone `?` when question marks are parameters. */
  | "parameter"
  | "operator"
  /** Brackets, comma, dot, colon, semicolon, `::`, `:=`, `..`, and any character SQL has no use for. */
  | "symbol";

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  /** UTF-16 units in the whole text, `end` exclusive. */
  readonly start: number;
  readonly end: number;
  /** Code points from 1 in the whole text. */
  readonly position: number;
}

/** True for an unquoted word, given in lower case. */
export function isWord(token: Token | undefined, word: string): boolean {
  return token?.kind === "word" && token.text === word;
}

export function isSymbol(token: Token | undefined, symbol: string): boolean {
  return token?.kind === "symbol" && token.text === symbol;
}

export function isOperator(token: Token | undefined, text: string): boolean {
  return token?.kind === "operator" && token.text === text;
}

/** A quoted name of any spelling: it can never be a keyword. */
export function isQuotedName(token: Token | undefined): boolean {
  return (
    token?.kind === "quoted" ||
    token?.kind === "backtick" ||
    token?.kind === "unicode-name"
  );
}
