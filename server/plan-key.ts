// Everything that decides how names resolve and what is allowed, as one text: equal keys make a bound plan good again.

import { servicesOf } from "./block/block.ts";
import { evolvesSchemas } from "./environment.ts";
import type { Services } from "./services.ts";
import type { Session } from "./session/session.ts";

/** A key with what it was made of. */
interface Known {
  /** Of the session's block; empty for what is committed. */
  readonly draft: string;
  readonly catalogVersion: number;
  readonly accessVersion: number;
  readonly currentCatalog: string;
  readonly revision: number;
  /** The key of the session's temporary objects. */
  readonly temporary: string;
  readonly key: string;
}

export class PlanKeys {
  readonly #services: Services;
  /** Every statement asks, and between two of a session hardly ever anything has changed. */
  readonly #known = new WeakMap<Session, Known>();

  constructor(services: Services) {
    this.#services = services;
  }

  of(session: Session): string {
    const { governance } = servicesOf(this.#services, session);
    const { catalog, access, draft } = governance;
    const temporary = session.temporary?.contents.key ?? "";
    const known = this.#known.get(session);
    if (
      known?.draft === draft &&
      known.catalogVersion === catalog.version &&
      known.accessVersion === access.version &&
      known.currentCatalog === session.currentCatalog &&
      known.revision === session.settings.revision &&
      known.temporary === temporary
    )
      return known.key;
    const made = {
      draft,
      catalogVersion: catalog.version,
      accessVersion: access.version,
      currentCatalog: session.currentCatalog,
      revision: session.settings.revision,
      temporary,
    };
    const { timeZone, dateStyle } = session.settings.output();
    const key = [
      session.identity.principal.id,
      draft,
      made.catalogVersion,
      made.accessVersion,
      made.currentCatalog,
      session.searchPath.join(),
      temporary,
      timeZone,
      dateStyle,
      evolvesSchemas(session),
    ].join("/");
    this.#known.set(session, { ...made, key });
    return key;
  }
}
