// Notices: what a statement tells the client besides its result.

import type { SqlState } from "../../storage/common/sqlstate.ts";

export type NoticeSeverity = "DEBUG" | "LOG" | "INFO" | "NOTICE" | "WARNING";

export interface Notice {
  readonly severity: NoticeSeverity;
  /** `00000` for plain notices, as PostgreSQL sends them. */
  readonly code: SqlState | "00000";
  readonly message: string;
  readonly detail?: string | undefined;
  readonly hint?: string | undefined;
}

const RANKS: Readonly<Record<string, number>> = {
  debug5: 0,
  debug4: 1,
  debug3: 2,
  debug2: 3,
  debug1: 4,
  debug: 4,
  log: 5,
  notice: 6,
  warning: 7,
  error: 8,
};

/** Whether `client_min_messages` lets it through. INFO always passes. */
export function isSent(severity: NoticeSeverity, least: string): boolean {
  if (severity === "INFO") return true;
  return (RANKS[severity.toLowerCase()] ?? 6) >= (RANKS[least] ?? 6);
}
