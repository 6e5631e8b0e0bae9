// COALESCE, GREATEST, LEAST, the boolean tests and their kin. Arguments arrive with one common type.

import {
  BOOL,
  INT4,
  TEXT,
  type DataType,
} from "../../storage/common/data-type.ts";
import { operator, scalar, total } from "./define.ts";
import { NATIVE, castTo } from "./emit.ts";
import type { DuckDbEmitter, EmitCall, FunctionRow } from "./function.ts";
import { commonType } from "./types.ts";
import { chosen, unify } from "./unify.ts";

const first = (args: readonly DataType[]): DataType => {
  const found = commonType(args);
  return found.kind === "common" ? found.type : TEXT;
};

const coalesce: DuckDbEmitter = (call) =>
  chosen(call.args, call.type, (values) => `coalesce(${values.join(", ")})`);

/** Both skip NULLs, as PostgreSQL's do. */
function extreme(name: "greatest" | "least"): DuckDbEmitter {
  return (call) => {
    const unified = unify(call.args, call.type);
    if (unified.representation.kind !== "numeric-text") {
      return {
        sql: `${name}(${unified.sql.join(", ")})`,
        representation: unified.representation,
      };
    }
    return {
      sql: `num_${name}([${unified.sql.join(", ")}])`,
      representation: unified.representation,
    };
  };
}

function count(test: string): DuckDbEmitter {
  return (call: EmitCall) => ({
    sql: castTo(
      call.args.map((arg) => `(${arg.sql} ${test})::INTEGER`).join(" + "),
      "INTEGER",
    ),
    representation: NATIVE,
  });
}

const loose = { total: true, strict: false } as const;
const many = { ...loose, variadic: true } as const;

export const CONDITIONAL: readonly FunctionRow[] = [
  scalar("coalesce", ["anyelement"], first, { ...many, duckdb: coalesce }),
  scalar("greatest", ["anyelement"], first, {
    ...many,
    duckdb: extreme("greatest"),
  }),
  scalar("least", ["anyelement"], first, { ...many, duckdb: extreme("least") }),
  scalar("num_nonnulls", ["any"], INT4, {
    ...many,
    duckdb: count("IS NOT NULL"),
  }),
  scalar("num_nulls", ["any"], INT4, { ...many, duckdb: count("IS NULL") }),
  operator("is true", [BOOL], BOOL, {
    ...total((a) => `(${a} IS TRUE)`),
    strict: false,
  }),
  operator("is not true", [BOOL], BOOL, {
    ...total((a) => `(${a} IS NOT TRUE)`),
    strict: false,
  }),
  operator("is false", [BOOL], BOOL, {
    ...total((a) => `(${a} IS FALSE)`),
    strict: false,
  }),
  operator("is not false", [BOOL], BOOL, {
    ...total((a) => `(${a} IS NOT FALSE)`),
    strict: false,
  }),
];
