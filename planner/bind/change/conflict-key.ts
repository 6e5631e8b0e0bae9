// Which declared keys ON CONFLICT looks at (infer_arbiter_indexes in PostgreSQL's plancat.c). Keys inform only: the statement itself
// is what keeps them.

import { SqlError } from "../../../storage/common/errors.ts";
import type { OnConflict } from "../../parse/ast.ts";
import { tableKeys } from "../define/table-keys.ts";
import { CLAUSES, emptyScope } from "../scope.ts";
import type { StatementContext } from "../statement-context.ts";
import type { ChangeTarget } from "./target.ts";

/** Names of a key's columns, as the table spells them. */
export type ConflictKey = readonly string[];

/** Without a target all keys, perhaps none. Throws 42P10, 42703, 42704. */
export function conflictKeys(
  statement: StatementContext,
  { target }: OnConflict,
  { pinned, relation, columns: stored }: ChangeTarget,
): readonly ConflictKey[] {
  const { table, properties } = pinned;
  const keys = tableKeys(properties).filter(
    ({ kind }) => kind !== "foreign-key",
  );
  if (target === undefined) return distinct(keys.map(({ columns }) => columns));
  if (target.kind === "constraint") {
    const { name } = target.name;
    const key = keys.find((it) => it.name === name);
    if (key === undefined) throw noSuchConstraint(name, table.name);
    return [key.columns];
  }
  const scope = {
    ...emptyScope(statement, undefined, CLAUSES.where),
    relations: [relation],
  };
  const named = target.columns.flatMap((name) => {
    const { position } = name;
    const column = { parts: [name], position };
    const bound = statement.binders.expression(
      { kind: "column", name: column, position },
      scope,
    );
    const found = stored.find(
      ({ id }) => bound.kind === "column" && bound.column === id,
    );
    return found?.name ?? [];
  });
  const key = keys.find(({ columns }) => sameSet(columns, named));
  if (key === undefined) throw noMatchingKey();
  return [key.columns];
}

function distinct(keys: readonly ConflictKey[]): readonly ConflictKey[] {
  return keys.filter(
    (key, i) => keys.findIndex((other) => sameSet(key, other)) === i,
  );
}

function sameSet(a: readonly string[], b: readonly string[]): boolean {
  return a.every((name) => b.includes(name)) && b.every((it) => a.includes(it));
}

function noMatchingKey(): SqlError {
  return new SqlError(
    "42P10",
    "there is no unique or exclusion constraint matching the ON CONFLICT specification",
  );
}

function noSuchConstraint(name: string, table: string): SqlError {
  return new SqlError(
    "42704",
    `constraint "${name}" for table "${table}" does not exist`,
  );
}
