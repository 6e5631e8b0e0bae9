// `Perhaps you meant to reference the column "t.ab".`: PostgreSQL's fuzzy match over the columns in scope, which are
// columns the session may see.

import type { Identifier } from "../parse/ast.ts";
import type { Scope, ScopeRelation } from "./scope.ts";
import { type ColumnHelp } from "./errors/errors-column.ts";

const MAX_DISTANCE = 3;

interface Candidates {
  distance: number;
  found: string[];
}

/** PostgreSQL's updateFuzzyAttrMatchState over every level. Two equally near columns are both named, three are none. */
export function suggestColumn(
  scope: Scope,
  name: Identifier,
  qualifier: string | undefined,
): ColumnHelp {
  const hidden = qualifier === undefined ? outOfReach(scope, name) : undefined;
  if (hidden !== undefined) return { hint: hidden };
  const state: Candidates = { distance: MAX_DISTANCE + 1, found: [] };
  for (let at: Scope | undefined = scope; at; at = at.parent) {
    for (const relation of at.relations) {
      if (relation.name !== undefined) {
        consider(state, relation, name.name, qualifier);
      }
    }
  }
  const [first, second] = state.found;
  if (first === undefined) return {};
  const others = second === undefined ? "" : ` or the column "${second}"`;
  return {
    hint: `Perhaps you meant to reference the column "${first}"${others}.`,
  };
}

/** The column is there, in a relation of the FROM list that this place cannot see. */
function outOfReach(scope: Scope, name: Identifier): string | undefined {
  for (let at: Scope | undefined = scope; at; at = at.parent) {
    const relation = at.refused.find(({ columns }) =>
      columns.some((column) => column.name === name.name),
    );
    if (relation?.name !== undefined) {
      return `There is a column named "${name.name}" in table "${relation.name}", but it cannot be referenced from this part of the query.`;
    }
  }
  return undefined;
}

function consider(
  state: Candidates,
  relation: ScopeRelation,
  wanted: string,
  qualifier: string | undefined,
): void {
  const penalty =
    qualifier === undefined ? 0 : levenshtein(qualifier, relation.name ?? "");
  if (penalty > state.distance) return;
  for (const column of relation.columns) {
    const distance = levenshtein(column.name, wanted);
    if (distance > Math.floor(wanted.length / 2)) continue;
    note(state, distance + penalty, `${relation.name ?? ""}.${column.name}`);
  }
}

function note(state: Candidates, distance: number, shown: string): void {
  if (distance < state.distance) {
    state.distance = distance;
    state.found = [shown];
    return;
  }
  if (distance > state.distance) return;
  if (state.found.length === 2) {
    state.found = [];
    state.distance = distance - 1;
  } else if (state.found.length === 1 || distance <= MAX_DISTANCE) {
    state.found.push(shown);
  }
}

/** Edit distance, cut off where it no longer matters. */
export function levenshtein(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > MAX_DISTANCE) return MAX_DISTANCE + 1;
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1;
      next.push(
        Math.min(
          (row[j] ?? 0) + 1,
          (next[j - 1] ?? 0) + 1,
          (row[j - 1] ?? 0) + change,
        ),
      );
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
