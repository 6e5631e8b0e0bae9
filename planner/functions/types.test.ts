// Casts and common types, as pg_cast and select_common_type have them.

import { describe, expect, test } from "vitest";
import {
  BOOL,
  DATE,
  FLOAT8,
  INT2,
  INT4,
  INT8,
  JSONB,
  NUMERIC,
  TEXT,
  TIMESTAMP,
  TIMESTAMPTZ,
  UNKNOWN,
  arrayOf,
  numeric,
  type DataType,
} from "../../storage/common/data-type.ts";
import { fc } from "../../storage/common/property.testkit.ts";
import { canCoerce, commonType } from "./types.ts";

const VARCHAR10: DataType = { kind: "varchar", length: 10 };

describe("casts", () => {
  test.each<[DataType, DataType, string]>([
    [INT4, INT8, "implicit"],
    [INT8, INT4, "assignment"],
    [NUMERIC, FLOAT8, "implicit"],
    [FLOAT8, NUMERIC, "assignment"],
    [INT4, BOOL, "explicit"],
    [DATE, TIMESTAMPTZ, "implicit"],
    [TIMESTAMPTZ, DATE, "assignment"],
    [INT4, TEXT, "assignment"],
    [TEXT, INT4, "explicit"],
    [arrayOf(INT4), arrayOf(INT8), "implicit"],
    [JSONB, INT4, "explicit"],
  ])("from %o to %o at the earliest %s", (from, to, first) => {
    const allowed = (["implicit", "assignment", "explicit"] as const).filter(
      (context) => canCoerce(from, to, context),
    );
    expect(allowed[0]).toBe(first);
  });

  test.each<[DataType, DataType]>([
    [DATE, INT4],
    [BOOL, NUMERIC],
    [INT4, DATE],
    [INT8, BOOL],
    [arrayOf(INT4), INT4],
  ])("from %o to %o never", (from, to) => {
    expect(canCoerce(from, to, "explicit")).toBe(false);
  });
});

describe("common types", () => {
  test.each<[DataType[], DataType]>([
    [[INT4, INT8], INT8],
    [[INT2, NUMERIC], NUMERIC],
    [[NUMERIC, FLOAT8], FLOAT8],
    [[DATE, TIMESTAMP], TIMESTAMP],
    [[UNKNOWN, INT4], INT4],
    [[UNKNOWN, UNKNOWN], TEXT],
    [[VARCHAR10, VARCHAR10], VARCHAR10],
    [[VARCHAR10, TEXT], { kind: "varchar" }],
    [[numeric(5, 2), numeric(5, 2)], numeric(5, 2)],
    [[numeric(5, 2), numeric(6, 2)], NUMERIC],
    [[numeric(5, 2), INT4], NUMERIC],
    [[UNKNOWN, VARCHAR10], { kind: "varchar" }],
  ])("%o have %o", (types, expected) => {
    expect(commonType(types)).toEqual({ kind: "common", type: expected });
  });

  test("types of two categories do not go together, and the message names both", () => {
    expect(commonType([INT4, TEXT])).toEqual({
      kind: "mismatch",
      left: INT4,
      right: TEXT,
    });
  });

  const scalars = fc.constantFrom<DataType>(
    INT2,
    INT4,
    INT8,
    NUMERIC,
    FLOAT8,
    TEXT,
    VARCHAR10,
    DATE,
    TIMESTAMP,
    TIMESTAMPTZ,
    BOOL,
    UNKNOWN,
  );

  test("every input can be brought to the common type implicitly", () => {
    fc.assert(
      fc.property(
        fc.array(scalars, { minLength: 1, maxLength: 4 }),
        (types) => {
          const found = commonType(types);
          fc.pre(found.kind === "common");
          const { type } = found;
          expect(types.every((item) => canCoerce(item, type, "implicit"))).toBe(
            true,
          );
        },
      ),
    );
  });
});
