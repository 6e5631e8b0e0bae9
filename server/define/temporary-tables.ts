// Temporary tables are Delta tables in a folder of their session: what is done to their files.

import { randomUUID } from "node:crypto";
import { join } from "node:path";
import type { ObjectId } from "../../storage/common/ids.ts";
import { joinPath } from "../../storage/object-store/store.ts";
import { truncateTable } from "../commands/truncate.ts";
import type { Services } from "../services.ts";
import { sessionsFolder } from "../session/session-folders.ts";
import type { Session } from "../session/session.ts";
import type { TemporaryTables } from "../session/temporary-objects.ts";
import { restoreTable } from "../write/restore-table.ts";

export function temporaryTables(
  services: Services,
): (session: Session) => TemporaryTables {
  const { config, stores, tables, log } = services;
  const remove = async (folder: string): Promise<void> => {
    try {
      await stores.storeFor(folder).deleteFolder(folder);
    } catch (error) {
      log.warn({ err: error, folder }, "a temporary table was not removed");
    }
  };
  return (session) => {
    const folder = join(sessionsFolder(config), randomUUID());
    return {
      locationOf: (table: ObjectId) => joinPath(folder, table),
      restore: async (table, version) => {
        const travel = { kind: "version", version } as const;
        await restoreTable(services, session, { table, travel });
      },
      empty: (table) => truncateTable(services, session, table),
      removeFolder: (location) => {
        tables.forget({ location, name: "", lakeRoot: undefined });
        return remove(location);
      },
      close: () => remove(folder),
    };
  };
}
