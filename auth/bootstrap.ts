// The first start: built-in groups, the administrator, its token in <data-dir>/admin-token, catalogs. All in one transaction; the token
// file is written before it commits, so a crash between leaves a file that the next start overwrites, never a lost token.

import { join } from "node:path";
import type { Mount } from "../storage/catalog/catalog.ts";
import {
  principalId,
  tokenId,
  type PrincipalId,
} from "../storage/common/ids.ts";
import { writeSecretFile } from "../storage/metastore/keys.ts";
import { readSetting, writeSetting } from "../storage/metastore/settings.ts";
import type { Governance } from "./governance.ts";
import { ADMINS, USERS } from "./names.ts";
import type { Identity } from "./principal.ts";
import { addBuiltInGroup, addPrincipal } from "./principals.ts";
import { ALL_APIS } from "./scopes.ts";
import { DAY_MS, DEFAULT_LIFETIME_DAYS } from "./tokens.ts";

const OWNER_SETTING = "lake-owner";

export interface BootstrapOptions {
  /** Name of the first administrator. */
  readonly adminUser: string;
  /** Every lake to serve, the default catalog `main` among them. */
  readonly mounts: readonly Mount[];
}

export interface Bootstrapped {
  readonly firstStart: boolean;
  /** Where the first administrator's token was written; never printed. */
  readonly adminTokenFile: string;
  /** Whom found tables and new catalogs belong to. */
  readonly lakeOwner: PrincipalId | undefined;
}

/** At every start: does on the first what later starts find done, and mounts the lakes given now. */
export function bootstrap(
  governance: Governance,
  options: BootstrapOptions,
): Bootstrapped {
  const { metastore, access, catalog } = governance;
  const adminTokenFile = join(metastore.dataDir, "admin-token");
  const firstStart = access.named(ADMINS) === undefined;
  metastore.db.transaction(() => {
    if (firstStart) createAdministration(governance, options, adminTokenFile);
    catalog.mount(options.mounts, lakeOwner(governance));
  });
  return { firstStart, adminTokenFile, lakeOwner: lakeOwner(governance) };
}

function createAdministration(
  governance: Governance,
  options: BootstrapOptions,
  adminTokenFile: string,
): void {
  const { metastore, access, tokens } = governance;
  const admins = addBuiltInGroup(governance, ADMINS);
  addBuiltInGroup(governance, USERS);
  const admin = addPrincipal(governance, {
    name: options.adminUser,
    kind: "user",
  });
  access.addMember({ group: admins.id, member: admin.id });
  writeSetting(metastore.db, OWNER_SETTING, admin.id);
  const lifetimeDays = Math.min(DEFAULT_LIFETIME_DAYS, tokens.maxLifetimeDays);
  const { value } = tokens.issue({
    principal: admin.id,
    createdBy: admin.name,
    comment: "first start",
    scopes: [ALL_APIS],
    lifetimeMs: lifetimeDays * DAY_MS,
    allowedCidrs: [],
  });
  writeSecretFile(adminTokenFile, `${value}\n`);
}

/** The first administrator, or the group `admins` once that user was dropped. */
export function lakeOwner(governance: Governance): PrincipalId | undefined {
  const stored = readSetting(governance.metastore.db, OWNER_SETTING);
  const first =
    stored === undefined
      ? undefined
      : governance.access.principal(principalId(stored));
  return (first ?? governance.access.named(ADMINS))?.id;
}

/** Who acts for a person at the data directory itself (`sluice token create`): an active administrator. Undefined before the first start. */
export function operatorIdentity(governance: Governance): Identity | undefined {
  const { access } = governance;
  const first = lakeOwner(governance);
  const ids = access.principals().map(({ id }) => id);
  const principal = (first === undefined ? ids : [first, ...ids])
    .filter((id) => access.isAdmin(id))
    .map((id) => access.activePrincipal(id))
    .find((candidate) => candidate !== undefined);
  return (
    principal && {
      principal,
      credential: tokenId("operator"),
      credentialKind: "token",
      expiresAtMs: undefined,
      scopes: [ALL_APIS],
      clientAddress: "local",
    }
  );
}
