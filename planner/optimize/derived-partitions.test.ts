import { describe, expect, test } from "vitest";
import {
  DATE,
  INT4,
  TEXT,
  TIMESTAMP,
  TIMESTAMPTZ,
  type DataType,
} from "../../storage/common/data-type.ts";
import { fc } from "../../storage/common/property.testkit.ts";
import type { Scalar } from "../../storage/common/scalar.ts";
import type {
  CompareOperator,
  ScanPredicate,
} from "../../storage/scan/predicate.ts";
import type {
  DerivedPartition,
  PartField,
  PartitionForm,
} from "../logical/derived-partition.ts";
import { holds } from "./fold.ts";
import { withDerivedPartitions } from "./derived-partitions.ts";
import { momentImage } from "./partition-image.ts";
import { formatDate, formatTimestamp } from "./temporal.ts";

function partition(
  column: string,
  type: DataType,
  baseType: DataType,
  form: PartitionForm,
): DerivedPartition {
  const exact = baseType.kind !== "timestamptz";
  return { column, type, base: "x", baseType, form, exact };
}

function part(field: PartField, baseType: DataType): DerivedPartition {
  return partition(field, INT4, baseType, { kind: "part", field });
}

const DAY = partition("p", DATE, TIMESTAMP, { kind: "date", unit: "day" });
const ABOUT_DAY = { ...DAY, baseType: TIMESTAMPTZ, exact: false };
const HOUR = partition("p", TIMESTAMPTZ, TIMESTAMPTZ, {
  kind: "moment",
  unit: "hour",
});
const MONTH_TEXT = partition("p", TEXT, DATE, {
  kind: "formatted",
  pattern: "yyyy-MM",
});
const COPY = partition("p", INT4, INT4, { kind: "same" });
const PREFIX = partition("p", TEXT, TEXT, { kind: "prefix", length: 2 });
const PARTS = (["year", "month", "day"] as const).map((field) =>
  part(field, TIMESTAMP),
);

function compare(
  operator: CompareOperator,
  type: DataType,
  text: string,
): ScanPredicate {
  return { kind: "compare", column: ["x"], operator, value: { type, text } };
}

/** On one line, without the tests of NULL that stand beside every comparison of a partition column. */
function show(predicate: ScanPredicate): string {
  switch (predicate.kind) {
    case "compare":
      return `${predicate.column.join(".")} ${predicate.operator} ${predicate.value.text ?? "null"}`;
    case "in":
      return `${predicate.column.join(".")} in (${predicate.values.map(({ text }) => text).join(", ")})`;
    case "is-null":
      return `${predicate.column.join(".")} is ${predicate.negated ? "not " : ""}null`;
    case "starts-with":
      return `${predicate.column.join(".")} starts with ${predicate.prefix}`;
    case "constant":
      return String(predicate.value);
    case "and":
      return predicate.operands.map(show).join(" and ");
    case "or": {
      const shown = predicate.operands
        .filter((operand) => operand.kind !== "is-null")
        .map(show);
      return shown.length === 1 ? shown.join("") : `(${shown.join(" or ")})`;
    }
  }
}

function said(
  predicate: ScanPredicate,
  derived: readonly DerivedPartition[],
): string {
  const all = withDerivedPartitions(predicate, derived);
  return all.kind === "and" && all.operands[0] === predicate
    ? show({ kind: "and", operands: all.operands.slice(1) })
    : "nothing";
}

const NOON = "2024-03-05 12:00:00";
const MIDNIGHT = "2024-03-05 00:00:00";

describe("what a predicate says of partitions", () => {
  test.each<readonly [string, ScanPredicate, readonly DerivedPartition[]]>([
    ["p = 2024-03-05", compare("=", TIMESTAMP, NOON), [DAY]],
    ["p >= 2024-03-05", compare(">", TIMESTAMP, NOON), [DAY]],
    ["p <= 2024-03-04", compare("<", TIMESTAMP, MIDNIGHT), [DAY]],
    ["p <= 2024-03-05", compare("<=", TIMESTAMP, MIDNIGHT), [DAY]],
    ["p <= 2024-02", compare("<", DATE, "2024-03-01"), [MONTH_TEXT]],
    ["p >= 2024-04", compare(">", DATE, "2024-03-31"), [MONTH_TEXT]],
    [
      "p >= 2024-03-04 and p <= 2024-03-06",
      compare("=", TIMESTAMPTZ, `${NOON}+00`),
      [ABOUT_DAY],
    ],
    [
      "p >= 2024-03-03 12:00:00+00",
      compare(">=", TIMESTAMPTZ, `${NOON}+00`),
      [HOUR],
    ],
    [
      "year = 2024 and month = 3 and day = 5",
      compare("=", TIMESTAMP, NOON),
      PARTS,
    ],
    [
      "(year > 2024 or year = 2024 and (month > 3 or month = 3 and day >= 5))",
      compare(">=", TIMESTAMP, NOON),
      PARTS,
    ],
    ["year <= 2024", compare("<=", TIMESTAMP, NOON), [part("year", TIMESTAMP)]],
    ["month = 3", compare("=", TIMESTAMP, NOON), [part("month", TIMESTAMP)]],
    ["p <> 5", compare("<>", INT4, "5"), [COPY]],
    ["p >= ab", compare(">", TEXT, "abc"), [PREFIX]],
    [
      "p starts with ab",
      { kind: "starts-with", column: ["x"], prefix: "abc", negated: false },
      [PREFIX],
    ],
    [
      "p in (2024-03-05, 2024-03-06)",
      {
        kind: "in",
        column: ["x"],
        values: [NOON, MIDNIGHT, "2024-03-06 01:00:00"].map((text) => ({
          type: TIMESTAMP,
          text,
        })),
      },
      [DAY],
    ],
    ["p is null", { kind: "is-null", column: ["x"], negated: false }, [DAY]],
  ])("%s", (expected, predicate, derived) => {
    expect(said(predicate, derived)).toBe(expected);
  });

  test("partitions of NULL are kept", () => {
    expect(withDerivedPartitions(compare("=", INT4, "5"), [COPY])).toEqual({
      kind: "and",
      operands: [
        compare("=", INT4, "5"),
        {
          kind: "or",
          operands: [
            { ...compare("=", INT4, "5"), column: ["p"] },
            { kind: "is-null", column: ["p"], negated: false },
          ],
        },
      ],
    });
  });
});

describe("what says nothing of partitions", () => {
  test.each<readonly [string, ScanPredicate, readonly DerivedPartition[]]>([
    ["<> of what is not a copy", compare("<>", TIMESTAMP, NOON), [DAY]],
    ["IS NOT NULL", { kind: "is-null", column: ["x"], negated: true }, [DAY]],
    [
      "a range of months without their year",
      compare(">=", TIMESTAMP, NOON),
      [part("month", TIMESTAMP)],
    ],
    ["infinity", compare("<", TIMESTAMP, "infinity"), [DAY]],
    [
      "a year with more than four digits",
      compare("<", TIMESTAMP, "12024-01-01 00:00:00"),
      [DAY],
    ],
    [
      "another column",
      { kind: "is-null", column: ["y"], negated: false },
      [COPY],
    ],
    [
      "a field of that name",
      { kind: "is-null", column: ["x", "x"], negated: false },
      [COPY],
    ],
    [
      "a prefix that is not there",
      { kind: "starts-with", column: ["x"], prefix: "abc", negated: true },
      [PREFIX],
    ],
  ])("%s", (_, predicate, derived) => {
    expect(said(predicate, derived)).toBe("nothing");
  });
});

const HOUR_MICROS = 3_600_000_000n;

/** A table of one row, its partitions as a writer `offset` hours east of UTC makes them. */
interface Sample {
  readonly micros: bigint;
  readonly constants: readonly bigint[];
  readonly offset: bigint;
  readonly baseType: DataType;
}

const near = fc
  .tuple(fc.integer({ min: -900, max: 900 }), fc.constantFrom(-1n, 0n, 1n))
  .map(
    ([hours, edge]) =>
      1_709_251_200_000_000n + BigInt(hours) * HOUR_MICROS + edge,
  );

const sample: fc.Arbitrary<Sample> = fc
  .record({
    micros: near,
    constants: fc.array(near, { minLength: 1, maxLength: 3 }),
    same: fc.boolean(),
    offset: fc.bigInt({ min: -15n, max: 15n }),
    baseType: fc.constantFrom(TIMESTAMP, TIMESTAMPTZ, DATE),
  })
  .map(({ micros, constants, same, offset, baseType }) => ({
    micros: whole(baseType, micros),
    constants: [...constants, ...(same ? [micros] : [])].map((it) =>
      whole(baseType, it),
    ),
    offset: baseType === TIMESTAMPTZ ? offset * HOUR_MICROS : 0n,
    baseType,
  }));

const DAY_MICROS = 24n * HOUR_MICROS;

function whole(type: DataType, micros: bigint): bigint {
  return type === DATE ? (micros / DAY_MICROS) * DAY_MICROS : micros;
}

function scalar(type: DataType, micros: bigint): Scalar {
  const text =
    type === DATE
      ? formatDate(micros / DAY_MICROS)
      : formatTimestamp(micros, type === TIMESTAMPTZ ? "+00" : "");
  return { type, text };
}

function partitionsOf(baseType: DataType): readonly DerivedPartition[] {
  const instant = baseType === TIMESTAMPTZ ? TIMESTAMPTZ : TIMESTAMP;
  const fields: readonly PartField[] = ["year", "month", "day", "hour"];
  const units = ["year", "quarter", "month", "week", "day"];
  return [
    ...fields.map((field) => part(field, baseType)),
    ...units.flatMap((unit) => [
      partition(`date ${unit}`, DATE, baseType, { kind: "date", unit }),
      partition(`moment ${unit}`, instant, baseType, { kind: "moment", unit }),
    ]),
    partition("hour start", instant, baseType, {
      kind: "moment",
      unit: "hour",
    }),
    ...["yyyy", "yyyy-MM", "yyyy-MM-dd", "yyyy-MM-dd-HH"].map((pattern) =>
      partition(pattern, TEXT, baseType, { kind: "formatted", pattern }),
    ),
  ];
}

function matches(operator: CompareOperator, a: bigint, b: bigint): boolean {
  const order = a < b ? -1 : a > b ? 1 : 0;
  return holds(operator, order);
}

/** Texts of these types and years order as their values do, numbers aside. */
function orderOf(a: Scalar, b: Scalar): number {
  const [left, right] = [a.text ?? "", b.text ?? ""];
  if (a.type === INT4) return Number(left) - Number(right);
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Whether storage would keep a partition of these values. */
function keeps(
  predicate: ScanPredicate,
  values: ReadonlyMap<string, Scalar>,
): boolean {
  const valueOf = ([name]: readonly [string, ...string[]]):
    Scalar | undefined => values.get(name);
  switch (predicate.kind) {
    case "and":
      return predicate.operands.every((operand) => keeps(operand, values));
    case "or":
      return predicate.operands.some((operand) => keeps(operand, values));
    case "compare": {
      const value = valueOf(predicate.column);
      return (
        value === undefined ||
        holds(predicate.operator, orderOf(value, predicate.value))
      );
    }
    case "in": {
      const value = valueOf(predicate.column);
      return (
        value === undefined ||
        predicate.values.some((item) => orderOf(value, item) === 0)
      );
    }
    case "is-null":
      return predicate.negated;
    case "starts-with":
    case "constant":
      return true;
  }
}

test("skipping never loses a matching row of generated partitions", () => {
  const skipped = { exact: 0, about: 0 };
  fc.assert(
    fc.property(
      sample,
      fc.constantFrom<CompareOperator | "in">("=", "<", "<=", ">", ">=", "in"),
      ({ micros, constants, offset, baseType }, operator) => {
        const derived = partitionsOf(baseType);
        const values = new Map(
          derived.flatMap((it) => {
            const image = momentImage(it, micros + offset, -offset);
            return image === undefined ? [] : [[it.column, image] as const];
          }),
        );
        expect(values.size).toBe(derived.length);
        const [first = 0n] = constants;
        const isMatch =
          operator === "in"
            ? constants.includes(micros)
            : matches(operator, micros, first);
        const predicate: ScanPredicate =
          operator === "in"
            ? {
                kind: "in",
                column: ["x"],
                values: constants.map((it) => scalar(baseType, it)),
              }
            : {
                kind: "compare",
                column: ["x"],
                operator,
                value: scalar(baseType, first),
              };
        for (const it of [...derived.map((one) => [one]), derived]) {
          const kept = keeps(withDerivedPartitions(predicate, it), values);
          if (isMatch)
            expect(kept, it.map((one) => one.column).join()).toBe(true);
          else if (!kept)
            skipped[baseType === TIMESTAMPTZ ? "about" : "exact"] += 1;
        }
      },
    ),
    { numRuns: 3000 },
  );
  // Else it would say nothing.
  for (const count of Object.values(skipped))
    expect(count).toBeGreaterThan(500);
});
