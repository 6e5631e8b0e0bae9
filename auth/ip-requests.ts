// IP access lists by request: administrators only, at most 1000 values, and nobody locks itself out (authentication section 8).

import { randomUUID } from "node:crypto";
import type { IpListRecord } from "../storage/metastore/ip-lists.ts";
import {
  invalidIpList,
  ipListQuotaExceeded,
  ipLockOut,
  undefinedIpList,
} from "./errors.ts";
import {
  authorizeStatement,
  changeAudited,
  type Governance,
} from "./governance.ts";
import { parseBlock } from "./ip-address.ts";
import type { Identity } from "./principal.ts";

const MAX_VALUES = 1000;

/** Absent members of a change stay as they are. */
export interface IpListChange {
  readonly label?: string | undefined;
  readonly type?: string | undefined;
  readonly addresses?: readonly string[] | undefined;
  readonly enabled?: boolean | undefined;
}

export function listIpLists(
  governance: Governance,
  identity: Identity,
): readonly IpListRecord[] {
  requireAdmin(governance, identity);
  return governance.ips.lists();
}

/** 42704 for one that is not there. */
export function findIpList(
  governance: Governance,
  identity: Identity,
  id: string,
): IpListRecord {
  requireAdmin(governance, identity);
  const found = governance.ips.lists().find((list) => list.id === id);
  if (found === undefined) throw undefinedIpList(id);
  return found;
}

/** 22023 for a label, type or address that is none, 54000 over quota, 55000 when it would lock the caller out. */
export function createIpList(
  governance: Governance,
  identity: Identity,
  fresh: IpListChange,
): IpListRecord {
  requireAdmin(governance, identity);
  const nowMs = governance.metastore.now();
  const record: IpListRecord = {
    id: randomUUID(),
    ...checked(
      { label: "", type: "ALLOW", addresses: [], enabled: true },
      fresh,
    ),
    createdAtMs: nowMs,
    createdBy: identity.principal.name,
    updatedAtMs: nowMs,
    updatedBy: identity.principal.name,
  };
  put(governance, identity, "createIpAccessList", record);
  return record;
}

export function changeIpList(
  governance: Governance,
  identity: Identity,
  id: string,
  change: IpListChange,
): IpListRecord {
  const before = findIpList(governance, identity, id);
  const record: IpListRecord = {
    ...before,
    ...checked(before, change),
    updatedAtMs: governance.metastore.now(),
    updatedBy: identity.principal.name,
  };
  put(governance, identity, "updateIpAccessList", record);
  return record;
}

/** Taking the last BLOCK list away can lock nobody out; taking an ALLOW list away can. */
export function deleteIpList(
  governance: Governance,
  identity: Identity,
  id: string,
): void {
  const record = findIpList(governance, identity, id);
  change(governance, identity, { action: "deleteIpAccessList", record }, () =>
    governance.ips.remove(id),
  );
}

function put(
  governance: Governance,
  identity: Identity,
  action: string,
  record: IpListRecord,
): void {
  change(governance, identity, { action, record }, () => {
    governance.ips.put(record);
    const values = governance.ips
      .lists()
      .reduce((count, { addresses }) => count + addresses.length, 0);
    if (values > MAX_VALUES) throw ipListQuotaExceeded(MAX_VALUES);
  });
}

function change(
  governance: Governance,
  identity: Identity,
  what: { readonly action: string; readonly record: IpListRecord },
  work: () => void,
): void {
  const { id, type, label, addresses, enabled } = what.record;
  const event = {
    service: "accounts",
    action: what.action,
    identity,
    status: "ok",
    request: { list_id: id, type, label, addresses, enabled: String(enabled) },
  } as const;
  changeAudited(governance, event, () => {
    work();
    requireWayIn(governance, identity);
    governance.ips.changed();
  });
}

/** 55000 when the caller's own address would be refused. A caller at the data directory has none. */
export function requireWayIn(governance: Governance, identity: Identity): void {
  const { clientAddress } = identity;
  if (clientAddress !== "local" && !governance.ips.wouldAllow(clientAddress)) {
    throw ipLockOut(clientAddress);
  }
}

function checked(
  before: Pick<IpListRecord, "label" | "type" | "addresses" | "enabled">,
  change: IpListChange,
): Pick<IpListRecord, "label" | "type" | "addresses" | "enabled"> {
  const label = change.label ?? before.label;
  const type = change.type ?? before.type;
  const addresses = change.addresses ?? before.addresses;
  if (label.trim() === "") throw invalidIpList("the label is empty");
  if (type !== "ALLOW" && type !== "BLOCK") {
    throw invalidIpList(`"${type}" is not ALLOW or BLOCK`);
  }
  const wrong = addresses.find((text) => parseBlock(text) === undefined);
  if (wrong !== undefined) {
    throw invalidIpList(`"${wrong}" is no address and no CIDR block`);
  }
  if (addresses.length === 0) throw invalidIpList("it has no addresses");
  return { label, type, addresses, enabled: change.enabled ?? before.enabled };
}

function requireAdmin(governance: Governance, identity: Identity): void {
  authorizeStatement(governance, identity, [
    { kind: "admin", action: "manage IP access lists" },
  ]);
}
