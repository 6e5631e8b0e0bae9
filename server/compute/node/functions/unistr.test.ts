import { describe, expect, test } from "vitest";
import { unistr } from "./unistr.ts";

describe("unistr", () => {
  test.each([
    ["d\\0061t\\+000061", "data"],
    ["d\\u0061t\\U00000061", "data"],
    ["\\d83d\\de00 \\\\ plain", "\u{1f600} \\ plain"],
    ["", ""],
  ])("reads %s as %s", (escaped, plain) => {
    expect(unistr(escaped)).toBe(plain);
  });

  test.each([
    ["\\xyz", "invalid Unicode escape"],
    ["\\d83d", "invalid Unicode surrogate pair"],
    ["\\0000", "invalid Unicode code point: 0000"],
    ["\\U00110000", "invalid Unicode code point: 110000"],
  ])("refuses %s: %s", (escaped, message) => {
    expect(() => unistr(escaped)).toThrow(message);
  });
});
