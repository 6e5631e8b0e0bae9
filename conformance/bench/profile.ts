// Processor time of this process by function, sampled: what share of the gateway's own work was spent below one of its functions.

import { Session } from "node:inspector/promises";
import type { Profiler } from "node:inspector";

const SAMPLE_MICROSECONDS = 100;

export interface ProcessorTime {
  /** Milliseconds with a function of the gateway on the stack: clients in this process and waiting do not count. */
  readonly gateway: number;
  /** Milliseconds of those with one of the functions on the stack. */
  below(functions: ReadonlySet<string>): number;
}

export async function profiled(
  work: () => Promise<void>,
): Promise<ProcessorTime> {
  const session = new Session();
  session.connect();
  await session.post("Profiler.enable");
  await session.post("Profiler.setSamplingInterval", {
    interval: SAMPLE_MICROSECONDS,
  });
  await session.post("Profiler.start");
  await work();
  const { profile } = await session.post("Profiler.stop");
  session.disconnect();
  const parents = new Map(
    profile.nodes.flatMap(({ id, children = [] }) =>
      children.map((child): [number, number] => [child, id]),
    ),
  );
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const stackOf = (id: number): readonly Profiler.ProfileNode[] => {
    const stack: Profiler.ProfileNode[] = [];
    for (
      let node = nodes.get(id);
      node !== undefined;
      node = nodes.get(parents.get(node.id) ?? -1)
    )
      stack.push(node);
    return stack;
  };
  const spent = new Map<number, number>();
  const deltas = profile.timeDeltas ?? [];
  profile.samples?.forEach((id, at) => {
    spent.set(id, (spent.get(id) ?? 0) + (deltas[at] ?? 0));
  });
  const milliseconds = (
    where: (node: Profiler.ProfileNode) => boolean,
  ): number => {
    let sum = 0;
    for (const [id, micros] of spent) {
      const stack = stackOf(id);
      if (stack.some(isGateway) && stack.some(where)) sum += micros;
    }
    return sum / 1000;
  };
  return {
    gateway: milliseconds(() => true),
    below: (functions) =>
      milliseconds(
        (node) => isGateway(node) && functions.has(node.callFrame.functionName),
      ),
  };
}

/** A bench's own functions lie elsewhere. */
function isGateway({ callFrame: { url } }: Profiler.ProfileNode): boolean {
  return (
    /\/(?:server|planner|auth|storage)\//u.test(url) &&
    !url.includes("/node_modules/")
  );
}
