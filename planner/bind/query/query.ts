// A full query: WITH around a body with ORDER BY and LIMIT.

import { notSupported } from "../../../storage/common/errors.ts";
import type { Query } from "../../parse/ast.ts";
import { bindWith } from "../from/common-table.ts";
import { settleOutput } from "./output.ts";
import type { Scope } from "../scope.ts";
import { bindSelect } from "./select.ts";
import { bindSetOperation, orderAndLimit } from "./set-operation.ts";
import type {
  BoundRelation,
  QueryOptions,
  StatementContext,
} from "../statement-context.ts";
import { bindValues } from "./values.ts";

export function bindQuery(
  statement: StatementContext,
  query: Query,
  parent: Scope | undefined,
  options: QueryOptions = {},
): BoundRelation {
  if (query.locking !== undefined) {
    throw notSupported(
      `${query.locking} is`,
      query.position,
      "Nothing is locked. Leave it out: COMMIT fails with 40001 when others have changed what the transaction read of the table it writes.",
    );
  }
  const bind = (): BoundRelation => bindBody(statement, query, parent, options);
  const bound = query.with
    ? bindWith(statement, query.with, parent, bind)
    : bind();
  return options.keepUnknown === true ? bound : settleOutput(statement, bound);
}

function bindBody(
  statement: StatementContext,
  query: Query,
  parent: Scope | undefined,
  options: QueryOptions,
): BoundRelation {
  const { body } = query;
  switch (body.kind) {
    case "select":
      return bindSelect(statement, body, query, { parent, options });
    case "set-operation":
      return orderAndLimit(
        statement,
        bindSetOperation(statement, body, parent),
        query,
        parent,
      );
    case "values":
      return orderAndLimit(
        statement,
        bindValues(statement, body, parent),
        query,
        parent,
      );
    case "query":
      return orderAndLimit(
        statement,
        bindQuery(statement, body, parent, options),
        query,
        parent,
      );
  }
}
