// Every way parsing can fail, in PostgreSQL's words. Positions count code points from 1 in the user's text.

import { SqlError, notSupported } from "../../storage/common/errors.ts";

/** Longest piece of the user's text that a message repeats. */
const QUOTED_TEXT_LIMIT = 1000;

/** 42601 at the token that does not fit. */
export function syntaxError(text: string, position: number): SqlError {
  return lexicalError("syntax error", text, position);
}

/** 42601 where the text ends too early. */
export function syntaxErrorAtEnd(position: number): SqlError {
  return new SqlError("42601", "syntax error at end of input", { position });
}

/** 42601 of the scanner or grammar with its own reason: `unterminated quoted string`, `zero-length delimited identifier`. */
export function lexicalError(
  reason: string,
  text: string,
  position: number,
): SqlError {
  const shown = text.slice(0, QUOTED_TEXT_LIMIT);
  return new SqlError("42601", `${reason} at or near "${shown}"`, {
    position,
  });
}

/** 42601 with a message of the PostgreSQL grammar that names no token. */
export function grammarError(message: string, position: number): SqlError {
  return new SqlError("42601", message, { position });
}

/** 42P02 for a number that no parameter has. */
export function undefinedParameter(index: number, position?: number): SqlError {
  return new SqlError("42P02", `there is no parameter $${index}`, { position });
}

/** 42P20 for the bounds of a window frame that do not go together. */
export function windowFrameError(message: string, position: number): SqlError {
  return new SqlError("42P20", message, { position });
}

/** 42601 for a query in FROM without alias, which PostgreSQL allows from version 16 on. */
export function missingAlias(
  kind: "subquery" | "VALUES",
  position: number,
): SqlError {
  const example = kind === "VALUES" ? "VALUES" : "SELECT";
  return new SqlError("42601", `${kind} in FROM must have an alias`, {
    position,
    hint: `For example, FROM (${example} ...) [AS] foo.`,
  });
}

/** 42601 for a clause given twice. */
export function duplicateClause(clause: string, position: number): SqlError {
  return new SqlError("42601", `duplicate clause ${clause}`, { position });
}

/** 54001: brackets, operators, joins or set operations nest deeper than any later step can follow. */
export function nestedTooDeep(limit: number, position: number): SqlError {
  return new SqlError("54001", "stack depth limit exceeded", {
    detail: `The statement nests more than ${limit} levels.`,
    hint: "Split the expression, or replace a chain of operators by a list or an aggregate.",
    position,
  });
}

/** 54001: more tokens than one statement may have. */
export function tooManyTokens(limit: number): SqlError {
  return new SqlError("54001", "statement is too long", {
    detail: `A statement may have at most ${limit} words and symbols.`,
    hint: "Send the values as parameters, or load them with COPY.",
  });
}

/** 54001 when the parser ran out of stack or memory although the guards let the statement through. */
export function parserExhausted(cause: unknown): SqlError {
  return new SqlError("54001", "stack depth limit exceeded", {
    hint: "Simplify the statement.",
    cause,
  });
}

/** 22021 for a NUL character or half a surrogate pair; `bytes` as PostgreSQL shows them: `0x00`. */
export function invalidByteSequence(bytes: string, position: number): SqlError {
  return new SqlError(
    "22021",
    `invalid byte sequence for encoding "UTF8": ${bytes}`,
    { position },
  );
}

/** 0A000 for a construct we understand but do not offer; it reads as a subject: `ON CONFLICT is`. */
export function unsupported(
  construct: string,
  position: number,
  hint?: string,
): SqlError {
  return notSupported(construct, position, hint);
}

/** 42602 for a name with too many dots. */
export function improperName(name: string, position: number): SqlError {
  return new SqlError(
    "42601",
    `improper qualified name (too many dotted names): ${name}`,
    { position },
  );
}

/** 22023 for an option of EXPLAIN, COPY and the like that has no such value. */
export function invalidOptionValue(
  message: string,
  position: number,
): SqlError {
  return new SqlError("22023", message, { position });
}
