// The parser's front door: SQL text -> statements with positions. A statement whose first words are ours goes to our own grammar, every
// other one to PostgreSQL's.

import type { ParsedStatement, Statement } from "./ast.ts";
import { readCommand } from "./command.ts";
import { checkDepth } from "./depth.ts";
import { undefinedParameter } from "./errors.ts";
import { tokenize, type TokenizedText } from "./lexer.ts";
import { readStatementTokens } from "./read-statement.ts";
import type { ParameterMarkers, StatementTokens } from "./rewriter.ts";
import { isSymbol, type Token } from "./token.ts";

/**
 * Parses a query string of any number of statements; an empty list when there is none. `markers` are given by HTTP: `:name` for these
 * names (parameter n is the n-th of them), or `?` numbered from 1 through the whole text.
 * Throws SqlError 42601, 0A000, 22021, 42P02, 54001, with positions in `sql`. `loadGrammar()` must have resolved before.
 */
export function parseSql(
  sql: string,
  markers?: ParameterMarkers,
): readonly ParsedStatement[] {
  const questionMarks = markers !== undefined && "ordinals" in markers;
  const text = tokenize(sql, { questionMarks });
  let ordinalsBefore = 0;
  return splitStatements(text, markers).map((split) => {
    const statement = { ...split, ordinalsBefore };
    const ordinals = countOrdinals(statement.tokens);
    const parsed = parseStatement(statement);
    ordinalsBefore += ordinals;
    return parsed;
  });
}

type Split = Omit<StatementTokens, "ordinalsBefore">;

/** Statements without tokens (`;;`) are none. */
function splitStatements(
  text: TokenizedText,
  markers: ParameterMarkers | undefined,
): readonly Split[] {
  const { sql, ascii, tokens } = text;
  const statements: Split[] = [];
  let first = 0;
  for (let i = 0; i <= tokens.length; i++) {
    const terminator = tokens[i];
    if (terminator !== undefined && !isSymbol(terminator, ";")) continue;
    if (i > first) {
      statements.push({
        sql,
        ascii,
        tokens: tokens.slice(first, i),
        endPosition: terminator?.position ?? text.endPosition,
        terminator,
        markers,
      });
    }
    first = i + 1;
  }
  return statements;
}

function parseStatement(split: StatementTokens): ParsedStatement {
  const { sql, tokens } = split;
  checkDepth(tokens);
  const statement: Statement = readCommand(split) ?? readStatementTokens(split);
  const first = tokens[0];
  return {
    statement,
    text: sql.slice(first?.start ?? 0, tokens.at(-1)?.end ?? 0),
    offset: (first?.position ?? 1) - 1,
    parameterCount: countParameters(split),
  };
}

function countOrdinals(tokens: readonly Token[]): number {
  return tokens.filter((t) => t.kind === "parameter" && t.text === "?").length;
}

/** What Bind can carry values for. */
const MAX_PARAMETERS = 65_535;

/** Highest `$n`, `?` and `:name` markers included. Throws 42P02 for one that nobody can give a value. */
function countParameters(statement: StatementTokens): number {
  let highest = 0;
  let ordinal = statement.ordinalsBefore;
  for (const [i, token] of statement.tokens.entries()) {
    if (token.kind === "parameter") {
      const index =
        token.text === "?" ? ++ordinal : Number(token.text.slice(1));
      if (index < 1 || index > MAX_PARAMETERS)
        throw undefinedParameter(index, token.position);
      highest = Math.max(highest, index);
    } else if (token.text === ":") {
      highest = Math.max(highest, namedParameter(statement, i));
    }
  }
  return highest;
}

function namedParameter(statement: StatementTokens, colon: number): number {
  const { sql, tokens, markers } = statement;
  const word = tokens[colon + 1];
  if (markers === undefined || !("names" in markers)) return 0;
  if (word?.kind !== "word" || word.start !== tokens[colon]?.end) return 0;
  return markers.names.indexOf(sql.slice(word.start, word.end)) + 1;
}
