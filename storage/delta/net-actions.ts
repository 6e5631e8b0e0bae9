// What several changes of a table, one after the other, come to in one commit (checklist W2: no two adds or removes of one path).

import type { Action, LoggedDeletionVector } from "./actions.ts";
import { decodePath } from "./paths.ts";

/**
 * Changes in order, each over the files the one before left. A file added and removed again leaves nothing; a file of the table with
 * several new deletion vectors is removed once, as it was, and added once, as it is in the end. Of several metaData or protocols the last
 * stays, of several txn of one application, of several texts of one domain; other actions stay as they are.
 */
export function netActions(
  changes: readonly (readonly Action[])[],
): readonly Action[] {
  const added = new Map<string, Action>();
  const removed = new Map<string, Action>();
  /** Of which the last counts, by what they are about. */
  const latest = new Map<string, Action>();
  const others: Action[] = [];
  for (const actions of changes) {
    // Inside one change order means nothing: what it adds was not there before.
    for (const action of actions) {
      if (action.kind !== "remove") continue;
      const key = fileKey(action.remove.path, action.remove.deletionVector);
      if (!added.delete(key)) removed.set(key, action);
    }
    for (const action of actions) {
      const subject = subjectOf(action);
      if (action.kind === "add")
        added.set(fileKey(action.add.path, action.add.deletionVector), action);
      else if (subject !== undefined) latest.set(subject, action);
      else if (action.kind !== "remove") others.push(action);
    }
  }
  return [
    ...latest.values(),
    ...others,
    ...removed.values(),
    ...added.values(),
  ];
}

/** Equal for actions that replace each other (checklist R1). */
function subjectOf(action: Action): string | undefined {
  switch (action.kind) {
    case "metaData":
    case "protocol":
      return action.kind;
    case "txn":
      return `txn ${action.txn.appId}`;
    case "domainMetadata":
      return `domain ${action.domain.domain}`;
    default:
      return undefined;
  }
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
