// How the planner asks what a name stands for: memory only, synchronous. auth/visible-catalog.ts gives the session's view of it,
// in which an object the session may not see is absent.

import type { ObjectId } from "../common/ids.ts";
import type {
  CatalogEntry,
  FunctionEntry,
  Relation,
  SchemaEntry,
} from "./objects.ts";

/** A name part with contract.md section 3's case rule: exact first; when unquoted and nothing matches, without case. */
export interface NamePart {
  readonly name: string;
  readonly quoted: boolean;
  readonly position: number;
}

export interface NameLookup {
  catalog(name: NamePart): CatalogEntry | undefined;
  /** `default` is `public`. */
  schema(catalog: ObjectId, name: NamePart): SchemaEntry | undefined;
  /** Throws 42P09 when several relations match an unquoted name without case. */
  relation(schema: ObjectId, name: NamePart): Relation | undefined;
  functions(schema: ObjectId, name: NamePart): readonly FunctionEntry[];
  /** By what a policy keeps of it. */
  function(id: ObjectId): FunctionEntry | undefined;
  /**
   * The whole catalog, nothing hidden: for names inside the stored text of a view or function. What is found there is
   * only used through a Requirement that carries the chain.
   */
  readonly unfiltered: NameLookup;
}
