// Structural equality of bound expressions: what makes a select item the same as a GROUP BY or ORDER BY expression.

import type { Expression, Subquery } from "./expression.ts";
import { withIdsOf } from "./fresh-copy.ts";

/** Positions, names and nullability do not count, nor do the ids subqueries give to what is their own. */
export function sameExpression(a: Expression, b: Expression): boolean {
  return a === b || sameNode(a, b);
}

function sameSubquery(a: Subquery, b: Subquery): boolean {
  const plan = withIdsOf(a.plan, b.plan);
  return plan !== undefined && sameParts(a, { ...b, plan });
}

/** As sameExpression, for any part of a plan made of plain values. */
export function sameNode(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, i) => sameNode(item, b[i]));
  }
  if (!isObject(a) || !isObject(b)) return false;
  return isSubquery(a) && isSubquery(b) && a.plan !== b.plan
    ? sameSubquery(a, b)
    : sameParts(a, b);
}

function isSubquery(value: object): value is Subquery {
  return "kind" in value && value.kind === "subquery";
}

function sameParts(a: object, b: object): boolean {
  const left = partsOf(a);
  const right = partsOf(b);
  return (
    left.size === right.size &&
    [...left].every(([key, value]) => sameNode(value, right.get(key)))
  );
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const IGNORED = new Set(["position", "nullable"]);

function partsOf(value: object): ReadonlyMap<string, unknown> {
  const entries = Object.entries(value).filter(
    ([key, part]) =>
      !IGNORED.has(key) &&
      part !== undefined &&
      !(key === "name" && "column" in value),
  );
  return new Map(entries);
}
