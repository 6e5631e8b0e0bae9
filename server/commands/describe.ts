// DESCRIBE [EXTENDED | DETAIL | HISTORY | QUERY]: columns and metadata of a relation, or of a query's result.

import type { QualifiedName } from "../../planner/parse/ast.ts";
import { typeNameWithModifier } from "../../storage/common/data-type.ts";
import { invariant } from "../../storage/common/invariant.ts";
import { showCreateCommand } from "./show-create.ts";
import { pinTables } from "../pin.ts";
import {
  columnsOf,
  listing,
  type Command,
  type CommandContext,
  type StatementOf,
} from "./command.ts";
import { describeDetailCommand, extendedRows } from "./describe-detail.ts";
import { describeFunctionCommand } from "./describe-function.ts";
import { describeHistoryCommand } from "./describe-history.ts";

export interface DescribedColumn {
  readonly name: string;
  readonly type: string;
  readonly nullable: boolean;
  readonly comment: string | null;
}

const COLUMNS = columnsOf("col_name", "data_type", "comment");
export function describeCommand({ target }: StatementOf<"describe">): Command {
  if (target.kind === "query") {
    return listing(
      COLUMNS,
      "DESCRIBE",
      async ({ engine, session, sql, signal }) => {
        const select = {
          statement: {
            kind: "select" as const,
            query: target.query,
            position: target.query.position,
          },
          text: sql,
          offset: 0,
          parameterCount: 0,
        };
        const { columns = [] } = await engine.prepare(session, select, [], {
          signal,
        });
        return columns.map(({ name, type }) => [
          name,
          typeNameWithModifier(type),
          null,
        ]);
      },
    );
  }
  if (target.kind === "function") return describeFunctionCommand(target);
  switch (target.form) {
    case "columns":
    case "extended":
      return listing(COLUMNS, "DESCRIBE", async (context) => {
        const rows = (await describedColumns(context, target.name)).map(
          ({ name, type, comment }) => [name, type, comment],
        );
        return target.form === "extended"
          ? [...rows, ...(await extendedRows(context, target.name))]
          : rows;
      });
    case "detail":
      return describeDetailCommand(target.name);
    case "create":
      return showCreateCommand(target.name);
    case "history":
      return describeHistoryCommand(target.name, target.limit);
  }
}

/** The columns of a table at its newest version, or of a view. */
export async function describedColumns(
  context: CommandContext,
  name: QualifiedName,
): Promise<readonly DescribedColumn[]> {
  const target = context.resolved.targets.get(name);
  invariant(target?.kind === "relation", "DESCRIBE names a relation");
  const { relation } = target;
  if (relation.kind === "view") {
    return relation.columns.map((column) => ({
      name: column.name,
      type: typeNameWithModifier(column.type),
      nullable: true,
      comment: null,
    }));
  }
  const { view } = await pinTables(context.services, context.session, [
    { table: relation, travel: undefined },
  ]);
  return view.pinned(relation.id, undefined).schema.columns.map((column) => ({
    name: column.name,
    type: typeNameWithModifier(column.type),
    nullable: column.nullable,
    comment: column.comment ?? null,
  }));
}
