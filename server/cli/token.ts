// `sluice token create | list | revoke`, as commands.

import type { Command } from "commander";
import type { CreateOptions } from "./token-actions.ts";

export function tokenCommands(program: Command): void {
  const token = program
    .command("token")
    .description("create, list and revoke access tokens on a data dir");
  const dataDir = [
    "--data-dir <DIR>",
    "the gateway's data dir",
    process.env["SLUICE_DATA_DIR"] ?? ".sluice",
  ] as const;
  token
    .command("create")
    .description("print a new token; it is shown only once")
    .requiredOption("--user <NAME>", "whose token it is")
    .option("--lifetime <DURATION>", "such as 90d or 12h (default: 90d)")
    .option("--comment <TEXT>", "what it is for")
    .option(
      "--addresses <CIDR,…>",
      "where it may be used from (default: anywhere)",
    )
    .option(...dataDir)
    .action(async (options: CreateOptions) => {
      const { createUserToken } = await import("./token-actions.ts");
      createUserToken(options);
    });
  token
    .command("list")
    .description("list live tokens")
    .option(...dataDir)
    .action(async (options: { readonly dataDir: string }) => {
      const { printTokens } = await import("./token-actions.ts");
      printTokens(options.dataDir);
    });
  token
    .command("revoke")
    .description("revoke a token; its sessions end within 5 seconds")
    .argument("<ID>", "as `token list` prints it")
    .option(...dataDir)
    .action(async (id: string, options: { readonly dataDir: string }) => {
      const { revokeTokenById } = await import("./token-actions.ts");
      revokeTokenById(options.dataDir, id);
    });
}
