// The section `access-rules` of the configuration file: lines as in pg_hba.conf, `type database user address method` (authentication
// section 3.2).

import { parseBlock } from "../../auth/ip-address.ts";
import { foldName } from "../../auth/names.ts";
import type { AccessRule } from "../pgwire/access-rules.ts";
import { configError } from "./config-error.ts";

const TYPES = ["host", "hostssl", "hostnossl"] as const;
const METHODS = ["password", "scram", "cert", "reject"] as const;

/** Undefined without the section: the listener's own rule holds. Throws F0000 naming the line. */
export function accessRules(value: unknown): readonly AccessRule[] | undefined {
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value) || value.length === 0)
    throw configError("access-rules: a list of lines expected");
  return value.map((line: unknown) => {
    if (typeof line !== "string")
      throw configError("access-rules: a list of lines expected");
    return ruleOf(line);
  });
}

function ruleOf(line: string): AccessRule {
  const wrong = (problem: string): Error =>
    configError(`access-rules: "${line}": ${problem}`);
  const fields = line.trim().split(/\s+/);
  const [typeName, databases = "", users = "", address = "", methodName] =
    fields;
  if (fields.length !== 5)
    throw wrong("type, database, user, address and method expected");
  const type = TYPES.find((known) => known === typeName);
  if (type === undefined) throw wrong(`the type is one of ${TYPES.join(", ")}`);
  const method = METHODS.find((known) => known === methodName);
  if (method === undefined)
    throw wrong(`the method is one of ${METHODS.join(", ")}`);
  if (method === "password" && type !== "hostssl")
    throw wrong("a password is asked for inside TLS only: hostssl");
  if (method === "cert" && type !== "hostssl")
    throw wrong("a certificate is shown inside TLS only: hostssl");
  const block = address === "all" ? undefined : parseBlock(address);
  if (address !== "all" && block === undefined)
    throw wrong(`"${address}" is neither all, an address nor a block`);
  return {
    type,
    databases: setOf(databases, (name) => name),
    users: setOf(users, foldName),
    address: block,
    method,
  };
}

/** Names between commas; undefined for `all`. */
function setOf(
  field: string,
  normal: (name: string) => string,
): ReadonlySet<string> | undefined {
  const names = field.split(",");
  return names.includes("all") ? undefined : new Set(names.map(normal));
}
