// Switches an administrator turns while the gateway runs (http-api section 8, `workspace-conf`): kept as settings of the metastore, in memory
// for the look-up at each log-in.

import { readSetting, writeSetting } from "../storage/metastore/settings.ts";
import type { Metastore } from "../storage/metastore/metastore.ts";

/** Names and spellings of values are Databricks'. */
export const CONF_KEYS = [
  "enableTokensConfig",
  "maxTokenLifetimeDays",
  "enableIpAccessLists",
] as const;
export type ConfKey = (typeof CONF_KEYS)[number];

const DEFAULTS: Readonly<Record<ConfKey, string>> = {
  enableTokensConfig: "true",
  maxTokenLifetimeDays: "",
  enableIpAccessLists: "false",
};

/** What each key takes; an empty `maxTokenLifetimeDays` means no limit of its own. */
export const CONF_VALUES: Readonly<Record<ConfKey, RegExp>> = {
  enableTokensConfig: /^(true|false)$/,
  maxTokenLifetimeDays: /^([1-9]\d{0,3})?$/,
  enableIpAccessLists: /^(true|false)$/,
};

export class WorkspaceConf {
  readonly #metastore: Metastore;
  readonly #values = new Map<ConfKey, string>();

  constructor(metastore: Metastore) {
    this.#metastore = metastore;
    metastore.db.onRollback(() => this.#reload());
    this.#reload();
  }

  get(key: ConfKey): string {
    return this.#values.get(key) ?? DEFAULTS[key];
  }

  isOn(key: "enableTokensConfig" | "enableIpAccessLists"): boolean {
    return this.get(key) === "true";
  }

  /** Undefined: no limit but the built-in one. */
  get maxTokenLifetimeDays(): number | undefined {
    const text = this.get("maxTokenLifetimeDays");
    return text === "" ? undefined : Number(text);
  }

  set(key: ConfKey, value: string): void {
    writeSetting(this.#metastore.db, settingName(key), value);
    this.#values.set(key, value);
  }

  #reload(): void {
    this.#values.clear();
    for (const key of CONF_KEYS) {
      const value = readSetting(this.#metastore.db, settingName(key));
      if (value !== undefined) this.#values.set(key, value);
    }
  }
}

function settingName(key: ConfKey): string {
  return `workspace-conf.${key}`;
}
