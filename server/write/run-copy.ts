// COPY: rows leave as the nodes encode them, and the client's bytes go to one node, which decodes and writes them; the gateway commits.

import { randomUUID } from "node:crypto";
import type {
  BoundCopyFrom,
  BoundCopyTo,
  BoundStatement,
} from "../../planner/bind/bound.ts";
import { lowerClient } from "../../planner/physical/lower-client.ts";
import { notSupported } from "../../storage/common/errors.ts";
import { invariant } from "../../storage/common/invariant.ts";
import { checkWritable } from "../../storage/delta/features.ts";
import type { Snapshot } from "../../storage/delta/snapshot.ts";
import {
  copyFrame,
  ledBy,
  type CopyFrame,
} from "../compute/node/encode/copy-frame.ts";
import {
  applyChange,
  refuseSecondChange,
  refuseSecondTable,
} from "./pending-write.ts";
import type { Session } from "../session/session.ts";
import { insertTarget, megabytes, writtenColumns } from "./run-insert.ts";
import {
  inEnoughDigits,
  planQuery,
  simplified,
  type RunContext,
} from "../run-query.ts";
import { appended } from "./table-write.ts";
import type {
  ClientData,
  CommandResult,
  CopyInResult,
  CopyOutResult,
  EncodedRows,
} from "../session/result.ts";

/**
 * What a load reserves of a node: little enough never to be queued nor counted, since a client may let it wait for hours. The rows of
 * a portion, which are more, the kernel moves to disk when memory is short.
 */
const PORTION_PEAK_BYTES = 16 * 1024 * 1024;

export function isCopy(
  bound: BoundStatement,
): bound is BoundCopyTo | BoundCopyFrom {
  return bound.kind === "copy-to" || bound.kind === "copy-from";
}

/** Throws 0A000 where there are no messages for it. */
export function runCopy(
  bound: BoundCopyTo | BoundCopyFrom,
  context: RunContext,
): Promise<CopyOutResult> | CopyInResult {
  return bound.kind === "copy-to"
    ? runCopyTo(bound, context)
    : runCopyFrom(bound, context);
}

async function runCopyTo(
  { query, format: copy }: BoundCopyTo,
  context: RunContext,
): Promise<CopyOutResult> {
  refuseElsewhere(context);
  const { services, session, signal } = context;
  const plan = simplified(query.plan, []);
  const output = query.columns.map(({ id }) => id);
  const rows = await inEnoughDigits(context, async (run) => {
    const { physical, inputs } = await planQuery(plan, output, run);
    return services.scheduler.runPlan(physical, inputs, {
      queryId: `${session.pid}-${randomUUID()}`,
      format: { kind: "copy", copy, output: session.settings.output() },
      signal,
    });
  });
  const frame = copyFrame(
    copy,
    query.columns.map(({ name }) => name),
  );
  return {
    kind: "copy-out",
    binary: copy.kind === "binary",
    columnCount: query.columns.length,
    batches: framed(frame, rows),
  };
}

async function* framed(
  { head, lead, tail }: CopyFrame,
  rows: AsyncIterable<EncodedRows>,
): AsyncGenerator<EncodedRows, void, undefined> {
  if (head.length > 0) yield { bytes: head, rowCount: 0 };
  let led = lead.length === 0;
  for await (const batch of rows) {
    if (led || batch.bytes.length === 0) yield batch;
    else yield { ...batch, bytes: ledBy(lead, batch.bytes) };
    led ||= batch.bytes.length > 0;
  }
  if (tail.length > 0)
    yield { bytes: led ? tail : ledBy(lead, tail), rowCount: 0 };
}

function runCopyFrom(bound: BoundCopyFrom, context: RunContext): CopyInResult {
  refuseElsewhere(context);
  const { session, pinned } = context;
  const { table } = bound;
  const { version } = pinned.view.pinned(table.id, undefined);
  const snapshot = pinned.snapshot(table.id, version);
  refuseSecondTable(session, table);
  refuseSecondChange(session, snapshot, "append");
  checkWritable(snapshot.table.name, snapshot.protocol, snapshot.metadata);
  return {
    kind: "copy-in",
    binary: bound.format.kind === "binary",
    columnCount: bound.fields.length,
    load: (data) => load(bound, snapshot, context, data),
  };
}

async function load(
  bound: BoundCopyFrom,
  snapshot: Snapshot,
  context: RunContext,
  data: AsyncIterable<ClientData>,
): Promise<CommandResult> {
  const { services, session, signal } = context;
  const output = session.settings.output();
  const { stage, fields } = lowerClient(bound.source, bound.client, {
    output: writtenColumns(bound).map(({ id }) => id),
    // Digits cannot be counted on before the rows are seen, and they are seen once.
    settings: { ...output, wideDecimals: true },
    peakBytes: PORTION_PEAK_BYTES,
  });
  const rows = {
    format: bound.format,
    tableName: bound.table.name,
    fields: bound.fields.map(({ name: column, type }, place) => {
      const name = fields[place];
      invariant(name !== undefined, "the relation has a column for each field");
      return { name, column, type };
    }),
    settings: { timeZone: output.timeZone, dateStyle: output.dateStyle },
  };
  const outcome = await services.scheduler.runLoad(
    stage,
    { rows, data: counted(data, session) },
    insertTarget(bound, snapshot),
    { queryId: `${session.pid}-${randomUUID()}`, signal },
  );
  const change = appended(snapshot, outcome);
  await applyChange(services, session, bound.table, change);
  const { rowCount } = outcome;
  return { kind: "command", tag: `COPY ${rowCount}`, rowCount };
}

/** A load's progress is what the client has sent: how much is still to come, nobody knows. */
async function* counted(
  data: AsyncIterable<ClientData>,
  session: Session,
): AsyncGenerator<ClientData, void, undefined> {
  let bytes = 0;
  for await (const piece of data) {
    if (piece.kind === "data") bytes += piece.bytes.length;
    session.progress(`COPY has read ${megabytes(bytes)}`);
    yield piece;
  }
}

/** Only the Postgres protocol has messages for it. Throws 0A000. */
function refuseElsewhere({ format }: RunContext): void {
  if (format.kind === "postgres") return;
  throw notSupported(
    "COPY over HTTP is",
    undefined,
    "Use the PostgreSQL protocol, or COPY INTO from files.",
  );
}
