// Prometheus metrics of the gateway, in a registry of its own.

import {
  Counter,
  Gauge,
  Histogram,
  Registry,
  collectDefaultMetrics,
} from "prom-client";
import type { Services } from "./services.ts";

export interface Metrics {
  readonly registry: Registry;
  /** `outcome` is `ok` or the SQLSTATE's class; `seconds` are absent where rows kept from an earlier run were the answer. */
  statement(outcome: string, seconds?: number): void;
}

export function openMetrics(
  services: Pick<Services, "pool" | "tables" | "sessions">,
): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const gauge = (name: string, help: string, read: () => number): Gauge =>
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(read());
      },
    });
  gauge(
    "sluice_sessions",
    "Open Postgres sessions",
    () => services.sessions.sessions().length,
  );
  gauge(
    "sluice_statements_running",
    "Postgres sessions whose statement runs now",
    () =>
      services.sessions.sessions().filter(({ isRunning }) => isRunning).length,
  );
  gauge(
    "sluice_nodes_ready",
    "Compute nodes that take work",
    () => services.pool.ready().length,
  );
  gauge(
    "sluice_snapshot_tables",
    "Tables whose file lists are cached",
    () => services.tables.usage.entries,
  );
  gauge(
    "sluice_snapshot_bytes",
    "Estimated bytes of cached file lists",
    () => services.tables.usage.usedBytes,
  );
  // Counted here and told when asked: a trivial statement takes hardly longer than looking up a labelled counter.
  const counts = new Map<string, number>();
  new Counter({
    name: "sluice_statements_total",
    help: "Statements run",
    labelNames: ["outcome"],
    registers: [registry],
    collect() {
      this.reset();
      for (const [outcome, count] of counts) this.inc({ outcome }, count);
    },
  });
  const seconds = new Histogram({
    name: "sluice_statement_seconds",
    help: "Time of statements until their first rows, or their end when they have none; without those answered by rows kept in memory",
    buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10, 60],
    registers: [registry],
  });
  return {
    registry,
    statement(outcome, elapsed) {
      counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
      if (elapsed !== undefined) seconds.observe(elapsed);
    },
  };
}
