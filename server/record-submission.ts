// Tells the audit of a statement that may run: who, from where, by which credential, what it reaches and which record allows it.

import type { AuditEvent } from "../auth/audit.ts";
import type { Requirement } from "../auth/privilege.ts";
import { submissionEvent } from "../auth/submissions.ts";
import type { Resolved } from "../planner/bind/resolve/resolved.ts";
import type { Services } from "./services.ts";
import type { Session } from "./session/session.ts";

export class SubmissionLog {
  /**
   * What is told of a plan that is kept: it was made for one principal, of one text, and is made anew when a right changes. Requests are
   * kept as the audit got them, which knows them again.
   */
  readonly #told = new WeakMap<
    readonly Requirement[],
    AuditEvent["request"] | "nothing"
  >();

  record(
    { governance: { access, audit } }: Pick<Services, "governance">,
    session: Session,
    text: string,
    { requirements }: Pick<Resolved, "requirements">,
  ): void {
    const told = this.#told.get(requirements);
    if (told === "nothing") return;
    const { identity } = session;
    const sessionId = String(session.pid);
    const event = submissionEvent(access, identity, {
      text,
      requirements,
      sessionId,
      known: told,
    });
    this.#told.set(requirements, event?.request ?? "nothing");
    if (event !== undefined) audit.record(event);
  }
}
