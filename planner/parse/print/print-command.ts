// Statements about sessions, governance and operations, as SQL text.

import { unreachable } from "../../../storage/common/invariant.ts";
import type {
  DescribeStatement,
  FetchStatement,
  GrantStatement,
  GroupStatement,
  Identifier,
  OptimizeStatement,
  OwnerStatement,
  QualifiedName,
  SecurableName,
  SetStatement,
  ShowGrantsStatement,
  ShowStatement,
  TokenStatement,
  TransactionStatement,
  UseStatement,
  UserStatement,
  VacuumStatement,
} from "../ast.ts";
import {
  joinParts,
  printIdentifier,
  printName,
  printNames,
  quoteName,
  quoteString,
} from "./print-name.ts";
import { printExpression } from "./print-expression.ts";
import type { QueryPrinter } from "./print-query.ts";

export function printSecurable(securable: SecurableName): string {
  switch (securable.kind) {
    case "catalog":
      return securable.name === undefined
        ? "CATALOG"
        : `CATALOG ${printIdentifier(securable.name)}`;
    case "any-file":
      return "ANY FILE";
    case "anonymous-function":
      return "ANONYMOUS FUNCTION";
    default:
      return `${securable.kind.toUpperCase()} ${printName(securable.name)}`;
  }
}

const PLAIN_PRIVILEGE = /^(?:[A-Z_]+|ALL PRIVILEGES|USE SCHEMA|USE CATALOG)$/;

export function printGrant(grant: GrantStatement): string {
  const privileges = grant.privileges.map(({ name }) =>
    PLAIN_PRIVILEGE.test(name) ? name : quoteName(name),
  );
  return joinParts(
    grant.kind.toUpperCase(),
    privileges.join(", "),
    `ON ${printSecurable(grant.securable)}`,
    grant.kind === "revoke" ? "FROM" : "TO",
    printNames(grant.principals),
  );
}

export function printShowGrants(show: ShowGrantsStatement): string {
  return joinParts(
    "SHOW GRANTS",
    show.principal === undefined ? undefined : printIdentifier(show.principal),
    `ON ${printSecurable(show.securable)}`,
  );
}

export function printOwner(statement: OwnerStatement): string {
  return `ALTER ${printSecurable(statement.securable)} OWNER TO ${printIdentifier(statement.owner)}`;
}

export function printGroup(group: GroupStatement): string {
  const name = printIdentifier(group.name);
  const { action } = group;
  switch (action.kind) {
    case "create": {
      const members = joinParts(
        memberList("USER", action.users),
        memberList("GROUP", action.groups),
      );
      return joinParts(
        `CREATE GROUP ${name}`,
        members === "" ? undefined : `WITH ${members}`,
      );
    }
    case "alter": {
      const changes = action.changes.map(
        ({ verb, type, members }) =>
          `${verb.toUpperCase()} ${type.toUpperCase()} ${printNames(members)}`,
      );
      return joinParts(`ALTER GROUP ${name}`, ...changes);
    }
    case "drop":
      return `DROP GROUP ${action.ifExists ? "IF EXISTS " : ""}${name}`;
    default:
      return unreachable(action);
  }
}

function memberList(
  word: string,
  members: readonly Identifier[],
): string | undefined {
  return members.length === 0 ? undefined : `${word} ${printNames(members)}`;
}

export function printUser(user: UserStatement): string {
  const condition = user.action === "create" ? "IF NOT EXISTS" : "IF EXISTS";
  return joinParts(
    `${user.action.toUpperCase()} USER`,
    user.ifExists ? condition : undefined,
    printIdentifier(user.name),
  );
}

export function printToken(token: TokenStatement): string {
  const { action } = token;
  if (action.kind === "revoke") return `REVOKE TOKEN ${quoteString(action.id)}`;
  const { user, comment, lifetimeDays, addresses } = action;
  return joinParts(
    "CREATE TOKEN",
    user === undefined ? undefined : `FOR USER ${printIdentifier(user)}`,
    comment === undefined ? undefined : `COMMENT ${quoteString(comment)}`,
    lifetimeDays === undefined ? undefined : `LIFETIME ${lifetimeDays} DAYS`,
    addresses === undefined
      ? undefined
      : `ADDRESSES ${addresses.map(quoteString).join(", ")}`,
  );
}

export function printShow(show: ShowStatement): string {
  return `SHOW ${printShown(show.what)}`;
}

function like(pattern: string | undefined): string | undefined {
  return pattern === undefined ? undefined : `LIKE ${quoteString(pattern)}`;
}

function printShown(what: ShowStatement["what"]): string {
  switch (what.kind) {
    case "setting":
      return printSetting(what.name);
    case "catalogs":
    case "queries":
    case "tokens":
    case "streams":
    case "users":
      return joinParts(what.kind.toUpperCase(), like(what.like));
    case "schemas":
      return joinParts(
        "SCHEMAS",
        what.catalog === undefined
          ? undefined
          : `IN ${printIdentifier(what.catalog)}`,
        like(what.like),
      );
    case "tables":
    case "views":
    case "functions":
      return joinParts(
        what.kind.toUpperCase(),
        printScope(what),
        like(what.like),
      );
    case "columns":
      return `COLUMNS IN ${printName(what.table)}`;
    case "groups":
      return joinParts(
        "GROUPS",
        what.with === undefined
          ? undefined
          : `WITH ${what.with.type.toUpperCase()} ${printIdentifier(what.with.name)}`,
        like(what.like),
      );
    default:
      return unreachable(what);
  }
}

function printScope(what: {
  readonly in?: QualifiedName;
  readonly catalog?: Identifier;
  readonly schemaLike?: string;
  readonly allCatalogs?: boolean;
}): string | undefined {
  const schemas =
    what.schemaLike === undefined
      ? undefined
      : `SCHEMA LIKE ${quoteString(what.schemaLike)}`;
  if (what.allCatalogs === true) return joinParts("IN ALL CATALOGS", schemas);
  if (what.catalog !== undefined) {
    return joinParts(`IN CATALOG ${printIdentifier(what.catalog)}`, schemas);
  }
  return what.in === undefined ? undefined : `IN ${printName(what.in)}`;
}

/** Setting names may have a dot: `my.setting`. */
export function printSetting(name: string): string {
  return name.split(".").map(quoteName).join(".");
}

export function printDescribe(
  p: QueryPrinter,
  describe: DescribeStatement,
): string {
  const { target } = describe;
  if (target.kind === "query") return `DESCRIBE QUERY ${p.query(target.query)}`;
  if (target.kind === "function") {
    return joinParts(
      "DESCRIBE FUNCTION",
      target.extended ? "EXTENDED" : undefined,
      printName(target.name),
    );
  }
  if (target.form === "create")
    return `SHOW CREATE TABLE ${printName(target.name)}`;
  const form =
    target.form === "columns" ? undefined : target.form.toUpperCase();
  return joinParts(
    "DESCRIBE TABLE",
    form,
    printName(target.name),
    target.limit === undefined ? undefined : `LIMIT ${target.limit}`,
  );
}

export function printUse(use: UseStatement): string {
  const type = use.type === "either" ? undefined : use.type.toUpperCase();
  return joinParts("USE", type, printName(use.name));
}

export function printSet(set: SetStatement): string {
  const values =
    set.values === undefined
      ? "DEFAULT"
      : set.values.map(quoteString).join(", ");
  return joinParts(
    "SET",
    set.scope === "local" ? "LOCAL" : undefined,
    printSetting(set.name),
    `TO ${values}`,
  );
}

export function printTransaction(statement: TransactionStatement): string {
  const { action } = statement;
  switch (action.kind) {
    case "begin":
      return joinParts("BEGIN", printModes(action.options));
    case "set":
      return joinParts(
        action.session
          ? "SET SESSION CHARACTERISTICS AS TRANSACTION"
          : "SET TRANSACTION",
        printModes(action.options),
      );
    case "commit":
    case "rollback":
      return `${action.kind.toUpperCase()}${action.chain ? " AND CHAIN" : ""}`;
    case "savepoint":
      return `SAVEPOINT ${quoteName(action.name)}`;
    case "release":
      return `RELEASE SAVEPOINT ${quoteName(action.name)}`;
    case "rollback-to":
      return `ROLLBACK TO SAVEPOINT ${quoteName(action.name)}`;
    default:
      return unreachable(action);
  }
}

function printModes(options: Readonly<Record<string, string>>): string {
  const level = options["transaction_isolation"];
  const readOnly = options["transaction_read_only"];
  const deferrable = options["transaction_deferrable"];
  return [
    level === undefined ? undefined : `ISOLATION LEVEL ${level.toUpperCase()}`,
    readOnly === undefined
      ? undefined
      : `READ ${readOnly === "on" ? "ONLY" : "WRITE"}`,
    deferrable === undefined
      ? undefined
      : `${deferrable === "on" ? "" : "NOT "}DEFERRABLE`,
  ]
    .filter((mode) => mode !== undefined)
    .join(", ");
}

export function printFetch(fetch: FetchStatement): string {
  return joinParts(
    fetch.move ? "MOVE" : "FETCH",
    fetch.direction.toUpperCase(),
    fetch.count === undefined ? "ALL" : String(fetch.count),
    `FROM ${quoteName(fetch.cursor)}`,
  );
}

export function printOptimize(
  p: QueryPrinter,
  optimize: OptimizeStatement,
): string {
  const { table, full, purge, where, zorder } = optimize;
  return joinParts(
    purge ? "REORG TABLE" : "OPTIMIZE",
    printName(table),
    full ? "FULL" : undefined,
    where === undefined
      ? undefined
      : `WHERE ${printExpression(where, p.query)}`,
    purge ? "APPLY (PURGE)" : undefined,
    zorder.length === 0
      ? undefined
      : `ZORDER BY (${zorder.map(printName).join(", ")})`,
  );
}

export function printVacuum(vacuum: VacuumStatement): string {
  return joinParts(
    "VACUUM",
    printName(vacuum.table),
    vacuum.retainHours === undefined
      ? undefined
      : `RETAIN ${vacuum.retainHours} HOURS`,
    vacuum.dryRun ? "DRY RUN" : undefined,
  );
}
