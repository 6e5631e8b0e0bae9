// May our commit still follow a commit that won the race? (Delta protocol, "Transaction conflict"; checklist X2-X6.) Pure: what the
// file table must be asked (do the winner's files match what we read?) comes as an argument.

import type { Action } from "./actions.ts";
import { decodePath } from "./paths.ts";

/** What a transaction read of the table it commits to. */
export type CommitReads =
  /** A blind append. */
  | { readonly kind: "nothing" }
  | { readonly kind: "table" }
  /** The files some predicates keep: `WinningCommit.touchesReads` is decided by them. */
  | { readonly kind: "predicates" };

export interface OurCommit {
  readonly actions: readonly Action[];
  readonly reads: CommitReads;
  readonly isolation: "Serializable" | "WriteSerializable";
}

export interface WinningCommit {
  readonly version: number;
  readonly actions: readonly Action[];
  /** Files the winner added, or removed, may hold rows that our predicates read. Unknown counts as true. */
  readonly addsMatchReads: boolean;
  readonly removesMatchReads: boolean;
}

/** Why they conflict, as a clause for an error's detail; undefined when ours may follow. */
export function findConflict(
  ours: OurCommit,
  winner: WinningCommit,
): string | undefined {
  return (
    metadataConflict(winner) ??
    transactionConflict(ours, winner) ??
    removedTwice(ours, winner) ??
    readConflict(ours, winner)
  );
}

function metadataConflict(winner: WinningCommit): string | undefined {
  if (winner.actions.some((action) => action.kind === "protocol"))
    return "changed the table's protocol";
  if (winner.actions.some((action) => action.kind === "metaData"))
    return "changed the table's schema or properties";
  return undefined;
}

function transactionConflict(
  ours: OurCommit,
  winner: WinningCommit,
): string | undefined {
  for (const action of ours.actions) {
    if (
      action.kind === "txn" &&
      winner.actions.some(
        (other) => other.kind === "txn" && other.txn.appId === action.txn.appId,
      )
    ) {
      return `wrote transaction "${action.txn.appId}"`;
    }
    if (
      action.kind === "domainMetadata" &&
      winner.actions.some(
        (other) =>
          other.kind === "domainMetadata" &&
          other.domain.domain === action.domain.domain,
      )
    ) {
      return `wrote metadata domain "${action.domain.domain}"`;
    }
  }
  return undefined;
}

/** By path alone: two deletion vectors for one file conflict too. */
function removedTwice(
  ours: OurCommit,
  winner: WinningCommit,
): string | undefined {
  const removed = new Set(
    ours.actions.flatMap((action) =>
      action.kind === "remove" ? [decodePath(action.remove.path)] : [],
    ),
  );
  if (removed.size === 0) return undefined;
  const twice = winner.actions.some(
    (action) =>
      action.kind === "remove" && removed.has(decodePath(action.remove.path)),
  );
  return twice ? "removed a file that this commit removes too" : undefined;
}

function readConflict(
  ours: OurCommit,
  winner: WinningCommit,
): string | undefined {
  if (ours.reads.kind === "nothing") return undefined;
  const whole = ours.reads.kind === "table";
  const removes = winner.actions.some((action) => action.kind === "remove");
  if (removes && (whole || winner.removesMatchReads))
    return "removed a file that was read";
  const adds = winner.actions.some(
    (action) => action.kind === "add" && action.add.dataChange,
  );
  if (!adds || !(whole || winner.addsMatchReads)) return undefined;
  const redefines = ours.actions.some(({ kind }) => kind === "metaData");
  if (
    ours.isolation === "WriteSerializable" &&
    isBlindAppend(winner) &&
    !redefines
  )
    return undefined;
  return "added a file that should have been read";
}

function isBlindAppend(winner: WinningCommit): boolean {
  return winner.actions.some(
    (action) =>
      action.kind === "commitInfo" && action.commitInfo.isBlindAppend === true,
  );
}
