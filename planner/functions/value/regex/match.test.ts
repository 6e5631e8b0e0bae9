// The matching engine against JavaScript's where both must agree: whether and where a match begins, for expressions without
// alternatives that differ in length.

import { describe, expect, test } from "vitest";
import { fc } from "../../../../storage/common/property.testkit.ts";
import { CompiledRegex, codePoints } from "./match.ts";

function find(
  pattern: string,
  text: string,
): readonly [number, number] | undefined {
  const match = new CompiledRegex(pattern, "").find(codePoints(text), 0);
  return match === undefined ? undefined : [match.start, match.end];
}

const atoms = fc.constantFrom("a", "b", ".", "[ab]", "[^a]", "(?:ab)", "\\w");
const counts = fc.constantFrom("", "*", "+", "?", "{2}", "{1,2}");
const patterns = fc
  .array(fc.tuple(atoms, counts), { minLength: 1, maxLength: 4 })
  .map((parts) => parts.map(([atom, count]) => atom + count).join(""));
const texts = fc.string({
  unit: fc.constantFrom("a", "b", "c"),
  maxLength: 10,
});

describe("matching", () => {
  test("finds a match exactly where JavaScript finds one, and never a shorter", () => {
    fc.assert(
      fc.property(patterns, texts, (pattern, text) => {
        const ours = find(pattern, text);
        const theirs = new RegExp(pattern, "su").exec(text);
        expect(ours?.[0]).toBe(theirs?.index);
        if (theirs !== null) {
          expect(ours?.[1]).toBeGreaterThanOrEqual(
            theirs.index + theirs[0].length,
          );
        }
      }),
      { numRuns: 500 },
    );
  });

  test("takes the longest of several alternatives", () => {
    expect(find("o|oo", "foo")).toEqual([1, 3]);
  });

  test("takes the shortest when the expression prefers that", () => {
    expect(find("o+?", "foo")).toEqual([1, 2]);
  });

  test("runs in time that grows with the text on patterns that trap backtracking", () => {
    const text = "a".repeat(2000);
    expect(find("^(a+)+$", `${text}!`)).toBeUndefined();
    expect(find("^(?:a|aa)*b", text)).toBeUndefined();
  });

  test.each(["(?=a)", "(?<!a)b", "(a)\\1"])("refuses %s", (pattern) => {
    expect(() => new CompiledRegex(pattern, "")).toThrow("not supported");
  });
});
