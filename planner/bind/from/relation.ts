// Relations in scope under the names and column names that an alias gives them.

import type { TableAlias } from "../../parse/ast.ts";
import type { ScopeColumn, ScopeRelation } from "../scope.ts";
import { tooManyColumnAliases } from "../errors/errors-column.ts";

export function namedRelation(
  name: string | undefined,
  columns: readonly ScopeColumn[],
): ScopeRelation {
  return { name, columns, hidden: [], qualified: true, unqualified: true };
}

/** Under an alias a table loses its schema; column aliases rename from the left. Throws 42P10. */
export function aliased(
  relation: ScopeRelation,
  alias: TableAlias | undefined,
): ScopeRelation {
  if (!alias) return relation;
  const { columns } = alias;
  if (columns.length > relation.columns.length) {
    throw tooManyColumnAliases(alias.name.name, {
      available: relation.columns.length,
      specified: columns.length,
    });
  }
  return {
    ...relation,
    name: alias.name.name,
    original: relation.original ?? relation.name,
    schema: undefined,
    catalog: undefined,
    columns: relation.columns.map((column, i) => {
      const name = columns[i]?.name ?? column.name;
      const { value } = column;
      return {
        ...column,
        name,
        value: value.kind === "column" ? { ...value, name } : value,
      };
    }),
  };
}

/** The columns of a side that an outer join may pad with NULLs. */
export function padded(
  relations: readonly ScopeRelation[],
): readonly ScopeRelation[] {
  const nullable = (column: ScopeColumn): ScopeColumn =>
    column.value.kind === "column"
      ? { ...column, value: { ...column.value, nullable: true } }
      : column;
  return relations.map((relation) => ({
    ...relation,
    columns: relation.columns.map(nullable),
    hidden: relation.hidden.map(nullable),
  }));
}
