// Resolved statements to bound ones: columns, types, functions, parameters (PostgreSQL's parse analysis).
// Pure: what it needs of the catalog is pinned in `view`, what it needs of the session is in `environment`.

import type { CatalogView } from "../../storage/catalog/view.ts";
import type { DataType } from "../../storage/common/data-type.ts";
import type { Query, Statement } from "../parse/ast.ts";
import { bindUpsert } from "./change/upsert.ts";
import { bindAlterTable, bindColumnComment } from "./define/alter.ts";
import type { BoundStatement, StatementBody } from "./bound.ts";
import { bindMerge } from "./change/merge.ts";
import { bindDelete, bindUpdate } from "./change/update.ts";
import { bindCopy } from "./write/copy.ts";
import { bindCopyInto } from "./write/copy-into.ts";
import { bindCreateFunction } from "./define/create-function.ts";
import { bindCreateView } from "./define/create-view.ts";
import type { BindEnvironment } from "./environment.ts";
import { resultOf } from "./query/output.ts";
import { bindExpression } from "./expression/bind-expression.ts";
import { bindQuery } from "./query/query.ts";
import type { Resolved } from "./resolve/resolved.ts";
import { StatementContext } from "./statement-context.ts";
import { bindCreateTable, bindCreateTableAs } from "./define/create-table.ts";
import { bindInsert } from "./write/write.ts";
import { indeterminateParameter } from "./errors/errors-value.ts";

/**
 * `declared` holds the parameter types the client gave, undefined where it left them open.
 * Throws every error a statement has before it runs: 42703, 42883, 42804, 42803, 42P18, 22P02 …
 */
export function bind(
  resolved: Resolved,
  view: CatalogView,
  declared: readonly (DataType | undefined)[],
  environment: BindEnvironment,
): BoundStatement {
  const statement: StatementContext = new StatementContext({
    resolved,
    view,
    environment,
    declared,
    binders: {
      expression: (expression, scope) => bindExpression(scope, expression),
      query: (query, parent, options) =>
        bindQuery(statement, query, parent, options),
    },
  });
  const bound = bindStatement(statement, resolved.statement);
  return {
    ...bound,
    parameterTypes: settledParameters(statement),
    sessionDependent: statement.sessionDependent,
    requirements: statement.requirements,
  };
}

// eslint-disable-next-line complexity -- one case a kind of statement
function bindStatement(
  statement: StatementContext,
  node: Statement,
): StatementBody {
  switch (node.kind) {
    case "explain":
    case "prepare":
      return bindStatement(statement, node.statement);
    case "insert":
      return node.onConflict
        ? bindUpsert(statement, node, node.onConflict)
        : bindInsert(statement, node);
    case "copy":
      return bindCopy(statement, node);
    case "copy-into":
      return bindCopyInto(statement, node);
    case "create-table":
      return bindCreateTable(statement, node);
    case "create-table-as":
      return bindCreateTableAs(statement, node);
    case "create-view":
      return bindCreateView(statement, node);
    case "create-function":
      return bindCreateFunction(statement, node);
    case "alter":
      return bindAlterTable(statement, node);
    case "comment":
      return bindColumnComment(statement, node);
    case "update":
      return bindUpdate(statement, node);
    case "delete":
      return bindDelete(statement, node);
    case "merge":
      return bindMerge(statement, node);
    default: {
      const query = queryOf(node);
      return query
        ? bindQueryStatement(statement, query)
        : { kind: "command", statement: node };
    }
  }
}

function queryOf(node: Statement): Query | undefined {
  switch (node.kind) {
    case "select":
    case "declare-cursor":
      return node.query;
    case "describe":
      return node.target.kind === "query" ? node.target.query : undefined;
    default:
      return undefined;
  }
}

function bindQueryStatement(
  statement: StatementContext,
  query: Query,
): StatementBody {
  const bound = bindQuery(statement, query, undefined);
  const parameterTypes = settledParameters(statement);
  return {
    kind: "query",
    query: { ...resultOf(statement, bound), parameterTypes },
  };
}

function settledParameters(statement: StatementContext): readonly DataType[] {
  return statement.parameterTypes.map((type, i) => {
    if (type === undefined) throw indeterminateParameter(i + 1);
    return type;
  });
}
