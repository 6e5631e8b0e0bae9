// ALTER of our tree -> SQL text.

import { unreachable } from "../../../storage/common/invariant.ts";
import type { AlterAction, AlterStatement, ColumnChange } from "../ast.ts";
import { printExpression } from "./print-expression.ts";
import {
  joinParts,
  printIdentifier,
  printName,
  printNames,
  printType,
  quoteString,
} from "./print-name.ts";
import { printMask, printRowFilter } from "./print-policy.ts";
import type { QueryPrinter } from "./print-query.ts";
import {
  printColumn,
  printConstraint,
  printNullable,
  printPlace,
  printProperties,
} from "./print-statement.ts";

export function printAlter(p: QueryPrinter, alter: AlterStatement): string {
  const [action] = alter.actions;
  // PostgreSQL's word for a catalog, except where the statement is ours.
  const type = alter.type === "catalog" ? "DATABASE" : alter.type.toUpperCase();
  if (action?.kind === "comment") {
    return `COMMENT ON ${type} ${printName(alter.name)} IS ${printNullable(action.comment)}`;
  }
  return joinParts(
    `ALTER ${type}`,
    alter.ifExists ? "IF EXISTS" : undefined,
    printName(alter.name),
    alter.actions.map((it) => printAction(p, it)).join(", "),
  );
}

// eslint-disable-next-line complexity -- one case a kind of action
function printAction(p: QueryPrinter, action: AlterAction): string {
  switch (action.kind) {
    case "comment":
      return `COMMENT ${printNullable(action.comment)}`;
    case "alter-column":
      return `ALTER COLUMN ${printIdentifier(action.column)} ${printChange(p, action.change)}`;
    case "add-constraint":
      return `ADD ${printConstraint(p, action.constraint)}`;
    case "drop-constraint":
      return joinParts(
        "DROP CONSTRAINT",
        action.ifExists ? "IF EXISTS" : undefined,
        printIdentifier(action.name),
      );
    case "cluster-by":
      return action.columns.length === 0
        ? "CLUSTER BY NONE"
        : `CLUSTER BY (${printNames(action.columns)})`;
    case "rename":
      return `RENAME TO ${printName(action.to)}`;
    case "set-schema":
      return `SET SCHEMA ${printIdentifier(action.schema)}`;
    case "add-column":
      return action.columns
        .map((column) =>
          joinParts(
            "ADD COLUMN",
            action.ifNotExists ? "IF NOT EXISTS" : undefined,
            printColumn(p, column),
          ),
        )
        .join(", ");
    case "rename-constraint":
      return `RENAME CONSTRAINT ${printIdentifier(action.from)} TO ${printIdentifier(action.to)}`;
    case "rename-column":
      return `RENAME COLUMN ${printIdentifier(action.from)} TO ${printIdentifier(action.to)}`;
    case "drop-column": {
      const verb = `DROP COLUMN${action.ifExists ? " IF EXISTS" : ""}`;
      return action.columns
        .map((column) => `${verb} ${printIdentifier(column)}`)
        .join(", ");
    }
    case "set-properties":
      return `SET TBLPROPERTIES (${printProperties(action.properties)})`;
    case "unset-properties":
      return joinParts(
        "UNSET TBLPROPERTIES",
        action.ifExists ? "IF EXISTS" : undefined,
        `(${action.keys.map(quoteString).join(", ")})`,
      );
    case "set-row-filter":
      return `SET ${printRowFilter(p, action.filter)}`;
    case "drop-row-filter":
      return "DROP ROW FILTER";
    case "set-mask":
      return `ALTER COLUMN ${printIdentifier(action.column)} SET ${printMask(p, action.mask)}`;
    case "drop-mask":
      return `ALTER COLUMN ${printIdentifier(action.column)} DROP MASK`;
    default:
      return unreachable(action);
  }
}

function printChange(p: QueryPrinter, change: ColumnChange): string {
  switch (change.kind) {
    case "type":
      return `TYPE ${printType(change.type)}`;
    case "set-default":
      return `SET DEFAULT ${printExpression(change.value, p.query)}`;
    case "place":
      return printPlace(change.place);
    case "comment":
      return `COMMENT ${printNullable(change.comment)}`;
    default:
      return change.kind.replaceAll("-", " ").toUpperCase();
  }
}
