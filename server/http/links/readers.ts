// To whom links to a statement's rows were given: one reader a credential and address. A link lives no longer than its reader, who
// goes with the credential, with the statement, and when the address is refused; what is being sent to it ends too (authentication
// section 1.4).

import type { Identity } from "../../../auth/principal.ts";

export interface Reader {
  readonly number: number;
  readonly identity: Identity;
  /** Aborted when it goes. */
  readonly signal: AbortSignal;
}

interface Entry extends Reader {
  readonly controller: AbortController;
}

export class Readers {
  readonly #byNumber = new Map<number, Entry>();
  #last = 0;

  /** The reader of this credential at this address, new where there is none. A number is never used twice. */
  of(identity: Identity): Reader {
    const { credential, clientAddress } = identity;
    for (const known of this.#byNumber.values()) {
      const { identity: other } = known;
      const same = other.credential === credential;
      if (same && other.clientAddress === clientAddress) return known;
    }
    this.#last += 1;
    const controller = new AbortController();
    const { signal } = controller;
    const made = { number: this.#last, identity, signal, controller };
    this.#byNumber.set(made.number, made);
    return made;
  }

  find(number: number): Reader | undefined {
    return this.#byNumber.get(number);
  }

  endWhere(ended: (identity: Identity) => boolean): void {
    for (const reader of this.#byNumber.values()) {
      if (!ended(reader.identity)) continue;
      this.#byNumber.delete(reader.number);
      reader.controller.abort();
    }
  }
}
