// One connection's state: who it is, its settings, its transaction. (Owned by the pgwire work.)

import type { Identity } from "../../auth/principal.ts";

export interface Session {
  readonly identity: Identity;
}
