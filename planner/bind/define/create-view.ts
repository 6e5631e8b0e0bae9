// CREATE VIEW: the query is bound once to learn its columns, and its text is frozen: names qualified, stars expanded.

import { notSupported } from "../../../storage/common/errors.ts";
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
  if (!node.temporary) refuseTemporary(statement, node);
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

/** A stored view outlives what it would show. */
function refuseTemporary(
  statement: StatementContext,
  node: CreateViewStatement,
): void {
  for (const relation of statement.resolved.relations.values()) {
    if ("schema" in relation && relation.schema === "pg_temp") {
      throw notSupported(
        "a stored view over temporary relations is",
        node.position,
      );
    }
  }
}
