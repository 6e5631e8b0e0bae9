// Who may read and turn the workspace's switches.

import { invalidSwitch } from "./errors.ts";
import {
  authorizeStatement,
  changeAudited,
  type Governance,
} from "./governance.ts";
import { requireWayIn } from "./ip-requests.ts";
import type { Identity } from "./principal.ts";
import { CONF_KEYS, CONF_VALUES, type ConfKey } from "./workspace-conf.ts";

/** Administrators only; 22023 for a key or value that does not exist. All are set or none. */
export function changeConf(
  governance: Governance,
  identity: Identity,
  changes: Readonly<Record<string, string>>,
): void {
  authorizeStatement(governance, identity, [
    { kind: "admin", action: "change the workspace configuration" },
  ]);
  const checked = Object.entries(changes).map(([name, value]) => {
    const key = confKey(name);
    if (!CONF_VALUES[key].test(value)) throw invalidSwitch(name, value);
    return { key, value };
  });
  governance.metastore.db.transaction(() => {
    for (const { key, value } of checked) {
      const event = {
        service: "accounts",
        action: "workspaceConfEdit",
        identity,
        status: "ok",
        request: { key, value },
      } as const;
      changeAudited(governance, event, () => {
        governance.conf.set(key, value);
        if (key !== "enableIpAccessLists") return;
        if (value === "true") requireWayIn(governance, identity);
        governance.ips.changed();
      });
    }
  });
}

/** Administrators only; 22023 for a key that does not exist. */
export function readConf(
  governance: Governance,
  identity: Identity,
  names: readonly string[],
): Readonly<Record<string, string>> {
  authorizeStatement(governance, identity, [
    { kind: "admin", action: "read the workspace configuration" },
  ]);
  return Object.fromEntries(
    names.map((name) => [name, governance.conf.get(confKey(name))]),
  );
}

function confKey(name: string): ConfKey {
  const key = CONF_KEYS.find((known) => known === name);
  if (key === undefined) throw invalidSwitch(name);
  return key;
}
