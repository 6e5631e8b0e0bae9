// Tells the audit of a statement that may run: who, from where, by which credential, what it reaches and which record allows it.

import { submissionEvent } from "../auth/submissions.ts";
import type { Resolved } from "../planner/bind/resolve/resolved.ts";
import type { Services } from "./services.ts";
import type { Session } from "./session/session.ts";

export function recordSubmission(
  { governance }: Services,
  session: Session,
  text: string,
  { requirements }: Pick<Resolved, "requirements">,
): void {
  const event = submissionEvent(governance.access, session.identity, {
    text,
    requirements,
    sessionId: String(session.pid),
  });
  if (event !== undefined) governance.audit.record(event);
}
