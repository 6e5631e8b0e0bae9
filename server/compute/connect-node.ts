// A node that just started -> its client, checked to speak our version.

import type { NodeId } from "../../storage/common/ids.ts";
import { NodeClient } from "./node-client.ts";
import { ticketSource } from "./ticket.ts";

export async function connectNode(
  id: NodeId,
  port: number,
  secret: string,
): Promise<NodeClient> {
  const client = new NodeClient({
    id,
    origin: `http://127.0.0.1:${port}`,
    ticket: ticketSource(secret, () => Date.now()),
  });
  await client.check();
  return client;
}
