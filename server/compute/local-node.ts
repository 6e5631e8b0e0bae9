// A compute node as a child process: started with its settings on the IPC channel, watched until it ends.

import { fork, type ChildProcess } from "node:child_process";
import { SqlError } from "../../storage/common/errors.ts";
import { entryPoint, PROCESS_ARGUMENTS } from "../program-files.ts";
import type { NodeAddress } from "./node-address.ts";
import type { FailedMessage, ReadyMessage, StartMessage } from "./node/main.ts";
import type { NodeConfig } from "./node/start-node.ts";

export interface LocalNode {
  readonly address: NodeAddress;
  readonly pid: number;
  /** Resolves when the process is gone, whatever ended it. */
  readonly exited: Promise<void>;
  /** Asks it to end; kills it when it has not after `graceMs`. */
  stop(graceMs: number): Promise<void>;
}

/** Threads beyond those the fragments hold: file reads, fetches of the monitor. */
const SPARE_THREADS = 16;

/** Throws 58000 when the process ends before it is ready. */
export async function startLocalNode(config: NodeConfig): Promise<LocalNode> {
  const child = fork(entryPoint("compute/node/main"), [], {
    execArgv: [...PROCESS_ARGUMENTS],
    env: {
      ...process.env,
      UV_THREADPOOL_SIZE: String(config.concurrency + SPARE_THREADS),
    },
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const exited = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
  });
  const address = await ready(child, config);
  return {
    address,
    pid: child.pid ?? 0,
    exited,
    stop: async (graceMs) => {
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), graceMs);
      await exited;
      clearTimeout(timer);
    },
  };
}

function ready(child: ChildProcess, config: NodeConfig): Promise<NodeAddress> {
  return new Promise((resolve, reject) => {
    const failed = (reason: string, cause?: unknown): void => {
      reject(
        new SqlError("58000", "compute node did not start", {
          detail: reason,
          cause,
        }),
      );
    };
    child.once("error", (error) => failed(error.message, error));
    child.once("exit", (code, signal) =>
      failed(`It ended with ${code ?? signal ?? "no code"}.`),
    );
    child.on("message", (message: ReadyMessage | FailedMessage) => {
      if (message.kind === "ready") resolve(message.address);
      else failed(message.message);
    });
    const start: StartMessage = { kind: "start", config };
    child.send(start);
  });
}
