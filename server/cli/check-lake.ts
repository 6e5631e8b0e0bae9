// `sluice check-lake`: what of a lake can be served, as a command.

import { resolve } from "node:path";
import type { Command } from "commander";

export function checkLakeCommand(program: Command): void {
  program
    .command("check-lake")
    .description(
      "read every table's log and report what can be served; exit code 1 when something cannot",
    )
    .argument("<PATH>", "folder of the lake")
    .action(async (path: string) => {
      const { checkLake } = await import("./lake-report.ts");
      const failures = await checkLake(resolve(path), (line) =>
        process.stdout.write(`${line}\n`),
      );
      if (failures > 0) process.exitCode = 1;
    });
}
