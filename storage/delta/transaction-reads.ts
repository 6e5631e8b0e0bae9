// What a transaction has read of a table, which decides which commits of others it may follow (checklist X3, X4).

import type { ScanPredicate } from "../scan/predicate.ts";

/** Nothing (a blind append), all of the table, or the files that predicates keep. */
export type TransactionReads =
  | { readonly kind: "nothing" }
  | { readonly kind: "table" }
  | {
      readonly kind: "predicates";
      readonly predicates: readonly ScanPredicate[];
    };

/** What two statements of a transaction read together. */
export function joinReads(
  a: TransactionReads,
  b: TransactionReads,
): TransactionReads {
  if (a.kind === "table" || b.kind === "nothing") return a;
  if (b.kind === "table" || a.kind === "nothing") return b;
  return { kind: "predicates", predicates: [...a.predicates, ...b.predicates] };
}
