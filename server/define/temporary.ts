// The session's own objects as statements make and change them. They need no rights and take part in transaction blocks, which other
// changes of the catalog do not.

import type {
  Resolved,
  ResolvedTarget,
} from "../../planner/bind/resolve/resolved.ts";
import { alreadyExists } from "../../storage/catalog/errors.ts";
import type {
  CatalogObject,
  FunctionEntry,
  Relation,
} from "../../storage/catalog/objects.ts";
import type { ObjectId } from "../../storage/common/ids.ts";
import { notSupported } from "../../storage/common/errors.ts";
import type { Services } from "../services.ts";
import type { Session } from "../session/session.ts";
import type { TemporaryObjects } from "../session/temporary-objects.ts";

/** Throws 0A000 where nothing would be left of one: each statement over HTTP has a session of its own. */
export function temporaryObjects({ temporary }: Session): TemporaryObjects {
  if (temporary !== undefined) return temporary;
  throw notSupported(
    "temporary objects over HTTP are",
    undefined,
    "A session ends there with its statement: connect by the Postgres protocol.",
  );
}

/** What a new object of the session has in common with all others. */
export function temporaryEntry(
  { governance }: Services,
  session: Session,
  name: string,
): Pick<Relation, "id" | "oid" | "schema" | "name" | "owner"> {
  return {
    ...governance.catalog.freshIdentity(),
    schema: temporaryObjects(session).schemaId,
    name,
    owner: session.identity.principal.id,
  };
}

/** The session's own object of that id; undefined for what lies in the catalog. */
export function ownObject(
  { temporary }: Session,
  object: CatalogObject,
): Relation | FunctionEntry | undefined {
  return object.kind !== "catalog" &&
    object.kind !== "schema" &&
    temporary?.owns(object.id) === true
    ? object
    : undefined;
}

/** Throws 42P07 or 42723 for a name that is taken. */
export function renameTemporary(
  session: Session,
  object: Relation | FunctionEntry,
  name: string,
): void {
  const own = temporaryObjects(session);
  const taken =
    object.kind === "function" ? own.function(name) : own.relation(name);
  if (taken !== undefined) throw alreadyExists(taken.kind, name);
  own.put({ ...object, name });
}

/** Whether all that a statement makes, changes or drops is the session's own, or not there at all. */
export function changesOnlyTemporary(
  session: Session,
  { statement, targets }: Resolved,
): boolean {
  switch (statement.kind) {
    case "drop":
      return statement.names.every((name) => isOwn(session, targets.get(name)));
    case "create-table":
    case "create-table-as":
    case "create-view":
    case "create-function":
    case "alter":
    case "comment":
      return isOwn(session, targets.get(statement.name));
    default:
      return false;
  }
}

function isOwn(
  { temporary }: Session,
  target: ResolvedTarget | undefined,
): boolean {
  const owns = (id: ObjectId): boolean => temporary?.owns(id) === true;
  switch (target?.kind) {
    case "temporary":
    case "absent":
      return true;
    case "relation":
      return owns(target.relation.id);
    case "function":
      return owns(target.function.id);
    default:
      return false;
  }
}
