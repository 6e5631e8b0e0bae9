// The function table put together, and the ways to look into it: by id, by name, by call.

import type { DataType } from "../../storage/common/data-type.ts";
import { invariant } from "../../storage/common/invariant.ts";
import { AGGREGATES } from "./aggregate.ts";
import { ARITHMETIC } from "./arithmetic.ts";
import { ARRAYS } from "./array.ts";
import { COMPARISON } from "./comparison.ts";
import { CONDITIONAL } from "./conditional.ts";
import { BYTES } from "./bytea.ts";
import { CODING } from "./coding.ts";
import { LIKES } from "./like.ts";
import { TRUNCATION } from "./truncate.ts";
import { MOMENTS } from "./moment.ts";
import { DATE_TIME } from "./date-time.ts";
import { EXTRACTION } from "./extract.ts";
import type { FunctionRow } from "./function.ts";
import { selectFunction, selectOperator, type Resolution } from "./overload.ts";
import { quantifiedRow } from "./quantified.ts";
import { JSON_FUNCTIONS } from "./json.ts";
import { TABLE_FUNCTIONS } from "./table-function.ts";
import { TEMPLATES } from "./template.ts";
import { MAPS } from "./map.ts";
import { MATH } from "./math.ts";
import { OVERLAPS } from "./overlaps.ts";
import { TRIGONOMETRY } from "./trigonometry.ts";
import { REGEX } from "./regex.ts";
import { SESSION_ROWS } from "./session.ts";
import { STATISTICS } from "./statistics.ts";
import { STRUCTS } from "./struct.ts";
import { WINDOW_FUNCTIONS } from "./window-function.ts";
import { TIME_WINDOWS } from "./time-window.ts";
import { TEXT_FUNCTIONS } from "./text.ts";

export const FUNCTIONS: readonly FunctionRow[] = [
  ...ARITHMETIC,
  ...COMPARISON,
  ...MATH,
  ...TRIGONOMETRY,
  ...CONDITIONAL,
  ...TEXT_FUNCTIONS,
  ...CODING,
  ...BYTES,
  ...LIKES,
  ...REGEX,
  ...ARRAYS,
  ...STRUCTS,
  ...MAPS,
  ...DATE_TIME,
  ...OVERLAPS,
  ...MOMENTS,
  ...EXTRACTION,
  ...TRUNCATION,
  ...TEMPLATES,
  ...TIME_WINDOWS,
  ...AGGREGATES,
  ...STATISTICS,
  ...WINDOW_FUNCTIONS,
  ...JSON_FUNCTIONS,
  ...TABLE_FUNCTIONS,
  ...SESSION_ROWS,
];

const BY_ID: ReadonlyMap<string, FunctionRow> = new Map(
  FUNCTIONS.map((row) => [row.id, row]),
);

const BY_NAME: ReadonlyMap<string, readonly FunctionRow[]> = grouped();

function grouped(): ReadonlyMap<string, readonly FunctionRow[]> {
  const rows = new Map<string, FunctionRow[]>();
  for (const row of FUNCTIONS) {
    const same = rows.get(row.name);
    if (same === undefined) rows.set(row.name, [row]);
    else same.push(row);
  }
  return rows;
}

/** The row with this id; also `any =(int4,int4)` and `all …`, made by `quantified`. */
export function functionById(id: string): FunctionRow {
  const row = BY_ID.get(id) ?? quantifiedById(id);
  invariant(row !== undefined, `no function ${id}`);
  return row;
}

function quantifiedById(id: string): FunctionRow | undefined {
  const match = /^(any|all) (.*)$/.exec(id);
  const inner = BY_ID.get(match?.[2] ?? "");
  if (match === null || inner === undefined) return undefined;
  return quantified(match[1] === "any" ? "any" : "all", inner);
}

/** All overloads of a name, operators left out unless `kinds` says so. Empty when the name means nothing. */
export function functionsNamed(name: string): readonly FunctionRow[] {
  return (BY_NAME.get(name) ?? []).filter((row) => row.kind !== "operator");
}

/** `name(args)`: scalar, aggregate, ordered-set, window and table functions share names and compete by their arguments. */
export function resolveFunction(
  name: string,
  args: readonly DataType[],
): Resolution {
  return selectFunction(functionsNamed(name), args);
}

/** `left symbol right`, or prefix `symbol right`. Also for `~~`, `is distinct from` and other operators without a spelling. */
export function resolveOperator(
  symbol: string,
  args: readonly DataType[],
): Resolution {
  const rows = (BY_NAME.get(symbol) ?? []).filter(
    (row) => row.kind === "operator",
  );
  return selectOperator(rows, args);
}

/** `x op ANY|ALL (array)` as a function of x and the array; `inner` is the row of `op`. */
export function quantified(
  quantifier: "any" | "all",
  inner: FunctionRow,
): FunctionRow {
  return quantifiedRow(quantifier, inner);
}
