// What the queries of a transaction block have read: it counts when the block commits a change of the same table (checklist X3, X4).
// A block that writes nothing never asks, so the plans are kept as they are until then.

import type { LogicalPlan } from "../../planner/logical/plan.ts";
import type { ObjectId } from "../../storage/common/ids.ts";
import type { Scalar } from "../../storage/common/scalar.ts";
import {
  joinReads,
  type TransactionReads,
} from "../../storage/delta/transaction-reads.ts";
import { simplified, type RunContext } from "../run-query.ts";
import type { Session } from "../session/session.ts";
import { readsWhere } from "./table-reads.ts";

interface Reads {
  /** A plan without parameters is kept once. */
  readonly plans: Map<LogicalPlan, readonly Scalar[]>;
  /** More than can be kept: the block is taken to have read everything. */
  overflown: boolean;
}

/** A block of more different queries is long-lived, and its plans would be a burden. */
const MOST_PLANS = 1000;

const readsOfBlock = new WeakMap<Session, Reads>();

/** Outside a block nothing is kept: the statement is its own transaction. */
export function noteQuery(
  plan: LogicalPlan,
  { session, parameters }: Pick<RunContext, "session" | "parameters">,
): void {
  const { transaction } = session;
  if (!transaction.inBlock) return;
  let reads = readsOfBlock.get(session);
  if (reads === undefined) {
    reads = { plans: new Map(), overflown: false };
    readsOfBlock.set(session, reads);
    transaction.onEnd(() => readsOfBlock.delete(session));
  }
  // Another object for other values: the plan of a prepared statement is the same one each time.
  const key = parameters.length === 0 ? plan : { ...plan };
  if (reads.plans.size < MOST_PLANS) reads.plans.set(key, parameters);
  else reads.overflown = true;
}

/** What the block's queries read of the table at the version the block has pinned. */
export function readsOfQueries(
  session: Session,
  table: ObjectId,
  version: number,
): TransactionReads {
  const reads = readsOfBlock.get(session);
  if (reads === undefined) return { kind: "nothing" };
  if (reads.overflown) return { kind: "table" };
  let joined: TransactionReads = { kind: "nothing" };
  for (const [plan, parameters] of reads.plans) {
    joined = joinReads(
      joined,
      readsWhere(
        simplified(plan, parameters),
        (scan) => scan.id === table && scan.version === version,
      ),
    );
  }
  return joined;
}
