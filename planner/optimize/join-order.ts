// The order of inner joins by cost: every tree of up to ten relations is weighed, more are joined greedily, smallest result first.
// Outer, semi and lateral joins stay where they are; each is one relation of the group around it.

import type { ColumnId } from "../../storage/common/ids.ts";
import type { ScanStatistics } from "../../storage/scan/split.ts";
import type { Expression } from "../logical/expression.ts";
import { columnsUsed } from "../logical/columns.ts";
import type { Join, LogicalPlan } from "../logical/plan.ts";
import {
  mapChildren,
  mapExpressions,
  outputOf,
  rewriteSubqueries,
} from "../logical/walk.ts";
import { columnRef, conjunction, conjunctsOf, filterOf } from "./conjuncts.ts";
import { joinCost } from "./cost.ts";
import { estimator, type Estimator } from "./estimate.ts";
import { hasSubquery } from "./facts.ts";
import type { FunctionLookup } from "./rule.ts";
import { selectivity } from "./selectivity.ts";

/** 3^10 splits are weighed in a few milliseconds; each relation more triples that. */
const EXHAUSTIVE_LIMIT = 10;

export function orderJoins(
  plan: LogicalPlan,
  source: (scanId: number) => ScanStatistics | undefined,
  functions: FunctionLookup,
): LogicalPlan {
  return order(plan, estimator(source, functions), functions);
}

function order(
  plan: LogicalPlan,
  estimate: Estimator,
  functions: FunctionLookup,
): LogicalPlan {
  const inner = mapExpressions(plan, (expression) =>
    rewriteSubqueries(expression, (subplan) =>
      order(subplan, estimate, functions),
    ),
  );
  if (!isReorderable(inner))
    return mapChildren(inner, (child) => order(child, estimate, functions));
  const group = gather(inner);
  const relations = group.relations.map((relation) =>
    order(relation, estimate, functions),
  );
  if (relations.length < 3) {
    return relations.every(
      (relation, index) => relation === group.relations[index],
    )
      ? inner
      : mapChildren(inner, (child) => order(child, estimate, functions));
  }
  const ordered = new Ordering(
    relations,
    group.conjuncts,
    estimate,
    functions,
  ).best();
  return withOutputOf(ordered, inner);
}

function isReorderable(plan: LogicalPlan): plan is Join {
  return (
    plan.kind === "join" &&
    !plan.lateral &&
    (plan.type === "inner" || plan.type === "cross") &&
    !conjunctsOf(plan.condition).some(hasSubquery)
  );
}

interface Group {
  readonly relations: readonly LogicalPlan[];
  readonly conjuncts: readonly Expression[];
}

function gather(plan: LogicalPlan): Group {
  if (!isReorderable(plan)) return { relations: [plan], conjuncts: [] };
  const left = gather(plan.left);
  const right = gather(plan.right);
  return {
    relations: [...left.relations, ...right.relations],
    conjuncts: [
      ...left.conjuncts,
      ...right.conjuncts,
      ...conjunctsOf(plan.condition),
    ],
  };
}

/** Joins in another order give the columns in another order: a projection puts them back. */
function withOutputOf(plan: LogicalPlan, before: LogicalPlan): LogicalPlan {
  const wanted = outputOf(before);
  const now = outputOf(plan);
  if (wanted.every((column, index) => column.id === now[index]?.id))
    return plan;
  return {
    kind: "project",
    items: wanted.map((column) => ({ column, value: columnRef(column) })),
    input: plan,
  };
}

/** A set of relations as bits, and the cheapest way found to join them. */
interface Candidate {
  readonly set: number;
  readonly rows: number;
  readonly cost: number;
  readonly plan: LogicalPlan;
}

interface Edge {
  readonly conjunct: Expression;
  /** The relations it reads. */
  readonly set: number;
  readonly share: number;
}

/** Reads two relations or more. */
function isJoin(edge: Edge): boolean {
  return (edge.set & (edge.set - 1)) !== 0;
}

/** One group of relations while its order is sought. */
class Ordering {
  readonly #leaves: readonly Candidate[];
  readonly #edges: readonly Edge[];
  readonly #rowsOf = new Map<number, number>();

  constructor(
    relations: readonly LogicalPlan[],
    conjuncts: readonly Expression[],
    estimate: Estimator,
    functions: FunctionLookup,
  ) {
    const profiles = relations.map(estimate);
    const all = {
      rows: 1,
      columns: new Map(profiles.flatMap((profile) => [...profile.columns])),
    };
    const owner = new Map<ColumnId, number>(
      relations.flatMap((relation, index) =>
        outputOf(relation).map((column) => [column.id, 1 << index] as const),
      ),
    );
    this.#leaves = relations.map((plan, index) => ({
      set: 1 << index,
      rows: Math.max(profiles[index]?.rows ?? 1, 1),
      cost: 0,
      plan,
    }));
    this.#edges = conjuncts.map((conjunct) => ({
      conjunct,
      set: [...columnsUsed(conjunct)].reduce(
        (set, id) => set | (owner.get(id) ?? 0),
        0,
      ),
      share: selectivity(conjunct, all, functions),
    }));
  }

  best(): LogicalPlan {
    const found =
      this.#leaves.length <= EXHAUSTIVE_LIMIT
        ? this.#exhaustive()
        : this.#greedy();
    // What reads one relation or none belongs to no join of two; it is there only when pushing filters is switched off.
    const rest = this.#edges.filter(
      (edge) => (edge.set & (edge.set - 1)) === 0,
    );
    return filterOf(
      found.plan,
      rest.map((edge) => edge.conjunct),
    );
  }

  /** Dynamic programming over subsets: the best tree of a set joins the best trees of two halves. */
  #exhaustive(): Candidate {
    const best = new Map<number, Candidate>(
      this.#leaves.map((leaf) => [leaf.set, leaf]),
    );
    const whole = (1 << this.#leaves.length) - 1;
    for (let set = 1; set <= whole; set += 1) {
      if (best.has(set)) continue;
      const winner = this.#bestSplit(set, best);
      if (winner !== undefined) best.set(set, winner);
    }
    return best.get(whole) ?? this.#greedy();
  }

  #bestSplit(
    set: number,
    best: ReadonlyMap<number, Candidate>,
  ): Candidate | undefined {
    let winner:
      | {
          readonly left: Candidate;
          readonly right: Candidate;
          readonly cost: number;
        }
      | undefined;
    // Each split once: the half with the lowest relation is the left one.
    const lowest = set & -set;
    for (let half = (set - 1) & set; half > 0; half = (half - 1) & set) {
      if ((half & lowest) === 0) continue;
      const left = best.get(half);
      const right = best.get(set ^ half);
      if (left === undefined || right === undefined) continue;
      const cost = this.#cost(left, right);
      if (winner === undefined || cost < winner.cost)
        winner = { left, right, cost };
    }
    return winner && this.#join(winner.left, winner.right);
  }

  #greedy(): Candidate {
    let rest = [...this.#leaves];
    for (;;) {
      const [first] = rest;
      const pair = this.#cheapestPair(rest);
      if (pair === undefined) {
        // A group has at least one relation.
        return (
          first ?? {
            set: 0,
            rows: 1,
            cost: 0,
            plan: { kind: "values", columns: [], rows: [[]] },
          }
        );
      }
      rest = [
        ...rest.filter((one) => one !== pair.left && one !== pair.right),
        this.#join(pair.left, pair.right),
      ];
    }
  }

  #cheapestPair(
    list: readonly Candidate[],
  ): { readonly left: Candidate; readonly right: Candidate } | undefined {
    let winner:
      | {
          readonly left: Candidate;
          readonly right: Candidate;
          readonly rows: number;
        }
      | undefined;
    for (const [index, left] of list.entries()) {
      for (const right of list.slice(index + 1)) {
        const rows = this.#rows(left.set | right.set);
        if (winner === undefined || rows < winner.rows)
          winner = { left, right, rows };
      }
    }
    return winner;
  }

  #cost(left: Candidate, right: Candidate): number {
    return (
      left.cost +
      right.cost +
      joinCost(left.rows, right.rows, this.#rows(left.set | right.set))
    );
  }

  /** The same however the set is joined: all its rows crossed, times the share of each conjunct inside it. */
  #rows(set: number): number {
    const known = this.#rowsOf.get(set);
    if (known !== undefined) return known;
    let rows = 1;
    for (const leaf of this.#leaves)
      if ((leaf.set & set) !== 0) rows *= leaf.rows;
    for (const edge of this.#edges) {
      if (isJoin(edge) && (edge.set & ~set) === 0) rows *= edge.share;
    }
    this.#rowsOf.set(set, rows);
    return rows;
  }

  /** Conjuncts that this join is the first to have all columns of. */
  #between(left: Candidate, right: Candidate): readonly Edge[] {
    const set = left.set | right.set;
    const within = (edge: Edge, part: number): boolean =>
      (edge.set & ~part) === 0;
    return this.#edges.filter(
      (edge) =>
        within(edge, set) &&
        !within(edge, left.set) &&
        !within(edge, right.set),
    );
  }

  /** The larger side goes left: it is the one that is scanned past the other's hash table. */
  #join(a: Candidate, b: Candidate): Candidate {
    const [left, right] = a.rows >= b.rows ? [a, b] : [b, a];
    const conjuncts = this.#between(a, b).map((edge) => edge.conjunct);
    const plan: LogicalPlan =
      conjuncts.length === 0
        ? {
            kind: "join",
            type: "cross",
            condition: undefined,
            left: left.plan,
            right: right.plan,
            lateral: false,
          }
        : {
            kind: "join",
            type: "inner",
            condition: conjunction(conjuncts),
            left: left.plan,
            right: right.plan,
            lateral: false,
          };
    return {
      set: a.set | b.set,
      rows: this.#rows(a.set | b.set),
      cost: this.#cost(a, b),
      plan,
    };
  }
}
