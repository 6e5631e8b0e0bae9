import { describe, expect, test } from "vitest";
import { SqlError } from "../../storage/common/errors.ts";
import { raisedError, raisedText } from "./raised-error.ts";

const ERRORS = [
  new SqlError("22012", "division by zero"),
  new SqlError("22001", "too long", { detail: "A detail." }),
  new SqlError("22023", "not so", { hint: "Do so." }),
  new SqlError("23502", "null value", {
    detail: "Failing row contains (\u0001, \u0002, \u0003, null).",
    hint: "Give a value.",
    object: { schema: "public", table: 'a "b"\u0001', column: "c" },
  }),
  new SqlError("23514", "not kept", {
    object: { schema: "s", table: "t", constraint: "positive" },
  }),
];

describe("an error that a kernel raises", () => {
  test.each(ERRORS)("$message: comes back as it went", (error) => {
    const back = raisedError(`Invalid Input Error: ${raisedText(error)}`);
    expect(back).toStrictEqual(error);
  });

  test.each(["Out of Memory Error: 1", "Conversion Error: ABC12:x"])(
    "%s is the kernel's own",
    (text) => {
      expect(raisedError(text)).toBeUndefined();
    },
  );
});
