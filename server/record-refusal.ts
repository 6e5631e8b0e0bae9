// A statement that failed is told to the audit when it was refused something (access-control section 18).

import type { Requirement } from "../auth/privilege.ts";
import { resolve } from "../planner/bind/resolve/resolve.ts";
import type { Statement } from "../planner/parse/ast.ts";
import { SqlError } from "../storage/common/errors.ts";
import { resolveEnvironment } from "./environment.ts";
import type { Services } from "./services.ts";
import type { Session } from "./session/session.ts";

export function recordRefusal(
  services: Services,
  session: Session,
  error: unknown,
  statement?: Statement,
): void {
  services.governance.refusals.failed(session.identity, error, () =>
    statement === undefined
      ? []
      : requirementsUnseen(services, session, statement),
  );
}

/** What the statement would need if its names were looked up in the whole catalog; nothing for names that are not there either. */
function requirementsUnseen(
  services: Services,
  session: Session,
  statement: Statement,
): readonly Requirement[] {
  const environment = resolveEnvironment(services, session);
  const lookup = environment.lookup.unfiltered;
  try {
    return resolve(statement, { ...environment, lookup }).requirements;
  } catch (error) {
    if (error instanceof SqlError) return [];
    throw error;
  }
}
