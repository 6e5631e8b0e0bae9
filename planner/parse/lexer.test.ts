import { describe, expect, test } from "vitest";
import { SqlError } from "../../storage/common/errors.ts";
import { fc } from "../../storage/common/property.testkit.ts";
import { MAX_TOKENS, tokenize } from "./lexer.ts";
import { stringValue } from "./string-value.ts";

function kinds(sql: string): string[] {
  return tokenize(sql).tokens.map((token) => `${token.kind} ${token.text}`);
}

function failure(sql: string): readonly [string, string, number | undefined] {
  try {
    tokenize(sql);
  } catch (error) {
    if (error instanceof SqlError) {
      return [error.code, error.message, error.position];
    }
    throw error;
  }
  throw new SqlError("XX000", `no error: ${sql}`);
}

describe("names", () => {
  test("unquoted words fold ASCII letters only", () => {
    expect(kinds("SeLeCT ÄbC $1 a$b")).toEqual([
      "word select",
      "word Äbc",
      "parameter $1",
      "word a$b",
    ]);
  });

  test("a doubled quote inside a quoted name stands for one", () => {
    expect(kinds('"a""b" `c``d` "e`f" `g"h`')).toEqual([
      'quoted a"b',
      "backtick c`d",
      "quoted e`f",
      'backtick g"h',
    ]);
  });

  test("a back-quoted name may hold an apostrophe", () => {
    expect(kinds("`it's` x")).toEqual(["backtick it's", "word x"]);
  });
});

describe("strings", () => {
  test("every kind of string constant is one token", () => {
    const strings = [
      "'a''b'",
      "E'a\\'b'",
      "B'01'",
      "x'1F'",
      "N'n'",
      "U&'d\\0061'",
      "$$a'b$$",
      "$tag$ $$ $tag$",
    ];
    expect(kinds(strings.join(" "))).toEqual(
      strings.map((text) => `string ${text}`),
    );
  });

  test("a constant goes on behind a line break, and only there", () => {
    expect(kinds("'a'\n  'b'")).toEqual(["string 'a'\n  'b'"]);
    expect(kinds("'a' -- c\n 'b'")).toEqual(["string 'a' -- c\n 'b'"]);
    expect(kinds("'a' 'b'")).toEqual(["string 'a'", "string 'b'"]);
  });

  test.each([
    ["'a''b'", "a'b"],
    ["'a'\n'b''c'", "ab'c"],
    ["E'a\\n\\'\\x41\\u00e9\\101\\q'", "a\n'AéAq"],
    ["$x$it's$x$", "it's"],
    ["n'a'", "a"],
  ])("%s says %s", (source, value) => {
    const token = tokenize(source).tokens[0];
    expect(token && stringValue(source, token)).toBe(value);
  });
});

describe("numbers and operators", () => {
  test("numbers take every form of PostgreSQL's", () => {
    expect(kinds("1 1.5 .5 1. 1e10 1.5e-3 0xFF 0b01 1_000 1..2")).toEqual([
      ...[
        "1",
        "1.5",
        ".5",
        "1.",
        "1e10",
        "1.5e-3",
        "0xFF",
        "0b01",
        "1_000",
      ].map((text) => `number ${text}`),
      "number 1",
      "symbol ..",
      "number 2",
    ]);
  });

  test("an operator ends in a sign only when it has a special character", () => {
    expect(kinds("a<-1")).toEqual([
      "word a",
      "operator <",
      "operator -",
      "number 1",
    ]);
    expect(kinds("a@-1")).toEqual(["word a", "operator @-", "number 1"]);
    expect(kinds("a->>'b'")).toEqual(["word a", "operator ->>", "string 'b'"]);
  });

  test("an operator stops where a comment begins", () => {
    expect(kinds("1+--x\n2")).toEqual(["number 1", "operator +", "number 2"]);
    expect(kinds("1*/*x*/2")).toEqual(["number 1", "operator *", "number 2"]);
  });

  test("block comments nest", () => {
    expect(kinds("1 /* a /* b */ c */ 2")).toEqual(["number 1", "number 2"]);
  });

  test("a question mark is an operator unless it is a parameter", () => {
    expect(kinds("a=?")).toEqual(["word a", "operator =?"]);
    const tokens = tokenize("a=?", { questionMarks: true }).tokens;
    expect(tokens.map((token) => token.text)).toEqual(["a", "=", "?"]);
  });
});

describe("positions", () => {
  test("they count characters, not UTF-16 units", () => {
    const { tokens, endPosition } = tokenize("'😀' é 😀x");
    expect(tokens.map((token) => token.position)).toEqual([1, 5, 7]);
    expect(endPosition).toBe(9);
  });

  test("tokens are slices of the text, in order, whatever the text", () => {
    const piece = fc.constantFrom(
      ..."a B \"q\" `b` 'x' $1 $$d$$ 1.5 :: <= -- /* ( ) é 😀 ; : ? \n . @ ->>".split(
        " ",
      ),
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const sql = pieces.join(" ");
        let tokens;
        try {
          tokens = tokenize(sql).tokens;
        } catch (error) {
          expect(error).toBeInstanceOf(SqlError);
          return;
        }
        let end = 0;
        for (const token of tokens) {
          expect(token.start).toBeGreaterThanOrEqual(end);
          expect(token.end).toBeGreaterThan(token.start);
          const before = Array.from(sql.slice(0, token.start)).length;
          expect(token.position).toBe(before + 1);
          end = token.end;
        }
      }),
    );
  });
});

describe("text that cannot be read", () => {
  test.each([
    ["select 'abc", 'unterminated quoted string at or near "\'abc"', 8],
    ["select E'a\\'", "unterminated quoted string at or near \"E'a\\'\"", 8],
    ['select "abc', 'unterminated quoted identifier at or near ""abc"', 8],
    ["select `abc", 'unterminated quoted identifier at or near "`abc"', 8],
    ["select /* a", 'unterminated /* comment at or near "/* a"', 8],
    ["select $a$b", 'unterminated dollar-quoted string at or near "$a$b"', 8],
    ["select b'0", 'unterminated bit string literal at or near "b\'0"', 8],
    ["x'0", 'unterminated hexadecimal string literal at or near "x\'0"', 1],
    ['select ""', 'zero-length delimited identifier at or near """"', 8],
    [
      "select 12abc",
      'trailing junk after numeric literal at or near "12abc"',
      8,
    ],
    ["select $1a", 'trailing junk after parameter at or near "$1a"', 8],
  ])("%s", (sql, message, position) => {
    expect(failure(sql)).toEqual(["42601", message, position]);
  });

  test("a NUL character and half a surrogate pair are invalid encoding", () => {
    expect(failure("select '\0'")).toEqual([
      "22021",
      'invalid byte sequence for encoding "UTF8": 0x00',
      9,
    ]);
    expect(failure("select '😀\ud83d'")).toEqual([
      "22021",
      'invalid byte sequence for encoding "UTF8": 0xed 0xa0 0xbd',
      10,
    ]);
  });

  test("a message repeats at most 1,000 characters of the text", () => {
    const [, message] = failure(`'${"x".repeat(1 << 20)}`);
    expect(message.length).toBeLessThan(1100);
  });

  test("a text of too many tokens is refused before anything else", () => {
    expect(failure("a ".repeat(MAX_TOKENS + 1))[0]).toBe("54001");
    expect(tokenize("a ".repeat(MAX_TOKENS)).tokens).toHaveLength(MAX_TOKENS);
  });
});
