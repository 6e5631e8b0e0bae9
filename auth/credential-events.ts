// Tells who keeps sessions that a credential or its principal ended, so that they end too (authentication section 1.4).

import type { Identity } from "./principal.ts";

/** Whether an identity is among those that ended. */
export type Ended = (identity: Identity) => boolean;
export type CredentialListener = (ended: Ended) => void;

export class CredentialEvents {
  readonly #listeners = new Set<CredentialListener>();

  /** Answers the function that ends the subscription. */
  subscribe(listener: CredentialListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Call once the change is on disk. */
  emit(ended: Ended): void {
    for (const listener of this.#listeners) listener(ended);
  }
}
