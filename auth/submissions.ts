// What a statement was allowed, as the audit tells it: each right it needed, on which object, and the record that gave it (access-control
// section 18, commandSubmit). The text itself stays out: it may hold secrets, and the history has it for whom it concerns.

import { createHash } from "node:crypto";
import type { AccessState } from "./access-state.ts";
import { decide, decideGlobal } from "./acl.ts";
import type { AuditEvent } from "./audit.ts";
import { SECURABLE_WORDS, fullName } from "./object-words.ts";
import type { Identity } from "./principal.ts";
import type { Requirement } from "./privilege.ts";
import { decisionText } from "./refusals.ts";

/** Objects of one statement that are listed; the rest are counted. */
const MAX_OBJECTS = 100;

export interface Submission {
  readonly text: string;
  /** All of them hold. */
  readonly requirements: readonly Requirement[];
  readonly sessionId: string;
  /** What was told of the same text and requirements before, while no right has changed. */
  readonly known?: AuditEvent["request"] | undefined;
}

/** Undefined for a statement that needed no right: it reached nothing that is governed. */
export function submissionEvent(
  access: AccessState,
  identity: Identity,
  { text, requirements, sessionId, known }: Submission,
): AuditEvent | undefined {
  if (requirements.length === 0) return undefined;
  return {
    service: "databrickssql",
    action: "commandSubmit",
    identity,
    status: "ok",
    sessionId,
    request: known ?? requestOf(access, identity, { text, requirements }),
  };
}

function requestOf(
  access: AccessState,
  identity: Identity,
  { text, requirements }: Pick<Submission, "text" | "requirements">,
): AuditEvent["request"] {
  const objects = [
    ...new Set(
      requirements.map((one) => allowed(access, identity.principal.id, one)),
    ),
  ];
  return {
    statement_sha256: createHash("sha256").update(text).digest("hex"),
    objects: objects.slice(0, MAX_OBJECTS),
    more_objects:
      objects.length > MAX_OBJECTS ? objects.length - MAX_OBJECTS : undefined,
  };
}

/** `SELECT on TABLE main.sales.orders: GRANT SELECT on DATABASE main.sales to analysts`. */
function allowed(
  access: AccessState,
  principal: Identity["principal"]["id"],
  requirement: Requirement,
): string {
  if (requirement.kind === "admin") return "administrator";
  const { securable } = requirement;
  const right =
    requirement.kind === "privilege"
      ? requirement.privilege
      : requirement.kind.toUpperCase();
  if (securable.kind !== "object") {
    const what = securable.kind.replace("-", " ").toUpperCase();
    return requirement.kind === "privilege"
      ? `${right} on ${what}: ${decisionText(access, decideGlobal(access, principal, requirement.privilege, securable.kind))}`
      : `${right} on ${what}: administrator`;
  }
  const object = access.object(securable.id);
  if (object === undefined) return `${right} on an object that is gone`;
  const what = `${right} on ${SECURABLE_WORDS[object.kind]} ${fullName(access, object)}`;
  if (requirement.kind !== "privilege") return what;
  if (requirement.through !== undefined) return `${what}: through a view`;
  const decision = decide(access, principal, requirement.privilege, object);
  return `${what}: ${decisionText(access, decision)}`;
}
