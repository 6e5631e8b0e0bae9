// The relations of schema `system` that are read as tables are (contract section 5, "Operations"): who may read them (access-control
// section 6), and their columns, with Databricks' names where it has them. What holds their rows is the gateway's to say.

import type { TableEntry } from "../../../storage/catalog/objects.ts";
import {
  INT4,
  INT8,
  JSONB,
  TEXT,
  TIMESTAMPTZ,
  type DataType,
} from "../../../storage/common/data-type.ts";
import { objectId } from "../../../storage/common/ids.ts";
import type { Column } from "../../../storage/common/schema.ts";
import type { JsonFormat } from "../../../storage/files/format.ts";

export interface SystemTable {
  readonly name: SystemTableName;
  /** Anyone is shown rows of their own alone, unless an administrator. */
  readonly readers: "anyone" | "administrators";
  /** Rows lie in files of JSON lines, one member a column, or are made by the gateway when they are asked for. */
  readonly rows: "json-lines" | "made";
  readonly columns: readonly Column[];
}

export type SystemTableName = "query_history" | "audit" | "nodes" | "cache";

const TABLES: readonly SystemTable[] = [
  {
    name: "query_history",
    readers: "anyone",
    rows: "json-lines",
    columns: columns({
      statement_id: TEXT,
      pid: INT4,
      executed_by: TEXT,
      executed_by_user_id: TEXT,
      catalog: TEXT,
      client_application: TEXT,
      client_address: TEXT,
      statement_text: TEXT,
      execution_status: TEXT,
      error_code: TEXT,
      error_message: TEXT,
      start_time: TIMESTAMPTZ,
      end_time: TIMESTAMPTZ,
      total_duration_ms: INT8,
      produced_rows: INT8,
    }),
  },
  {
    name: "audit",
    readers: "administrators",
    rows: "json-lines",
    columns: columns({
      event_time: TIMESTAMPTZ,
      event_id: TEXT,
      request_id: TEXT,
      service_name: TEXT,
      action_name: TEXT,
      user_identity: JSONB,
      source_ip_address: TEXT,
      user_agent: TEXT,
      session_id: TEXT,
      request_params: JSONB,
      response: JSONB,
    }),
  },
  {
    name: "nodes",
    readers: "administrators",
    rows: "made",
    columns: columns({
      node_id: TEXT,
      pid: INT4,
      started_at: TIMESTAMPTZ,
      running_fragments: INT4,
      waiting_fragments: INT4,
      memory_bytes: INT8,
      admitted_bytes: INT8,
    }),
  },
  {
    name: "cache",
    readers: "administrators",
    rows: "made",
    columns: columns({
      cache: TEXT,
      node_id: TEXT,
      entries: INT8,
      used_bytes: INT8,
      limit_bytes: INT8,
    }),
  },
];

const BY_NAME: ReadonlyMap<string, SystemTable> = new Map(
  TABLES.map((table) => [table.name, table]),
);

/** Those that a principal may read. */
export function readableSystemTables(isAdmin: boolean): readonly SystemTable[] {
  return TABLES.filter(({ readers }) => isAdmin || readers === "anyone");
}

export function systemTable(name: string): SystemTable | undefined {
  return BY_NAME.get(name);
}

/** What stands for it where a table is expected. */
export function systemEntry({ name, rows, columns }: SystemTable): TableEntry {
  return {
    kind: "table",
    id: objectId(`system ${name}`),
    oid: 0,
    name,
    owner: undefined,
    schema: objectId(""),
    location: "",
    origin: "system",
    ...(rows === "json-lines" ? { files: jsonLines(columns) } : {}),
  };
}

/** A crash may have cut a line. */
function jsonLines(schema: readonly Column[]): JsonFormat {
  return {
    kind: "json",
    schema,
    nameFilter: undefined,
    only: undefined,
    skipsCorrupt: false,
    mode: "drop-malformed",
    corruptColumn: undefined,
    inferTypes: false,
    multiLine: false,
  };
}

function columns(types: Readonly<Record<string, DataType>>): readonly Column[] {
  return Object.entries(types).map(([name, type]) => ({
    name,
    type,
    nullable: true,
  }));
}
