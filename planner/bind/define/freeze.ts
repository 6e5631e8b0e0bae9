// A view's query as it is stored: relations under their full names, stars as the columns they meant, names in their stored spelling.
// Later columns do not leak through it, and no search path or temporary name can capture what it reads.

import type { Relation } from "../../../storage/catalog/objects.ts";
import type {
  ColumnExpr,
  Expr,
  FromItem,
  Identifier,
  LiteralExpr,
  QualifiedName,
  Query,
  SelectItem,
  TableFrom,
} from "../../parse/ast.ts";
import type { StatementContext } from "../statement-context.ts";
import { mapExpr, mapQuery, type SyntaxChange } from "../syntax-map.ts";

export interface FrozenQuery {
  readonly query: Query;
  /** Relations that the text itself names. */
  readonly references: readonly Relation[];
}

export function freezeQuery(
  statement: StatementContext,
  query: Query,
): FrozenQuery {
  const references = new Map<string, Relation>();
  const frozen = mapQuery(query, freezing(statement, references));
  return { query: frozen, references: [...references.values()] };
}

/** The body of a function, as a view's query; its parameters become `$1`, `$2`, so that no column can capture them. */
export function freezeExpression(
  statement: StatementContext,
  expression: Expr,
): Expr {
  return mapExpr(expression, freezing(statement, new Map()));
}

function freezing(
  statement: StatementContext,
  references: Map<string, Relation>,
): SyntaxChange {
  // A rebuilt call is another node; its name stays the same.
  const calls = new Map(
    [...statement.resolved.calls].map(([call, found]) => [call.name, found]),
  );
  return {
    expression: (expression) => {
      switch (expression.kind) {
        case "literal":
          return changesOf(statement, expression, references);
        case "column":
          return respelled(statement, expression);
        case "call": {
          const found = calls.get(expression.name);
          if (!found) return expression;
          const names = fullName(found, found.function.name);
          return { ...expression, name: quoted(expression.name, names) };
        }
        default:
          return expression;
      }
    },
    from: (item) => qualified(statement, item, references),
    item: (item) => expanded(statement, item),
  };
}

function respelled(statement: StatementContext, expression: ColumnExpr): Expr {
  const { position } = expression;
  const index = statement.functionParameters.get(expression.name);
  if (index !== undefined) return { kind: "parameter", index, position };
  const spelling = statement.spellings.get(expression.name);
  return spelling
    ? { ...expression, name: { ...expression.name, parts: spelling } }
    : expression;
}

/** The name in table_changes is text, and qualified as such. */
function changesOf(
  statement: StatementContext,
  literal: LiteralExpr,
  references: Map<string, Relation>,
): LiteralExpr {
  const found = statement.resolved.changes.get(literal);
  if (!found) return literal;
  const { table } = found.reference;
  references.set(table.id, table);
  const text = fullName(found, table.name)
    .map((name) => `"${name.replaceAll('"', '""')}"`)
    .join(".");
  return { ...literal, value: { kind: "string", text } };
}

function expanded(
  statement: StatementContext,
  item: SelectItem,
): readonly SelectItem[] {
  const columns = statement.stars.get(item.value);
  if (!columns) return [item];
  return columns.map((value) => ({ value, position: item.position }));
}

function qualified(
  statement: StatementContext,
  item: FromItem,
  references: Map<string, Relation>,
): FromItem {
  if (item.kind !== "table") return item;
  const found = statement.resolved.relations.get(item);
  switch (found?.kind) {
    case "table": {
      const { table } = found.reference;
      references.set(table.id, table);
      return renamed(item, fullName(found, table.name));
    }
    case "view": {
      references.set(found.view.id, found.view);
      return renamed(item, fullName(found, found.view.name));
    }
    case "common-table":
      return renamed(item, [found.item.name.name]);
    default:
      return item;
  }
}

function fullName(
  found: {
    readonly schema: string;
    readonly catalog: string | undefined;
  },
  name: string,
): readonly string[] {
  return [found.catalog, found.schema, name].filter(
    (part) => part !== undefined,
  );
}

function renamed(item: TableFrom, names: readonly string[]): TableFrom {
  return { ...item, name: quoted(item.name, names) };
}

function quoted(
  { position }: QualifiedName,
  names: readonly string[],
): QualifiedName {
  const parts = names.map((name): Identifier => ({
    name,
    quoted: true,
    position,
  }));
  return { parts, position };
}
