// Tokens of one statement -> our tree, by way of PostgreSQL's grammar: dialect, grammar, tree readers, and errors in the user's terms.

import type { SqlError } from "../../storage/common/errors.ts";
import type { Expr, Query, Statement, TypeName } from "./ast.ts";
import { rewriteDialect } from "./dialect.ts";
import {
  grammarError,
  lexicalError,
  parserExhausted,
  syntaxErrorAtEnd,
  syntaxError,
  windowFrameError,
} from "./errors.ts";
import { parseTree, type GrammarFailure } from "./grammar.ts";
import type * as Tree from "./grammar.ts";
import type { StatementTokens } from "./rewriter.ts";
import {
  checkNotesTaken,
  sourceText,
  tokenIndexAtCharacter,
  withoutMarks,
  type Source,
} from "./source.ts";
import type { Token } from "./token.ts";
import { readExpression } from "./tree/tree-expression.ts";
import { readQuery } from "./tree/tree-query.ts";
import { readStatement } from "./tree/tree-statement.ts";
import { readType } from "./tree/tree-type.ts";
import { isNode, type TreeReader } from "./tree/tree.ts";

/** Throws 42601, 0A000, 54001 with positions in the user's text. */
export function readStatementTokens(statement: StatementTokens): Statement {
  const source = rewriteDialect(statement);
  const node = parseOne(source);
  const reader = treeReader(source, statement);
  const read = guardStack(() =>
    readStatement(reader, node, statement.tokens[0]?.position ?? 1),
  );
  checkNotesTaken(source);
  return read;
}

/** A query whose beginning, `prefix`, the user has not written: `SELECT 1 FROM`. Throws as readStatementTokens does. */
export function readQueryTokens(
  statement: StatementTokens,
  prefix: string,
): Query {
  const source = rewriteDialect(statement, prefix);
  const node = parseOne(source);
  if (!isNode(node, "SelectStmt")) throw misplaced(source);
  const { SelectStmt: select } = node;
  const reader = treeReader(source, statement);
  const query = guardStack(() =>
    readQuery(reader, select, statement.tokens[0]?.position ?? 1),
  );
  checkNotesTaken(source);
  return query;
}

/** The guard on depth is generous for the grammar; a caller that already stands deep may still run out of stack. */
function guardStack<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof RangeError) throw parserExhausted(error);
    throw error;
  }
}

function treeReader(source: Source, statement: StatementTokens): TreeReader {
  const reader: TreeReader = {
    source,
    expression: (node) => readExpression(reader, node),
    query: (select, position) => readQuery(reader, select, position),
    statement: (node, position) => readStatement(reader, node, position),
    type: (type) => readType(reader, type),
    expressionOf: (tokens) => expressionOf(tokens, statement),
    typeOf: (tokens) => typeOf(tokens, statement),
  };
  return reader;
}

function parseOne(source: Source): Tree.Node {
  const result = parseTree(source.text);
  if (result.kind === "failure") throw userError(source, result);
  const node = result.nodes[0];
  if (node === undefined) throw syntaxErrorAtEnd(source.endPosition);
  return node;
}

const NEAR = / at or near "[\s\S]*"$/;
// The grammar's own limit, where one bracket of the text takes more than one of its levels.
const OUT_OF_STACK = "memory exhausted";
const AT_END = " at end of input";
const FRAME = /^frame (?:start|end|starting|ending)\b/;

function withoutPlace(message: string): string {
  return message.endsWith(AT_END)
    ? message.slice(0, -AT_END.length)
    : message.replace(NEAR, "");
}

/** The grammar's message with the token the user wrote, at the place where it stands in the user's text. */
function userError(source: Source, failure: GrammarFailure): SqlError {
  const { message, offset } = failure;
  if (message.startsWith(OUT_OF_STACK)) return parserExhausted(failure);
  const reason = withoutPlace(message);
  const index = message.endsWith(AT_END)
    ? source.tokens.length
    : tokenIndexAtCharacter(source, Math.max(offset, 0));
  const token = source.tokens[index] ?? source.terminator;
  const named = reason !== message;
  if (FRAME.test(message)) {
    return windowFrameError(message, token?.position ?? source.endPosition);
  }
  if (token === undefined) {
    return named && reason === "syntax error"
      ? syntaxErrorAtEnd(source.endPosition)
      : grammarError(withoutMarks(source, message), source.endPosition);
  }
  const text = sourceText(source, token);
  if (!named)
    return grammarError(withoutMarks(source, message), token.position);
  return reason === "syntax error"
    ? syntaxError(text, token.position)
    : lexicalError(withoutMarks(source, reason), text, token.position);
}

/** An expression taken out of its statement: parsed as the one column of a SELECT. */
function expressionOf(
  tokens: readonly Token[],
  statement: StatementTokens,
): Expr {
  const source = rewriteDialect({ ...statement, tokens }, "SELECT");
  const value = soleColumn(source, parseOne(source));
  return treeReader(source, statement).expression(value);
}

/** A type taken out of a composite type: parsed as the target of a cast. */
function typeOf(
  tokens: readonly Token[],
  statement: StatementTokens,
): TypeName {
  const source = rewriteDialect({ ...statement, tokens }, "SELECT NULL ::");
  const cast = soleColumn(source, parseOne(source));
  const typeName = isNode(cast, "TypeCast")
    ? cast.TypeCast.typeName
    : undefined;
  if (typeName === undefined) throw misplaced(source);
  return treeReader(source, statement).type(typeName);
}

/** Fields of a bare `SELECT x` in the tree: anything else came with the tokens and does not belong there. */
const BARE_SELECT: ReadonlySet<string> = new Set([
  "targetList",
  "limitOption",
  "op",
]);

function soleColumn(source: Source, node: Tree.Node): Tree.Node {
  if (!isNode(node, "SelectStmt")) throw misplaced(source);
  const bare = Object.keys(node.SelectStmt).every((key) =>
    BARE_SELECT.has(key),
  );
  const [target, ...more] = node.SelectStmt.targetList ?? [];
  if (!bare || more.length > 0 || target === undefined) throw misplaced(source);
  if (!isNode(target, "ResTarget")) throw misplaced(source);
  const { name, val } = target.ResTarget;
  if (name !== undefined || val === undefined) throw misplaced(source);
  return val;
}

function misplaced(source: Source): SqlError {
  const first = source.tokens[0];
  if (first === undefined) return syntaxErrorAtEnd(source.endPosition);
  return syntaxError(sourceText(source, first), first.position);
}
