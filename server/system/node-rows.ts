// system.nodes: the compute nodes that take work now, and how busy they are.

import { instantText } from "../instant-text.ts";
import type { Services } from "../services.ts";
import type { MadeRows } from "./system-rows.ts";

export function nodeRows({
  pool,
  scheduler,
}: Pick<Services, "pool" | "scheduler">): MadeRows {
  const loads = new Map(scheduler.load().map((load) => [load.node, load]));
  return pool.status().map(({ id, pid, startedAtMs, memoryBytes }) => {
    const load = loads.get(id);
    return [
      id,
      String(pid),
      instantText(startedAtMs),
      String(load?.running ?? 0),
      String(load?.waiting ?? 0),
      String(memoryBytes),
      String(load?.bytes ?? 0),
    ];
  });
}
