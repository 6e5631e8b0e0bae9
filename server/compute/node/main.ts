// Entry of a local compute node: a child of the gateway. Its configuration, the secret included, comes as the first message;
// it answers with where it listens and lives as long as the channel to its parent.

import type { NodeAddress } from "../node-address.ts";
import { startNode, type NodeConfig, type RunningNode } from "./start-node.ts";

export interface StartMessage {
  readonly kind: "start";
  readonly config: NodeConfig;
}

export interface ReadyMessage {
  readonly kind: "ready";
  readonly address: NodeAddress;
}

export interface FailedMessage {
  readonly kind: "failed";
  readonly message: string;
}

let node: Promise<RunningNode> | undefined;

process.on("message", (message: StartMessage) => {
  node ??= start(message.config);
});
// The parent is gone, however it ended: nobody is left to answer, and a kernel at work would hold up an orderly exit.
process.on("disconnect", () => process.kill(process.pid, "SIGKILL"));
// The gateway decides when its nodes end; a Ctrl-C at the terminal reaches the whole group.
process.on("SIGINT", () => undefined);
process.on("SIGTERM", () => {
  void stop();
});

async function start(config: NodeConfig): Promise<RunningNode> {
  try {
    const running = await startNode(config);
    answer({ kind: "ready", address: running.address });
    return running;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    answer({ kind: "failed", message });
    throw error;
  }
}

function answer(message: ReadyMessage | FailedMessage): void {
  process.send?.(message);
}

async function stop(): Promise<void> {
  const running = await node;
  await running?.[Symbol.asyncDispose]();
  process.removeAllListeners("disconnect");
  process.exit(0);
}
