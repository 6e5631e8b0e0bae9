// Short ways to write rows of the function table.

import type { DataType } from "../../storage/common/data-type.ts";
import { NATIVE } from "./emit.ts";
import type { DuckDbEmitter, FunctionRow, TypePattern } from "./function.ts";
import { rowId } from "./overload.ts";

export type ArgPattern =
  DataType | Exclude<TypePattern, { kind: "exact" }>["kind"];
export type Returns = DataType | ((args: readonly DataType[]) => DataType);

/** What a row says beyond name and types; immutable and strict unless told. */
export interface Traits {
  readonly duckdb: DuckDbEmitter;
  readonly total: boolean;
  readonly strict?: boolean;
  readonly volatility?: FunctionRow["volatility"];
  readonly variadic?: boolean;
  readonly optional?: number;
  readonly argNames?: readonly string[];
  readonly defaults?: readonly string[];
  readonly columns?: FunctionRow["columns"];
}

export type SqlTemplate = (...args: string[]) => string;

/** A native result from the arguments' SQL. */
export function native(template: SqlTemplate): DuckDbEmitter {
  return (call) => ({
    sql: template(...call.args.map((arg) => arg.sql)),
    representation: NATIVE,
  });
}

/** Never raises an error. */
export function total(template: SqlTemplate): Traits {
  return { duckdb: native(template), total: true };
}

/** May raise an error for some input. */
export function partial(template: SqlTemplate): Traits {
  return { duckdb: native(template), total: false };
}

export function scalar(
  name: string,
  args: readonly ArgPattern[],
  returns: Returns,
  traits: Traits,
): FunctionRow {
  return define("scalar", { name, args, returns }, traits);
}

/** Two arguments, or one for a prefix operator. */
export function operator(
  name: string,
  args: readonly ArgPattern[],
  returns: Returns,
  traits: Traits,
): FunctionRow {
  return define("operator", { name, args, returns }, traits);
}

export function define(
  kind: FunctionRow["kind"],
  signature: {
    readonly name: string;
    readonly args: readonly ArgPattern[];
    readonly returns: Returns;
  },
  traits: Traits,
): FunctionRow {
  const args = signature.args.map(toPattern);
  const { returns } = signature;
  return {
    id: rowId(signature.name, args),
    name: signature.name,
    kind,
    args,
    returns: typeof returns === "function" ? returns : () => returns,
    variadic: traits.variadic ?? false,
    strict: traits.strict ?? true,
    volatility: traits.volatility ?? "immutable",
    total: traits.total,
    duckdb: traits.duckdb,
    ...(traits.optional === undefined ? {} : { optional: traits.optional }),
    ...(traits.argNames === undefined ? {} : { argNames: traits.argNames }),
    ...(traits.defaults === undefined ? {} : { defaults: traits.defaults }),
    ...(traits.columns === undefined ? {} : { columns: traits.columns }),
  };
}

function toPattern(pattern: ArgPattern): TypePattern {
  return typeof pattern === "string"
    ? { kind: pattern }
    : { kind: "exact", type: pattern };
}
