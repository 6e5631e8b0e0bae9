// A bound query's output: as its runner sees it, and brought to other types.

import {
  TEXT,
  sameType,
  type DataType,
} from "../../../storage/common/data-type.ts";
import type { ColumnId } from "../../../storage/common/ids.ts";
import { sameKind, type CoercionContext } from "../../functions/types.ts";
import type { Expression } from "../../logical/expression.ts";
import type {
  BoundQuery,
  LogicalPlan,
  ProjectItem,
} from "../../logical/plan.ts";
import { coerce, settleUnknown } from "../coerce.ts";
import { withoutUnusedHidden } from "./hidden-columns.ts";
import type {
  BoundRelation,
  OutputColumn,
  StatementContext,
} from "../statement-context.ts";

/** What a query gives to whoever runs it. */
export function resultOf(
  statement: StatementContext,
  { plan, columns }: BoundRelation,
): Pick<BoundQuery, "plan" | "columns"> {
  return {
    plan: withoutUnusedHidden(statement, plan),
    columns: columns.map(({ id, name, type, origin }) => ({
      id,
      name,
      type,
      origin,
    })),
  };
}

/** Gives column i the type `types[i]`. Untyped literals are read as it; others get a Cast in a projection on top. */
export function retypeOutput(
  statement: StatementContext,
  bound: BoundRelation,
  types: readonly DataType[],
  context: CoercionContext,
): BoundRelation {
  const literal = typeLiterals(statement, bound, types);
  const wanted = literal.columns.map((column, i) => types[i] ?? column.type);
  const fits = literal.columns.every((column, i) =>
    fitsType(column.type, wanted[i] ?? column.type),
  );
  if (fits) return literal;
  const items = literal.columns.map((column, i): ProjectItem => {
    const target = wanted[i] ?? column.type;
    const value = reference(column);
    if (fitsType(column.type, target)) return { column, value };
    const type = target;
    return {
      column: { ...column, id: statement.newColumnId(), type },
      value: coerce(statement, value, target, context),
    };
  });
  return {
    plan: { kind: "project", items, input: literal.plan },
    columns: literal.columns.map((column, i) => ({
      ...column,
      ...items[i]?.column,
    })),
  };
}

function fitsType(type: DataType, target: DataType): boolean {
  return sameType(type, target) || (bare(target) && sameKind(type, target));
}

function bare(type: DataType): boolean {
  switch (type.kind) {
    case "numeric":
      return type.precision === undefined;
    case "varchar":
    case "bpchar":
      return type.length === undefined;
    default:
      return true;
  }
}

/** Types the columns that are still unknown, in the projection that makes them. */
export function typeLiterals(
  statement: StatementContext,
  bound: BoundRelation,
  types: readonly (DataType | undefined)[],
): BoundRelation {
  let { plan } = bound;
  const columns = bound.columns.map((column, i): OutputColumn => {
    if (column.type.kind !== "unknown") return column;
    const target = types[i] ?? TEXT;
    const typed = retypeColumn(statement, plan, column.id, target);
    plan = typed.plan;
    return { ...column, type: typed.type };
  });
  return { plan, columns };
}

/** All that is still unknown becomes text. */
export function settleOutput(
  statement: StatementContext,
  bound: BoundRelation,
): BoundRelation {
  return bound.columns.some((column) => column.type.kind === "unknown")
    ? typeLiterals(statement, bound, [])
    : bound;
}

/** Finds the projection or VALUES that makes the column, through nodes that pass it on. */
function retypeColumn(
  statement: StatementContext,
  plan: LogicalPlan,
  id: ColumnId,
  target: DataType,
): { readonly plan: LogicalPlan; readonly type: DataType } {
  switch (plan.kind) {
    case "project": {
      let { type } =
        target.kind === "unknown" ? { type: TEXT } : { type: target };
      const made = plan.items.some(
        (item) =>
          item.column.id === id &&
          !(item.value.kind === "column" && item.value.column === id),
      );
      if (!made) {
        const below = retypeColumn(statement, plan.input, id, target);
        const items = plan.items.map((item) =>
          item.column.id === id
            ? {
                column: { ...item.column, type: below.type },
                value: retyped(item.value, below.type),
              }
            : item,
        );
        return {
          plan: { ...plan, items, input: below.plan },
          type: below.type,
        };
      }
      const items = plan.items.map((item) => {
        if (item.column.id !== id) return item;
        const value = typed(statement, item.value, target);
        type = value.type;
        return { column: { ...item.column, type: value.type }, value };
      });
      return { plan: { ...plan, items }, type };
    }
    case "sort":
    case "limit":
    case "distinct":
    case "filter":
    case "barrier": {
      const below = retypeColumn(statement, plan.input, id, target);
      return { plan: { ...plan, input: below.plan }, type: below.type };
    }
    default:
      return { plan, type: target };
  }
}

function retyped(value: Expression, type: DataType): Expression {
  return value.kind === "column" ? { ...value, type } : value;
}

function typed(
  statement: StatementContext,
  value: Expression,
  target: DataType,
): Expression {
  return target.kind === "unknown"
    ? settleUnknown(statement, value)
    : coerce(statement, value, target, "implicit");
}

export function reference(column: OutputColumn): Expression {
  const { id, name, type, nullable } = column;
  return { kind: "column", column: id, name, type, nullable };
}
