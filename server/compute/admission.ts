// Memory of the nodes, given out to fragments before they start. What is small passes at once, so that a trivial statement
// never waits behind heavy ones; the others queue in order, each node for itself.

import type { NodeId } from "../../storage/common/ids.ts";
import { queryCanceled, SqlError } from "../../storage/common/errors.ts";
import { admissionTimeout } from "./errors.ts";

export interface AdmissionOptions {
  /** Fragments up to this size are not counted. */
  readonly freeBytes: number;
  readonly timeoutMs: number;
}

export interface Admission {
  /** Waits until the node has room; the result gives the memory back. Throws 53200 after the time-out, 57014 when aborted. */
  admit(
    node: NodeId,
    capacityBytes: number,
    wantedBytes: number,
    signal: AbortSignal,
  ): Promise<Disposable>;
  /** Bytes given out on a node, and fragments waiting for it. */
  load(node: NodeId): { readonly bytes: number; readonly waiting: number };
}

interface Waiter {
  readonly bytes: number;
  readonly capacity: number;
  readonly start: () => void;
}

interface NodeLedger {
  bytes: number;
  readonly queue: Waiter[];
}

export function createAdmission(options: AdmissionOptions): Admission {
  const ledgers = new Map<NodeId, NodeLedger>();
  const ledgerOf = (node: NodeId): NodeLedger => {
    const known = ledgers.get(node);
    if (known !== undefined) return known;
    const made: NodeLedger = { bytes: 0, queue: [] };
    ledgers.set(node, made);
    return made;
  };
  const wake = (node: NodeId, ledger: NodeLedger): void => {
    for (;;) {
      const [next] = ledger.queue;
      if (next === undefined || !fits(ledger, next)) break;
      ledger.queue.shift();
      ledger.bytes += next.bytes;
      next.start();
    }
    // Nodes get a new id when they are replaced, so nothing is kept for idle ones.
    if (ledger.bytes === 0 && ledger.queue.length === 0) ledgers.delete(node);
  };
  const giveBack = (
    node: NodeId,
    ledger: NodeLedger,
    bytes: number,
  ): Disposable => {
    let held = true;
    return {
      [Symbol.dispose]: () => {
        if (!held) return;
        held = false;
        ledger.bytes -= bytes;
        wake(node, ledger);
      },
    };
  };
  return {
    load: (node) => {
      const ledger = ledgers.get(node);
      return { bytes: ledger?.bytes ?? 0, waiting: ledger?.queue.length ?? 0 };
    },
    admit: async (node, capacity, wanted, signal) => {
      if (wanted <= options.freeBytes)
        return { [Symbol.dispose]: () => undefined };
      const ledger = ledgerOf(node);
      // More than the node has: it runs alone, and spills.
      const bytes = Math.min(wanted, capacity);
      await new Promise<void>((resolve, reject) => {
        const settle = (): void => {
          clearTimeout(timer);
          signal.removeEventListener("abort", onAbort);
        };
        const waiter: Waiter = {
          bytes,
          capacity,
          start: () => {
            settle();
            resolve();
          },
        };
        const leave = (error: SqlError): void => {
          settle();
          const at = ledger.queue.indexOf(waiter);
          if (at >= 0) ledger.queue.splice(at, 1);
          wake(node, ledger);
          reject(error);
        };
        const onAbort = (): void =>
          leave(
            signal.reason instanceof SqlError ? signal.reason : queryCanceled(),
          );
        const timer = setTimeout(
          () => leave(admissionTimeout(options.timeoutMs)),
          options.timeoutMs,
        );
        signal.addEventListener("abort", onAbort, { once: true });
        ledger.queue.push(waiter);
        if (signal.aborted) onAbort();
        else wake(node, ledger);
      });
      return giveBack(node, ledger, bytes);
    },
  };
}

function fits(ledger: NodeLedger, waiter: Waiter): boolean {
  return ledger.bytes === 0 || ledger.bytes + waiter.bytes <= waiter.capacity;
}
