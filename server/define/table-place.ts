// Where CREATE TABLE puts its table: among the catalog's, or the session's own.

import type { CreateTableStatement } from "../../planner/parse/ast.ts";
import type { Catalog } from "../../storage/catalog/catalog.ts";
import type { Relation, TableEntry } from "../../storage/catalog/objects.ts";
import type { ObjectId } from "../../storage/common/ids.ts";
import { joinPath } from "../../storage/object-store/store.ts";
import type { RunContext } from "../run-query.ts";
import {
  existingRelation,
  type NewTarget,
  type TemporaryTarget,
} from "./new-target.ts";
import { temporaryEntry, temporaryObjects } from "./temporary.ts";

export interface TablePlace {
  readonly name: string;
  /** As errors name it: `schema.table`. */
  readonly fullName: string;
  readonly existing: Relation | undefined;
  /** The lake around it; undefined for a temporary table. */
  readonly lakeRoot: string | undefined;
  /** Where the files of a table without LOCATION go. */
  location(id: ObjectId): string;
  /** Makes it known, once its log is written. */
  register(table: NewTable): void;
  setComment(
    catalog: Catalog,
    existing: TableEntry,
    comment: string | undefined,
  ): void;
}

type NewTable = Pick<TableEntry, "id" | "location" | "comment" | "policies"> & {
  readonly origin: "managed" | "external";
};

export function tablePlace(
  target: NewTarget | TemporaryTarget,
  statement: Pick<CreateTableStatement, "onCommit">,
  context: RunContext,
): TablePlace {
  return target.kind === "temporary"
    ? ownPlace(target, statement, context)
    : storedPlace(target, context);
}

function storedPlace(target: NewTarget, context: RunContext): TablePlace {
  const { catalog } = context.services.governance;
  const { schema, name } = target;
  const root = target.catalog.location;
  const owner = context.session.identity.principal.id;
  return {
    name,
    fullName: `${schema.name}.${name}`,
    existing: existingRelation(context, target),
    lakeRoot: root,
    location: (id) => joinPath(joinPath(root, "_managed"), id),
    register: (table) =>
      catalog.createTable({ ...table, schema: schema.id, name, owner }),
    setComment: (committed, { id }, comment) =>
      committed.setComment(id, comment),
  };
}

function ownPlace(
  { name }: TemporaryTarget,
  { onCommit }: Pick<CreateTableStatement, "onCommit">,
  { services, session }: RunContext,
): TablePlace {
  const own = temporaryObjects(session);
  return {
    name,
    fullName: name,
    existing: own.relation(name),
    lakeRoot: undefined,
    location: (id) => own.locationFor(id),
    register: ({ id, location, comment }) => {
      const entry = { ...temporaryEntry(services, session, name), id };
      const place = { origin: "temporary", location, comment } as const;
      own.add({ kind: "table", ...entry, ...place }, onCommit);
    },
    setComment: (_catalog, existing, comment) =>
      own.put({ ...existing, comment }),
  };
}
