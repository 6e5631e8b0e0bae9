// Which addresses may connect: the IP access lists in memory, changed only with the metastore (authentication section 8).

import type { Metastore } from "../storage/metastore/metastore.ts";
import {
  deleteIpList,
  listIpLists,
  putIpList,
  type IpListRecord,
} from "../storage/metastore/ip-lists.ts";
import {
  contains,
  parseAddress,
  parseBlock,
  type Block,
} from "./ip-address.ts";
import type { WorkspaceConf } from "./workspace-conf.ts";

export class IpAccess {
  readonly #metastore: Metastore;
  readonly #conf: WorkspaceConf;
  readonly #listeners = new Set<() => void>();
  #lists: readonly IpListRecord[] = [];
  #blocks: ReadonlyMap<IpListRecord["type"], readonly Block[]> = new Map();

  constructor(metastore: Metastore, conf: WorkspaceConf) {
    this.#metastore = metastore;
    this.#conf = conf;
    metastore.db.onRollback(() => this.#reload());
    this.#reload();
  }

  /** Oldest first. */
  lists(): readonly IpListRecord[] {
    return this.#lists;
  }

  /** Always true until `enableIpAccessLists` is turned on. */
  allows(address: string): boolean {
    return !this.#conf.isOn("enableIpAccessLists") || this.wouldAllow(address);
  }

  /** As though the lists were in force: BLOCK wins; once there is an ALLOW list the address must be on one. */
  wouldAllow(address: string): boolean {
    const parsed = parseAddress(address);
    const matches = (type: IpListRecord["type"]): boolean =>
      parsed !== undefined &&
      (this.#blocks.get(type) ?? []).some((block) => contains(block, parsed));
    if (matches("BLOCK")) return false;
    return this.#enabled("ALLOW").length === 0 || matches("ALLOW");
  }

  put(record: IpListRecord): void {
    putIpList(this.#metastore.db, record);
    this.#reload();
  }

  remove(id: string): void {
    deleteIpList(this.#metastore.db, id);
    this.#reload();
  }

  /** `listener` runs once a change of lists or of the switch is on disk; answers the function that ends the subscription. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Call inside the transaction of a change. */
  changed(): void {
    this.#metastore.db.afterCommit(() => {
      for (const listener of this.#listeners) listener();
    });
  }

  #enabled(type: IpListRecord["type"]): readonly IpListRecord[] {
    return this.#lists.filter((list) => list.enabled && list.type === type);
  }

  #reload(): void {
    this.#lists = listIpLists(this.#metastore.db);
    const blocks = (type: IpListRecord["type"]): readonly Block[] =>
      this.#enabled(type).flatMap(({ addresses }) =>
        addresses.flatMap((text) => parseBlock(text) ?? []),
      );
    this.#blocks = new Map([
      ["ALLOW", blocks("ALLOW")],
      ["BLOCK", blocks("BLOCK")],
    ]);
  }
}
