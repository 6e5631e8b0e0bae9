// What several changes of a table, one after the other, come to in one commit (checklist W2: no two adds or removes of one path).

import type { Action, LoggedDeletionVector } from "./actions.ts";
import { decodePath } from "./paths.ts";

/**
 * Changes in order, each over the files the one before left. A file added and removed again leaves nothing; a file of the table with
 * several new deletion vectors is removed once, as it was, and added once, as it is in the end. Of several metaData the last stays, and of
 * several txn of one application; other actions stay as they are.
 */
export function netActions(
  changes: readonly (readonly Action[])[],
): readonly Action[] {
  const added = new Map<string, Action>();
  const removed = new Map<string, Action>();
  const transactions = new Map<string, Action>();
  const others: Action[] = [];
  let metaData: Action | undefined;
  for (const actions of changes) {
    // Inside one change order means nothing: what it adds was not there before.
    for (const action of actions) {
      if (action.kind !== "remove") continue;
      const key = fileKey(action.remove.path, action.remove.deletionVector);
      if (!added.delete(key)) removed.set(key, action);
    }
    for (const action of actions) {
      if (action.kind === "remove") continue;
      if (action.kind === "add")
        added.set(fileKey(action.add.path, action.add.deletionVector), action);
      else if (action.kind === "metaData") metaData = action;
      else if (action.kind === "txn")
        transactions.set(action.txn.appId, action);
      else others.push(action);
    }
  }
  return [
    ...(metaData === undefined ? [] : [metaData]),
    ...transactions.values(),
    ...others,
    ...removed.values(),
    ...added.values(),
  ];
}

/** Checklist R3. */
export function fileKey(
  path: string,
  vector: LoggedDeletionVector | undefined,
): string {
  const id =
    vector === undefined
      ? ""
      : `${vector.storageType}${vector.pathOrInlineDv}@${vector.offset ?? ""}`;
  return `${decodePath(path)}\u0000${id}`;
}
