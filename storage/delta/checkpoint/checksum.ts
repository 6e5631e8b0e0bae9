// Version checksums, `N.crc` (Delta protocol, "Version Checksum File"; checklist W7): written after a commit that follows the version
// it read, compared when a table is loaded. They decide nothing: a table without them, or with wrong ones, reads the same.

import { joinPath } from "../../object-store/store.ts";
import type { Action } from "../actions.ts";
import { isObject, JsonNumber, parseJson, type Json } from "../json.ts";
import { numberOf, queryRows } from "../kernel-rows.ts";
import type { LoadContext } from "../load.ts";
import { checksumName, logFolder } from "../log.ts";
import { fieldsJson, printAction } from "../print-action.ts";
import { printJson } from "../json.ts";
import { EMPTY_STATE, replay } from "../replay.ts";
import type { Snapshot, SnapshotFiles } from "../snapshot.ts";

interface Totals {
  readonly numFiles: number;
  readonly tableSizeBytes: number;
}

/** Nothing is written when the sizes of removed files are not known. `actions` without their commitInfo follow `read`. */
export async function writeChecksum(
  context: LoadContext,
  read: Snapshot,
  committed: {
    readonly version: number;
    readonly txnId: string;
    readonly inCommitTimestamp: number | undefined;
    readonly actions: readonly Action[];
  },
): Promise<void> {
  const { version, txnId, inCommitTimestamp, actions } = committed;
  const totals = movedTotals(await totalsOf(read.files), actions);
  if (totals === undefined) return;
  const before = {
    ...EMPTY_STATE,
    protocol: read.protocol,
    metadata: read.metadata,
    transactions: read.transactions,
    domains: read.domains,
  };
  const state = replay(before, actions);
  const { protocol, metadata } = state;
  if (protocol === undefined || metadata === undefined) return;
  const json = fieldsJson({
    txnId,
    ...totals,
    numMetadata: 1,
    numProtocol: 1,
    inCommitTimestampOpt: inCommitTimestamp,
    setTransactions: [...state.transactions.values()].map((txn) =>
      inner({ kind: "txn", txn }),
    ),
    domainMetadata: [...state.domains.values()].map((domain) =>
      inner({ kind: "domainMetadata", domain }),
    ),
    metadata: inner({ kind: "metaData", metadata }),
    protocol: inner({ kind: "protocol", protocol }),
  });
  await context.store.putIfAbsent(
    joinPath(logFolder(context.table.location), checksumName(version)),
    Buffer.from(`${printJson(json)}\n`),
  );
}

/** An action without its kind. */
function inner(action: Action): Json {
  const json = parseJson(printAction(action));
  const [value] = isObject(json) ? [...json.values()] : [];
  return value ?? null;
}

async function totalsOf(files: SnapshotFiles): Promise<Totals> {
  return files.use(async ({ connection, table, live }) => {
    const [row = []] = await queryRows(
      connection,
      `SELECT count(*), coalesce(sum(size), 0)::BIGINT FROM ${table} WHERE ${live}`,
    );
    return {
      numFiles: numberOf(row[0]) ?? 0,
      tableSizeBytes: numberOf(row[1]) ?? 0,
    };
  });
}

function movedTotals(
  before: Totals,
  actions: readonly Action[],
): Totals | undefined {
  // A new definition that comes with files of the table, numbered for the first time: they are not told from new ones.
  const redefines = actions.some(({ kind }) => kind === "metaData");
  const again = actions.some((it) => it.kind === "add" && !it.add.dataChange);
  if (redefines && again) return undefined;
  let { numFiles, tableSizeBytes } = before;
  for (const action of actions) {
    if (action.kind === "add") {
      numFiles += 1;
      tableSizeBytes += action.add.size;
    } else if (action.kind === "remove") {
      if (action.remove.size === undefined) return undefined;
      numFiles -= 1;
      tableSizeBytes -= action.remove.size;
    }
  }
  return { numFiles, tableSizeBytes };
}

/** What a version's checksum says and the log does not; undefined when they agree, or when there is no checksum to be understood. */
export async function checksumMismatch(
  context: LoadContext,
  snapshot: Snapshot,
): Promise<string | undefined> {
  const bytes = await context.store.read(
    joinPath(logFolder(context.table.location), checksumName(snapshot.version)),
  );
  const json = parseJson(Buffer.from(bytes ?? []).toString("utf8"));
  if (!isObject(json)) return undefined;
  const found = await totalsOf(snapshot.files);
  for (const name of ["numFiles", "tableSizeBytes"] as const) {
    const said = json.get(name);
    if (said instanceof JsonNumber && said.text !== String(found[name]))
      return `${name} is ${found[name]}, the checksum says ${said.text}`;
  }
  return undefined;
}
