// CREATE VIEW: the query is bound once to learn its columns, and its text is frozen: names qualified, stars expanded.

import type { CreateViewStatement } from "../../parse/ast.ts";
import { undefinedParameter } from "../../parse/errors.ts";
import { printQuery } from "../../parse/print.ts";
import type { StatementBody } from "../bound.ts";
import { freezeQuery } from "./freeze.ts";
import type { StatementContext } from "../statement-context.ts";
import {
  columnSpecifiedTwice,
  tooManyColumnNames,
} from "../errors/errors-value.ts";

export function bindCreateView(
  statement: StatementContext,
  node: CreateViewStatement,
): StatementBody {
  const bound = statement.binders.query(node.query, undefined);
  if (statement.parameterTypes.length > 0) {
    throw undefinedParameter(1);
  }
  if (node.columns.length > bound.columns.length) {
    throw tooManyColumnNames("CREATE VIEW");
  }
  const columns = bound.columns.map(({ name, type }, i) => ({
    name: node.columns[i]?.name ?? name,
    type,
  }));
  refuseRepeated(columns);
  const frozen = freezeQuery(statement, node.query);
  return {
    kind: "create-view",
    columns,
    definition: printQuery(frozen.query),
    references: frozen.references,
  };
}

function refuseRepeated(columns: readonly { readonly name: string }[]): void {
  const seen = new Set<string>();
  for (const { name } of columns) {
    if (seen.has(name)) throw columnSpecifiedTwice(name);
    seen.add(name);
  }
}
