// Which rows of a scan can find a partner in the join above it: those whose keys are among the keys of the other side. When that side
// is small, its keys, asked for beforehand, prune the scan's files (dynamic pruning of MERGE, UPDATE … FROM and DELETE … USING).

import {
  BOOL,
  INT8,
  sameType,
  type DataType,
} from "../../storage/common/data-type.ts";
import {
  columnsUsed,
  freeColumns,
  substituteColumns,
} from "../logical/columns.ts";
import type { Expression, Literal } from "../logical/expression.ts";
import type {
  Join,
  LogicalPlan,
  PlanColumn,
  ProjectItem,
  Scan,
} from "../logical/plan.ts";
import {
  children,
  expressionsOf,
  nodesOf,
  outputOf,
  rewrite,
} from "../logical/walk.ts";
import { columnId, type ColumnId } from "../../storage/common/ids.ts";
import { compare, comparisonOf, flipped } from "./comparison.ts";
import { conjunctsOf, FALSE } from "./conjuncts.ts";
import { hasSubquery, isTotal, isVolatile, isVolatilePlan } from "./facts.ts";
import type { FunctionLookup } from "./rule.ts";

export interface JoinKeys {
  readonly scan: Scan;
  /** Equal in every pair of rows that the join makes of the scan's: over the scan's columns, and over those of `source`. */
  readonly pairs: readonly KeyPair[];
  /** Gives every key of the other side, perhaps more. */
  readonly source: LogicalPlan;
}
interface KeyPair {
  readonly target: Expression;
  readonly source: Expression;
}

/** Undefined when the scan's rows matter without a partner, or the other side's keys cannot be asked for twice. */
export function joinKeysOf(
  plan: LogicalPlan,
  scanId: number,
  functions: FunctionLookup,
): JoinKeys | undefined {
  for (const node of nodesOf(plan)) {
    if (node.kind !== "join") continue;
    for (const side of ["left", "right"] as const) {
      const scan = scanBelow(node[side]);
      if (scan?.table.scanId !== scanId) continue;
      return needsPartner(node, side)
        ? keysOf(node, { side, scan }, functions)
        : undefined;
    }
  }
  return undefined;
}

/** The scan alone, or with filters over it. */
function scanBelow(plan: LogicalPlan): Scan | undefined {
  if (plan.kind === "filter") return scanBelow(plan.input);
  return plan.kind === "scan" ? plan : undefined;
}

function needsPartner({ type }: Join, side: "left" | "right"): boolean {
  switch (type) {
    case "inner":
    case "semi":
      return true;
    case "left":
    case "anti":
      return side === "right";
    case "right":
      return side === "left";
    default:
      return false;
  }
}

function keysOf(
  join: Join,
  { side, scan }: { readonly side: "left" | "right"; readonly scan: Scan },
  functions: FunctionLookup,
): JoinKeys | undefined {
  if (join.lateral) return undefined;
  const other = side === "left" ? join.right : join.left;
  const ours = new Set(scan.columns.map(({ id }) => id));
  const theirs = new Set(outputOf(other).map(({ id }) => id));
  const pairs = conjunctsOf(join.condition).flatMap((conjunct) => {
    const equal = comparisonOf(conjunct, functions);
    if (equal?.operator !== "=") return [];
    return [equal, flipped(equal)].flatMap(({ left, right }) =>
      isOver(left, ours) &&
      isOver(right, theirs) &&
      isKey(left, right) &&
      isTotal(left, functions) &&
      !isVolatile(right, functions) &&
      !hasSubquery(right)
        ? [{ target: left, source: right }]
        : [],
    );
  });
  return pairs.length === 0
    ? undefined
    : askedTwice({ scan, pairs, source: other }, functions);
}

function isOver(value: Expression, columns: ReadonlySet<ColumnId>): boolean {
  const used = [...columnsUsed(value)];
  return used.length > 0 && used.every((id) => columns.has(id));
}

/** What integers of a type reach; a key beyond equals nothing. */
const INTEGERS: Readonly<Partial<Record<DataType["kind"], bigint>>> = {
  int2: 2n ** 15n,
  int4: 2n ** 31n,
  int8: 2n ** 63n,
};

function isKey({ type: target }: Expression, { type }: Expression): boolean {
  if (INTEGERS[target.kind] !== undefined)
    return INTEGERS[type.kind] !== undefined;
  const known = target.kind === "text" || target.kind === "date";
  return known && sameType(target, type);
}

/**
 * The same keys, or more, from a plan that gives the same rows each time: limits, window functions and the like may choose others, so
 * the keys are taken below them.
 */
function askedTwice(
  keys: JoinKeys,
  functions: FunctionLookup,
): JoinKeys | undefined {
  const { source, pairs } = keys;
  if (isStable(source))
    return isVolatilePlan(source, functions) || freeColumns(source).size > 0
      ? undefined
      : keys;
  switch (source.kind) {
    case "project": {
      const values = new Map(
        source.items.map(({ column, value }) => [column.id, value]),
      );
      const below = pairs.map((pair) => ({
        ...pair,
        source: substituteColumns(pair.source, (id) => values.get(id)),
      }));
      return below.some(
        (pair) =>
          isVolatile(pair.source, functions) || hasSubquery(pair.source),
      )
        ? undefined
        : askedTwice(
            { ...keys, pairs: below, source: source.input },
            functions,
          );
    }
    case "filter":
    case "limit":
    case "sort":
    case "distinct":
    case "window":
    case "barrier": {
      const below = new Set(outputOf(source.input).map(({ id }) => id));
      const kept = pairs.filter((pair) => isOver(pair.source, below));
      return kept.length === 0
        ? undefined
        : askedTwice({ ...keys, pairs: kept, source: source.input }, functions);
    }
    default:
      return undefined;
  }
}

const STABLE: ReadonlySet<LogicalPlan["kind"]> = new Set([
  "scan",
  "values",
  "filter",
  "project",
  "join",
  "set-operation",
  "unnest",
  "series",
  "barrier",
  "sort",
]);

function isStable(plan: LogicalPlan): boolean {
  return (
    STABLE.has(plan.kind) &&
    !expressionsOf(plan).some(hasSubquery) &&
    children(plan).every(isStable)
  );
}

/** Keys by row, in the order of the pairs, where the source is made of constants alone. */
export function constantKeys({
  source,
  pairs,
}: Pick<JoinKeys, "source" | "pairs">):
  readonly (readonly (string | null)[])[] | undefined {
  if (source.kind === "project") {
    const values = new Map(
      source.items.map(({ column, value }) => [column.id, value]),
    );
    const below = pairs.map((pair) => ({
      ...pair,
      source: substituteColumns(pair.source, (id) => values.get(id)),
    }));
    return constantKeys({ source: source.input, pairs: below });
  }
  if (source.kind !== "values") return undefined;
  const rows = source.rows.map((row) =>
    pairs.map((pair) => {
      const { source: value } = pair;
      const at =
        value.kind === "column"
          ? source.columns.findIndex(({ id }) => id === value.column)
          : -1;
      const found = at < 0 ? value : row[at];
      return found?.kind === "literal" && sameType(found.type, value.type)
        ? found.value
        : undefined;
    }),
  );
  const known = rows.map((row) => row.filter((cell) => cell !== undefined));
  return known.every((row) => row.length === pairs.length) ? known : undefined;
}

/** The different keys, one column a pair, at most `limit` of them. */
export function keysPlan(
  { source, pairs }: JoinKeys,
  limit: number,
): { readonly plan: LogicalPlan; readonly columns: readonly PlanColumn[] } {
  const last = Math.max(
    ...[...nodesOf(source)].flatMap((node) =>
      outputOf(node).map(({ id }) => Number(id)),
    ),
  );
  const items = pairs.map(({ source: value }, i): ProjectItem => ({
    column: {
      id: columnId(last + 1 + i),
      name: `key${i + 1}`,
      type: value.type,
      nullable: true,
    },
    value,
  }));
  const count: Literal = { kind: "literal", type: INT8, value: String(limit) };
  return {
    plan: {
      kind: "limit",
      count,
      offset: undefined,
      ties: undefined,
      input: {
        kind: "distinct",
        on: undefined,
        orderBy: [],
        input: { kind: "project", items, input: source },
      },
    },
    columns: items.map(({ column }) => column),
  };
}

/** More are told by their smallest and largest: a predicate of many values costs each file more than it saves. */
const MOST_VALUES = 256;

/** The plan with the scan's rows that have one of these keys, perhaps others. */
export function withKeys(
  plan: LogicalPlan,
  { scan, pairs }: JoinKeys,
  rows: readonly (readonly (string | null)[])[],
  functions: FunctionLookup,
): LogicalPlan {
  const filters = pairs.flatMap(({ target }, i) =>
    amongKeys(
      target,
      rows.flatMap((row) => row[i] ?? []),
      functions,
    ),
  );
  return rewrite(plan, (node) =>
    node.kind === "scan" && node.table.scanId === scan.table.scanId
      ? { ...node, filters: [...node.filters, ...filters] }
      : node,
  );
}

/** NULL equals nothing, so that `keys` has none. */
function amongKeys(
  target: Expression,
  keys: readonly string[],
  functions: FunctionLookup,
): readonly Expression[] {
  const { type } = target;
  const literal = (value: string): Literal => ({
    kind: "literal",
    type,
    value,
  });
  const reach = INTEGERS[type.kind];
  const possible = reach === undefined ? keys : keys.filter(within(reach));
  const sorted = [...new Set(possible)].sort(
    reach === undefined ? byBytes : byNumber,
  );
  const [first] = sorted;
  const last = sorted.at(-1);
  if (first === undefined || last === undefined) return [FALSE];
  if (sorted.length <= MOST_VALUES)
    return [
      {
        kind: "in-list",
        type: BOOL,
        operand: target,
        items: sorted.map(literal),
        negated: false,
      },
    ];
  return (
    [
      [">=", first],
      ["<=", last],
    ] as const
  ).flatMap(
    ([operator, value]) =>
      compare({ operator, left: target, right: literal(value) }, functions) ??
      [],
  );
}

function within(reach: bigint): (key: string) => boolean {
  return (key) => BigInt(key) >= -reach && BigInt(key) < reach;
}

function byNumber(a: string, b: string): number {
  const difference = BigInt(a) - BigInt(b);
  return difference < 0n ? -1 : Number(difference > 0n);
}

/** The order of UTF-8 bytes is that of code points; dates of four digits a year sort as texts, others are not asked for. */
function byBytes(a: string, b: string): number {
  const [left, right] = [Array.from(a), Array.from(b)];
  for (const [i, character] of left.entries()) {
    const other = right[i];
    if (other === undefined) return 1;
    const difference =
      (character.codePointAt(0) ?? 0) - (other.codePointAt(0) ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}
