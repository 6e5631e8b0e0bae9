// Reconciles everything but files (Delta protocol, "Action Reconciliation"; checklist S8, R1, R2). Pure.

import type {
  Action,
  DomainMetadata,
  Metadata,
  Protocol,
  Transaction,
} from "./actions.ts";

export interface LogState {
  readonly protocol: Protocol | undefined;
  readonly metadata: Metadata | undefined;
  /** Newest by appId, even when its version number is lower. */
  readonly transactions: ReadonlyMap<string, Transaction>;
  /** By domain, without removed ones. */
  readonly domains: ReadonlyMap<string, DomainMetadata>;
}

export const EMPTY_STATE: LogState = {
  protocol: undefined,
  metadata: undefined,
  transactions: new Map(),
  domains: new Map(),
};

/** `actions` in log order: a checkpoint's first, then commit by commit. Other kinds pass without effect. */
export function replay(state: LogState, actions: readonly Action[]): LogState {
  let { protocol, metadata } = state;
  const transactions = new Map(state.transactions);
  const domains = new Map(state.domains);
  for (const action of actions) {
    switch (action.kind) {
      case "protocol":
        protocol = action.protocol;
        break;
      case "metaData":
        metadata = action.metadata;
        break;
      case "txn":
        transactions.set(action.txn.appId, action.txn);
        break;
      case "domainMetadata":
        if (action.domain.removed) domains.delete(action.domain.domain);
        else domains.set(action.domain.domain, action.domain);
        break;
      case "add":
      case "remove":
      case "cdc":
      case "commitInfo":
      case "sidecar":
      case "checkpointMetadata":
        break;
    }
  }
  return { protocol, metadata, transactions, domains };
}

/** True when the columns of the file table (partition values, statistics) would differ. */
export function changesColumns(before: Metadata, after: Metadata): boolean {
  return (
    before.schemaString !== after.schemaString ||
    before.partitionColumns.join("\0") !== after.partitionColumns.join("\0") ||
    COLUMN_PROPERTIES.some(
      (key) => before.configuration[key] !== after.configuration[key],
    )
  );
}

const COLUMN_PROPERTIES: readonly string[] = [
  "delta.columnMapping.mode",
  "delta.dataSkippingNumIndexedCols",
  "delta.dataSkippingStatsColumns",
];
