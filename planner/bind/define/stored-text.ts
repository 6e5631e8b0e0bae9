// Names inside the stored text of views and functions: the chain they hang on, cycles, and access to files.

import type { ViewLink } from "../../../auth/privilege.ts";
import type { ViewEntry } from "../../../storage/catalog/objects.ts";
import { notSupported } from "../../../storage/common/errors.ts";
import { invariant } from "../../../storage/common/invariant.ts";
import type { Expr, Query, TableFrom } from "../../parse/ast.ts";
import { parseSql } from "../../parse/parse.ts";
import { viewCycle } from "../errors/errors-object.ts";
import type {
  NameScope,
  ResolveState,
  StoredScope,
} from "../resolve/resolve-state.ts";

/** The scope of names in the stored text of a view or function: the whole catalog, through a chain. */
export function insideOf(
  state: ResolveState,
  scope: NameScope,
  definer: {
    readonly id: ViewEntry["id"];
    readonly name: string;
    readonly position: number;
  },
  link: ViewLink = linkTo(scope, definer),
): NameScope {
  const { stored } = scope;
  const { outermostName } = link;
  return {
    lookup: state.environment.lookup.unfiltered,
    commonTables: undefined,
    stored: {
      link,
      position: stored?.position ?? definer.position,
      outermostName,
      expanding: [...(stored?.expanding ?? []), definer.id],
    },
  };
}

function linkTo(
  { stored }: NameScope,
  definer: { readonly id: ViewEntry["id"]; readonly name: string },
): ViewLink {
  const {
    path = [],
    outermostName = definer.name,
    ...above
  } = stored?.link ?? {};
  return {
    ...above,
    definer: definer.id,
    path: [...path, definer.id],
    outermostName,
  };
}

export function refuseCycle(
  stored: StoredScope | undefined,
  key: ViewEntry["id"] | string,
  name: string,
  position: number,
): void {
  if (stored?.expanding.includes(key) === true) {
    throw viewCycle(stored.outermostName, stored.position);
  }
  if ((stored?.expanding.length ?? 0) >= 64) {
    throw notSupported(`a view nested as deeply as "${name}" is`, position);
  }
}

export function refuseTravel(item: TableFrom): void {
  if (item.travel) {
    throw notSupported("time travel on a view is", item.position);
  }
}

/** The query in a view's stored text, which our own printer wrote. */
export function parseStored(definition: string): Query {
  const [parsed] = parseSql(definition);
  if (parsed?.statement.kind !== "select") {
    throw notSupported("a view whose stored text is not a query is");
  }
  return parsed.statement.query;
}

/** An expression that our own printer wrote. */
export function parseStoredExpression(text: string): Expr {
  const { body } = parseStored(`SELECT ${text}`);
  const item = body.kind === "select" ? body.items[0] : undefined;
  invariant(item !== undefined, "a function's stored text is an expression");
  return item.value;
}

export function requireAnyFile(
  state: ResolveState,
  scope: NameScope,
  privilege: "SELECT" | "MODIFY",
  position: number,
): void {
  const { stored } = scope;
  state.requirements.push({
    kind: "privilege",
    privilege,
    securable: { kind: "any-file" },
    name: "any file",
    position: stored?.position ?? position,
    ...(stored?.link ? { through: stored.link } : {}),
  });
}
