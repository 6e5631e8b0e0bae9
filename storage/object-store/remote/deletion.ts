// Objects deleted: one by one, or many in one request where the store knows how.

import { mapConcurrently } from "../concurrently.ts";
import type { BatchDeletion } from "./dialect.ts";
import { succeeded, type StoreCalls } from "./store-calls.ts";

export async function deleteObject(
  calls: StoreCalls,
  path: string,
  key: string,
): Promise<void> {
  const call = { method: "DELETE" as const, key };
  const { response } = await calls.send("delete", path, call);
  if (!succeeded(response) && !calls.isAbsent(response))
    throw calls.failed("delete", path, response);
}

const OBJECTS_AT_ONCE = 16;
const BATCHES_AT_ONCE = 4;

/** Deletes what lies at `keys` below `root`. */
export type DeleteKeys = (keys: readonly string[]) => Promise<void>;

export function keyDeletion(root: string, calls: StoreCalls): DeleteKeys {
  const { batchDeletion: batch } = calls.dialect;
  const oneByOne: DeleteKeys = async (keys) => {
    await mapConcurrently(keys, OBJECTS_AT_ONCE, (key) =>
      deleteObject(calls, `${root}/${key}`, key),
    );
  };
  if (batch === undefined) return oneByOne;
  /** Look-alikes may not know the request; each is asked once. */
  let known = true;
  return async (keys) => {
    if (!known) return oneByOne(keys);
    const left: (readonly string[])[] = [
      keys.filter((key) => !batch.names(key)),
    ];
    const named = keys.filter((key) => batch.names(key));
    const some = Array.from(
      { length: Math.ceil(named.length / batch.most) },
      (_, index) => named.slice(index * batch.most, (index + 1) * batch.most),
    );
    await mapConcurrently(some, BATCHES_AT_ONCE, async (part) => {
      const answer = await deleteBatch(root, calls, batch, part);
      known &&= answer !== undefined;
      left.push(answer ?? part);
    });
    // One of these fails with the store's own reason, if it fails again.
    return oneByOne(left.flat());
  };
}

/** The keys that are left; undefined when the store does not know the request. */
async function deleteBatch(
  root: string,
  calls: StoreCalls,
  batch: BatchDeletion,
  keys: readonly string[],
): Promise<readonly string[] | undefined> {
  const { response } = await calls.send("delete", root, batch.call(keys));
  if (NOT_KNOWN.has(response.status)) return undefined;
  if (!succeeded(response)) throw calls.failed("delete", root, response);
  return batch.left(response);
}

/** What look-alikes answer to a request they do not have. */
const NOT_KNOWN: ReadonlySet<number> = new Set([404, 405, 501]);
