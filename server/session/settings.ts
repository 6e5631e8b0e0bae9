// The settings of one session: startup values, SET, SET LOCAL, RESET and SHOW, undone by ROLLBACK as PostgreSQL undoes them.
// What a value may be is in setting-value.ts and special-setting.ts; names, defaults and ranges are in setting-table.ts.

import {
  fixedSetting,
  oneSettingValue,
  settingOutOfRange,
  undefinedSetting,
} from "./errors.ts";
import type { OutputSettings } from "./result.ts";
import { findSetting, REPORTED, SETTINGS } from "./setting-table.ts";
import type { SettingDefinition } from "./setting-table.ts";
import { showValue } from "./setting-value.ts";
import { isList, isQuotedList, joinList, splitList } from "./setting-list.ts";
import { checkValue } from "./special-setting.ts";
import { outputZone } from "./time-zone.ts";

/** A point to return to: the settings as they were. Values are never changed in place. */
export interface SettingsMark {
  /** By lower-case name, where they differ from the session's defaults. */
  readonly session: ReadonlyMap<string, string>;
  /** SET LOCAL: gone when the transaction ends. */
  readonly local: ReadonlyMap<string, string>;
}

export interface TimeLimits {
  readonly statementMs: number;
  readonly idleMs: number;
  readonly idleInBlockMs: number;
}

const NONE: ReadonlyMap<string, string> = new Map();

export class Settings {
  readonly #defaults: Map<string, string>;
  #current: SettingsMark = { session: NONE, local: NONE };
  #reported = new Map<string, string>();
  #output: OutputSettings | undefined;
  #outputKey: string | undefined;
  #limits: TimeLimits | undefined;
  #searchPath: readonly string[] | undefined;
  #dirty = true;
  #revision = 0;

  /** `fixed` gives the values the gateway decides: `is_superuser`, `session_authorization`, `server_version`. */
  constructor(fixed: Readonly<Record<string, string>> = {}) {
    this.#defaults = new Map(
      Object.entries(fixed).map(([name, value]) => [name.toLowerCase(), value]),
    );
  }

  /** A start-up parameter: becomes what RESET returns to. Throws 42704, 55P02, 22023. */
  startWith(name: string, text: string): void {
    const key = name.toLowerCase();
    this.#defaults.set(key, this.#checked(name, text));
    this.#changed();
  }

  /** As kept: numbers in the setting's base unit. Throws 42704. */
  get(name: string): string {
    const key = name.toLowerCase();
    const set = this.#current.local.get(key) ?? this.#current.session.get(key);
    if (set !== undefined) return set;
    const own = this.#defaults.get(key);
    if (own !== undefined) return own;
    if (key.startsWith("transaction_")) return this.get(`default_${key}`);
    const definition = findSetting(key);
    if (definition === undefined) throw undefinedSetting(name);
    return definition.initial;
  }

  /** Milliseconds, bytes or plain numbers, in the setting's base unit. */
  number(name: string): number {
    return Number(this.get(name));
  }

  /** As SHOW prints it. Throws 42704. */
  show(name: string): string {
    const value = this.get(name);
    const definition = findSetting(name);
    return definition === undefined ? value : showValue(definition, value);
  }

  /** The rows of SHOW ALL: name, value, description. */
  showAll(): readonly (readonly [string, string, string])[] {
    return SETTINGS.map((setting) => [
      setting.name,
      this.show(setting.name),
      setting.description,
    ]);
  }

  /** One text as `set_config` takes it. Throws 42704, 55P02, 22023, 0A000. Returns the value as SHOW prints it. */
  set(name: string, text: string, scope: "session" | "local"): string {
    this.#store(name, this.#checked(name, text), scope);
    return this.show(name);
  }

  /** The items of a SET statement; `undefined` is DEFAULT. */
  setItems(
    name: string,
    items: readonly string[] | undefined,
    scope: "session" | "local",
  ): void {
    if (items === undefined) return this.reset(name, scope);
    const definition = findSetting(name);
    const [first = "", ...rest] = items;
    if (rest.length > 0 && !isList(name)) {
      throw oneSettingValue(definition?.name ?? name);
    }
    this.set(
      name,
      isQuotedList(name)
        ? joinList(items)
        : isList(name)
          ? items.join(", ")
          : first,
      scope,
    );
  }

  /** Back to the value at start-up. Throws 42704, 55P02. */
  reset(name: string, scope: "session" | "local" = "session"): void {
    const definition = findSetting(name);
    if (definition?.access === "fixed") throw fixedSetting(definition.name);
    const key = name.toLowerCase();
    if (definition === undefined) {
      this.get(name);
      this.#store(name, "", scope);
      return;
    }
    if (scope === "local") {
      this.#store(name, this.#defaults.get(key) ?? definition.initial, scope);
      return;
    }
    const session = new Map(this.#current.session);
    const local = new Map(this.#current.local);
    session.delete(key);
    local.delete(key);
    this.#replace({ session, local });
  }

  /** RESET ALL: everything but what describes the running transaction. */
  resetAll(): void {
    const local = new Map(
      [...this.#current.local].filter(([key]) =>
        key.startsWith("transaction_"),
      ),
    );
    this.#replace({ session: NONE, local });
  }

  /** Schema names in order, unquoted; `$user` stands for the session's user. */
  searchPath(): readonly string[] {
    this.#searchPath ??= splitList(this.get("search_path"))
      .map((name) =>
        name === "$user" ? this.get("session_authorization") : name,
      )
      .filter((name) => name !== "");
    return this.#searchPath;
  }

  output(): OutputSettings {
    this.#output ??= {
      timeZone: outputZone(this.get("timezone")),
      dateStyle: this.get("datestyle"),
      intervalStyle: this.get("intervalstyle"),
      byteaOutput: this.get("bytea_output") === "escape" ? "escape" : "hex",
      extraFloatDigits: this.number("extra_float_digits"),
    };
    return this.#output;
  }

  /** Equal keys, equal output settings. */
  get outputKey(): string {
    this.#outputKey ??= Object.values(this.output()).join("/");
    return this.#outputKey;
  }

  /** How long things may take, in milliseconds; 0 is for ever. */
  limits(): TimeLimits {
    this.#limits ??= {
      statementMs: this.number("statement_timeout"),
      idleMs: this.number("idle_session_timeout"),
      idleInBlockMs: this.number("idle_in_transaction_session_timeout"),
    };
    return this.#limits;
  }

  /** Rises with every change, so that what is made of settings can be kept. */
  get revision(): number {
    return this.#revision;
  }

  mark(): SettingsMark {
    return this.#current;
  }

  restore(mark: SettingsMark): void {
    if (mark !== this.#current) this.#replace(mark);
  }

  /** The end of a committed transaction: SET LOCAL is undone. */
  dropLocal(): void {
    if (this.#current.local.size > 0) {
      this.#replace({ session: this.#current.session, local: NONE });
    }
  }

  /** Reported settings whose value differs from what the last call gave; the first call gives all of them. */
  takeChanges(): readonly (readonly [string, string])[] {
    if (!this.#dirty) return [];
    this.#dirty = false;
    const changes: (readonly [string, string])[] = [];
    for (const name of REPORTED) {
      const value = this.show(name);
      if (this.#reported.get(name) === value) continue;
      this.#reported.set(name, value);
      changes.push([name, value]);
    }
    return changes;
  }

  #checked(name: string, text: string): string {
    const definition = findSetting(name);
    if (definition === undefined) {
      // A name with a point is a client's own variable.
      if (/^[a-z_][\w$]*(\.[a-z_][\w$]*)+$/i.test(name)) return text;
      throw undefinedSetting(name);
    }
    if (definition.access === "fixed") throw fixedSetting(definition.name);
    return checkValue(definition, text, {
      current: this.get(name),
      initial: this.#initial(definition),
    });
  }

  #initial(definition: SettingDefinition): string {
    return (
      this.#defaults.get(definition.name.toLowerCase()) ?? definition.initial
    );
  }

  #store(name: string, value: string, scope: "session" | "local"): void {
    const key = name.toLowerCase();
    const local = new Map(this.#current.local);
    if (scope === "local") {
      local.set(key, value);
      this.#replace({ session: this.#current.session, local });
      return;
    }
    local.delete(key);
    const session = new Map(this.#current.session).set(key, value);
    if (session.size > 1000) {
      throw settingOutOfRange(name, "number of settings", "0 .. 1000");
    }
    this.#replace({ session, local });
  }

  #replace(mark: SettingsMark): void {
    this.#current = mark;
    this.#changed();
  }

  #changed(): void {
    this.#output = undefined;
    this.#outputKey = undefined;
    this.#limits = undefined;
    this.#searchPath = undefined;
    this.#revision += 1;
    this.#dirty = true;
  }
}
