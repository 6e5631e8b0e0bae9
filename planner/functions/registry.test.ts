// The function table as a whole: ids, signatures, and what each row promises.

import { describe, expect, test } from "vitest";
import {
  INT4,
  INT8,
  NUMERIC,
  TEXT,
  UNKNOWN,
  arrayOf,
  numeric,
  type DataType,
} from "../../storage/common/data-type.ts";
import {
  FUNCTIONS,
  functionById,
  functionsNamed,
  quantified,
  resolveFunction,
  resolveOperator,
} from "./registry.ts";
import { rowId } from "./overload.ts";
import { SESSION_FUNCTIONS } from "./session.ts";

describe("the table", () => {
  test("has unique ids", () => {
    const ids = FUNCTIONS.map((row) => row.id);
    expect(ids.filter((id, i) => ids.indexOf(id) !== i)).toEqual([]);
  });

  test("has ids that tell name and arguments", () => {
    for (const row of FUNCTIONS) expect(row.id).toBe(rowId(row.name, row.args));
  });

  test("has no two rows that take the same arguments as the same kind", () => {
    const keys = FUNCTIONS.map(
      (row) => `${row.kind === "operator" ? "operator" : "function"} ${row.id}`,
    );
    expect(new Set(keys).size).toBe(keys.length);
  });

  test("is as large as the clients need", () => {
    const names = new Set(
      FUNCTIONS.filter((row) => row.kind !== "operator").map((row) => row.name),
    );
    expect(names.size).toBeGreaterThan(200);
  });

  test("resolves every row by its own argument types", () => {
    const lost = FUNCTIONS.filter((row) =>
      row.args.every((pattern) => pattern.kind === "exact"),
    ).filter((row) => {
      const types = row.args.map((pattern) =>
        pattern.kind === "exact" ? pattern.type : TEXT,
      );
      const found =
        row.kind === "operator"
          ? resolveOperator(row.name, types)
          : resolveFunction(row.name, types);
      return found.kind !== "match" || found.row.id !== row.id;
    });
    expect(lost.map((row) => row.id)).toEqual([]);
  });

  test("marks no volatile or session row as total work for barriers to skip", () => {
    for (const id of SESSION_FUNCTIONS)
      expect(functionById(id).total).toBe(false);
  });

  test("gives several columns a name and a type each", () => {
    for (const row of FUNCTIONS.filter((item) => item.kind === "table")) {
      const columns = row.columns?.([TEXT]) ?? [];
      expect(columns.every((column) => column.name !== "")).toBe(true);
    }
  });
});

describe("resolution", () => {
  const returns = (
    name: string,
    types: readonly DataType[],
  ): DataType | string => {
    const found = resolveFunction(name, types);
    return found.kind === "match" ? found.returns : found.kind;
  };

  test("sum widens as PostgreSQL's does", () => {
    expect(returns("sum", [INT4])).toEqual(INT8);
    expect(returns("sum", [INT8])).toEqual(NUMERIC);
    expect(returns("sum", [numeric(15, 2)])).toEqual(NUMERIC);
  });

  test("a Delta byte counts as int2", () => {
    expect(returns("sum", [{ kind: "int1" }])).toEqual(INT8);
  });

  test("an untyped operand takes the other side's type", () => {
    const found = resolveOperator("=", [numeric(15, 2), UNKNOWN]);
    expect(found.kind === "match" && found.row.id).toBe("=(numeric,numeric)");
  });

  test("two untyped operands of + are ambiguous", () => {
    expect(resolveOperator("+", [UNKNOWN, UNKNOWN]).kind).toBe("ambiguous");
  });

  test("two untyped operands of || are text", () => {
    const found = resolveOperator("||", [UNKNOWN, UNKNOWN]);
    expect(found.kind === "match" && found.row.id).toBe("||(text,text)");
  });

  test("date_trunc of a date means timestamptz, the preferred type", () => {
    const found = resolveFunction("date_trunc", [UNKNOWN, { kind: "date" }]);
    expect(found.kind === "match" && found.row.id).toBe(
      "date_trunc(text,timestamptz)",
    );
  });

  test("varchar arguments of text functions need no cast", () => {
    const varchar: DataType = { kind: "varchar", length: 10 };
    const found = resolveFunction("lower", [varchar]);
    expect(found.kind === "match" && found.argTypes).toEqual([varchar]);
  });

  test("a polymorphic array takes its element from both sides", () => {
    const found = resolveOperator("||", [arrayOf(INT4), INT8]);
    expect(found.kind === "match" && found.argTypes).toEqual([
      arrayOf(INT8),
      INT8,
    ]);
  });

  test("variadic functions take any number of arguments", () => {
    const found = resolveFunction("concat", [TEXT, INT4, UNKNOWN, INT8]);
    expect(found.kind === "match" && found.argTypes.length).toBe(4);
  });

  test("a name that means nothing has no candidates", () => {
    expect(functionsNamed("no_such_function")).toEqual([]);
    expect(resolveFunction("no_such_function", []).kind).toBe("none");
  });

  test("ANY and ALL are found again by the id of their operator", () => {
    const row = quantified("any", functionById("=(int4,int4)"));
    expect(functionById(row.id).id).toBe("any =(int4,int4)");
  });
});
