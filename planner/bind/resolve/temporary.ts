// The session's own objects among the names of a statement (access-control sections 3 and 17): as `pg_temp`, and relations, never
// functions, before the search path too. The stored text of views and functions of the catalog does not see them.

import type { NamePart } from "../../../storage/catalog/lookup.ts";
import type {
  FunctionEntry,
  Relation,
} from "../../../storage/catalog/objects.ts";
import type { ObjectId } from "../../../storage/common/ids.ts";
import { SqlError } from "../../../storage/common/errors.ts";
import type { QualifiedName } from "../../parse/ast.ts";
import { matching } from "../names.ts";
import type { NameScope, ResolveState } from "./resolve-state.ts";
import type { Resolved } from "./resolved.ts";

/** What every session calls its own schema. */
export const TEMPORARY_SCHEMA = "pg_temp";

/** SELECT on it is what making and calling a temporary function needs (access-control section 9.2). */
export const ANONYMOUS_FUNCTION = {
  securable: { kind: "anonymous-function" },
  name: "anonymous function",
} as const;

export function isTemporarySchema(
  { environment }: ResolveState,
  name: string,
): boolean {
  return name === TEMPORARY_SCHEMA || name === environment.temporary?.name;
}

export function findTemporary(
  { environment }: ResolveState,
  { stored }: NameScope,
  name: NamePart,
): Relation | undefined {
  if (stored?.link) return undefined;
  const { relations = [] } = environment.temporary ?? {};
  return matching(relations, name, (it) => it.name)[0];
}

/** Of a name under `pg_temp` alone. */
export function findTemporaryFunction(
  state: ResolveState,
  { stored }: NameScope,
  { parts: [schema, name, extra] }: QualifiedName,
): FunctionEntry | undefined {
  const own = schema && !extra && isTemporarySchema(state, schema.name);
  if (!own || !name || stored?.link) return undefined;
  const { functions = [] } = state.environment.temporary ?? {};
  return matching(functions, name, (it) => it.name)[0];
}

/** Whether CREATE makes an object of the session. Throws 42P16 for TEMP with another schema. */
export function isTemporaryName(
  state: ResolveState,
  { parts, position }: QualifiedName,
  temporary: boolean,
): boolean {
  const schema = parts.at(-2)?.name;
  if (schema === undefined)
    return temporary || state.environment.searchPath[0] === TEMPORARY_SCHEMA;
  const named = parts.length === 2 && isTemporarySchema(state, schema);
  if (!temporary || named) return named;
  throw new SqlError(
    "42P16",
    "cannot create temporary relation in non-temporary schema",
    { position },
  );
}

/** Whether what was resolved so far names an object of the session. */
export function namesTemporary({
  relations,
  calls,
}: Pick<Resolved, "relations" | "calls">): boolean {
  return (
    [...calls.values()].some(({ temporary }) => temporary) ||
    [...relations.values()].some((it) =>
      it.kind === "table"
        ? it.reference.table.origin === "temporary"
        : it.kind === "view" && it.temporary,
    )
  );
}

/** The scope of names in the text of a temporary view or function: the user's own, with no chain. */
export function insideTemporary(
  state: ResolveState,
  { stored }: NameScope,
  definer: {
    readonly id: ObjectId;
    readonly name: string;
    readonly position: number;
  },
): NameScope {
  return {
    lookup: state.environment.lookup,
    commonTables: undefined,
    stored: {
      link: undefined,
      position: stored?.position ?? definer.position,
      outermostName: stored?.outermostName ?? definer.name,
      expanding: [...(stored?.expanding ?? []), definer.id],
    },
  };
}
