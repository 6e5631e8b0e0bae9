// `sluice check-lake`: what of a lake can be served, as a command.

import type { Command } from "commander";

export function checkLakeCommand(program: Command): void {
  program
    .command("check-lake")
    .description(
      "read every table's log and report what can be served; exit code 1 when something cannot",
    )
    .argument("<PATH_OR_URL>", "the lake: a folder, or s3://, gs://, abfss://")
    .option("--config <FILE>", "sluice.yaml, for the stores it describes")
    .action(async (path: string, options: { readonly config?: string }) => {
      const { checkLake } = await import("./lake-report.ts");
      const { loadConfig } = await import("../config/config.ts");
      const { storeLocation } = await import("../config/store-config.ts");
      const failures = await checkLake(
        storeLocation(path, "check-lake"),
        loadConfig(options, process.env).stores,
        (line) => process.stdout.write(`${line}\n`),
      );
      if (failures > 0) process.exitCode = 1;
    });
}
