// Everything that governs access, put together once for a gateway or a tool: what the functions of principals.ts, grants.ts and
// token-requests.ts work on.

import { Catalog } from "../storage/catalog/catalog.ts";
import type { CatalogObject } from "../storage/catalog/objects.ts";
import type { Metastore } from "../storage/metastore/metastore.ts";
import { AccessState } from "./access-state.ts";
import { pathOf, type Decision } from "./acl.ts";
import { AuditLog, type AuditEvent } from "./audit.ts";
import { authorize, type Refusal, type RefusalReason } from "./authorize.ts";
import { CredentialEvents } from "./credential-events.ts";
import { ObjectPermissions } from "./object-permissions.ts";
import { IpAccess } from "./ip-access.ts";
import type { JwtVerifier } from "./jwt/verifier.ts";
import { LogInLimits } from "./log-in-limits.ts";
import type { Identity } from "./principal.ts";
import type { Requirement } from "./privilege.ts";
import { Tokens, type TokenOptions } from "./tokens.ts";
import { WorkspaceConf } from "./workspace-conf.ts";

export interface Governance extends Disposable {
  readonly metastore: Metastore;
  readonly catalog: Catalog;
  readonly access: AccessState;
  readonly audit: AuditLog;
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
    metastore,
    catalog,
    access,
    audit,
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
  authorize(
    governance.access,
    identity.principal.id,
    requirements,
    (refusal) => {
      governance.audit.record(refusalEvent(governance, identity, refusal));
    },
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

/** Dotted, from the catalog down: how audit records name objects. */
export function fullName(
  state: Parameters<typeof pathOf>[0],
  object: CatalogObject,
): string {
  return pathOf(state, object)
    .map(({ name }) => name)
    .reverse()
    .join(".");
}

/** The word audit records and SHOW GRANTS use for a kind. */
export const SECURABLE_WORDS: Readonly<Record<CatalogObject["kind"], string>> =
  {
    catalog: "CATALOG",
    schema: "DATABASE",
    table: "TABLE",
    view: "VIEW",
    function: "FUNCTION",
  };

function refusalEvent(
  governance: Governance,
  identity: Identity,
  refusal: Refusal,
): AuditEvent {
  const { requirement, object } = refusal;
  const { access } = governance;
  return {
    service: "sqlPermissions",
    action: "requestPermissions",
    identity,
    status: "refused",
    reason: reasonText(access, refusal.reason),
    request: {
      requirement: requirement.kind,
      privilege:
        requirement.kind === "privilege" ? requirement.privilege : undefined,
      action: requirement.kind === "admin" ? requirement.action : undefined,
      securable:
        object === undefined
          ? undefined
          : `${SECURABLE_WORDS[object.kind]} ${fullName(access, object)}`,
      typed_name: "name" in requirement ? requirement.name : undefined,
      sqlstate: refusal.error.code,
    },
  };
}

function reasonText(access: AccessState, reason: RefusalReason): string {
  switch (reason.kind) {
    case "no-such-object":
      return "the object no longer exists";
    case "not-admin":
      return "not a member of admins";
    case "not-owner":
      return "not an owner";
    case "not-visible":
      return "not visible";
    case "gate": {
      const whose = reason.of === "caller" ? "" : " of the view's owner";
      return `USAGE gate${whose} is shut: ${decisionText(access, reason.decision)}`;
    }
    case "privilege":
      return decisionText(access, reason.decision);
  }
}

/** `DENY SELECT on DATABASE main.sales to analysts`. */
function decisionText(access: AccessState, decision: Decision): string {
  switch (decision.by) {
    case "deny":
    case "grant": {
      const { privilege, securable, principal } = decision.record;
      const what =
        typeof securable === "string"
          ? securable.replace("-", " ").toUpperCase()
          : `${SECURABLE_WORDS[securable.kind]} ${fullName(access, securable)}`;
      const who = access.principal(principal)?.name ?? principal;
      return `${decision.by.toUpperCase()} ${privilege} on ${what} to ${who}`;
    }
    case "owner":
      return `owner of ${fullName(access, decision.object)}`;
    case "admin":
      return "administrator";
    case "default":
      return "no grant";
  }
}
