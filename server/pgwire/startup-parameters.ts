// What a StartupMessage asks for: who, which database, which settings (manual, "StartupMessage"; authentication: section 3.4).

import {
  invalidOptions,
  missingUser,
  startupParameterRefused,
  unsupportedProtocol,
} from "./errors.ts";
import type { StartupPacket } from "./messages.ts";

export const NEWEST_MINOR = 2;

export interface StartupRequest {
  readonly user: string;
  /** Undefined when none was named. */
  readonly database: string | undefined;
  /** Names and values in the order given. */
  readonly settings: readonly (readonly [string, string])[];
  /** The protocol's minor version to go on with. */
  readonly minor: number;
  /** Protocol options (`_pq_.x`) nobody here knows. */
  readonly unrecognized: readonly string[];
  /** Whether NegotiateProtocolVersion must be sent. */
  readonly negotiate: boolean;
}

type StartupMessage = StartupPacket & { readonly kind: "StartupMessage" };

/** Throws 0A000, 28000, 22023; all of them end the connection. */
export function readStartup(message: StartupMessage): StartupRequest {
  if (message.major !== 3) {
    throw unsupportedProtocol(message.major, message.minor);
  }
  const { parameters } = message;
  const user = parameters.get("user") ?? "";
  if (user === "") throw missingUser();
  const unrecognized = [...parameters.keys()].filter((name) =>
    name.startsWith("_pq_."),
  );
  const database = parameters.get("database");
  return {
    user,
    database: database === "" ? undefined : database,
    settings: settingsOf(parameters),
    minor: Math.min(message.minor, NEWEST_MINOR),
    unrecognized,
    negotiate: message.minor > NEWEST_MINOR || unrecognized.length > 0,
  };
}

function settingsOf(
  parameters: ReadonlyMap<string, string>,
): readonly (readonly [string, string])[] {
  const settings: (readonly [string, string])[] = [];
  for (const [name, value] of parameters) {
    switch (name) {
      case "user":
      case "database":
        break;
      case "options":
        settings.push(...parseOptions(value));
        break;
      default:
        if (!name.startsWith("_pq_.")) settings.push([name, value]);
    }
  }
  for (const [name, value] of settings) checkName(name, value);
  return settings.filter(([name]) => name !== "replication");
}

/** A connection is one principal for its whole life, and never a replica. */
function checkName(name: string, value: string): void {
  const lower = name.toLowerCase();
  if (lower === "replication") {
    if (/^(false|off|no|0)$/i.test(value)) return;
    throw startupParameterRefused(name);
  }
  if (lower === "role" || lower === "session_authorization") {
    throw startupParameterRefused(name);
  }
}

/** `-c name=value --name=value`; a backslash keeps the character after it, blanks included. Throws 22023. */
function parseOptions(text: string): readonly (readonly [string, string])[] {
  const words = [...text.matchAll(/(?:\\.|[^\s\\])+/gs)].map(([word]) =>
    word.replace(/\\(.)/gs, "$1"),
  );
  const settings: (readonly [string, string])[] = [];
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? "";
    let assignment: string | undefined;
    if (word === "-c") {
      index += 1;
      assignment = words[index];
    } else if (word.startsWith("-c")) assignment = word.slice(2);
    else if (word.startsWith("--")) assignment = word.slice(2);
    const match = /^([^=]+)=(.*)$/s.exec(assignment ?? "");
    if (match === null) throw invalidOptions(word);
    const [, name = "", value = ""] = match;
    settings.push([name.replaceAll("-", "_"), value]);
  }
  return settings;
}
