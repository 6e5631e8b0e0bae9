// The binder's errors are PostgreSQL's: code, wording, position, detail and hint.

import { expect, test } from "vitest";
import { SqlError } from "../../../storage/common/errors.ts";
import { bindSql } from "../bind.testkit.ts";
import { FAILING_CHANGES } from "../change/errors.testkit.ts";
import { FAILING_STATEMENTS, type FailingStatement } from "./errors.testkit.ts";

function failureOf(sql: string): FailingStatement | undefined {
  try {
    bindSql(sql, { searchPath: ["public"] });
    return undefined;
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    const { code, message, position, detail, hint } = error;
    return {
      sql,
      code,
      message,
      ...(position === undefined ? {} : { position }),
      ...(detail === undefined ? {} : { detail }),
      ...(hint === undefined ? {} : { hint }),
    };
  }
}

test.each([...FAILING_STATEMENTS, ...FAILING_CHANGES])(
  "$sql fails as in PostgreSQL",
  (expected) => {
    expect(failureOf(expected.sql)).toEqual(expected);
  },
);
