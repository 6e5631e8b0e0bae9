// What the HTTP API needs from the rest of the gateway.

import type { Registry } from "prom-client";
import type { Logger } from "pino";
import type { Governance } from "../../auth/governance.ts";
import type { Identity } from "../../auth/principal.ts";
import type { Clock } from "../session/clock.ts";
import type { QueryEngine } from "../session/engine.ts";
import type { Session } from "../session/session.ts";

export interface HttpServices {
  readonly engine: QueryEngine;
  readonly governance: Governance;
  /** A session of its own for each statement; the caller closes it, then says so. Throws 3D000 for a catalog that is not there. */
  openSession(identity: Identity, catalog: string | undefined): Session;
  sessionClosed(session: Session): void;
  /** True once a query would succeed, false again while draining. */
  ready(): boolean;
  readonly metrics: Registry;
  readonly log: Logger;
  readonly clock: Clock;
}
