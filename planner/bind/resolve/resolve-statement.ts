// What each kind of statement needs (access-control: section 6). One case a kind: a kind without a rule does not compile.

import type { Requirement } from "../../../auth/privilege.ts";
import { unreachable } from "../../../storage/common/invariant.ts";
import type {
  AlterAction,
  Expr,
  QualifiedName,
  Statement,
} from "../../parse/ast.ts";
import {
  resolveCopy,
  resolveCreateTable,
  resolveDelete,
  resolveInsert,
  resolveMerge,
  resolveUpdate,
} from "./resolve-write.ts";
import { resolveCopyInto } from "./resolve-copy-into.ts";
import { resolveCreateFunction } from "./resolve-function.ts";
import { resolveRestore, resolveVacuum } from "./resolve-maintenance.ts";
import {
  resolveDescribe,
  resolveShow,
  resolveShowGrants,
  resolveUse,
} from "./resolve-inspect.ts";
import { resolveExpressions, resolveQuery } from "./resolve-query.ts";
import {
  noteTable,
  type NameScope,
  type ResolveState,
} from "./resolve-state.ts";
import {
  requireOwner,
  requireOwnerIfGoverned,
  requireOwnerIfFiltered,
  requireTarget,
  relationSecurable,
  requireVisible,
  resolveNew,
  resolveOwned,
  resolveSecurable,
  resolveTarget,
} from "./resolve-target.ts";
import {
  currentCatalog,
  requireCatalog,
  schemaToCreateIn,
} from "./lookup-name.ts";
import { namesTemporary } from "./temporary.ts";
import { dotted, lastPart } from "../names.ts";
import { policyOf, resolvePolicyCall } from "../policy/resolve-change.ts";

// eslint-disable-next-line complexity -- one case a kind of statement
export function resolveStatement(
  state: ResolveState,
  scope: NameScope,
  statement: Statement,
): void {
  switch (statement.kind) {
    case "select":
    case "declare-cursor":
      return resolveQuery(state, scope, statement.query);
    case "insert":
      return resolveInsert(state, scope, statement);
    case "update":
      return resolveUpdate(state, scope, statement);
    case "delete":
      return resolveDelete(state, scope, statement);
    case "merge":
      return resolveMerge(state, scope, statement);
    case "copy":
      return resolveCopy(state, scope, statement);
    case "copy-into":
      return resolveCopyInto(state, scope, statement);
    case "create-table":
      return resolveCreateTable(state, scope, statement);
    case "create-table-as":
      resolveCreateTable(state, scope, statement);
      return resolveQuery(state, scope, statement.query);
    case "create-view":
      resolveQuery(state, scope, statement.query);
      return resolveNew(state, scope, statement.name, {
        ...statement,
        implied: namesTemporary(state),
      });
    case "create-function":
      return resolveCreateFunction(state, scope, statement);
    case "create-schema":
      return resolveCreateSchema(state, scope, statement);
    case "drop":
      for (const name of statement.names) {
        resolveOwned(state, scope, {
          type: statement.type,
          ifExists: statement.ifExists,
          name,
          statement: "drop",
        });
      }
      return;
    case "alter":
      return resolveAlter(state, scope, statement);
    case "comment":
      return resolveComment(state, scope, statement);
    case "truncate":
      for (const name of statement.tables) {
        requireTarget(state, scope, name, "MODIFY");
        requireOwnerIfFiltered(state, name);
      }
      return;
    case "analyze":
      if (statement.table) {
        requireTarget(state, scope, statement.table, "MODIFY");
      }
      return;
    case "optimize":
      return requireTarget(state, scope, statement.table, "MODIFY");
    case "vacuum":
      return resolveVacuum(state, scope, statement);
    case "restore":
      return resolveRestore(state, scope, statement);
    case "add-partition":
      return requireTarget(state, scope, statement.table, "MODIFY");
    case "unsupported":
      return resolveUnsupported(state, scope, statement);
    case "lock":
      for (const name of statement.tables) requireVisible(state, scope, name);
      return;
    case "explain":
      return resolveExplain(state, scope, statement.statement);
    case "describe":
      return resolveDescribe(state, scope, statement);
    case "show":
      return resolveShow(state, scope, statement);
    case "show-grants":
      return resolveShowGrants(state, scope, statement);
    case "use":
      return resolveUse(state, scope, statement);
    case "prepare":
      return resolveStatement(state, scope, statement.statement);
    case "execute":
      return resolveExpressions(state, scope, statement.args);
    case "grant":
    case "deny":
    case "revoke":
    case "repair-privileges":
    case "alter-owner":
      return resolveGrant(state, scope, statement);
    case "group":
    case "user":
      return requireAdmin(state, `${statement.kind} management`);
    case "token":
      if (statement.action.kind === "create" && statement.action.user) {
        requireAdmin(state, "creating tokens for others");
      }
      return;
    case "refresh-table":
      return requireTarget(state, scope, statement.table, "SELECT");
    case "refresh-catalog":
      return resolveRefresh(state, scope, statement);
    // Session and transaction state, cursors, one's own queries: open to anyone.
    case "set":
    case "reset":
    case "transaction":
    case "deallocate":
    case "fetch":
    case "close":
    case "discard":
    case "listen":
    case "unlisten":
    case "notify":
    case "cancel-query":
      return;
    default:
      return unreachable(statement);
  }
}

type StatementOf<K extends Statement["kind"]> = Extract<
  Statement,
  { readonly kind: K }
>;

/** What is refused by name is refused first to those who may not do it. */
function resolveUnsupported(
  state: ResolveState,
  scope: NameScope,
  { tables, needs, creates }: StatementOf<"unsupported">,
): void {
  if (creates)
    resolveNew(state, scope, creates, { mode: "create", temporary: false });
  for (const name of tables) {
    if (needs === undefined) requireVisible(state, scope, name);
    for (const need of needs ?? []) {
      if (need !== "owner") {
        requireTarget(state, scope, name, need);
        continue;
      }
      const relation = resolveTarget(state, scope, name);
      if (relation) requireOwner(state, relationSecurable(relation), name);
    }
    if (needs?.includes("SELECT")) requireOwnerIfGoverned(state, name);
  }
}

function requireAdmin(state: ResolveState, action: string): void {
  state.requirements.push({ kind: "admin", action });
}

function resolveCreateSchema(
  state: ResolveState,
  scope: NameScope,
  statement: StatementOf<"create-schema">,
): void {
  const [first, second] = statement.name.parts;
  const catalog =
    first && second
      ? requireCatalog(scope, first)
      : currentCatalog(state, scope);
  state.targets.set(statement.name, { kind: "catalog", catalog });
  state.requirements.push({
    kind: "privilege",
    privilege: "CREATE",
    securable: { kind: "object", type: "CATALOG", id: catalog.id },
    name: first && second ? first.name : catalog.name,
    position: statement.name.position,
  });
}

function resolveAlter(
  state: ResolveState,
  scope: NameScope,
  statement: StatementOf<"alter">,
): void {
  resolveOwned(state, scope, { ...statement, statement: "alter" });
  const { actions, name } = statement;
  const target = state.targets.get(name);
  if (target?.kind === "absent") return;
  if (target?.kind === "relation" && target.relation.kind === "table")
    noteTable(state, target.relation, undefined);
  for (const action of actions) resolveAction(state, scope, action, name);
}

function resolveAction(
  state: ResolveState,
  scope: NameScope,
  action: AlterAction,
  name: QualifiedName,
): void {
  resolveExpressions(state, scope, expressionsIn(action));
  const policy = policyOf(action);
  if (policy) return resolvePolicyCall(state, scope, name, policy);
  const destination =
    action.kind === "set-schema"
      ? { parts: [action.schema, lastPart(name)], position: name.position }
      : action.kind === "rename" && action.to.parts.length > 1
        ? action.to
        : undefined;
  if (!destination) return;
  const { schema } = schemaToCreateIn(state, scope, destination);
  state.requirements.push({
    kind: "privilege",
    privilege: "CREATE",
    securable: { kind: "object", type: "SCHEMA", id: schema.id },
    name: dotted({ ...destination, parts: destination.parts.slice(0, -1) }),
    position: destination.position,
  });
}

/** Defaults, generation expressions and conditions that the table is to keep. */
function expressionsIn(action: AlterAction): readonly Expr[] {
  switch (action.kind) {
    case "add-column":
      return action.columns
        .flatMap((column) => [column.default, column.generated, column.check])
        .filter((part) => part !== undefined);
    case "add-constraint":
      return action.constraint.kind === "check"
        ? [action.constraint.condition]
        : [];
    case "alter-column":
      return action.change.kind === "set-default" ? [action.change.value] : [];
    default:
      return [];
  }
}

function resolveComment(
  state: ResolveState,
  scope: NameScope,
  statement: StatementOf<"comment">,
): void {
  const { type, name } = statement;
  const owned =
    type === "column" ? { ...name, parts: name.parts.slice(0, -1) } : name;
  resolveOwned(state, scope, {
    type: type === "column" ? "table" : type,
    name: owned,
    ifExists: false,
    statement: "alter",
  });
  const target = state.targets.get(owned);
  if (type !== "column" || target === undefined) return;
  state.targets.set(name, target);
  if (target.kind === "relation" && target.relation.kind === "table")
    noteTable(state, target.relation, undefined);
}

/** Everything the statement needs, and READ_METADATA on each relation the user named. */
function resolveExplain(
  state: ResolveState,
  scope: NameScope,
  statement: Statement,
): void {
  resolveStatement(state, scope, statement);
  const metadata = state.requirements.flatMap((requirement) =>
    explained(requirement),
  );
  state.requirements.push(...metadata);
}

function explained(requirement: Requirement): readonly Requirement[] {
  const direct =
    requirement.kind === "privilege" &&
    requirement.through === undefined &&
    requirement.securable.kind === "object" &&
    ["TABLE", "VIEW"].includes(requirement.securable.type);
  return direct ? [{ ...requirement, privilege: "READ_METADATA" }] : [];
}

function resolveGrant(
  state: ResolveState,
  scope: NameScope,
  statement: Extract<
    Statement,
    { readonly securable: unknown; readonly kind: unknown }
  >,
): void {
  const { securable, name, position } = resolveSecurable(
    state,
    scope,
    statement.securable,
  );
  if (securable.kind === "object") {
    state.requirements.push({ kind: "owner", securable, name, position });
  } else requireAdmin(state, `privileges on ${name}`);
}

function resolveRefresh(
  state: ResolveState,
  scope: NameScope,
  statement: StatementOf<"refresh-catalog">,
): void {
  const catalog = statement.name
    ? requireCatalog(scope, statement.name)
    : currentCatalog(state, scope);
  const position = statement.name?.position ?? statement.position;
  const part = {
    name: statement.name?.name ?? catalog.name,
    quoted: true,
    position,
  };
  requireOwner(
    state,
    { kind: "object", type: "CATALOG", id: catalog.id },
    { parts: [part], position },
  );
}
