// Maps put together from keys and values: Databricks' constructors. A key is there once, and never NULL.

import type { DataType } from "../../storage/common/data-type.ts";
import type { Expression } from "../logical/expression.ts";
import { asElement } from "./array.ts";
import { NATIVE, kernelType, once, raise } from "./emit.ts";
import type { DuckDbEmitter, EmitCall, FunctionRow } from "./function.ts";

const NULL_KEY = raise("22004", "map keys must not be null");
const TWICE = raise("23505", "map keys must be unique");
const LENGTHS = raise(
  "22023",
  "the arrays of a map's keys and values must have the same length",
);

function checkedMap(keys: string, values: string, type: DataType): string {
  return `(${once(keys, (k) =>
    once(
      values,
      (v) =>
        `CASE WHEN ${k} IS NULL OR ${v} IS NULL THEN NULL WHEN len(${k}) <> len(${v}) THEN ${LENGTHS} ` +
        `WHEN list_contains(list_transform(${k}, lambda item: item IS NULL), true) THEN ${NULL_KEY} ` +
        `WHEN len(list_distinct(${k})) <> len(${k}) THEN ${TWICE} ELSE map(${k}, ${v})::${kernelType(type)} END`,
    ),
  )})`;
}

const ofEntries: DuckDbEmitter = (call) => {
  const { args, type } = call;
  if (type.kind !== "map") return { sql: "NULL", representation: NATIVE };
  const list = (element: DataType, parity: number): string =>
    `[${args
      .filter((_, i) => i % 2 === parity)
      .map((value) => asElement(value, element))
      .join(", ")}]::${kernelType(element)}[]`;
  const sql = checkedMap(list(type.key, 0), list(type.value, 1), type);
  return { sql, representation: NATIVE };
};

const ofArrays = (call: EmitCall): ReturnType<DuckDbEmitter> => ({
  sql: checkedMap(
    call.args[0]?.sql ?? "NULL",
    call.args[1]?.sql ?? "NULL",
    call.type,
  ),
  representation: NATIVE,
});

function builder(name: string, duckdb: DuckDbEmitter): FunctionRow {
  return {
    id: `${name}(any)`,
    name,
    kind: "operator",
    args: [{ kind: "any" }],
    variadic: true,
    returns: () => ({ kind: "record" }),
    strict: false,
    volatility: "immutable",
    total: false,
    duckdb,
  };
}

/** Not callable by name, as the struct's: the result type is the call's. */
const ENTRIES = builder("map of entries", ofEntries);
const ARRAYS = builder("map of arrays", ofArrays);

export const MAPS: readonly FunctionRow[] = [ENTRIES, ARRAYS];

/** `entries`: key, value, key, value … already of the map's types. */
export function mapOf(
  type: DataType,
  entries: readonly Expression[],
): Expression {
  return { kind: "call", function: ENTRIES.id, args: entries, type };
}

export function mapOfArrays(
  type: DataType,
  keys: Expression,
  values: Expression,
): Expression {
  return { kind: "call", function: ARRAYS.id, args: [keys, values], type };
}
