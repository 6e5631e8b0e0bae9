// Mathematical functions: rounding, roots, logarithms, whole-number helpers.

import {
  DATE,
  FLOAT8,
  INT2,
  INT4,
  INT8,
  NUMERIC,
  TEXT,
  TIMESTAMP,
  TIMESTAMPTZ,
  type DataType,
} from "../../storage/common/data-type.ts";
import {
  OVERFLOW,
  UNDERFLOW,
  floatPower,
  floatRoot,
  integerModulo,
} from "./arithmetic.ts";
import { partial, scalar, total, type SqlTemplate } from "./define.ts";
import {
  MAX_DIGITS,
  NATIVE,
  NUMERIC_TEXT,
  castTo,
  decimal,
  kernelType,
  numericText,
  once,
  raise,
} from "./emit.ts";
import type { DuckDbEmitter, Emitted, FunctionRow } from "./function.ts";
import { constantInteger } from "./literal.ts";
import { numericFunction, numericUnary } from "./numeric-emit.ts";

const INTEGERS: readonly DataType[] = [INT2, INT4, INT8];

/** To a constant scale by a cast, which rounds half away from zero; otherwise by text. */
const roundTo: DuckDbEmitter = ({ args }) => {
  const [value, digits] = args;
  const scale = digits === undefined ? 0 : constantInteger(digits.sql);
  if (
    value?.representation.kind === "decimal" &&
    scale !== undefined &&
    scale >= 0
  ) {
    const from = value.representation;
    const whole = from.precision - from.scale + (scale < from.scale ? 1 : 0);
    if (whole + scale <= MAX_DIGITS) {
      const representation = decimal(Math.max(whole + scale, 1), scale);
      return {
        sql: castTo(value.sql, kernelType(NUMERIC, representation)),
        representation,
      };
    }
  }
  return textWithDigits("num_round", args);
};

function textWithDigits(
  name: string,
  args: readonly Emitted[],
): ReturnType<DuckDbEmitter> {
  const [value, digits] = args;
  const text = value === undefined ? "NULL" : numericText(value);
  return {
    sql: `${name}(${text}, ${digits?.sql ?? "0::INTEGER"})`,
    representation: NUMERIC_TEXT,
  };
}

/** ceil, floor and trunc of a decimal: the kernel's own, at scale 0. */
function toWhole(kernelName: string, textName: string): DuckDbEmitter {
  return ({ args }) => {
    const [value] = args;
    if (value?.representation.kind !== "decimal") {
      return {
        sql: `${textName}(${value?.sql ?? "NULL"})`,
        representation: NUMERIC_TEXT,
      };
    }
    const { precision, scale } = value.representation;
    const representation = decimal(precision - scale + 1, 0);
    return {
      sql: castTo(
        `${kernelName}(${value.sql})`,
        kernelType(NUMERIC, representation),
      ),
      representation,
    };
  };
}

const truncNumeric: DuckDbEmitter = (call) =>
  call.args.length === 1 && call.args[0]?.representation.kind === "decimal"
    ? toWhole("trunc", "num_trunc")(call)
    : textWithDigits("num_trunc", call.args);

const signNumeric: DuckDbEmitter = ({ args }) => {
  const [value] = args;
  if (value?.representation.kind !== "decimal") {
    return {
      sql: `num_sign(${value?.sql ?? "NULL"})`,
      representation: NUMERIC_TEXT,
    };
  }
  return {
    sql: `sign(${value.sql})::DECIMAL(1,0)`,
    representation: decimal(1, 0),
  };
};

/** A numeric argument as text, a native result. */
function onText(template: SqlTemplate): DuckDbEmitter {
  return ({ args }) => ({
    sql: template(
      ...args.map((arg) =>
        arg.type.kind === "numeric" ? numericText(arg) : arg.sql,
      ),
    ),
    representation: NATIVE,
  });
}

/** NaN passes, infinity or a value outside [-1, 1] is an error. */
const floatLog =
  (name: string): SqlTemplate =>
  (x = "") =>
    once(
      x,
      (v) =>
        `CASE WHEN ${v} = 0 THEN ${raise("2201E", "cannot take logarithm of zero")} ` +
        `WHEN ${v} < 0 THEN ${raise("2201E", "cannot take logarithm of a negative number")} ELSE ${name}(${v}) END`,
    );

const floatExp: SqlTemplate = (x = "") =>
  once(
    x,
    (v) =>
      `CASE WHEN isinf(exp(${v})) AND NOT isinf(${v}) THEN ${OVERFLOW} WHEN exp(${v}) = 0 AND NOT isinf(${v}) THEN ${UNDERFLOW} ELSE exp(${v}) END`,
  );

function bracketed(template: SqlTemplate): SqlTemplate {
  return (...args) => `(${template(...args)})`;
}

const num = (
  duckdb: DuckDbEmitter,
  isTotal = false,
): { readonly duckdb: DuckDbEmitter; readonly total: boolean } => ({
  duckdb,
  total: isTotal,
});

const ROUNDING: readonly FunctionRow[] = [
  ...INTEGERS.map((type) =>
    scalar(
      "abs",
      [type],
      type,
      partial((x) => `abs(${x})`),
    ),
  ),
  ...([{ kind: "float4" }, FLOAT8] as const).map((type) =>
    scalar(
      "abs",
      [type],
      type,
      total((x) => `abs(${x})`),
    ),
  ),
  scalar(
    "abs",
    [NUMERIC],
    NUMERIC,
    num(
      numericUnary((x) => `abs(${x})`, "num_abs"),
      true,
    ),
  ),
  ...["ceil", "ceiling"].flatMap((name) => [
    scalar(
      name,
      [FLOAT8],
      FLOAT8,
      total((x) => `ceil(${x})`),
    ),
    scalar(name, [NUMERIC], NUMERIC, num(toWhole("ceil", "num_ceil"), true)),
  ]),
  scalar(
    "floor",
    [FLOAT8],
    FLOAT8,
    total((x) => `floor(${x})`),
  ),
  scalar("floor", [NUMERIC], NUMERIC, num(toWhole("floor", "num_floor"), true)),
  scalar(
    "round",
    [FLOAT8],
    FLOAT8,
    total((x) => `round_even(${x}, 0)`),
  ),
  scalar("round", [NUMERIC], NUMERIC, num(roundTo)),
  scalar("round", [NUMERIC, INT4], NUMERIC, num(roundTo)),
  scalar(
    "trunc",
    [FLOAT8],
    FLOAT8,
    total((x) => `trunc(${x})`),
  ),
  scalar("trunc", [NUMERIC], NUMERIC, num(truncNumeric, true)),
  scalar("trunc", [NUMERIC, INT4], NUMERIC, num(truncNumeric)),
  scalar(
    "sign",
    [FLOAT8],
    FLOAT8,
    total((x) => `sign(${x})::DOUBLE`),
  ),
  scalar("sign", [NUMERIC], NUMERIC, num(signNumeric, true)),
];

const ROOTS: readonly FunctionRow[] = [
  scalar("sqrt", [FLOAT8], FLOAT8, partial(bracketed(floatRoot))),
  scalar("sqrt", [NUMERIC], NUMERIC, num(numericFunction("num_sqrt"))),
  scalar(
    "cbrt",
    [FLOAT8],
    FLOAT8,
    total((x) => `cbrt(${x})`),
  ),
  scalar("exp", [FLOAT8], FLOAT8, partial(bracketed(floatExp))),
  scalar("exp", [NUMERIC], NUMERIC, num(numericFunction("num_exp"))),
  scalar("ln", [FLOAT8], FLOAT8, partial(bracketed(floatLog("ln")))),
  scalar("ln", [NUMERIC], NUMERIC, num(numericFunction("num_ln"))),
  ...["log", "log10"].flatMap((name) => [
    scalar(name, [FLOAT8], FLOAT8, partial(bracketed(floatLog("log10")))),
    scalar(name, [NUMERIC], NUMERIC, num(numericFunction("num_log10"))),
  ]),
  scalar("log", [NUMERIC, NUMERIC], NUMERIC, num(numericFunction("num_log"))),
  ...["power", "pow"].flatMap((name) => [
    scalar(name, [FLOAT8, FLOAT8], FLOAT8, partial(bracketed(floatPower))),
    scalar(
      name,
      [NUMERIC, NUMERIC],
      NUMERIC,
      num(numericFunction("num_power")),
    ),
  ]),
];

const WHOLE: readonly FunctionRow[] = [
  ...INTEGERS.map((type) =>
    scalar("mod", [type, type], type, partial(integerModulo)),
  ),
  scalar("mod", [NUMERIC, NUMERIC], NUMERIC, num(numericFunction("num_mod"))),
  scalar(
    "div",
    [NUMERIC, NUMERIC],
    NUMERIC,
    num(numericFunction("num_quotient")),
  ),
  ...([INT4, INT8] as const).flatMap((type) => [
    scalar(
      "gcd",
      [type, type],
      type,
      partial((x, y) => `gcd(${x}, ${y})::${kernelType(type)}`),
    ),
    scalar(
      "lcm",
      [type, type],
      type,
      partial((x, y) => `abs(lcm(${x}, ${y}))::${kernelType(type)}`),
    ),
  ]),
  scalar("gcd", [NUMERIC, NUMERIC], NUMERIC, num(numericFunction("num_gcd"))),
  scalar("lcm", [NUMERIC, NUMERIC], NUMERIC, num(numericFunction("num_lcm"))),
  scalar(
    "factorial",
    [INT8],
    NUMERIC,
    num(({ args }) => ({
      sql: `num_factorial(${args[0]?.sql ?? "NULL"})`,
      representation: NUMERIC_TEXT,
    })),
  ),
  scalar(
    "scale",
    [NUMERIC],
    INT4,
    num(
      onText((x) => `num_scale(${x})`),
      true,
    ),
  ),
  scalar(
    "min_scale",
    [NUMERIC],
    INT4,
    num(
      onText((x) => `num_scale(num_trim_scale(${x}))`),
      true,
    ),
  ),
  scalar(
    "trim_scale",
    [NUMERIC],
    NUMERIC,
    num(numericFunction("num_trim_scale"), true),
  ),
  scalar(
    "width_bucket",
    [NUMERIC, NUMERIC, NUMERIC, INT4],
    INT4,
    num(onText((a, b, c, n) => `num_bucket(${a}, ${b}, ${c}, ${n})`)),
  ),
  scalar(
    "width_bucket",
    [FLOAT8, FLOAT8, FLOAT8, INT4],
    INT4,
    partial((a, b, c, n) => `float8_bucket(${a}, ${b}, ${c}, ${n})`),
  ),
  ...[INT8, FLOAT8, TEXT, DATE, TIMESTAMP, TIMESTAMPTZ].map((type) =>
    scalar(
      "width_bucket",
      [type, { kind: "array", element: type }],
      INT4,
      partial(bracketed(thresholds((item, x) => `${item} <= ${x}`))),
    ),
  ),
  scalar(
    "width_bucket",
    [NUMERIC, { kind: "array", element: NUMERIC }],
    INT4,
    num(
      onText(bracketed(thresholds((item, x) => `num_cmp(${item}, ${x}) <= 0`))),
    ),
  ),
];

/** How many of the thresholds, which must be in order, the value has reached. */
function thresholds(
  reached: (item: string, value: string) => string,
): SqlTemplate {
  const missing = raise("22004", "thresholds array must not contain NULLs");
  return (x = "", list = "") =>
    once(x, (v) =>
      once(
        list,
        (t) =>
          `CASE WHEN list_contains(list_transform(${t}, lambda item: item IS NULL), true) THEN ${missing} WHEN ${v} IS NOT NULL THEN len(list_filter(${t}, lambda item: ${reached("item", v)}))::INTEGER END`,
      ),
    );
}

export const MATH: readonly FunctionRow[] = [...ROUNDING, ...ROOTS, ...WHOLE];
