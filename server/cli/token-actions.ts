// What `sluice token` does on a data dir; beside a running gateway too, which reads tokens from the file.

import { operatorIdentity } from "../../auth/bootstrap.ts";
import { openGovernance, type Governance } from "../../auth/governance.ts";
import type { Identity } from "../../auth/principal.ts";
import {
  createToken,
  listTokens,
  revokeToken,
} from "../../auth/token-requests.ts";
import { openMetastore } from "../../storage/metastore/metastore.ts";
import { SqlError } from "../../storage/common/errors.ts";
import { configError } from "../config/config-error.ts";

const DAY_MS = 86_400_000;
const UNITS: Readonly<Record<string, number>> = {
  d: DAY_MS,
  h: 3_600_000,
  m: 60_000,
};

export interface CreateOptions {
  readonly dataDir: string;
  readonly user: string;
  readonly lifetime?: string;
  readonly comment?: string;
  readonly addresses?: string;
}

export function createUserToken(options: CreateOptions): void {
  withGovernance(options.dataDir, (governance, identity) => {
    const issued = createToken(governance, identity, {
      user: { name: options.user },
      comment: options.comment,
      lifetimeMs:
        options.lifetime === undefined
          ? undefined
          : durationMs(options.lifetime),
      addresses: options.addresses?.split(",").map((text) => text.trim()),
    });
    process.stdout.write(`${issued.value}\n`);
  });
}

export function printTokens(dataDir: string): void {
  withGovernance(dataDir, (governance, identity) => {
    for (const row of listTokens(governance, identity, "all")) {
      const owner =
        governance.access.principal(row.principal)?.name ?? row.principal;
      const expires =
        row.expiresAtMs === undefined
          ? "never expires"
          : `expires ${new Date(row.expiresAtMs).toISOString()}`;
      process.stdout.write(`${row.id}  ${owner}  ${expires}  ${row.comment}\n`);
    }
  });
}

export function revokeTokenById(dataDir: string, id: string): void {
  withGovernance(dataDir, (governance, identity) =>
    revokeToken(governance, identity, id),
  );
}

/** Whoever can write the data dir acts as the first administrator. */
function withGovernance(
  dataDir: string,
  work: (governance: Governance, identity: Identity) => void,
): void {
  using metastore = openMetastore({ dataDir, use: "tool" });
  using governance = openGovernance(metastore, {
    onAuditError: (error) =>
      process.stderr.write(
        `sluice: an audit record could not be written: ${String(error)}\n`,
      ),
  });
  const operator = operatorIdentity(governance);
  if (operator === undefined) {
    throw new SqlError("55000", `"${dataDir}" holds no gateway`, {
      hint: "Start `sluice serve` on it once.",
    });
  }
  work(governance, operator);
}

function durationMs(text: string): number {
  const match = /^(\d{1,6})([dhm])$/.exec(text);
  const unit = UNITS[match?.[2] ?? ""];
  if (match === null || unit === undefined)
    throw configError(
      `--lifetime: "${text}" is not a duration such as 90d or 12h`,
    );
  return Number(match[1]) * unit;
}
