// CREATE SCHEMA, DROP, ALTER ... RENAME and comments: changes of the catalog that touch no table's log.

import type { AlterAction, QualifiedName } from "../../planner/parse/ast.ts";
import type { ResolvedTarget } from "../../planner/bind/resolve/resolved.ts";
import { catalogOf } from "../../storage/catalog/catalog-index.ts";
import type {
  CatalogObject,
  FunctionEntry,
  Relation,
} from "../../storage/catalog/objects.ts";
import { SqlError, notSupported } from "../../storage/common/errors.ts";
import { invariant } from "../../storage/common/invariant.ts";
import { removeDropped } from "../block/table-folders.ts";
import { ownObject, renameTemporary } from "../define/temporary.ts";
import type { Session } from "../session/session.ts";
import {
  action,
  done,
  type Command,
  type CommandContext,
  type StatementOf,
} from "./command.ts";

export function createSchemaCommand(
  statement: StatementOf<"create-schema">,
): Command {
  return action(({ services, session, resolved }) => {
    const target = resolved.targets.get(statement.name);
    invariant(target?.kind === "catalog", "CREATE SCHEMA lies in a catalog");
    const { catalog } = services.governance;
    const name = lastName(statement.name);
    const taken = catalog.unfiltered.schema(target.catalog.id, {
      name,
      quoted: true,
      position: statement.name.position,
    });
    if (taken !== undefined && statement.ifNotExists) {
      session.notice("NOTICE", `schema "${name}" already exists, skipping`, {
        code: "42P06",
      });
      return done("CREATE SCHEMA");
    }
    catalog.createSchema({
      catalog: target.catalog.id,
      name,
      owner: session.identity.principal.id,
      comment: statement.comment,
    });
    return done("CREATE SCHEMA");
  });
}

export function dropCommand(statement: StatementOf<"drop">): Command {
  return action(async (context) => {
    const { services, session, resolved } = context;
    for (const name of statement.names) {
      const target = resolved.targets.get(name);
      invariant(target !== undefined, "what DROP names is resolved");
      if (target.kind === "absent") {
        session.notice("NOTICE", `${target.why}, skipping`);
        continue;
      }
      const object = objectOf(target);
      requireKind(object, statement.type, name);
      if (ownObject(session, object) !== undefined) {
        session.temporary?.remove(object.id);
        continue;
      }
      const { catalog } = services.governance;
      const dropped = catalog.drop(object.id, statement.cascade);
      // Those of a block go when it commits, and stay when it does not.
      if (!session.transaction.inBlock) await removeDropped(services, dropped);
    }
    return done(`DROP ${statement.type.toUpperCase()}`);
  });
}

export function alterCommand(statement: StatementOf<"alter">): Command {
  return action((context) => {
    const { services, session, resolved } = context;
    const target = resolved.targets.get(statement.name);
    const tag = `ALTER ${statement.type.toUpperCase()}`;
    if (target === undefined || target.kind === "absent") {
      session.notice(
        "NOTICE",
        `${statement.type} "${lastName(statement.name)}" does not exist, skipping`,
      );
      return done(tag);
    }
    const object = objectOf(target);
    const { catalog } = services.governance;
    const [action, more] = statement.actions;
    if (more !== undefined)
      throw notSupported("this action beside others is", statement.position);
    const own = ownObject(session, object);
    if (own !== undefined) {
      alterOwn(session, own, action);
      return done(tag);
    }
    switch (action?.kind) {
      case "rename":
        if (action.to.parts.length > 1)
          move(context, object, lastName(action.to));
        else catalog.rename(object.id, lastName(action.to));
        return done(tag);
      case "set-schema":
        move(context, object, object.name);
        return done(tag);
      case "comment":
        catalog.setComment(object.id, action.comment ?? undefined);
        return done(tag);
      default:
        throw notSupported(`${tag} with this action is`, statement.position);
    }
  });
}

/** Throws 0A000 for what would take it out of the session. */
function alterOwn(
  session: Session,
  object: Relation | FunctionEntry,
  action: AlterAction | undefined,
): void {
  if (action?.kind === "rename" && action.to.parts.length === 1)
    renameTemporary(session, object, lastName(action.to));
  else if (action?.kind === "comment")
    session.temporary?.put({ ...object, comment: action.comment ?? undefined });
  else throw notSupported("moving objects into or out of temporary schemas is");
}

/** Into the schema that CREATE was asked for. Throws 42P07 for a name that is taken, 0A000 for another catalog's schema. */
function move(
  { services, resolved }: CommandContext,
  object: CatalogObject,
  name: string,
): void {
  const { catalog } = services.governance;
  const [securable] = resolved.requirements.flatMap((it) =>
    it.kind === "privilege" && it.privilege === "CREATE" ? [it.securable] : [],
  );
  const schema =
    securable?.kind === "object" ? catalog.object(securable.id) : undefined;
  invariant(schema?.kind === "schema", "a move asks for CREATE on its schema");
  if (catalogOf(catalog.index, object)?.id !== schema.catalog)
    throw notSupported("moving to a schema of another catalog is");
  catalog.move(object.id, schema.id, name);
}

export function commentCommand(statement: StatementOf<"comment">): Command {
  return action(({ services, session, resolved }) => {
    const target = resolved.targets.get(statement.name);
    invariant(target !== undefined, "what COMMENT names is resolved");
    const object = objectOf(target);
    const own = ownObject(session, object);
    const comment = statement.comment ?? undefined;
    if (own === undefined)
      services.governance.catalog.setComment(object.id, comment);
    else session.temporary?.put({ ...own, comment });
    return done("COMMENT");
  });
}

function objectOf(target: ResolvedTarget): CatalogObject {
  switch (target.kind) {
    case "catalog":
      return target.catalog;
    case "schema":
      return target.schema;
    case "relation":
      return target.relation;
    case "function":
      return target.function;
    case "new":
    case "new-function":
    case "temporary":
    case "absent":
      throw notSupported("this statement on a name that is not there is");
  }
}

/** DROP TABLE of a view, and the reverse: 42809 with PostgreSQL's hint. */
function requireKind(
  object: CatalogObject,
  type: string,
  name: QualifiedName,
): void {
  if (object.kind === type) return;
  throw new SqlError("42809", `"${object.name}" is not a ${type}`, {
    hint: `Use DROP ${object.kind.toUpperCase()} to remove a ${object.kind}.`,
    position: name.position,
  });
}

function lastName(name: QualifiedName): string {
  return name.parts.at(-1)?.name ?? "";
}
