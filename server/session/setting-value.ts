// Checks and normalises a setting's value as PostgreSQL does: Booleans, numbers with units, words of a list.

import {
  invalidSettingValue,
  settingNeedsBoolean,
  settingOutOfRange,
} from "./errors.ts";
import type { SettingDefinition } from "./setting-table.ts";

const TIME_UNITS: Readonly<Record<string, number>> = {
  us: 0.001,
  ms: 1,
  s: 1000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};
const MEMORY_UNITS: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1024,
  MB: 1024 ** 2,
  GB: 1024 ** 3,
  TB: 1024 ** 4,
};
const BASE_UNITS: Readonly<Record<string, number>> = {
  ...TIME_UNITS,
  ...MEMORY_UNITS,
  "8kB": 8192,
};
const NUMBER =
  /^\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*([A-Za-z]*)\s*$/;

/** The value as it is kept: `on`, plain numbers in the base unit, lower-case words. Throws 22023. */
export function normalizeValue(
  setting: SettingDefinition,
  text: string,
): string {
  switch (setting.type) {
    case "bool":
      return booleanValue(setting, text);
    case "int":
    case "real":
      return numberValue(setting, text);
    case "enum":
      return wordValue(setting, text);
    case "string":
      return text;
  }
}

/** As SHOW prints it: numbers with the largest unit that divides them. */
export function showValue(setting: SettingDefinition, value: string): string {
  if (setting.type !== "int" || setting.unit === "") return value;
  const number = Number(value);
  const units = unitsOf(setting.unit);
  const base = BASE_UNITS[setting.unit];
  if (number <= 0 || units === undefined || base === undefined) return value;
  const amount = number * base;
  const best = Object.entries(units)
    .filter(([, size]) => size >= 1 && amount % size === 0)
    .at(-1);
  return best === undefined ? value : `${amount / best[1]}${best[0]}`;
}

/** `on`, `off` for every unambiguous prefix PostgreSQL takes; undefined otherwise. */
export function parseBoolean(text: string): "on" | "off" | undefined {
  const value = text.trim().toLowerCase();
  if (value === "") return undefined;
  if ("true".startsWith(value) || "yes".startsWith(value) || value === "1") {
    return "on";
  }
  if ("false".startsWith(value) || "no".startsWith(value) || value === "0") {
    return "off";
  }
  if (value === "on") return "on";
  return value.length >= 2 && "off".startsWith(value) ? "off" : undefined;
}

function booleanValue(setting: SettingDefinition, text: string): string {
  const value = parseBoolean(text);
  if (value === undefined) throw settingNeedsBoolean(setting.name);
  return value;
}

function wordValue(setting: SettingDefinition, text: string): string {
  const value = text.toLowerCase();
  if (setting.words.includes(value)) return value;
  const flag = parseBoolean(text);
  if (flag !== undefined && setting.words.includes(flag)) return flag;
  throw invalidSettingValue(setting.name, text, {
    hint: `Available values: ${setting.words.join(", ")}.`,
  });
}

function numberValue(setting: SettingDefinition, text: string): string {
  const match = NUMBER.exec(text);
  if (match === null) throw invalidSettingValue(setting.name, text);
  const [, digits = "", unit = ""] = match;
  const scaled = Number(digits) * scaleOf(setting, unit, text);
  const value = setting.type === "int" ? Math.round(scaled) : scaled;
  if (setting.type === "int" && Math.abs(value) > 2147483647) {
    throw invalidSettingValue(setting.name, text, {
      hint: "Value exceeds integer range.",
    });
  }
  if (value < setting.least || value > setting.most) {
    const withUnit =
      setting.unit === "" ? `${value}` : `${value} ${setting.unit}`;
    throw settingOutOfRange(
      setting.name,
      withUnit,
      `${limit(setting.least)} .. ${limit(setting.most)}`,
    );
  }
  return String(value === 0 ? 0 : value);
}

function scaleOf(
  setting: SettingDefinition,
  unit: string,
  text: string,
): number {
  if (unit === "") return 1;
  const units = unitsOf(setting.unit);
  const size = units?.[unit];
  const base = BASE_UNITS[setting.unit];
  if (units === undefined) throw invalidSettingValue(setting.name, text);
  if (size === undefined || base === undefined) {
    throw invalidSettingValue(setting.name, text, {
      hint:
        units === TIME_UNITS
          ? 'Valid units for this parameter are "us", "ms", "s", "min", "h", and "d".'
          : 'Valid units for this parameter are "B", "kB", "MB", "GB", and "TB".',
    });
  }
  return size / base;
}

function unitsOf(unit: string): Readonly<Record<string, number>> | undefined {
  if (unit === "") return undefined;
  return unit in TIME_UNITS ? TIME_UNITS : MEMORY_UNITS;
}

function limit(value: number): string {
  return value > 1e300 ? "1.79769e+308" : String(value);
}
