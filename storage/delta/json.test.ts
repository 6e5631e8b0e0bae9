import { expect, test } from "vitest";
import { fc } from "../common/property.testkit.ts";
import { parseJson, printJson } from "./json.ts";

test("L5: numbers keep their text", () => {
  const text =
    '{"a":9223372036854775807,"b":[1.10,-0.0,1E400],"c":{"d":null,"e":true}}';
  const value = parseJson(text);
  expect(value === undefined ? undefined : printJson(value)).toBe(text);
});

test.each([
  "",
  "{",
  "{}x",
  '{"a":1,}',
  "[1 2]",
  "01",
  "'a'",
  '"\u0001"',
  '{"a"}',
  "nul",
  '"\\x"',
  `${"[".repeat(600)}${"]".repeat(600)}`,
])("%j is not JSON", (text) => {
  expect(parseJson(text)).toBeUndefined();
});

test("what JSON.stringify prints is read as JSON.parse reads it", () => {
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
      const text = JSON.stringify(value);
      const parsed = parseJson(` ${text}\n`);
      expect(parsed === undefined ? undefined : printJson(parsed)).toBe(text);
    }),
  );
});
