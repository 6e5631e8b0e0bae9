// Character classes and the ends of single lexical pieces. Offsets are UTF-16 units; every function is pure.

/** Integer (also hexadecimal, octal, binary), decimal, exponent; `_` between digits; `1..2` stops before the dots. */
const NUMBER =
  /0[xX](?:_?[0-9a-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|(?:\d(?:_?\d)*(?:\.(?!\.)(?:\d(?:_?\d)*)?)?|\.\d(?:_?\d)*)(?:[eE][+-]?\d(?:_?\d)*)?/y;

const SPACE = 1;
const START = 2;
const PART = 4;
const OPERATOR = 8;

// Classes of the 128 ASCII characters; everything beyond is a letter, as in PostgreSQL.
const CLASSES = new Uint8Array(128);
for (const space of " \t\n\r\f\v") CLASSES[space.charCodeAt(0)] = SPACE;
for (let code = 0; code < 128; code++) {
  const char = String.fromCharCode(code);
  if (/[A-Za-z_]/.test(char)) CLASSES[code] = START | PART;
  if (/[0-9$]/.test(char)) CLASSES[code] = PART;
  if ("~!@#^&|?+-*/%<>=".includes(char)) CLASSES[code] = OPERATOR;
}

function hasClass(code: number, mask: number): boolean {
  return ((CLASSES[code] ?? 0) & mask) !== 0;
}

export function isIdentifierStart(code: number): boolean {
  return code >= 128 || hasClass(code, START);
}

/** End of the number at `from`, which begins with a digit, or a dot and a digit. */
export function numberEnd(sql: string, from: number): number {
  NUMBER.lastIndex = from;
  return NUMBER.test(sql) ? NUMBER.lastIndex : from + 1;
}

export function whitespaceEnd(sql: string, from: number): number {
  let at = from;
  while (hasClass(sql.charCodeAt(at), SPACE)) at++;
  return at;
}

export function identifierEnd(sql: string, from: number): number {
  let at = from;
  for (;;) {
    const code = sql.charCodeAt(at);
    if (code >= 128 || hasClass(code, PART)) at++;
    else return at;
  }
}

/**
 * End of the operator at `from`, or `from` when there is none. It stops before a comment, and ends in `+` or `-` only
 * when it has a character that no arithmetic operator has (manual 4.1.3).
 */
export function operatorEnd(
  sql: string,
  from: number,
  stopAtQuestionMark: boolean,
): number {
  let end = from;
  let special = false;
  for (;;) {
    const code = sql.charCodeAt(end);
    if (!hasClass(code, OPERATOR)) break;
    if (stopAtQuestionMark && code === 63) break;
    if (end > from && startsComment(sql, end)) break;
    if ("~!@#^&|?%".includes(sql.charAt(end))) special = true;
    end++;
  }
  while (!special && end > from + 1 && isSign(sql.charCodeAt(end - 1))) end--;
  return end;
}

function startsComment(sql: string, at: number): boolean {
  const code = sql.charCodeAt(at);
  const next = sql.charCodeAt(at + 1);
  return (code === 45 && next === 45) || (code === 47 && next === 42);
}

function isSign(code: number): boolean {
  return code === 43 || code === 45;
}

// `'a'` line break `'b'` is one constant; comments to the end of a line may stand between.
const CONTINUATION =
  /(?:[ \t\f\v]|--[^\n\r]*)*[\n\r](?:[ \t\n\r\f\v]|--[^\n\r]*[\n\r])*'/y;

/** End of the string whose opening quote is at `quote`, continuation lines included; -1 when it does not close. */
export function closeQuote(
  sql: string,
  quote: number,
  backslashes: boolean,
): number {
  let at = quote + 1;
  for (;;) {
    const end = backslashes ? backslashQuote(sql, at) : sql.indexOf("'", at);
    if (end < 0) return -1;
    if (sql.charCodeAt(end + 1) === 39) {
      at = end + 2;
      continue;
    }
    CONTINUATION.lastIndex = end + 1;
    if (!CONTINUATION.test(sql)) return end + 1;
    at = CONTINUATION.lastIndex;
  }
}

/** Next quote that no backslash escapes, or -1. */
function backslashQuote(sql: string, from: number): number {
  for (let at = from; at < sql.length; at++) {
    const code = sql.charCodeAt(at);
    if (code === 39) return at;
    if (code === 92) at++;
  }
  return -1;
}

const DOLLAR_TAG = /\$(?:[A-Za-z_\u0080-\uffff][A-Za-z_0-9\u0080-\uffff]*)?\$/y;

/** The opening tag of a dollar-quoted string at `at`: `$$`, `$body$`. */
export function dollarTag(sql: string, at: number): string | undefined {
  DOLLAR_TAG.lastIndex = at;
  return DOLLAR_TAG.exec(sql)?.[0];
}
