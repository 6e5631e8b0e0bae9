// Select items: stars expanded, names figured out, values bound.

import type { ResultColumn } from "../../logical/plan.ts";
import type { Expression } from "../../logical/expression.ts";
import type {
  Expr,
  FieldExpr,
  Identifier,
  SelectItem,
  StarExpr,
} from "../../parse/ast.ts";
import { settleUnknown } from "../coerce.ts";
import { columnNameOf } from "../column-name.ts";
import { findColumn, findRelation, missingRelation } from "../find-column.ts";
import { matching } from "../names.ts";
import type { Scope, ScopeColumn, ScopeRelation } from "../scope.ts";
import {
  missingFromEntry,
  notComposite,
  starWithoutTables,
} from "../errors/errors-column.ts";

export interface BoundItem {
  readonly name: string;
  readonly value: Expression;
  readonly origin?: ResultColumn["origin"];
  readonly position: number;
}

export function bindItems(
  scope: Scope,
  items: readonly SelectItem[],
  keepUnknown: boolean,
): readonly BoundItem[] {
  return items
    .flatMap((item) => bindItem(scope, item))
    .map((item) =>
      keepUnknown
        ? item
        : { ...item, value: settleUnknown(scope.statement, item.value) },
    );
}

function bindItem(scope: Scope, item: SelectItem): readonly BoundItem[] {
  const { value, position } = item;
  if (value.kind === "star") return expandStar(scope, value);
  if (value.kind === "field" && isStar(value)) {
    return expandFields(scope, value);
  }
  if (value.kind === "column") {
    const found = findColumn(scope, value.name);
    return [
      {
        name: item.alias?.name ?? found.column?.name ?? columnNameOf(value),
        value: found.value,
        origin: found.column?.origin,
        position,
      },
    ];
  }
  return [
    {
      name: item.alias?.name ?? columnNameOf(value),
      value: scope.statement.binders.expression(value, scope),
      position,
    },
  ];
}

function isStar(expression: FieldExpr): boolean {
  return expression.field.name === "*";
}

/** `*` or `t.*`; `s.*` of a struct column when no relation has the name. */
function expandStar(scope: Scope, star: StarExpr): readonly BoundItem[] {
  const { qualifier, position } = star;
  if (!qualifier) {
    const visible = scope.relations.filter((relation) => relation.unqualified);
    if (scope.relations.length === 0) throw starWithoutTables(position);
    noteStar(scope, star, visible);
    return visible.flatMap((relation) =>
      relation.columns.map((column) => starItem(column, position)),
    );
  }
  const exact = qualifier.parts.map((part) => ({ ...part, quoted: true }));
  const relation =
    findRelation(scope, exact) ?? findRelation(scope, qualifier.parts);
  if (relation) {
    noteStar(scope, star, [relation]);
    return relation.columns.map((column) => starItem(column, position));
  }
  const [first] = qualifier.parts;
  const visible = scope.relations
    .filter((it) => it.unqualified)
    .flatMap((it) => it.columns);
  if (!first || matching(visible, first, (it) => it.name).length === 0) {
    throw qualifier.parts.length === 0
      ? missingFromEntry("", position)
      : missingRelation(
          scope,
          [...qualifier.parts, { name: "*", quoted: true, position }],
          qualifier.position,
        );
  }
  const fields = fieldsOf(findColumn(scope, qualifier).value, position);
  const operand: Expr = { kind: "column", name: qualifier, position };
  noteFields(scope, star, operand, fields);
  return fields;
}

/** The columns a star means, as they could be written out. */
function noteStar(
  scope: Scope,
  star: StarExpr,
  relations: readonly ScopeRelation[],
): void {
  const { position } = star;
  const identifier = (name: string): Identifier => ({
    name,
    quoted: true,
    position,
  });
  scope.statement.stars.set(
    star,
    relations.flatMap((relation) =>
      relation.columns.map((column): Expr => ({
        kind: "column",
        name: {
          parts: [
            ...(relation.name === undefined ? [] : [identifier(relation.name)]),
            identifier(column.name),
          ],
          position,
        },
        position,
      })),
    ),
  );
}

function noteFields(
  scope: Scope,
  star: Expr,
  operand: Expr,
  fields: readonly BoundItem[],
): void {
  scope.statement.stars.set(
    star,
    fields.map((field) => ({
      kind: "field",
      operand,
      field: { name: field.name, quoted: true, position: field.position },
      position: field.position,
    })),
  );
}

function starItem(column: ScopeColumn, position: number): BoundItem {
  return {
    name: column.name,
    value: { ...column.value, position },
    origin: column.origin,
    position,
  };
}

/** `(expression).*`. */
function expandFields(
  scope: Scope,
  expression: FieldExpr,
): readonly BoundItem[] {
  const { operand, position } = expression;
  const value = scope.statement.binders.expression(operand, scope);
  const fields = fieldsOf(value, position);
  noteFields(scope, expression, operand, fields);
  return fields;
}

function fieldsOf(value: Expression, position: number): readonly BoundItem[] {
  const { type } = value;
  if (type.kind !== "struct") throw notComposite("*", type, position);
  return type.fields.map((field) => ({
    name: field.name,
    value: {
      kind: "field",
      operand: value,
      field: field.name,
      type: field.type,
      position,
    },
    position,
  }));
}
