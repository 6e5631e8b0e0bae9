// What was refused, as the audit tells it (access-control section 18): the real object and the record that decided, which the client does
// not learn. What a principal may not see is refused by the look-up of its name, before there is anything to decide; `failed` decides it
// for the record.

import { SqlError } from "../storage/common/errors.ts";
import type { AccessState } from "./access-state.ts";
import type { Decision } from "./acl.ts";
import type { Audit, AuditEvent } from "./audit.ts";
import { firstRefusal, type Refusal, type RefusalReason } from "./authorize.ts";
import { SECURABLE_WORDS, fullName } from "./object-words.ts";
import type { Identity } from "./principal.ts";
import type { Requirement } from "./privilege.ts";

/** Codes of what is forbidden, absent or invisible (section 20). */
const REFUSALS: ReadonlySet<string> = new Set([
  "42501",
  "42P01",
  "3F000",
  "3D000",
  "42883",
]);

export class RefusalLog {
  readonly #audit: Audit;
  readonly #access: AccessState;
  /** Errors that are in the audit already, on their way to the client. */
  readonly #told = new WeakSet<SqlError>();

  constructor(audit: Audit, access: AccessState) {
    this.#audit = audit;
    this.#access = access;
  }

  refused(identity: Identity, refusal: Refusal): void {
    this.#told.add(refusal.error);
    this.#audit.record(refusalEvent(this.#access, identity, refusal));
  }

  /** What the client gets in place of a refusal that is recorded. */
  toldAs(error: SqlError): SqlError {
    this.#told.add(error);
    return error;
  }

  /**
   * Of a failed statement: records the refusal, if it is one that nobody has recorded. `requirements` are those the statement would have
   * if everything were visible, asked for only then; empty where there is no such object at all.
   */
  failed(
    identity: Identity,
    error: unknown,
    requirements: () => readonly Requirement[],
  ): void {
    if (!(error instanceof SqlError) || !REFUSALS.has(error.code)) return;
    if (this.#told.has(error)) return;
    this.#told.add(error);
    const hidden = this.#hidden(identity, error, requirements());
    this.#audit.record(
      hidden === undefined
        ? otherEvent(identity, error)
        : refusalEvent(this.#access, identity, hidden),
    );
  }

  /** The refusal behind the error: the one that would read the same, else the first. */
  #hidden(
    identity: Identity,
    error: SqlError,
    requirements: readonly Requirement[],
  ): Refusal | undefined {
    const refusals = requirements.flatMap(
      (requirement) =>
        firstRefusal(this.#access, identity.principal.id, [requirement]) ?? [],
    );
    const same = refusals.find(
      (refusal) => refusal.error.message === error.message,
    );
    const found = same ?? refusals[0];
    return found && { ...found, error };
  }
}

function otherEvent(identity: Identity, error: SqlError): AuditEvent {
  return {
    service: "sqlPermissions",
    action: "requestPermissions",
    identity,
    status: "refused",
    reason: error.code === "42501" ? error.detail : "no such object",
    request: { error: error.message, sqlstate: error.code },
  };
}

function refusalEvent(
  access: AccessState,
  identity: Identity,
  refusal: Refusal,
): AuditEvent {
  const { requirement, object } = refusal;
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
      return "no such object";
    case "not-admin":
      return "not a member of admins";
    case "not-owner":
      return "not an owner";
    case "not-visible":
      return "not visible";
    case "governed":
      return "the table has a row filter or a column mask";
    case "no-definer":
      return "a policy's function has no owner";
    case "gate": {
      const whose = reason.of === "caller" ? "" : " of the view's owner";
      return `USAGE gate${whose} is shut: ${decisionText(access, reason.decision)}`;
    }
    case "privilege":
      return decisionText(access, reason.decision);
  }
}

/** `DENY SELECT on DATABASE main.sales to analysts`. */
export function decisionText(access: AccessState, decision: Decision): string {
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
