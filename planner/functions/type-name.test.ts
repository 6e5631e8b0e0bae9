// Type names of PostgreSQL and of Spark.

import { describe, expect, test } from "vitest";
import { SqlError } from "../../storage/common/errors.ts";
import {
  FLOAT4,
  FLOAT8,
  INT4,
  TEXT,
  TIMESTAMP,
  arrayOf,
  numeric,
  type DataType,
} from "../../storage/common/data-type.ts";
import type { TypeName } from "../parse/ast.ts";
import { resolveTypeName } from "./type-name.ts";

function name(text: string, more: Partial<TypeName> = {}): TypeName {
  return {
    name: text,
    position: 8,
    modifiers: [],
    arrayDepth: 0,
    arguments: [],
    fields: [],
    ...more,
  };
}

describe("type names", () => {
  test.each<[TypeName, DataType]>([
    [name("int"), INT4],
    [name("string"), TEXT],
    [name("float"), FLOAT8],
    [name("float", { modifiers: [24] }), FLOAT4],
    [name("tinyint"), { kind: "int1" }],
    [name("decimal", { modifiers: [10, 2] }), numeric(10, 2)],
    [name("numeric", { modifiers: [10] }), numeric(10, 0)],
    [name("char"), { kind: "bpchar", length: 1 }],
    [name("varchar", { modifiers: [5] }), { kind: "varchar", length: 5 }],
    [name("timestamp_ntz"), TIMESTAMP],
    [name("int4", { arrayDepth: 2 }), arrayOf(INT4)],
    [name("_int4"), arrayOf(INT4)],
    [name("array", { arguments: [name("string")] }), arrayOf(TEXT)],
    [
      name("map", { arguments: [name("string"), name("int")] }),
      { kind: "map", key: TEXT, value: INT4 },
    ],
    [
      name("struct", { fields: [{ name: "a", type: name("int") }] }),
      { kind: "struct", fields: [{ name: "a", type: INT4, nullable: true }] },
    ],
  ])("%o", (given, expected) => {
    expect(resolveTypeName(given)).toEqual(expected);
  });

  function failure(given: TypeName): string {
    try {
      resolveTypeName(given);
    } catch (error) {
      if (error instanceof SqlError) {
        return `${error.code} ${error.message} at ${String(error.position)}`;
      }
    }
    return "none";
  }

  test.each([
    [name("foo"), '42704 type "foo" does not exist at 8'],
    [
      name("numeric", { modifiers: [2000] }),
      "22023 NUMERIC precision 2000 must be between 1 and 1000 at 8",
    ],
    [
      name("varchar", { modifiers: [0] }),
      "22023 length for type varchar must be at least 1 at 8",
    ],
    [
      name("int4", { modifiers: [3] }),
      '42601 type modifier is not allowed for type "int4" at 8',
    ],
    [name("money"), "0A000 type money is not supported at 8"],
    [
      name("numeric", { modifiers: [40, 2] }),
      "0A000 numeric precision above 38 is not supported at 8",
    ],
  ])("refuses %o", (given, expected) => {
    expect(failure(given)).toBe(expected);
  });
});
