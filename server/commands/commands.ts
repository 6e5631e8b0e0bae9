// Statements that are neither queries nor writes of rows, one case a kind. Undefined: the statement is bound to a plan.

import { addPartitionCommand } from "./add-partition.ts";
import { analyzeCommand } from "./analyze.ts";
import type { AlterStatement, Statement } from "../../planner/parse/ast.ts";
import { notSupported } from "../../storage/common/errors.ts";
import { invariant, unreachable } from "../../storage/common/invariant.ts";
import { action, done, type Command } from "./command.ts";
import { describeCommand } from "./describe.ts";
import {
  grantCommand,
  ownerCommand,
  repairPrivilegesCommand,
  showGrantsCommand,
} from "./grant.ts";
import { groupCommand, tokenCommand, userCommand } from "./principal.ts";
import {
  alterCommand,
  commentCommand,
  createSchemaCommand,
  dropCommand,
} from "./schema.ts";
import { cancelQueryCommand } from "./queries.ts";
import { optimizeCommand } from "./optimize.ts";
import { restoreCommand } from "./restore.ts";
import { showCommand } from "./show.ts";
import { truncateCommand } from "./truncate.ts";
import { vacuumCommand } from "./vacuum.ts";

// eslint-disable-next-line complexity -- one case a kind of statement
export function commandFor(statement: Statement): Command | undefined {
  switch (statement.kind) {
    case "select":
    case "explain":
    case "insert":
    case "update":
    case "delete":
    case "merge":
    case "copy":
    case "copy-into":
    case "create-table":
    case "create-table-as":
    case "create-view":
    case "create-function":
      return undefined;
    case "grant":
    case "deny":
    case "revoke":
      return grantCommand(statement);
    case "show-grants":
      return showGrantsCommand(statement);
    case "repair-privileges":
      return repairPrivilegesCommand(statement);
    case "alter-owner":
      return ownerCommand(statement);
    case "group":
      return groupCommand(statement);
    case "user":
      return userCommand(statement);
    case "token":
      return tokenCommand(statement);
    case "show":
      return showCommand(statement);
    case "describe":
      return describeCommand(statement);
    case "create-schema":
      return createSchemaCommand(statement);
    case "drop":
      return dropCommand(statement);
    case "alter":
      return isDefinitionChange(statement)
        ? undefined
        : alterCommand(statement);
    case "comment":
      return statement.type === "column"
        ? undefined
        : commentCommand(statement);
    case "truncate":
      return truncateCommand(statement);
    // Every statement looks at logs and folders anew.
    case "refresh-table":
      return action(() => done("REFRESH TABLE"));
    case "refresh-catalog":
      return refreshCatalogCommand();
    case "add-partition":
      return addPartitionCommand(statement);
    case "vacuum":
      return vacuumCommand(statement);
    case "restore":
      return restoreCommand(statement);
    case "optimize":
      return optimizeCommand(statement);
    case "lock":
      return action(() => done("LOCK TABLE"));
    case "unsupported":
      throw notSupported(statement.construct, statement.position);
    case "analyze":
      return analyzeCommand(statement);
    case "cancel-query":
      return cancelQueryCommand(statement);
    case "use":
    case "set":
    case "reset":
    case "transaction":
    case "prepare":
    case "execute":
    case "deallocate":
    case "declare-cursor":
    case "fetch":
    case "close":
    case "discard":
    case "listen":
    case "unlisten":
    case "notify":
      invariant(false, "session commands are answered before");
      return undefined;
    default:
      return unreachable(statement);
  }
}

/** Changes of a table's log are bound to its columns; those of the catalog are not. */
function isDefinitionChange({ type, actions }: AlterStatement): boolean {
  return (
    type === "table" &&
    actions.some(
      ({ kind }) => !["rename", "set-schema", "comment"].includes(kind),
    )
  );
}

function refreshCatalogCommand(): Command {
  return action(async ({ services, resolved }) => {
    const owned = resolved.requirements.find(
      (requirement) => requirement.kind === "owner",
    );
    invariant(
      owned?.securable.kind === "object",
      "REFRESH CATALOG requires a catalog",
    );
    const catalog = services.governance.catalog.object(owned.securable.id);
    invariant(catalog?.kind === "catalog", "REFRESH CATALOG names a catalog");
    await services.lakes.refresh(catalog);
    return done("REFRESH CATALOG");
  });
}
