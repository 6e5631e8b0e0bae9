// Tells who keeps sessions that a credential ended, so that they end too (authentication section 1.4).

import type { TokenId } from "../storage/common/ids.ts";

export type CredentialListener = (ended: readonly TokenId[]) => void;

export class CredentialEvents {
  readonly #listeners = new Set<CredentialListener>();

  /** Answers the function that ends the subscription. */
  subscribe(listener: CredentialListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Call once the change is on disk. */
  emit(ended: readonly TokenId[]): void {
    if (ended.length === 0) return;
    for (const listener of this.#listeners) listener(ended);
  }
}
