import { beforeAll, describe, expect, test } from "vitest";
import { SqlError } from "../../storage/common/errors.ts";
import { loadGrammar, parseTree } from "./grammar.ts";

beforeAll(loadGrammar);

describe("the instance", () => {
  test("it survives more statements that overflow its stack than would ruin one", async () => {
    const chain = `select ${Array.from({ length: 20_000 }, () => "a").join("||")}`;
    let failures = 0;
    for (let i = 0; i < 45; i++) {
      try {
        parseTree(chain);
      } catch (error) {
        expect(error).toBeInstanceOf(SqlError);
        expect(error).toMatchObject({ code: "54001" });
        failures++;
      }
      // Between statements of real clients the event loop turns, so the next spare can load.
      await loadGrammar();
      expect(parseTree("select 1").kind).toBe("tree");
    }
    expect(failures).toBe(45);
  });

  test("a syntax error is a value with its place in characters", () => {
    expect(parseTree("select 'é' , from")).toEqual({
      kind: "failure",
      message: 'syntax error at or near "from"',
      offset: 13,
    });
  });
});
