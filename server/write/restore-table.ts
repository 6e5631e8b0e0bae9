// A commit that brings an older version of a table back.

import type { TableEntry } from "../../storage/catalog/objects.ts";
import type { TravelPoint } from "../../storage/catalog/view.ts";
import {
  planRestore,
  type Restoration,
} from "../../storage/delta/maintenance/restore.ts";
import type { Services } from "../services.ts";
import type { Session } from "../session/session.ts";
import { tableRef } from "../table-ref.ts";
import { commitChange } from "./table-write.ts";

/** `approve` sees what would be done before it is. Throws what it throws, and what planning and committing throw. */
export async function restoreTable(
  services: Services,
  session: Session,
  request: {
    readonly table: TableEntry;
    readonly travel: TravelPoint;
    readonly approve?: (plan: Restoration) => void;
    readonly signal?: AbortSignal;
  },
): Promise<Restoration> {
  const { travel, signal = new AbortController().signal } = request;
  const table = tableRef(services, request.table);
  const current = await services.tables.snapshot(table);
  const wanted = await services.tables.snapshot(table, travel);
  const plan = await planRestore(
    services.tables.contextOf(table),
    current,
    wanted,
    { nowMs: Date.now(), signal },
  );
  request.approve?.(plan);
  const point =
    travel.kind === "version"
      ? { version: String(travel.version), timestamp: "" }
      : { version: "", timestamp: travel.timestamp };
  const figures = restorationFigures(plan);
  await commitChange(
    services,
    {
      table,
      version: current.version,
      actions: plan.actions,
      reads: { kind: "table" },
      operation: "RESTORE",
      parameters: point,
      metrics: Object.fromEntries(
        METRICS.map((name, index) => [name, figures[index] ?? 0]),
      ),
    },
    session,
  );
  return plan;
}

/** As RESTORE answers them: bytes and files after, files removed and restored, their bytes. */
export function restorationFigures(plan: Restoration): readonly number[] {
  const bytes = (files: Restoration["added"]): number =>
    files.reduce((sum, { size }) => sum + size, 0);
  return [
    plan.bytesAfter,
    plan.filesAfter,
    plan.removed.length,
    plan.added.length,
    bytes(plan.removed),
    bytes(plan.added),
  ];
}

const METRICS = [
  "tableSizeAfterRestore",
  "numOfFilesAfterRestore",
  "numRemovedFiles",
  "numRestoredFiles",
  "removedFilesSize",
  "restoredFilesSize",
];
