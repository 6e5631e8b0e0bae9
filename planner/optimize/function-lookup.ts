// The optimizer's way into the function table: rules ask whether an overload exists before they build a call to it.

import type { FunctionRow } from "../functions/function.ts";
import { FUNCTIONS, functionById } from "../functions/registry.ts";

const BY_ID: ReadonlyMap<string, FunctionRow> = new Map(
  FUNCTIONS.map((row) => [row.id, row]),
);

/** The row of an id, undefined when there is none; `any …` and `all …` are made from their operator. */
export function lookupFunction(id: string): FunctionRow | undefined {
  return (
    BY_ID.get(id) ?? (/^(any|all) /u.test(id) ? functionById(id) : undefined)
  );
}
