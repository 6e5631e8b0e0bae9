// TypeName of the grammar's tree -> ours, and the composite types that dialect.ts took out of the text.

import type { TypeName } from "../ast.ts";
import { syntaxError, syntaxErrorAtEnd, unsupported } from "../errors.ts";
import type * as Tree from "../grammar.ts";
import { markOf, sourceText } from "../source.ts";
import { stringValue } from "../string-value.ts";
import { isName } from "../token-walk.ts";
import { isOperator, isSymbol, isWord, type Token } from "../token.ts";
import {
  at,
  identifier,
  isNode,
  optional,
  refuseIf,
  strings,
  type TreeReader,
} from "./tree.ts";

/** PostgreSQL's mask bits of interval fields (utils/timestamp.h) as words. */
const INTERVAL_FIELDS: ReadonlyMap<number, string> = new Map([
  [1 << 2, "year"],
  [1 << 1, "month"],
  [1 << 3, "day"],
  [1 << 10, "hour"],
  [1 << 11, "minute"],
  [1 << 12, "second"],
  [(1 << 2) | (1 << 1), "year to month"],
  [(1 << 3) | (1 << 10), "day to hour"],
  [(1 << 3) | (1 << 10) | (1 << 11), "day to minute"],
  [(1 << 3) | (1 << 10) | (1 << 11) | (1 << 12), "day to second"],
  [(1 << 10) | (1 << 11), "hour to minute"],
  [(1 << 10) | (1 << 11) | (1 << 12), "hour to second"],
  [(1 << 11) | (1 << 12), "minute to second"],
]);

export function readType(c: TreeReader, type: Tree.TypeName): TypeName {
  const position = at(c, type.location);
  refuseIf(type.setof === true, "SETOF is", position);
  refuseIf(type.pct_type === true, "%TYPE is", position);
  const arrayDepth = type.arrayBounds?.length ?? 0;
  const names = strings(type.names);
  const mark = markOf(c.source, names.at(-1) ?? "");
  if (mark?.kind === "type" && names.length === 1) {
    return { ...readCompositeType(c, mark.tokens), arrayDepth };
  }
  const parts = names.map((name) => identifier(c, name, position));
  refuseIf(parts.length > 2, "type names of three parts are", position);
  const name = parts.at(-1)?.name ?? "";
  const schema = parts.length > 1 ? parts[0]?.name : undefined;
  const modifiers = (type.typmods ?? []).map((node) =>
    readModifier(node, position),
  );
  const common = { position, name, arrayDepth, arguments: [], fields: [] };
  if (schema !== "pg_catalog") {
    return { ...common, ...optional("schema", schema), modifiers };
  }
  return {
    ...common,
    ...(name === "interval" ? intervalOf(modifiers) : { modifiers }),
  };
}

/** The first modifier of an interval says which fields it has. */
function intervalOf(
  modifiers: readonly number[],
): Pick<TypeName, "modifiers" | "intervalFields"> {
  const [mask, ...precision] = modifiers;
  const words = INTERVAL_FIELDS.get(mask ?? 0);
  return { modifiers: precision, ...optional("intervalFields", words) };
}

function readModifier(node: Tree.Node, position: number): number {
  if (isNode(node, "A_Const")) {
    const constant = node.A_Const;
    if (constant.ival !== undefined) return constant.ival.ival ?? 0;
  }
  throw unsupported("type modifiers other than integers are", position);
}

/** A cursor over the tokens of one composite type. */
interface TypeTokens {
  readonly c: TreeReader;
  readonly tokens: readonly Token[];
  next: number;
}

/** 42601 where the tokens are no `array<…>`, `map<…>` or `struct<…>`. */
function readCompositeType(c: TreeReader, tokens: readonly Token[]): TypeName {
  const t: TypeTokens = { c, tokens, next: 0 };
  const type = readNested(t);
  if (t.next < tokens.length) throw unexpected(t);
  return type;
}

function unexpected(t: TypeTokens): Error {
  const token = t.tokens[t.next];
  if (token === undefined) return syntaxErrorAtEnd(t.c.source.endPosition);
  return syntaxError(sourceText(t.c.source, token), token.position);
}

function expectOperator(t: TypeTokens, text: string): void {
  if (!isOperator(t.tokens[t.next], text)) throw unexpected(t);
  t.next++;
}

function skipSymbol(t: TypeTokens, text: string): boolean {
  if (!isSymbol(t.tokens[t.next], text)) return false;
  t.next++;
  return true;
}

function readNested(t: TypeTokens): TypeName {
  const word = t.tokens[t.next];
  const composite =
    word?.kind === "word" &&
    (word.text === "array" || word.text === "map" || word.text === "struct") &&
    isOperator(t.tokens[t.next + 1], "<");
  return composite ? readComposite(t, word) : readLeaf(t);
}

function readComposite(t: TypeTokens, word: Token): TypeName {
  t.next += 2;
  const common = {
    name: word.text,
    position: word.position,
    modifiers: [],
    arrayDepth: 0,
  };
  if (word.text === "struct") {
    const fields = readFields(t);
    expectOperator(t, ">");
    return { ...common, arguments: [], fields };
  }
  const types = [readNested(t)];
  if (word.text === "map") {
    if (!skipSymbol(t, ",")) throw unexpected(t);
    types.push(readNested(t));
  }
  expectOperator(t, ">");
  return { ...common, arguments: types, fields: [] };
}

function readFields(t: TypeTokens): TypeName["fields"] {
  const fields: TypeName["fields"][number][] = [];
  do {
    const name = t.tokens[t.next];
    if (name === undefined || !isName(name)) throw unexpected(t);
    t.next++;
    skipSymbol(t, ":");
    const type = readNested(t);
    fields.push({ name: name.text, type, ...readFieldClauses(t) });
  } while (skipSymbol(t, ","));
  return fields;
}

function readFieldClauses(t: TypeTokens): {
  readonly nullable?: boolean;
  readonly comment?: string;
} {
  let clauses: { readonly nullable?: boolean; readonly comment?: string } = {};
  if (isWord(t.tokens[t.next], "not") && isWord(t.tokens[t.next + 1], "null")) {
    t.next += 2;
    clauses = { nullable: false };
  }
  const text = t.tokens[t.next + 1];
  if (!isWord(t.tokens[t.next], "comment") || text?.kind !== "string") {
    return clauses;
  }
  t.next += 2;
  return { ...clauses, comment: stringValue(t.c.source.sql, text) ?? "" };
}

/** Everything up to the next separator of the composite type is one of PostgreSQL's own types. */
function readLeaf(t: TypeTokens): TypeName {
  const start = t.next;
  let depth = 0;
  for (; t.next < t.tokens.length; t.next++) {
    const token = t.tokens[t.next];
    if (isSymbol(token, "(")) depth++;
    if (isSymbol(token, ")")) depth--;
    if (depth === 0 && endsLeaf(token, t.next > start)) break;
  }
  if (t.next === start) throw unexpected(t);
  return t.c.typeOf(t.tokens.slice(start, t.next));
}

function endsLeaf(token: Token | undefined, started: boolean): boolean {
  if (isSymbol(token, ",") || token?.kind === "operator") return true;
  return started && (isWord(token, "not") || isWord(token, "comment"));
}
