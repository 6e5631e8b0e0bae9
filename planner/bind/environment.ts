// What resolving and binding ask of the session: all of it in memory, answered at once.

import type { NameLookup } from "../../storage/catalog/lookup.ts";
import type { FunctionEntry, Relation } from "../../storage/catalog/objects.ts";
import type { ObjectId } from "../../storage/common/ids.ts";
import type { Scalar } from "../../storage/common/scalar.ts";

export interface ResolveEnvironment {
  /** What the session may see. */
  readonly lookup: NameLookup;
  /** The session's database: a catalog. */
  readonly currentCatalog: string;
  /** Schema names in order, `"$user"` left out. */
  readonly searchPath: readonly string[];
  /** Absent for a session that can have none. */
  readonly temporary?: TemporarySchema | undefined;
  /** Value of a session function, for time travel to `now() - interval …`. */
  readonly session?: SessionFunction;
  readonly timeZone?: string;
}

/** The session's own objects. They need no right; what a view or function among them names is checked as its user, at each use. */
export interface TemporarySchema {
  /** `pg_temp_7`; in this session `pg_temp` is the same. */
  readonly name: string;
  readonly relations: readonly Relation[];
  readonly functions: readonly FunctionEntry[];
}

/**
 * Value of a session function or keyword in lower case (`current_user`, `now`, `current_setting` …) for constant arguments;
 * undefined when the session has no such function. `now` is the transaction's start, timestamptz.
 */
export type SessionFunction = (
  name: string,
  args: readonly Scalar[],
) => Scalar | undefined;

export interface BindEnvironment {
  readonly session: SessionFunction;
  /** IANA name or a fixed offset; reads timestamptz literals without zone. */
  readonly timeZone: string;
  /** `ISO, MDY` and its relatives: the order of day and month in literals. Default MDY. */
  readonly dateStyle?: string;
  /** INSERT and MERGE add new columns to their tables, said or not. Default false. */
  readonly evolvesSchemas?: boolean;
  /** True when EXPLAIN may show what lies below this view. Absent: never. */
  readonly mayInspect?: (view: ObjectId) => boolean;
}
