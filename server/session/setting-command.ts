// SET, RESET, SHOW and USE.

import type {
  SetStatement,
  ShowStatement,
  UseStatement,
} from "../../planner/parse/ast.ts";
import { done, textColumns, textRows } from "./command-result.ts";
import type { QueryEngine } from "./engine.ts";
import type { OutputColumn, Result } from "./result.ts";
import type { Session } from "./session.ts";
import { joinList } from "./setting-list.ts";
import { findSetting } from "./setting-table.ts";
import { setCharacteristic } from "./transaction-command.ts";

export function runSet(session: Session, statement: SetStatement): Result {
  const { name, values, scope } = statement;
  if (scope === "local" && !session.transaction.inBlock) {
    session.notice(
      "WARNING",
      "SET LOCAL can only be used in transaction blocks",
      { code: "25P01" },
    );
  }
  if (isTransactionSetting(name)) {
    const value = values?.[0] ?? session.settings.get(`default_${name}`);
    setCharacteristic(session, name, value);
    return done("SET");
  }
  session.settings.setItems(name, values, scope);
  return done("SET");
}

export function runReset(session: Session, name: string | undefined): Result {
  if (name === undefined) session.settings.resetAll();
  else session.settings.reset(name);
  return done("RESET");
}

/** Throws 42704. */
export function runShow(session: Session, name: string): Result {
  if (name === "all") {
    return textRows(showColumns(name), session.settings.showAll(), "SHOW");
  }
  return textRows(showColumns(name), [[session.settings.show(name)]], "SHOW");
}

/** The columns of SHOW for a setting; other forms of SHOW are queries of the catalog. */
export function showColumns(name: string): readonly OutputColumn[] {
  if (name === "all") return textColumns("name", "setting", "description");
  return textColumns(findSetting(name)?.name ?? name);
}

export function settingOf(statement: ShowStatement): string | undefined {
  return statement.what.kind === "setting" ? statement.what.name : undefined;
}

/** Throws 3D000, 3F000 when the session may not see what it names. */
export async function runUse(
  session: Session,
  engine: QueryEngine,
  statement: UseStatement,
): Promise<Result> {
  const [first, second] = statement.name.parts;
  const one = first?.name ?? "";
  const target =
    second !== undefined
      ? { catalog: one, schema: second.name }
      : statement.type === "catalog"
        ? { catalog: one, schema: undefined }
        : { catalog: session.currentCatalog, schema: one };
  const found = (await engine.openNamespace?.(session, target)) ?? target;
  session.currentCatalog = found.catalog;
  session.settings.set(
    "search_path",
    joinList([found.schema ?? "public"]),
    "session",
  );
  return done("USE");
}

function isTransactionSetting(name: string): boolean {
  return (
    name === "transaction_isolation" ||
    name === "transaction_read_only" ||
    name === "transaction_deferrable"
  );
}
