// ALTER TABLE on constraints: checks, which Delta keeps by names in lower case, and informational keys, which are properties of ours.

import { SqlError } from "../../../storage/common/errors.ts";
import type { DefinitionChange } from "../../../storage/delta/definition/definition-change.ts";
import type { Identifier, TableConstraint } from "../../parse/ast.ts";
import { ruledTable } from "../change/target.ts";
import { anyRow, rowsBreaking } from "./alter-rows.ts";
import type { Altering } from "./alter.ts";
import { constraintExists, namedConstraints } from "./constraint.ts";
import { plainColumns } from "./create-table.ts";
import { KEY_PREFIX } from "./table-keys.ts";

export function addConstraint(
  work: Altering,
  constraint: TableConstraint,
): void {
  const { statement, table, pinned } = work;
  const known = new Set(pinned.schema.columns.map(({ name }) => name));
  const { checks, keys } = namedConstraints(statement, {
    table,
    columns: plainColumns(statement, work.columns),
    taken: constraintNames(work),
    constraints: [constraint],
  });
  work.addedKeys.push(...keys);
  for (const check of checks) {
    work.changes.push({ kind: "add-check", ...check });
    const error = new SqlError(
      "23514",
      `check constraint "${check.name}" of relation "${table.name}" is violated by some row`,
      {
        object: { ...ruledTable(statement, table), constraint: check.name },
      },
    );
    const added = work.columns.some(({ name }) => !known.has(name));
    work.obstacles.push(
      added || constraint.kind !== "check"
        ? anyRow(statement, work, error)
        : rowsBreaking(statement, work, constraint.condition, error),
    );
  }
}

function constraintNames({ pinned, changes, addedKeys }: Altering): string[] {
  return [
    ...(pinned.schema.checks ?? []).map(({ name }) => name),
    ...Object.keys(pinned.properties).flatMap((key) =>
      key.startsWith(KEY_PREFIX) ? [key.slice(KEY_PREFIX.length)] : [],
    ),
    ...changes.flatMap((it) => (it.kind === "add-check" ? [it.name] : [])),
    ...addedKeys.map(({ name }) => name),
  ];
}

export function dropConstraint(
  work: Altering,
  given: Identifier,
  ifExists: boolean,
): void {
  const found = constraintNamed(work, given.name);
  if (found !== undefined) {
    work.changes.push(found.drop);
    return;
  }
  const error = undefinedConstraint(work, given);
  if (!ifExists) throw error;
  work.notices.push(`${error.message}, skipping`);
}

/** Throws 42704 for a constraint that is not there, 42710 for a name that is taken. */
export function renameConstraint(
  work: Altering,
  from: Identifier,
  to: Identifier,
): void {
  const found = constraintNamed(work, from.name);
  if (found === undefined) throw undefinedConstraint(work, from);
  if (constraintNamed(work, to.name) !== undefined)
    throw constraintExists(to.name, work.table.name);
  work.changes.push(found.named(to.name), found.drop);
}

interface KnownConstraint {
  readonly drop: DefinitionChange;
  /** The same under another name. */
  named(name: string): DefinitionChange;
}

function constraintNamed(
  { pinned }: Altering,
  name: string,
): KnownConstraint | undefined {
  const lower = name.toLowerCase();
  const check = pinned.schema.checks?.find((it) => it.name === lower);
  if (check !== undefined)
    return {
      drop: { kind: "drop-check", name: lower },
      named: (to) => ({ ...check, kind: "add-check", name: to.toLowerCase() }),
    };
  const property = `${KEY_PREFIX}${name}`;
  const text = pinned.properties[property];
  if (text === undefined) return undefined;
  return {
    drop: { kind: "drop-key", property },
    named: (to) => ({ kind: "set-key", property: `${KEY_PREFIX}${to}`, text }),
  };
}

function undefinedConstraint(
  { table }: Altering,
  { name, position }: Identifier,
): SqlError {
  return new SqlError(
    "42704",
    `constraint "${name}" of relation "${table.name}" does not exist`,
    { position },
  );
}
