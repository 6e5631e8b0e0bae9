// A node that just started -> its client, checked to speak our version.

import type { NodeId } from "../../storage/common/ids.ts";
import type { NodeAddress } from "./node-address.ts";
import { NodeClient } from "./node-client.ts";
import { ticketSource } from "./ticket.ts";

export async function connectNode(
  id: NodeId,
  address: NodeAddress,
  secret: string,
): Promise<NodeClient> {
  const client = new NodeClient({
    id,
    address,
    ticket: ticketSource(secret, () => Date.now()),
  });
  await client.check();
  return client;
}
