// Options of plain files in brackets, as COPY INTO and CREATE TABLE give them.

import type { NamedText } from "./ast.ts";
import {
  atString,
  peek,
  position,
  readList,
  readString,
  takeSymbol,
  unexpectedToken,
  type Cursor,
} from "./cursor.ts";
import { afterDottedName } from "./token-walk.ts";
import { isOperator, isWord, type Token } from "./token.ts";

/** `('name' = 'text', name = true)`. */
export function readOptions(c: Cursor): readonly NamedText[] {
  if (!takeSymbol(c, "(")) throw unexpectedToken(c);
  const options = readList(c, readOption);
  if (!takeSymbol(c, ")")) throw unexpectedToken(c);
  return options;
}

function readOption(c: Cursor): NamedText {
  const at = position(c);
  const name = atString(c) ? readString(c) : readDotted(c);
  if (isOperator(peek(c), "=")) c.next++;
  const token = peek(c);
  if (!isBareValue(token)) return { name, text: readString(c), position: at };
  c.next++;
  return { name, text: token.text, position: at };
}

function readDotted(c: Cursor): string {
  const end = afterDottedName(c.tokens, c.next);
  const [first, last] = [c.tokens[c.next], c.tokens[end - 1]];
  if (end === c.next || first === undefined || last === undefined)
    throw unexpectedToken(c);
  c.next = end;
  return c.statement.sql.slice(first.start, last.end);
}

/** A number, true or false. */
function isBareValue(token: Token | undefined): token is Token {
  return (
    token?.kind === "number" || isWord(token, "true") || isWord(token, "false")
  );
}
