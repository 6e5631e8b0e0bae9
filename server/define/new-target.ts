// The name that CREATE makes: where it lies and whether it is taken.

import type { ResolvedTarget } from "../../planner/bind/resolve/resolved.ts";
import type { Relation } from "../../storage/catalog/objects.ts";
import { SqlError } from "../../storage/common/errors.ts";
import { invariant } from "../../storage/common/invariant.ts";
import type { RunContext } from "../run-query.ts";

export type NewTarget = Extract<ResolvedTarget, { readonly kind: "new" }>;
export type TemporaryTarget = Extract<
  ResolvedTarget,
  { readonly kind: "temporary" }
>;

export function newTarget(target: ResolvedTarget | undefined): NewTarget {
  invariant(target?.kind === "new", "what CREATE names is resolved");
  return target;
}

/** A relation the session cannot see takes its name all the same (access-control section 15.2). */
export function existingRelation(
  { services }: RunContext,
  target: NewTarget,
): Relation | undefined {
  return services.governance.catalog.unfiltered.relation(
    target.schema.id,
    exactly(target.name),
  );
}

export function exactly(name: string): {
  readonly name: string;
  readonly quoted: boolean;
  readonly position: number;
} {
  return { name, quoted: true, position: 0 };
}

export function relationExists(name: string): SqlError {
  return new SqlError("42P07", `relation "${name}" already exists`);
}
