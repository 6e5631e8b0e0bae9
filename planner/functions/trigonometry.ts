// Trigonometry, in radians and in degrees. In degrees PostgreSQL is exact at multiples of 30 and 45, by scaling with the same kernel
// functions' own results there (float.c: sind_q1, cosd_q1 and kin).

import { FLOAT8 } from "../../storage/common/data-type.ts";
import { OVERFLOW, UNDERFLOW } from "./arithmetic.ts";
import { partial, scalar, total, type SqlTemplate } from "./define.ts";
import { once, raise } from "./emit.ts";
import type { FunctionRow } from "./function.ts";

const OUT_OF_RANGE = raise("22003", "input is out of range");

function bracketed(template: SqlTemplate): SqlTemplate {
  return (...args) => `(${template(...args)})`;
}

function finite(name: string): SqlTemplate {
  return (x = "") =>
    once(
      x,
      (v) =>
        `CASE WHEN isinf(${v}) THEN ${OUT_OF_RANGE} ELSE ${name}(${v}) END`,
    );
}
function unit(name: string): SqlTemplate {
  return (x = "") =>
    once(
      x,
      (v) =>
        `CASE WHEN ${v} < -1 OR (${v} > 1 AND NOT isnan(${v})) THEN ${OUT_OF_RANGE} ELSE ${name}(${v}) END`,
    );
}

const RADIANS: readonly FunctionRow[] = [
  ...["sin", "cos", "tan", "cot"].map((name) =>
    scalar(name, [FLOAT8], FLOAT8, partial(bracketed(finite(name)))),
  ),
  ...["asin", "acos"].map((name) =>
    scalar(name, [FLOAT8], FLOAT8, partial(bracketed(unit(name)))),
  ),
  scalar("atanh", [FLOAT8], FLOAT8, partial(bracketed(unit("atanh")))),
  scalar(
    "acosh",
    [FLOAT8],
    FLOAT8,
    partial(
      (x = "") =>
        `(${once(x, (v) => `CASE WHEN ${v} < 1 THEN ${OUT_OF_RANGE} ELSE acosh(${v}) END`)})`,
    ),
  ),
  ...["atan", "sinh", "cosh", "tanh", "asinh"].map((name) =>
    scalar(
      name,
      [FLOAT8],
      FLOAT8,
      total((x) => `${name}(${x})`),
    ),
  ),
  scalar(
    "radians",
    [FLOAT8],
    FLOAT8,
    partial(
      (x = "") =>
        `(${once(x, (v) => `CASE WHEN ${v} <> 0 AND radians(${v}) = 0 THEN ${UNDERFLOW} ELSE radians(${v}) END`)})`,
    ),
  ),
  scalar(
    "degrees",
    [FLOAT8],
    FLOAT8,
    partial(
      (x = "") =>
        `(${once(x, (v) => `CASE WHEN isinf(degrees(${v})) AND NOT isinf(${v}) THEN ${OVERFLOW} ELSE degrees(${v}) END`)})`,
    ),
  ),
  scalar(
    "atan2",
    [FLOAT8, FLOAT8],
    FLOAT8,
    total((x, y) => `atan2(${x}, ${y})`),
  ),
  scalar(
    "pi",
    [],
    FLOAT8,
    total(() => "pi()"),
  ),
  scalar("random", [], FLOAT8, {
    ...total(() => "random()"),
    volatility: "volatile",
  }),
];

const RADIANS_PER_DEGREE = "'0.0174532925199432957692'::DOUBLE";
const radians = (degrees: string): string =>
  `((${degrees}) * ${RADIANS_PER_DEGREE})`;
const number = (value: number): string => `${value}::DOUBLE`;

/** From 0 to 30 and from 0 to 60 degrees. */
const smallSine = (x: string): string =>
  `(sin(${radians(x)}) / sin(${radians(number(30))}) / ${number(2)})`;
const smallCosine = (x: string): string =>
  `(${number(1)} - (${number(1)} - cos(${radians(x)})) / (${number(1)} - cos(${radians(number(60))})) / ${number(2)})`;

/** From 0 to 90 degrees. */
const sine = (x: string): string =>
  `(CASE WHEN ${x} <= 30 THEN ${smallSine(x)} ELSE ${smallCosine(`${number(90)} - ${x}`)} END)`;
const cosine = (x: string): string =>
  `(CASE WHEN ${x} <= 60 THEN ${smallCosine(x)} ELSE ${smallSine(`${number(90)} - ${x}`)} END)`;
const tangent = (x: string): string =>
  `(${sine(x)} / ${cosine(x)} / (${sine(number(45))} / ${cosine(number(45))}))`;
const cotangent = (x: string): string =>
  `(${cosine(x)} / ${sine(x)} / (${cosine(number(45))} / ${sine(number(45))}))`;

/** The angle brought into the first quadrant; `signs`: what of -x, of x over 180 and of x over 90 turns the sign. */
function periodic(
  quadrant: (x: string) => string,
  signs: readonly [negative: -1 | 1, over180: -1 | 1, over90: -1 | 1],
): SqlTemplate {
  const [negative, over180, over90] = signs;
  return (x = "") =>
    once(x, (v) =>
      once(`abs(${v} % ${number(360)})`, (turned) =>
        once(
          `CASE WHEN ${turned} > 180 THEN ${number(360)} - ${turned} ELSE ${turned} END`,
          (half) => {
            const first = `CASE WHEN ${half} > 90 THEN ${number(180)} - ${half} ELSE ${half} END`;
            const sign =
              `(CASE WHEN ${v} % ${number(360)} < 0 THEN ${negative} ELSE 1 END * ` +
              `CASE WHEN ${turned} > 180 THEN ${over180} ELSE 1 END * CASE WHEN ${half} > 90 THEN ${over90} ELSE 1 END)`;
            // Adding zero makes a negative zero positive.
            return `CASE WHEN isinf(${v}) THEN ${OUT_OF_RANGE} ELSE ${sign} * ${once(first, quadrant)} + 0 END`;
          },
        ),
      ),
    );
}

/** From 0 to 1. */
const arcSine = (x: string): string =>
  `(CASE WHEN ${x} <= 0.5 THEN asin(${x}) / asin(${number(0.5)}) * 30 ELSE 90 - acos(${x}) / acos(${number(0.5)}) * 60 END)`;
const arcCosine = (x: string): string =>
  `(CASE WHEN ${x} <= 0.5 THEN 90 - asin(${x}) / asin(${number(0.5)}) * 30 ELSE acos(${x}) / acos(${number(0.5)}) * 60 END)`;

function arc(
  positive: (x: string) => string,
  negative: (x: string) => string,
): SqlTemplate {
  return (x = "") =>
    once(
      x,
      (v) =>
        `CASE WHEN isnan(${v}) THEN ${v} WHEN ${v} < -1 OR ${v} > 1 THEN ${OUT_OF_RANGE} WHEN ${v} >= 0 THEN ${positive(v)} ELSE ${negative(`(-${v})`)} END`,
    );
}

const DEGREES: readonly FunctionRow[] = [
  ...(
    [
      ["sind", periodic(sine, [-1, -1, 1])],
      ["cosd", periodic(cosine, [1, 1, -1])],
      ["tand", periodic(tangent, [-1, -1, -1])],
      ["cotd", periodic(cotangent, [-1, -1, -1])],
      ["asind", arc(arcSine, (x) => `(-${arcSine(x)})`)],
      ["acosd", arc(arcCosine, (x) => `(90 + ${arcSine(x)})`)],
    ] as const
  ).map(([name, template]) =>
    scalar(name, [FLOAT8], FLOAT8, partial(bracketed(template))),
  ),
  scalar(
    "atand",
    [FLOAT8],
    FLOAT8,
    total((x) => `(atan(${x}) / atan(${number(1)}) * 45)`),
  ),
  scalar(
    "atan2d",
    [FLOAT8, FLOAT8],
    FLOAT8,
    total((y, x) => `(atan2(${y}, ${x}) / atan(${number(1)}) * 45)`),
  ),
];

export const TRIGONOMETRY: readonly FunctionRow[] = [...RADIANS, ...DEGREES];
