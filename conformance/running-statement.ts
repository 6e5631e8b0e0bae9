// Waits for what a client cannot see by itself: that a statement has begun to run.

const PATIENCE_MS = 30_000;

/** Resolves once the gateway's metrics count a running statement. Throws when they do not in good time. */
export async function runningStatement(httpUrl: string): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const metrics = await (await fetch(`${httpUrl}/metrics`)).text();
    if (/^sluice_statements_running [1-9]/m.test(metrics)) return;
    if (Date.now() > deadline) throw new Error("no statement is running");
  }
}
