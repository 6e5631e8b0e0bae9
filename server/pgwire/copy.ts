// COPY in both directions (manual, "COPY Operations"). What is sent comes as whole messages from the nodes; what the client sends
// goes to a node unread.

import { throwIfAborted } from "../../storage/common/errors.ts";
import type {
  ClientData,
  CopyInResult,
  CopyOutResult,
} from "../session/result.ts";
import { clientVanished, unexpectedInCopy } from "./errors.ts";
import type { Inbox } from "./inbox.ts";
import type { FrontendMessage } from "./messages.ts";
import { sendNotices, type QueryContext } from "./query-context.ts";

/** Small messages are passed on together up to this size. */
const GATHER_BYTES = 64 * 1024;

/** Gives the command tag. */
export async function sendCopy(
  context: QueryContext,
  { binary, columnCount, batches }: CopyOutResult,
): Promise<string> {
  const { output } = context;
  sendNotices(context);
  output.send({
    kind: "CopyOutResponse",
    format: binary ? "binary" : "text",
    columnCount,
  });
  let count = 0;
  for await (const { bytes, rowCount } of batches) {
    output.sendEncoded(bytes);
    count += rowCount;
    await output.backPressure;
  }
  output.send({ kind: "CopyDone" });
  return `COPY ${count}`;
}

/** Gives the command tag. Throws what loading throws, 57014 when the client gives up, 08P01, 08006. */
export async function receiveCopy(
  context: QueryContext,
  { binary, columnCount, load }: CopyInResult,
  signal: AbortSignal,
): Promise<string> {
  const { output, inbox } = context;
  sendNotices(context);
  output.send({
    kind: "CopyInResponse",
    format: binary ? "binary" : "text",
    columnCount,
  });
  output.flush();
  const { tag } = await load(copyData(inbox, signal));
  return tag;
}

/** The client's data up to CopyDone. Messages of any other kind stay for the query loop. */
async function* copyData(
  inbox: Inbox,
  signal: AbortSignal,
): AsyncGenerator<ClientData, void, undefined> {
  const wake = (): void => inbox.wake();
  signal.addEventListener("abort", wake);
  try {
    for (;;) {
      throwIfAborted(signal);
      const message = inbox.poll() ?? (await inbox.next());
      throwIfAborted(signal);
      if (message === undefined) throw clientVanished();
      switch (message.kind) {
        case "CopyData":
          yield gathered(inbox, message.data);
          break;
        case "CopyDone":
          return;
        case "CopyFail":
          yield { kind: "failed", reason: message.reason };
          return;
        case "Flush":
        case "Sync":
          break;
        default:
          inbox.putBack(message);
          throw unexpectedInCopy(message.kind);
      }
    }
  } finally {
    signal.removeEventListener("abort", wake);
  }
}

/** `first` and what has arrived behind it: many clients send a message a row. */
function gathered(inbox: Inbox, first: Buffer): ClientData {
  const pieces = [first];
  let size = first.length;
  while (size < GATHER_BYTES) {
    const next: FrontendMessage | undefined = inbox.poll();
    if (next === undefined) break;
    if (next.kind !== "CopyData") {
      inbox.putBack(next);
      break;
    }
    pieces.push(next.data);
    size += next.data.length;
  }
  const [only] = pieces;
  const single = pieces.length === 1 && only !== undefined;
  return { kind: "data", bytes: single ? only : Buffer.concat(pieces, size) };
}
