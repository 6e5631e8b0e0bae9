// A table whose rows begin to be tracked: its files without row ids are added again, so that the same commit gives them some (Delta
// protocol, "Row Tracking").

import type { Action } from "./actions.ts";
import {
  LOGGED_FILES,
  loggedAdds,
  withLoggedFiles,
} from "./checkpoint/logged-files.ts";
import type { Definition } from "./definition/definition.ts";
import type { LoadContext } from "./load.ts";
import { tracksRows } from "./row-tracking.ts";
import type { Snapshot } from "./snapshot.ts";

/** Undefined unless tracking begins with `after`. They are as the log has them, and change no row. */
export async function filesToNumber(
  context: LoadContext,
  { version, protocol, metadata }: Snapshot,
  after: Definition,
): Promise<readonly Action[] | undefined> {
  if (tracksRows(protocol, metadata)) return undefined;
  if (!tracksRows(after.protocol, after.metadata)) return undefined;
  const adds = await withLoggedFiles(context, version, (connection) =>
    loggedAdds(
      connection,
      `SELECT CAST(j AS VARCHAR) FROM ${LOGGED_FILES}
       WHERE is_add AND json_extract_string(j, '/baseRowId') IS NULL ORDER BY key`,
    ),
  );
  return adds.map((add) => ({
    kind: "add",
    add: { ...add, dataChange: false },
  }));
}
