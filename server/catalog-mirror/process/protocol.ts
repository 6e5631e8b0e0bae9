// What the gateway and the mirror's process say to each other over the IPC channel.

/** First message. The answer is `ready` or `failed`. */
export interface OpenMessage {
  readonly kind: "open";
  /** A PostgreSQL data directory of this process's own; made from nothing when empty. */
  readonly dataDir: string;
  /** Run once, as the owner of everything. */
  readonly setup: string | undefined;
}

export interface Request {
  readonly id: number;
  readonly work: Work;
}

export type Work =
  /** Several statements as the owner of everything; the content is loaded so. */
  | { readonly kind: "script"; readonly sql: string }
  /** Frontend messages of one statement, ended by Sync, inside a read-only transaction that is rolled back. */
  | {
      readonly kind: "relay";
      /** Settings of the session, run before it. */
      readonly prelude: string;
      readonly messages: Uint8Array;
    }
  /** Flushes and closes the files; the process ends by itself. */
  | { readonly kind: "close" };

export type Reply =
  | { readonly kind: "ready" }
  | { readonly kind: "failed"; readonly reason: string }
  /** `bytes` are backend messages; empty for a script. */
  | { readonly kind: "done"; readonly id: number; readonly bytes: Uint8Array }
  | { readonly kind: "error"; readonly id: number; readonly reason: string };
