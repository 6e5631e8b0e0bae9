// What resolving one statement collects, and the scope a name is looked up in.

import type { Requirement, ViewLink } from "../../../auth/privilege.ts";
import type { NameLookup } from "../../../storage/catalog/lookup.ts";
import type { Relation, TableEntry } from "../../../storage/catalog/objects.ts";
import type { TableReference } from "../../../storage/catalog/view.ts";
import { notSupported } from "../../../storage/common/errors.ts";
import type { ObjectId } from "../../../storage/common/ids.ts";
import type {
  CallExpr,
  CommonTable,
  Expr,
  FromItem,
  PolicyCall,
  QualifiedName,
} from "../../parse/ast.ts";
import type { ResolveEnvironment } from "../environment.ts";
import type {
  FunctionTrees,
  ResolvedCall,
  ResolvedRelation,
  ResolvedTable,
  ResolvedTarget,
} from "./resolved.ts";

/** Entrance of the recursion over expressions, for what the recursion itself calls. */
export type ResolveExpressions = (
  state: ResolveState,
  scope: NameScope,
  expressions: readonly Expr[],
) => void;

export interface ResolveState {
  readonly environment: ResolveEnvironment;
  readonly resolveExpressions: ResolveExpressions;
  readonly tables: Map<string, TableReference>;
  readonly requirements: Requirement[];
  readonly relations: Map<FromItem, ResolvedRelation>;
  readonly calls: Map<CallExpr, ResolvedCall>;
  readonly changes: Map<Expr, ResolvedTable>;
  readonly policyFunctions: Map<PolicyCall, FunctionTrees>;
  /** Tables that bodies of policies read. */
  readonly policyTables: Set<ObjectId>;
  readonly targets: Map<QualifiedName, ResolvedTarget>;
  readonly functionNames: Set<string>;
  /** Common tables whose query is being resolved, and those found to refer to themselves. */
  readonly openTables: Set<CommonTable>;
  readonly recursive: Set<CommonTable>;
  /** Which kinds of relations were met outside view bodies and inside. */
  readonly met: { lake: boolean; system: boolean };
}

/** Where a name stands. */
export interface NameScope {
  readonly lookup: NameLookup;
  readonly commonTables: CommonTableScope | undefined;
  /** Set inside the stored text of a view or function. */
  readonly stored: StoredScope | undefined;
}
export interface StoredScope {
  /** Undefined in a temporary view: its text counts as the user's own. */
  readonly link: ViewLink | undefined;
  /** Where the user named the outermost view. */
  readonly position: number;
  readonly outermostName: string;
  /** Views being expanded, outermost first. */
  readonly expanding: readonly (ObjectId | string)[];
}
export interface CommonTableScope {
  readonly item: CommonTable;
  readonly next: CommonTableScope | undefined;
}

export function newResolveState(
  environment: ResolveEnvironment,
  resolveExpressions: ResolveExpressions,
): ResolveState {
  return {
    environment,
    resolveExpressions,
    tables: new Map(),
    requirements: [],
    relations: new Map(),
    calls: new Map(),
    changes: new Map(),
    policyFunctions: new Map(),
    policyTables: new Set(),
    targets: new Map(),
    functionNames: new Set(),
    openTables: new Set(),
    recursive: new Set(),
    met: { lake: false, system: false },
  };
}

export function topScope(environment: ResolveEnvironment): NameScope {
  return {
    lookup: environment.lookup,
    commonTables: undefined,
    stored: undefined,
  };
}

/**
 * Records that the statement reads this table at this point of its history, or those of its files that the table `into` has not
 * taken in yet.
 */
export function noteTable(
  state: ResolveState,
  table: TableEntry,
  travel: TableReference["travel"],
  more: Pick<TableReference, "typed" | "into"> = {},
): TableReference {
  const key = `${table.id} ${JSON.stringify(travel ?? null)}`;
  const known = state.tables.get(key);
  if (known) return known;
  const reference: TableReference = { table, travel, ...more };
  state.tables.set(key, reference);
  return reference;
}

/** 0A000 once catalog and lake relations meet in one statement. */
export function noteKind(
  state: ResolveState,
  kind: "lake" | "system",
  position: number,
): void {
  state.met[kind] = true;
  if (state.met.lake && state.met.system) {
    throw notSupported(
      "a query over both catalog and lake relations is",
      position,
    );
  }
}

/** What nobody may do to a table with a row filter or a mask (access-control section 14, rule 6). */
export function requireUngoverned(
  state: ResolveState,
  scope: NameScope,
  table: Relation,
  use: {
    readonly what: string;
    readonly name: string;
    readonly position: number;
  },
): void {
  const { stored } = scope;
  state.requirements.push({
    kind: "ungoverned",
    securable: { kind: "object", type: "TABLE", id: table.id },
    what: use.what,
    name: stored?.outermostName ?? use.name,
    position: stored?.position ?? use.position,
  });
}

/** SELECT, MODIFY … on a relation, as named by the user or by the text of a view. */
export function requireRelation(
  state: ResolveState,
  scope: NameScope,
  relation: Relation,
  use: {
    readonly privilege: "SELECT" | "MODIFY" | "READ_METADATA";
    readonly name: string;
    readonly position: number;
  },
): void {
  const { stored } = scope;
  state.requirements.push({
    kind: "privilege",
    privilege: use.privilege,
    securable: {
      kind: "object",
      type: relation.kind === "table" ? "TABLE" : "VIEW",
      id: relation.id,
    },
    name: use.name,
    position: stored?.position ?? use.position,
    ...(stored?.link ? { through: stored.link } : {}),
  });
}
