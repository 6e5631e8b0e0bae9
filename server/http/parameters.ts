// The `parameters` of a statement: `:name` or 1-based ordinals, each a string with a type name -> typed scalars.

import type { Scalar } from "../../storage/common/scalar.ts";
import { SqlError } from "../../storage/common/errors.ts";
import {
  BOOL,
  BYTEA,
  DATE,
  FLOAT4,
  FLOAT8,
  INT1,
  INT2,
  INT4,
  INT8,
  TEXT,
  TIMESTAMP,
  TIMESTAMPTZ,
  VOID,
  numeric,
  type DataType,
} from "../../storage/common/data-type.ts";
import { readValue } from "../../planner/functions/input.ts";
import type { Markers } from "../session/engine.ts";
import { invalidParameter } from "./problem.ts";

export interface ParameterInput {
  readonly name?: string;
  readonly ordinal?: number;
  readonly value?: string | null;
  readonly type?: string;
}

export interface BoundParameters {
  readonly markers: Markers | undefined;
  readonly types: readonly DataType[];
  readonly values: readonly (string | null)[];
}

/** Throws 400 INVALID_PARAMETER_VALUE for a list that mixes or repeats markers, or names a type we do not know. */
export function readParameters(
  list: readonly ParameterInput[],
): BoundParameters {
  if (list.length === 0) return { markers: undefined, types: [], values: [] };
  const named = list[0]?.name !== undefined;
  const sorted = named
    ? list
    : list.toSorted((a, b) => (a.ordinal ?? 0) - (b.ordinal ?? 0));
  sorted.forEach((item, at) => {
    if (
      named
        ? item.name === undefined || item.ordinal !== undefined
        : item.ordinal !== at + 1
    ) {
      throw invalidParameter(
        "Parameters must all have a name, or all have ordinals from 1.",
      );
    }
  });
  const names = sorted.map((item) => item.name ?? "");
  if (named && new Set(names).size < names.length)
    throw invalidParameter("A parameter name is given twice.");
  return {
    markers: named ? { names } : { ordinals: sorted.length },
    types: sorted.map((item) => typeOf(item.type ?? "STRING")),
    values: sorted.map((item) => item.value ?? null),
  };
}

/** Throws 22018 naming the parameter when its value is no value of its type. */
export function toScalars(
  parameters: BoundParameters,
  timeZone: string,
): readonly Scalar[] {
  return parameters.types.map((type, at) => {
    const text = parameters.values[at] ?? null;
    if (text === null) return { type, text };
    try {
      return {
        type,
        text: readValue(text, type, {
          timeZone,
          dateStyle: "ISO, MDY",
        }),
      };
    } catch (cause) {
      const marker =
        parameters.markers !== undefined && "names" in parameters.markers
          ? parameters.markers.names[at]
          : String(at + 1);
      throw new SqlError(
        "22018",
        `parameter "${marker ?? ""}": ${cause instanceof Error ? cause.message : "invalid value"}`,
        { cause },
      );
    }
  });
}

const SIMPLE: Readonly<Record<string, DataType>> = {
  STRING: TEXT,
  BOOLEAN: BOOL,
  TINYINT: INT1,
  BYTE: INT1,
  SMALLINT: INT2,
  SHORT: INT2,
  INT: INT4,
  INTEGER: INT4,
  BIGINT: INT8,
  LONG: INT8,
  FLOAT: FLOAT4,
  REAL: FLOAT4,
  DOUBLE: FLOAT8,
  DATE,
  TIMESTAMP: TIMESTAMPTZ,
  TIMESTAMP_LTZ: TIMESTAMPTZ,
  TIMESTAMP_NTZ: TIMESTAMP,
  BINARY: BYTEA,
  VOID,
};

function typeOf(text: string): DataType {
  const upper = text.trim().toUpperCase();
  const simple = SIMPLE[upper];
  if (simple !== undefined) return simple;
  const decimal =
    /^(?:DECIMAL|DEC|NUMERIC)(?:\s*\(\s*(\d{1,2})\s*(?:,\s*(\d{1,2})\s*)?\))?$/.exec(
      upper,
    );
  if (decimal !== null)
    return numeric(Number(decimal[1] ?? 10), Number(decimal[2] ?? 0));
  const character = /^(VARCHAR|CHAR)\s*\(\s*\d+\s*\)$/.test(upper);
  if (character) return TEXT;
  throw invalidParameter(`"${text}" is not a parameter type.`);
}
