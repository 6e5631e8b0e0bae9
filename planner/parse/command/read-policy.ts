// Row filters and column masks (access-control section 19): `f ON (a, 1)` and `f [USING COLUMNS (a, 1)]`, in ALTER TABLE and CREATE TABLE.
// Arguments are names of columns and literals, so that no other grammar is needed.

import type { Expr, LiteralValue, PolicyCall, TypeName } from "../ast.ts";
import {
  expectWords,
  peek,
  position,
  readIdentifier,
  readList,
  readName,
  readString,
  takeSymbol,
  takeWords,
  unexpectedToken,
  type Cursor,
} from "../cursor.ts";
import { isOperator } from "../token.ts";

/** Behind ROW FILTER. */
export function readRowFilter(c: Cursor): PolicyCall {
  const name = readName(c);
  expectWords(c, "on");
  return { function: name, args: readArguments(c) };
}

/** Behind MASK. */
export function readMask(c: Cursor): PolicyCall {
  const name = readName(c);
  const args = takeWords(c, "using columns") ? readArguments(c) : [];
  return { function: name, args };
}

function readArguments(c: Cursor): readonly Expr[] {
  if (!takeSymbol(c, "(")) throw unexpectedToken(c);
  if (takeSymbol(c, ")")) return [];
  const args = readList(c, readArgument);
  if (!takeSymbol(c, ")")) throw unexpectedToken(c);
  return args;
}

function readArgument(c: Cursor): Expr {
  const at = position(c);
  if (isOperator(peek(c), "-")) {
    c.next++;
    return {
      kind: "operator",
      operator: "-",
      right: { kind: "literal", value: readNumber(c), position: position(c) },
      position: at,
    };
  }
  if (takeWords(c, "interval")) return readInterval(c, at);
  const value = readLiteral(c);
  if (value) return { kind: "literal", value, position: at };
  const name = readIdentifier(c);
  return {
    kind: "column",
    name: { parts: [name], position: at },
    position: at,
  };
}

/** Undefined where a name stands. */
function readLiteral(c: Cursor): LiteralValue | undefined {
  if (takeWords(c, "null")) return { kind: "null" };
  if (takeWords(c, "true")) return { kind: "boolean", value: true };
  if (takeWords(c, "false")) return { kind: "boolean", value: false };
  switch (peek(c)?.kind) {
    case "string":
      return { kind: "string", text: readString(c) };
    case "number":
      return readNumber(c);
    default:
      return undefined;
  }
}

function readNumber(c: Cursor): LiteralValue {
  const token = peek(c);
  if (token?.kind !== "number" || !/^[\d.]/u.test(token.text))
    throw unexpectedToken(c);
  if (/^0[xob]|_/iu.test(token.text)) throw unexpectedToken(c);
  c.next++;
  const { text } = token;
  return { kind: /^\d+$/u.test(text) ? "integer" : "decimal", text };
}

function readInterval(c: Cursor, at: number): Expr {
  const value = { kind: "string", text: readString(c) } as const;
  const type: TypeName = {
    name: "interval",
    modifiers: [],
    arrayDepth: 0,
    arguments: [],
    fields: [],
    position: at,
  };
  const operand = { kind: "literal", value, position: at } as const;
  return { kind: "cast", operand, type, attempt: false, position: at };
}
