// Which method a connection is asked for, by rules in the order they are written, the first that matches deciding, as in pg_hba.conf
// (authentication section 3.2). Pure.

import { containsAddress, type Block } from "../../auth/ip-address.ts";
import { foldName } from "../../auth/names.ts";
import type { AuthenticationMethod, Login } from "./authentication.ts";
import { noAccessRule, rejectedByRule } from "./errors.ts";

export interface AccessRule {
  readonly type: "host" | "hostssl" | "hostnossl";
  /** Undefined: all. */
  readonly databases: ReadonlySet<string> | undefined;
  /** Folded names; undefined: all. */
  readonly users: ReadonlySet<string> | undefined;
  /** Undefined: all. */
  readonly address: Block | undefined;
  readonly method: AuthenticationMethod | "reject";
}

/** Throws 28000 where a rule rejects, or none matches. */
export function methodByRules(
  rules: readonly AccessRule[],
  login: Login,
): AuthenticationMethod {
  const rule = rules.find((candidate) => matches(candidate, login));
  if (rule === undefined) throw noAccessRule(login);
  if (rule.method === "reject") throw rejectedByRule(login);
  return rule.method;
}

function matches(
  { type, databases, users, address }: AccessRule,
  login: Login,
): boolean {
  const { database, user, clientAddress, encrypted } = login;
  // A database may be given as `catalog.schema`.
  const [catalog = ""] = database.split(".");
  return (
    (type === "host" || encrypted === (type === "hostssl")) &&
    (databases === undefined ||
      databases.has(database) ||
      databases.has(catalog)) &&
    (users?.has(foldName(user)) ?? true) &&
    (address === undefined || containsAddress([address], clientAddress))
  );
}
