#!/usr/bin/env node
// Process entry: the command line. Exit codes: 0 clean stop, 1 failure at run time, 2 wrong usage (contract section 2).
// A command loads what it needs when it runs: what one start loads, no other waits for.

import { Command, CommanderError } from "commander";
import { SqlError } from "../storage/common/errors.ts";
import { backupCommands } from "./cli/backup.ts";
import { checkLakeCommand } from "./cli/check-lake.ts";
import { tokenCommands } from "./cli/token.ts";
import { SERVE_OPTIONS } from "./config/options.ts";
import { VERSION } from "./version.ts";

const program = new Command("sluice")
  .description(
    "A SQL gateway for Delta lakes: Postgres wire and HTTP in front of governed Delta tables.",
  )
  .version(VERSION)
  .exitOverride();

const serveCommand = program
  .command("serve", { isDefault: true })
  .description(
    "start the gateway; every option is also SLUICE_… in the environment and a key of the configuration file",
  )
  .option("--config <FILE>", "configuration file (YAML)")
  .action(async (options: Record<string, string | string[] | boolean>) => {
    const { serve } = await import("./cli/serve.ts");
    await serve(withDashes(options));
  });
for (const row of SERVE_OPTIONS) {
  const flags =
    row.kind === "boolean" ? `--${row.name}` : `--${row.name} <${row.value}>`;
  const help =
    row.default === undefined || row.kind === "boolean"
      ? row.help
      : `${row.help} (default: ${row.default})`;
  if (row.kind === "mapping")
    serveCommand.option<string[]>(
      flags,
      help,
      (item, all) => [...all, item],
      [],
    );
  else serveCommand.option(flags, help);
}
tokenCommands(program);
backupCommands(program);
checkLakeCommand(program);

/** commander names options in camel case. */
function withDashes(
  options: Record<string, string | string[] | boolean>,
): Record<string, string | string[] | boolean> {
  return Object.fromEntries(
    Object.entries(options)
      .filter(([, value]) => !Array.isArray(value) || value.length > 0)
      .map(([name, value]) => [
        name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
        value,
      ]),
  );
}

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
}

function report(error: unknown): number {
  // commander has printed its own message.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof SqlError) {
    process.stderr.write(
      `sluice: ${[error.message, error.detail, error.hint]
        .filter((text) => text !== undefined)
        .join(". ")
        .replaceAll("..", ".")}\n`,
    );
    return error.code === "F0000" ? 2 : 1;
  }
  process.stderr.write(
    `sluice: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  return 1;
}
