// Who may change the catalog and rights now. A block that commits to a table's log and to the metastore holds the gate between the two,
// so that what it is about to write still fits. Others wait for it, or are told to come again.

import { SqlError } from "../common/errors.ts";

export class ChangeGate {
  #held = false;
  /** Resolves when the last of those who asked has let go. */
  #last: Promise<void> = Promise.resolve();

  get isHeld(): boolean {
    return this.#held;
  }

  /** Throws 55P03 while a block holds the gate. */
  pass(): void {
    if (!this.#held) return;
    throw new SqlError("55P03", "could not obtain lock on the catalog", {
      detail: "A transaction that changes it is being committed.",
      hint: "Run the statement again.",
    });
  }

  /** Resolves when nobody holds it. */
  async opened(): Promise<void> {
    while (this.#held) await this.#last;
  }

  /** One after the other. */
  async hold(): Promise<Disposable> {
    const before = this.#last;
    let letGo = (): void => undefined;
    this.#last = new Promise((resolve) => {
      letGo = resolve;
    });
    await before;
    this.#held = true;
    return {
      [Symbol.dispose]: () => {
        this.#held = false;
        letGo();
      },
    };
  }
}
