// is_member(group): transitive, without case; unknown groups have no members (access-control section 13).

import type { Services } from "./services.ts";
import type { Session } from "./session/session.ts";

export function isMember(
  { governance }: Services,
  session: Session,
  group: string,
): boolean {
  const { access } = governance;
  const found = access.named(group);
  return (
    found?.kind === "group" &&
    access.effectiveSet(session.identity.principal.id).has(found.id)
  );
}
