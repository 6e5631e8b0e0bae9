// The actions of a Delta log under the protocol's own names ("Actions" in PROTOCOL.md). Longs that can exceed 2^53 are bigint;
// sizes and times are numbers in bytes and milliseconds, and parse-action.ts refuses those that do not fit.

import type { JsonObject } from "./json.ts";

export type Action =
  | { readonly kind: "protocol"; readonly protocol: Protocol }
  | { readonly kind: "metaData"; readonly metadata: Metadata }
  | { readonly kind: "add"; readonly add: AddFile }
  | { readonly kind: "remove"; readonly remove: RemoveFile }
  | { readonly kind: "cdc"; readonly cdc: ChangeFile }
  | { readonly kind: "txn"; readonly txn: Transaction }
  | { readonly kind: "domainMetadata"; readonly domain: DomainMetadata }
  | { readonly kind: "commitInfo"; readonly commitInfo: CommitInfo }
  | { readonly kind: "sidecar"; readonly sidecar: Sidecar }
  | { readonly kind: "checkpointMetadata"; readonly version: number };

export interface Protocol {
  readonly minReaderVersion: number;
  readonly minWriterVersion: number;
  /** Only at reader version 3. */
  readonly readerFeatures?: readonly string[];
  /** Only at writer version 7. */
  readonly writerFeatures?: readonly string[];
}

export interface Metadata {
  readonly id: string;
  readonly name?: string;
  readonly description?: string;
  readonly schemaString: string;
  /** Display names, in the order of the folders. */
  readonly partitionColumns: readonly string[];
  readonly configuration: Readonly<Record<string, string>>;
  readonly createdTime?: number;
}

export interface AddFile {
  /** URI-encoded; relative to the table root or absolute. */
  readonly path: string;
  /** By physical name. */
  readonly partitionValues: Readonly<Record<string, string | null>>;
  readonly size: number;
  readonly modificationTime: number;
  readonly dataChange: boolean;
  /** JSON text, untouched. */
  readonly stats?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly deletionVector?: LoggedDeletionVector;
  readonly baseRowId?: bigint;
  readonly defaultRowCommitVersion?: bigint;
  readonly clusteringProvider?: string;
}

export interface RemoveFile {
  readonly path: string;
  readonly deletionTimestamp?: number;
  readonly dataChange: boolean;
  readonly extendedFileMetadata?: boolean;
  readonly partitionValues?: Readonly<Record<string, string | null>>;
  readonly size?: number;
  readonly stats?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly deletionVector?: LoggedDeletionVector;
  readonly baseRowId?: bigint;
  readonly defaultRowCommitVersion?: bigint;
}

/** A deletion vector as the log spells it, before its place is resolved. */
export interface LoggedDeletionVector {
  readonly storageType: "u" | "p" | "i";
  readonly pathOrInlineDv: string;
  readonly offset?: number;
  readonly sizeInBytes: number;
  readonly cardinality: number;
}

export interface ChangeFile {
  readonly path: string;
  readonly partitionValues: Readonly<Record<string, string | null>>;
  readonly size: number;
}

export interface Transaction {
  readonly appId: string;
  readonly version: bigint;
  readonly lastUpdated?: bigint;
}

export interface DomainMetadata {
  readonly domain: string;
  readonly configuration: string;
  readonly removed: boolean;
}

export interface CommitInfo {
  readonly timestamp?: number;
  readonly inCommitTimestamp?: number;
  readonly operation?: string;
  readonly operationParameters: Readonly<Record<string, string>>;
  readonly operationMetrics: Readonly<Record<string, string>>;
  readonly readVersion?: number;
  readonly isolationLevel?: string;
  readonly isBlindAppend?: boolean;
  readonly userName?: string;
  readonly engineInfo?: string;
  readonly txnId?: string;
  /** Everything the writer said, for DESCRIBE HISTORY. */
  readonly fields: JsonObject;
}

export interface Sidecar {
  /** URI-encoded name in `_delta_log/_sidecars`, or a full URI. */
  readonly path: string;
  readonly sizeInBytes: number;
  readonly modificationTime?: number;
}
