// Names inside the stored text of views and functions: the chain they hang on, cycles, and access to files.

import type { ViewEntry } from "../../storage/catalog/objects.ts";
import { notSupported } from "../../storage/common/errors.ts";
import type { Query, TableFrom } from "../parse/ast.ts";
import { parseSql } from "../parse/parse.ts";
import { viewCycle } from "./errors-object.ts";
import type { NameScope, ResolveState, StoredScope } from "./resolve-state.ts";

/** The scope of names in the stored text of a view or function: the whole catalog, through a chain. */
export function insideOf(
  state: ResolveState,
  scope: NameScope,
  definer: {
    readonly id: ViewEntry["id"];
    readonly name: string;
    readonly position: number;
  },
): NameScope {
  const { stored } = scope;
  const outermostName = stored?.link?.outermostName ?? definer.name;
  return {
    lookup: state.environment.lookup.unfiltered,
    commonTables: undefined,
    stored: {
      link: {
        definer: definer.id,
        path: [...(stored?.link?.path ?? []), definer.id],
        outermostName,
      },
      position: stored?.position ?? definer.position,
      outermostName,
      expanding: [...(stored?.expanding ?? []), definer.id],
    },
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
