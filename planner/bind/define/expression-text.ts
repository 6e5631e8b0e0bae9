// An expression of a statement as the text a table keeps: in words that Spark and PostgreSQL read alike where there are such, so that
// every engine enforces it; else ours, marked so (shared-meaning.ts).

import type { StoredExpression } from "../../../storage/common/schema.ts";
import { SqlError } from "../../../storage/common/errors.ts";
import type { Expression } from "../../logical/expression.ts";
import type { PlanColumn } from "../../logical/plan.ts";
import type { Expr } from "../../parse/ast.ts";
import { RESERVED_WORDS } from "../../parse/keywords.ts";
import { tokenize } from "../../parse/lexer.ts";
import { printExpr } from "../../parse/print.ts";
import { isSymbol, isWord, type Token } from "../../parse/token.ts";
import { sameNode } from "../../logical/same-expression.ts";
import type { StatementContext } from "../statement-context.ts";
import { bindShared, type StoredUse } from "./stored-expression.ts";

/** `bound` is what `syntax` means over `columns`. */
export function expressionText(
  statement: StatementContext,
  syntax: Expr,
  bound: Expression,
  over: {
    readonly table: { readonly name: string };
    readonly columns: readonly PlanColumn[];
    readonly use: StoredUse;
  },
): StoredExpression {
  const text = printExpr(syntax);
  const shared = sharedText(text);
  return isSame(statement, shared, bound, over)
    ? { text: shared, ours: false }
    : { text, ours: true };
}

/** Another engine's reading of the text must be ours again. */
function isSame(
  statement: StatementContext,
  text: string,
  bound: Expression,
  over: Parameters<typeof expressionText>[3],
): boolean {
  try {
    return sameNode(bindShared(statement, text, over), bound);
  } catch (error) {
    if (error instanceof SqlError) return false;
    throw error;
  }
}

const SPARK_TYPES: Readonly<Record<string, string>> = {
  bool: "boolean",
  int2: "smallint",
  int4: "int",
  int8: "bigint",
  float4: "float",
  float8: "double",
  numeric: "decimal",
  text: "string",
  bpchar: "char",
};

/** Our printer quotes every name in double quotes, which are strings to Spark. */
function sharedText(printed: string): string {
  const { tokens } = tokenize(printed, { questionMarks: false });
  const pieces = tokens.map((token, i) => ({
    text: respelled(tokens, token, i),
    start: token.start,
    end: token.end,
  }));
  const text = pieces
    .map(({ text: piece, start }, i) => {
      const gap = i > 0 && (pieces[i - 1]?.end ?? start) < start ? " " : "";
      return gap + piece;
    })
    .join("");
  return withoutBrackets(
    text
      .replaceAll("pg_catalog.", "")
      .replace(/\bextract\('(\w+)', /g, "extract($1 FROM "),
  );
}

function respelled(tokens: readonly Token[], token: Token, i: number): string {
  if (token.kind !== "quoted") return textOf(token);
  const name = token.text;
  if (isWord(tokens[i - 1], "as") && Object.hasOwn(SPARK_TYPES, name))
    return SPARK_TYPES[name] ?? name;
  const plain =
    /^[a-z_][a-z0-9_]*$/.test(name) &&
    (!RESERVED_WORDS.has(name) || isSymbol(tokens[i + 1], "("));
  return plain ? name : `\`${name.replaceAll("`", "``")}\``;
}

function textOf(token: Token): string {
  return token.kind === "word" ? token.text.toUpperCase() : token.text;
}

/** Without the brackets around the whole. */
function withoutBrackets(text: string): string {
  if (!text.startsWith("(") || !text.endsWith(")")) return text;
  let depth = 0;
  let quote: string | undefined;
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (quote !== undefined) {
      if (character === quote) quote = undefined;
    } else if (character === "'" || character === "`") quote = character;
    else if (character === "(") depth += 1;
    else if (character === ")") {
      depth -= 1;
      if (depth === 0 && i < text.length - 1) return text;
    }
  }
  return text.slice(1, -1);
}
