// Everything that governs access, put together once for a gateway or a tool: what the functions of principals.ts, grants.ts and
// token-requests.ts work on.

import { Catalog } from "../storage/catalog/catalog.ts";
import type { Metastore } from "../storage/metastore/metastore.ts";
import { AccessState } from "./access-state.ts";
import { AuditLog, type Audit, type AuditEvent } from "./audit.ts";
import { authorize } from "./authorize.ts";
import { CredentialEvents } from "./credential-events.ts";
import { ObjectPermissions } from "./object-permissions.ts";
import { IpAccess } from "./ip-access.ts";
import type { JwtVerifier } from "./jwt/verifier.ts";
import { LogInLimits } from "./log-in-limits.ts";
import type { Identity } from "./principal.ts";
import type { Requirement } from "./privilege.ts";
import { RefusalLog } from "./refusals.ts";
import { Tokens, type TokenOptions } from "./tokens.ts";
import { WorkspaceConf } from "./workspace-conf.ts";

export interface Governance extends Disposable {
  /** Tells drafts apart in keys; empty for what is committed. */
  readonly draft: string;
  readonly metastore: Metastore;
  readonly catalog: Catalog;
  readonly access: AccessState;
  readonly audit: Audit;
  readonly refusals: RefusalLog;
  readonly tokens: Tokens;
  readonly credentials: CredentialEvents;
  readonly conf: WorkspaceConf;
  readonly permissions: ObjectPermissions;
  readonly ips: IpAccess;
  readonly limits: LogInLimits;
  /** Undefined: no issuer of JSON Web Tokens is configured. */
  readonly jwts: JwtVerifier | undefined;
}

export interface GovernanceOptions {
  readonly tokens?: TokenOptions;
  /** Stays the caller's. */
  readonly jwts?: JwtVerifier | undefined;
  /** Audit records of things that happened anyway and could not be written. */
  readonly onAuditError: (error: unknown) => void;
}

/** Disposing it closes the audit, not the metastore. */
export function openGovernance(
  metastore: Metastore,
  options: GovernanceOptions,
): Governance {
  const catalog = new Catalog(metastore);
  const access = new AccessState(metastore, catalog);
  const credentials = new CredentialEvents();
  const conf = new WorkspaceConf(metastore);
  const audit = new AuditLog({
    dataDir: metastore.dataDir,
    now: metastore.now,
    onError: options.onAuditError,
  });
  const tokens = new Tokens(
    { metastore, access, events: credentials, conf },
    options.tokens,
  );
  return {
    draft: "",
    metastore,
    catalog,
    access,
    audit,
    refusals: new RefusalLog(audit, access),
    tokens,
    credentials,
    conf,
    permissions: new ObjectPermissions(metastore, access),
    ips: new IpAccess(metastore, conf),
    limits: new LogInLimits(metastore.now),
    jwts: options.jwts,
    [Symbol.dispose]: () => {
      audit[Symbol.dispose]();
    },
  };
}

/** The one authorization point of statements: throws the refusal's error after it was audited. */
export function authorizeStatement(
  governance: Governance,
  identity: Identity,
  requirements: readonly Requirement[],
): void {
  authorize(governance.access, identity.principal.id, requirements, (refusal) =>
    governance.refusals.refused(identity, refusal),
  );
}

/** One change of rights: all of `work` and its audit record, or nothing. */
export function changeAudited<T>(
  governance: Governance,
  event: AuditEvent,
  work: () => T,
): T {
  return governance.metastore.db.transaction(() => {
    const result = work();
    governance.audit.recordOrFail(event);
    return result;
  });
}
