// A write that changes its table's definition (WITH SCHEMA EVOLUTION): the table its rows are written for, and the actions that go
// into the same commit.

import type { Evolution } from "../../planner/bind/bound.ts";
import { notSupported } from "../../storage/common/errors.ts";
import type { Action } from "../../storage/delta/actions.ts";
import { changed } from "../../storage/delta/definition/definition-change.ts";
import {
  definitionActions,
  definitionOf,
} from "../../storage/delta/definition/definition.ts";
import { withMetadata, type Snapshot } from "../../storage/delta/snapshot.ts";
import type { Session } from "../session/session.ts";

export interface EvolvedTable {
  /** The files of the version that was read, under the definition that the write leaves behind. */
  readonly written: Snapshot;
  /** Protocol, metadata and clustering where they change. */
  readonly definition: readonly Action[];
}

/** Throws 0A000 in a transaction block, whose statements see one definition of each table. */
export function evolvedTable(
  session: Session,
  snapshot: Snapshot,
  evolution: Evolution,
): EvolvedTable {
  if (evolution.length === 0) return { written: snapshot, definition: [] };
  if (session.transaction.inBlock)
    throw notSupported(
      "changing a table's schema by a write inside a transaction block is",
      undefined,
      "Run it outside BEGIN and COMMIT.",
    );
  const before = definitionOf(snapshot);
  const after = changed(before, evolution);
  const { protocol, metadata } = after;
  return {
    written: withMetadata({ ...snapshot, protocol }, metadata),
    definition: definitionActions(before, after),
  };
}

/** A commit has one metaData: identity marks are made of the new one, and stand for it. */
export function withMarks(
  definition: readonly Action[],
  marks: readonly Action[],
): readonly Action[] {
  const marked = marks.some(({ kind }) => kind === "metaData");
  return [
    ...definition.filter(({ kind }) => !marked || kind !== "metaData"),
    ...marks,
  ];
}
