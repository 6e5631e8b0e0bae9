// CREATE VIEW: its printed definition is stored beside the user's text and bound anew at each use.

import type { BoundCreateView } from "../../planner/bind/bound.ts";
import type { Resolved } from "../../planner/bind/resolve/resolved.ts";
import type { CreateViewStatement } from "../../planner/parse/ast.ts";
import type { Relation, ViewEntry } from "../../storage/catalog/objects.ts";
import { SqlError } from "../../storage/common/errors.ts";
import {
  existingRelation,
  newTarget,
  relationExists,
  type NewTarget,
  type TemporaryTarget,
} from "./new-target.ts";
import { temporaryEntry, temporaryObjects } from "./temporary.ts";
import type { RunContext } from "../run-query.ts";
import type { Result } from "../session/result.ts";

export function runCreateView(
  bound: BoundCreateView,
  statement: CreateViewStatement,
  resolved: Resolved,
  context: RunContext,
): Result {
  const { session } = context;
  const named = resolved.targets.get(statement.name);
  const body = {
    source: statement.source,
    definition: bound.definition,
    columns: bound.columns,
  };
  const target =
    named?.kind === "temporary"
      ? ownView(named, statement, body, context)
      : storedView(newTarget(named), statement, body, context);
  const { existing } = target;
  if (existing === undefined) {
    target.create();
  } else if (statement.mode === "or-replace" && existing.kind === "view") {
    target.replace(existing);
  } else if (statement.mode === "or-replace") {
    throw new SqlError("42809", `"${target.name}" is not a view`, {
      position: statement.name.position,
    });
  } else if (statement.mode === "if-not-exists") {
    session.notice(
      "NOTICE",
      `relation "${target.name}" already exists, skipping`,
      { code: "42P07" },
    );
  } else throw relationExists(target.name);
  return { kind: "command", tag: "CREATE VIEW" };
}

type ViewBody = Pick<ViewEntry, "source" | "definition" | "columns">;

/** Where the view goes, and what lies there. */
interface ViewPlace {
  readonly name: string;
  readonly existing: Relation | undefined;
  create(): void;
  replace(view: ViewEntry): void;
}

function storedView(
  target: NewTarget,
  { comment }: CreateViewStatement,
  body: ViewBody,
  context: RunContext,
): ViewPlace {
  const { catalog } = context.services.governance;
  const { schema, name } = target;
  const owner = context.session.identity.principal.id;
  return {
    name,
    existing: existingRelation(context, target),
    create: () =>
      catalog.createView({ ...body, schema: schema.id, name, owner, comment }),
    replace: ({ id }) => catalog.replaceView(id, body),
  };
}

/** A view over temporary objects is one itself, said or not, as in PostgreSQL. */
function ownView(
  { name, implied }: TemporaryTarget,
  { comment }: CreateViewStatement,
  body: ViewBody,
  { services, session }: RunContext,
): ViewPlace {
  const own = temporaryObjects(session);
  if (implied)
    session.notice("NOTICE", `view "${name}" will be a temporary view`);
  return {
    name,
    existing: own.relation(name),
    create: () => {
      const entry = temporaryEntry(services, session, name);
      own.put({ kind: "view", ...entry, ...body, comment });
    },
    replace: (view) => own.put({ ...view, ...body }),
  };
}
