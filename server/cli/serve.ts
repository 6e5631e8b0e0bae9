// `sluice serve`: starts the gateway, says where it listens, and stops it cleanly on SIGINT and SIGTERM.

import { startGateway, type Gateway } from "../gateway.ts";
import type { Flags } from "../config/config.ts";

/** What running statements get after SIGTERM. */
const DRAIN_MS = 20_000;

export async function serve(flags: Flags): Promise<void> {
  const progress = progressLine();
  const gateway = await startGateway(flags, process.env, {
    onDemoProgress: (done, total, table) =>
      progress.show(`demo lake: ${done}/${total} parts written (${table})`),
  });
  progress.end();
  // Before the ready line: who reads it may send the signal at once.
  const stopped = stopSignal();
  const reload = (): void => gateway.reloadCertificate();
  process.on("SIGHUP", reload);
  process.stdout.write(readyText(gateway));
  await stopped;
  process.stderr.write(
    "sluice: stopping; no new sessions, running statements get 20 seconds\n",
  );
  process.off("SIGHUP", reload);
  await gateway.drain(DRAIN_MS);
  await gateway[Symbol.asyncDispose]();
}

function readyText({
  pgPort,
  httpPort,
  adminTokenFile,
  config,
}: Gateway): string {
  const host =
    config.host === "0.0.0.0" || config.host === "::"
      ? "127.0.0.1"
      : config.host;
  const scheme = config.tls === undefined ? "http" : "https";
  return [
    `Sluice is ready: Postgres on ${config.host}:${pgPort}, HTTP on ${scheme}://${host}:${httpPort}`,
    `The token of ${config.adminUser} lies in ${adminTokenFile}`,
    `  PGPASSWORD=$(cat '${adminTokenFile}') psql "host=${host} port=${pgPort} dbname=main user=${config.adminUser}"`,
    "",
  ].join("\n");
}

/** The first signal stops cleanly; a second one ends the process at once. */
function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    const stop = (): void => {
      process.once("SIGINT", () => process.exit(1));
      process.once("SIGTERM", () => process.exit(1));
      resolve();
    };
    process.once("SIGINT", stop);
    process.once("SIGTERM", stop);
  });
}

interface ProgressLine {
  show(text: string): void;
  end(): void;
}

/** One line rewritten on a terminal, a line now and then elsewhere. */
function progressLine(): ProgressLine {
  let shown = false;
  let last = 0;
  return {
    show(text) {
      if (process.stderr.isTTY) {
        process.stderr.write(`\r\u001b[K${text}`);
        shown = true;
      } else if (Date.now() - last > 2_000) {
        last = Date.now();
        process.stderr.write(`${text}\n`);
      }
    },
    end() {
      if (shown) process.stderr.write("\r\u001b[K");
    },
  };
}
