// The shared files of AWS tools: ~/.aws/credentials and ~/.aws/config.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { credentialsFailed, errorCode } from "../errors.ts";
import type { Variables } from "../settings.ts";

export interface Profile {
  readonly name: string;
  readonly settings: ReadonlyMap<string, string>;
}

/** Both files' settings of a profile, those of the credentials file first; undefined when neither has it. */
export async function readProfile(
  variables: Variables,
  name: string,
): Promise<Profile | undefined> {
  const home = variables["HOME"] ?? "/";
  const [config, credentials] = await Promise.all([
    readIni(variables["AWS_CONFIG_FILE"] ?? join(home, ".aws", "config")),
    readIni(
      variables["AWS_SHARED_CREDENTIALS_FILE"] ??
        join(home, ".aws", "credentials"),
    ),
  ]);
  const inConfig =
    config.get(`profile ${name}`) ??
    (name === "default" ? config.get(name) : undefined);
  const inCredentials = credentials.get(name);
  if (inConfig === undefined && inCredentials === undefined) return undefined;
  return {
    name,
    settings: new Map([...(inConfig ?? []), ...(inCredentials ?? [])]),
  };
}

type Ini = ReadonlyMap<string, ReadonlyMap<string, string>>;

async function readIni(path: string): Promise<Ini> {
  try {
    return parseIni(await readFile(path, "utf8"));
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(errorCode(error) ?? ""))
      return new Map();
    throw credentialsFailed(`file "${path}"`, "It cannot be read.", error);
  }
}

/** Sections of `key = value`; indented lines are nested settings (`s3 =`), which nobody asks for here. */
export function parseIni(text: string): Ini {
  const sections = new Map<string, Map<string, string>>();
  let current: Map<string, string> | undefined;
  for (const line of text.split(/\r?\n/)) {
    const section = /^\s*\[\s*([^\]]+?)\s*\]/.exec(line)?.[1];
    const setting = /^([^\s#;=][^=]*?)\s*=\s*(.*?)\s*$/.exec(line);
    if (section !== undefined) {
      const name = section.replace(/\s+/g, " ").replaceAll('"', "");
      current = sections.get(name) ?? new Map<string, string>();
      sections.set(name, current);
    } else if (setting?.[1] !== undefined) {
      current?.set(setting[1].toLowerCase(), setting[2] ?? "");
    }
  }
  return sections;
}
