// Settings whose values are more than a Boolean, a number or a word: zones, date styles, encodings, names, roles.

import { SqlError } from "../../storage/common/errors.ts";
import { applyDateStyle } from "./date-style.ts";
import { impersonationRefused, invalidSettingValue } from "./errors.ts";
import { isNameList } from "./setting-list.ts";
import type { SettingDefinition } from "./setting-table.ts";
import { normalizeValue } from "./setting-value.ts";
import { canonicalZone } from "./time-zone.ts";

interface Known {
  readonly current: string;
  /** The session's default, which the word `default` or `local` names. */
  readonly initial: string;
}

const UTF8_NAMES: ReadonlySet<string> = new Set(["utf8", "unicode"]);
/** Encodings PostgreSQL converts and this gateway does not. */
const OTHER_ENCODINGS =
  /^(latin\d+|iso8859\d+|win\d+|koi8[ru]?|euc\w+|sjis|shiftjis|big5|gbk|gb18030|uhc|johab|mule_?internal|windows\d+|mskanji|shiftjis2004)$/;

/** The value as it is kept. Throws 22023, 0A000. */
export function checkValue(
  setting: SettingDefinition,
  text: string,
  known: Known,
): string {
  switch (setting.name) {
    case "TimeZone":
      return zone(text, known);
    case "DateStyle":
      return dateStyle(text, known);
    case "client_encoding":
      return encoding(text);
    case "application_name":
      return printable(text);
    case "search_path":
      if (!isNameList(text)) throw invalidSettingValue("search_path", text);
      return text;
    case "standard_conforming_strings":
      return onlyOn(setting, text);
    case "role":
      if (text.toLowerCase() !== "none") throw impersonationRefused("SET ROLE");
      return "none";
    case "session_authorization":
      throw impersonationRefused("SET SESSION AUTHORIZATION");
    default:
      return normalizeValue(setting, text);
  }
}

function zone(text: string, known: Known): string {
  const word = text.trim().toLowerCase();
  if (word === "local" || word === "default") return known.initial;
  const value = canonicalZone(text);
  if (value === undefined) throw invalidSettingValue("TimeZone", text);
  return value;
}

function dateStyle(text: string, known: Known): string {
  const outcome = applyDateStyle(text, known.current, known.initial);
  if (outcome.kind === "invalid") {
    throw invalidSettingValue("DateStyle", text, { detail: outcome.detail });
  }
  return outcome.value;
}

/** Clients write `utf-8`, `'utf-8'`, `UTF8`; SQL_ASCII means bytes as they are, which here are UTF-8. */
function encoding(text: string): string {
  const name = text
    .replaceAll("'", "")
    .replace(/[^A-Za-z0-9]/g, "")
    .toLowerCase();
  if (UTF8_NAMES.has(name)) return "UTF8";
  if (name === "sqlascii") return "SQL_ASCII";
  if (OTHER_ENCODINGS.test(name)) {
    throw new SqlError(
      "0A000",
      `conversion between ${text.toUpperCase()} and UTF8 is not supported`,
      { hint: "Set client_encoding to UTF8." },
    );
  }
  throw invalidSettingValue("client_encoding", text);
}

/** The lexer follows the standard only: a client that asked for backslashes would be read wrongly. */
function onlyOn(setting: SettingDefinition, text: string): string {
  const value = normalizeValue(setting, text);
  if (value === "off") {
    throw new SqlError(
      "0A000",
      "standard_conforming_strings = off is not supported",
      { hint: "Write strings with backslashes as E'...'." },
    );
  }
  return value;
}

/** 63 bytes at most; bytes outside printable ASCII become question marks, as PostgreSQL 15 shows them. */
function printable(text: string): string {
  return Buffer.from(text)
    .subarray(0, 63)
    .toString("latin1")
    .replace(/[^\x20-\x7e]/g, "?");
}
