// ts >= '2024-03-05'   ->   ts >= '2024-03-05' and (year > 2024 or year = 2024 and month >= 3), year and month generated from ts
// What a predicate on a column says of the partition columns generated from it; partitions of NULL are kept, as Delta keeps them.

import type {
  CompareOperator,
  ScanPredicate,
} from "../../storage/scan/predicate.ts";
import type { Scalar } from "../../storage/common/scalar.ts";
import {
  PART_FIELDS,
  type DerivedPartition,
} from "../logical/derived-partition.ts";
import { MICROS_PER_DAY } from "../functions/value/calendar.ts";
import { microsOf } from "./preimage/time.ts";
import { firstCharacters, momentImage } from "./partition-image.ts";
import { all, any } from "./pruning-parts.ts";

/** The predicate and what follows from each of its parts. It has no NOT, so that what follows from a part may stand beside it. */
export function withDerivedPartitions(
  predicate: ScanPredicate,
  derived: readonly DerivedPartition[],
): ScanPredicate {
  switch (predicate.kind) {
    case "and":
    case "or":
      return {
        kind: predicate.kind,
        operands: predicate.operands.map((operand) =>
          withDerivedPartitions(operand, derived),
        ),
      };
    case "constant":
      return predicate;
    default:
      return all([predicate, ...implied(predicate, derived)]) ?? predicate;
  }
}

type Leaf = Exclude<
  ScanPredicate,
  { readonly kind: "and" | "or" | "constant" }
>;

/** Partition columns that are compared together, the coarsest first: parts of a date, or one alone. */
type Key = readonly DerivedPartition[];

function implied(
  leaf: Leaf,
  derived: readonly DerivedPartition[],
): readonly (ScanPredicate | undefined)[] {
  const [name, nested] = leaf.column;
  if (nested !== undefined) return [];
  const mine = derived.filter(({ base }) => base === name);
  if (leaf.kind === "is-null")
    return leaf.negated
      ? []
      : mine.map(({ column }) => ({ ...leaf, column: [column] }));
  return [
    ...mine.map((partition) => ofText(leaf, partition)),
    ...ofMoments(leaf, mine),
  ];
}

/** Copies and prefixes, whose value is the constant's own text or the beginning of it. */
function ofText(
  leaf: Exclude<Leaf, { readonly kind: "is-null" }>,
  partition: DerivedPartition,
): ScanPredicate | undefined {
  const { form } = partition;
  if (form.kind === "same")
    return orNull(partition, { ...leaf, column: [partition.column] });
  if (form.kind !== "prefix") return undefined;
  const column = [partition.column] as const;
  const cut = (text: string): string => firstCharacters(text, form.length);
  const cutValue = (value: Scalar): Scalar => ({
    type: value.type,
    text: value.text === null ? null : cut(value.text),
  });
  switch (leaf.kind) {
    case "compare": {
      const operator = NOT_STRICT[leaf.operator];
      const value = cutValue(leaf.value);
      return (
        operator && orNull(partition, { ...leaf, column, operator, value })
      );
    }
    case "in":
      return orNull(partition, {
        ...leaf,
        column,
        values: distinct(leaf.values.map(cutValue)),
      });
    case "starts-with":
      return leaf.negated
        ? undefined
        : orNull(partition, { ...leaf, column, prefix: cut(leaf.prefix) });
  }
}

/** What a comparison says of a function that keeps the order, but not values apart. */
const NOT_STRICT: Partial<Record<CompareOperator, CompareOperator>> = {
  "=": "=",
  "<": "<=",
  "<=": "<=",
  ">": ">=",
  ">=": ">=",
};

/** Microseconds since 1970 between which the base lies, both included; without an end where undefined. */
interface Range {
  readonly low?: bigint;
  readonly high?: bigint;
}

function ofMoments(
  leaf: Leaf,
  derived: readonly DerivedPartition[],
): readonly (ScanPredicate | undefined)[] {
  if (leaf.kind !== "compare" && leaf.kind !== "in") return [];
  const temporal = derived.filter(
    ({ form }) => form.kind !== "same" && form.kind !== "prefix",
  );
  const [first] = temporal;
  if (first === undefined) return [];
  const values = leaf.kind === "in" ? leaf.values : [leaf.value];
  const moments = values.map((value) => momentOf(value, first));
  const known = moments.filter((micros) => micros !== undefined);
  if (known.length < moments.length) return [];
  const points =
    leaf.kind === "in" || leaf.operator === "="
      ? temporal.filter(({ exact }) => exact)
      : [];
  const equal = points.map((partition) => oneOf(partition, known));
  const others = temporal.filter((partition) => !points.includes(partition));
  const range =
    leaf.kind === "in"
      ? spanOf(known)
      : rangeOf(leaf.operator, known[0], first);
  return range === undefined
    ? equal
    : [...equal, ...keysOf(others).map((key) => within(key, range))];
}

/** Undefined for infinities and constants of another type. */
function momentOf(
  value: Scalar,
  { baseType }: DerivedPartition,
): bigint | undefined {
  return value.type.kind === baseType.kind
    ? microsOf({ kind: "literal", type: value.type, value: value.text })
    : undefined;
}

function rangeOf(
  operator: CompareOperator,
  micros: bigint | undefined,
  { baseType }: DerivedPartition,
): Range | undefined {
  if (micros === undefined) return undefined;
  // Stored moments have whole microseconds (Delta protocol, "Primitive Types").
  const next = baseType.kind === "date" ? MICROS_PER_DAY : 1n;
  switch (operator) {
    case "=":
      return { low: micros, high: micros };
    case ">=":
      return { low: micros };
    case ">":
      return { low: micros + next };
    case "<=":
      return { high: micros };
    case "<":
      return { high: micros - next };
    case "<>":
      return undefined;
  }
}

function spanOf(moments: readonly bigint[]): Range | undefined {
  const [first, ...others] = moments;
  if (first === undefined) return undefined;
  return {
    low: others.reduce((least, it) => (it < least ? it : least), first),
    high: others.reduce((most, it) => (it > most ? it : most), first),
  };
}

/** Of one writer's zone the wall clock differs from UTC by less than a day. */
const SLACK = MICROS_PER_DAY;

/** The partition's values for these moments. */
function oneOf(
  partition: DerivedPartition,
  moments: readonly bigint[],
): ScanPredicate | undefined {
  const images = moments.map((micros) => momentImage(partition, micros));
  const values = images.filter((image) => image !== undefined);
  return values.length < images.length
    ? undefined
    : orNull(partition, oneOfValues(partition, distinct(values)));
}

function oneOfValues(
  { column }: DerivedPartition,
  values: readonly Scalar[],
): ScanPredicate {
  const [only, more] = values;
  return only !== undefined && more === undefined
    ? { kind: "compare", column: [column], operator: "=", value: only }
    : { kind: "in", column: [column], values };
}

/** Each alone but for the parts of a date, which keep the order only from the year on. */
function keysOf(derived: readonly DerivedPartition[]): readonly Key[] {
  const alone = derived.filter(({ form }) => form.kind !== "part");
  const parts: DerivedPartition[] = [];
  for (const field of PART_FIELDS) {
    const part = derived.find(
      ({ form }) => form.kind === "part" && form.field === field,
    );
    if (part === undefined) break;
    parts.push(part);
  }
  return [
    ...alone.map((partition) => [partition]),
    ...(parts.length > 0 ? [parts] : []),
  ];
}

function within(key: Key, { low, high }: Range): ScanPredicate | undefined {
  return all([
    low === undefined ? undefined : bounded(key, ">", low),
    high === undefined ? undefined : bounded(key, "<", high),
  ]);
}

/** The key's value for the moment, or one beyond: of the first column, or of the others where that is the same. */
function bounded(
  [first, ...rest]: Key,
  beyond: "<" | ">",
  micros: bigint,
): ScanPredicate | undefined {
  if (first === undefined) return undefined;
  const value = boundOf(first, beyond, micros);
  if (value === undefined) return undefined;
  const compare = (operator: CompareOperator): ScanPredicate =>
    orNull(first, { kind: "compare", column: [first.column], operator, value });
  const inner = bounded(rest, beyond, micros);
  return inner === undefined
    ? compare(beyond === ">" ? ">=" : "<=")
    : any([compare(beyond), all([compare("="), inner])]);
}

function boundOf(
  partition: DerivedPartition,
  beyond: "<" | ">",
  micros: bigint,
): Scalar | undefined {
  if (partition.exact) return momentImage(partition, micros);
  const slack = beyond === ">" ? -SLACK : SLACK;
  return momentImage(partition, micros + slack, slack);
}

function orNull(
  { column }: DerivedPartition,
  predicate: ScanPredicate,
): ScanPredicate {
  return {
    kind: "or",
    operands: [
      predicate,
      { kind: "is-null", column: [column], negated: false },
    ],
  };
}

function distinct(values: readonly Scalar[]): readonly Scalar[] {
  return [...new Map(values.map((value) => [value.text, value])).values()];
}
