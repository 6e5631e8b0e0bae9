// `sluice backup create | list | restore`, as commands.

import type { Command } from "commander";

interface DataDirOption {
  readonly dataDir: string;
}

export function backupCommands(program: Command): void {
  const backup = program
    .command("backup")
    .description(
      "copy the metastore of a data dir (grants, tokens, views), list its copies, put one back",
    );
  const dataDir = [
    "--data-dir <DIR>",
    "the gateway's data dir",
    process.env["SLUICE_DATA_DIR"] ?? ".sluice",
  ] as const;
  backup
    .command("create")
    .description("copy it now, beside a running gateway too")
    .option(...dataDir)
    .action(async (options: DataDirOption) => {
      const { createBackup } = await import("./backup-actions.ts");
      createBackup(options.dataDir);
    });
  backup
    .command("list")
    .description("list the copies, newest last")
    .option(...dataDir)
    .action(async (options: DataDirOption) => {
      const { printBackups } = await import("./backup-actions.ts");
      printBackups(options.dataDir);
    });
  backup
    .command("restore")
    .description(
      "put a copy in the metastore's place; the gateway must be stopped",
    )
    .argument("<FILE>", "as `backup list` prints it, or any path")
    .option(...dataDir)
    .action(async (file: string, options: DataDirOption) => {
      const { restoreFrom } = await import("./backup-actions.ts");
      restoreFrom(options.dataDir, file);
    });
}
