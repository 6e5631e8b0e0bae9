// DESCRIBE HISTORY: the commits of a table, newest first, with Databricks' columns.

import type { QualifiedName } from "../../planner/parse/ast.ts";
import { readJsonb } from "../../planner/functions/value/json.ts";
import {
  BOOL,
  INT8,
  JSONB,
  TIMESTAMPTZ,
} from "../../storage/common/data-type.ts";
import {
  history,
  type HistoryEntry,
} from "../../storage/delta/maintenance/history.ts";
import { JsonNumber, printJson } from "../../storage/delta/json.ts";
import { tableRef } from "../table-ref.ts";
import { columnsOf, listing, type Command } from "./command.ts";
import { timestampText } from "./principal.ts";
import { targetTable } from "./target-table.ts";

const COLUMNS = columnsOf(
  ["version", INT8],
  ["timestamp", TIMESTAMPTZ],
  "userId",
  "userName",
  "operation",
  ["operationParameters", JSONB],
  ["job", JSONB],
  ["notebook", JSONB],
  "clusterId",
  ["readVersion", INT8],
  "isolationLevel",
  ["isBlindAppend", BOOL],
  ["operationMetrics", JSONB],
  "userMetadata",
  "engineInfo",
);

export function describeHistoryCommand(
  name: QualifiedName,
  limit: number | undefined,
): Command {
  return listing(COLUMNS, "DESCRIBE", async (context) => {
    const { services } = context;
    const table = tableRef(services, targetTable(context, name));
    const entries = await history(
      services.tables,
      table,
      limit ?? Number.MAX_SAFE_INTEGER,
    );
    return entries.map(rowOf);
  });
}

function rowOf({
  version,
  timestampMs,
  commitInfo,
}: HistoryEntry): readonly (string | null)[] {
  return COLUMNS.map(({ name, type }) => {
    if (name === "version") return String(version);
    if (name === "timestamp") return timestampText(timestampMs);
    const value = commitInfo?.fields.get(name);
    if (value === undefined || value === null) return null;
    if (type.kind === "jsonb") return readJsonb(printJson(value));
    if (type.kind === "bool") return value === true ? "t" : "f";
    if (value instanceof JsonNumber) return value.text;
    return typeof value === "string" ? value : printJson(value);
  });
}
