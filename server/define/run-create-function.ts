// CREATE FUNCTION: the printed definition is stored beside the user's text and bound anew at each use.

import type { BoundCreateFunction } from "../../planner/bind/bound.ts";
import type {
  Resolved,
  ResolvedTarget,
} from "../../planner/bind/resolve/resolved.ts";
import type { CreateFunctionStatement } from "../../planner/parse/ast.ts";
import { alreadyExists } from "../../storage/catalog/errors.ts";
import type { FunctionEntry } from "../../storage/catalog/objects.ts";
import { invariant } from "../../storage/common/invariant.ts";
import { exactly } from "./new-target.ts";
import { temporaryEntry, temporaryObjects } from "./temporary.ts";
import type { RunContext } from "../run-query.ts";
import type { Result } from "../session/result.ts";

/** A schema has one function of a name: GRANT names it without arguments. Throws 42723 when there is one already. */
export function runCreateFunction(
  bound: BoundCreateFunction,
  statement: CreateFunctionStatement,
  resolved: Resolved,
  context: RunContext,
): Result {
  const target = resolved.targets.get(statement.name);
  invariant(
    target?.kind === "new-function" || target?.kind === "temporary",
    "CREATE FUNCTION has a place",
  );
  const { parameters, returns, definition } = bound;
  const body = { parameters, returns, definition, source: statement.source };
  const { name } = target;
  const place =
    target.kind === "temporary"
      ? ownFunction(name, statement, body, context)
      : storedFunction(target, statement, body, context);
  const { existing } = place;
  if (existing === undefined) {
    place.create();
  } else if (statement.mode === "or-replace") {
    place.replace(existing);
  } else if (statement.mode === "if-not-exists") {
    context.session.notice(
      "NOTICE",
      `function "${name}" already exists with same argument types, skipping`,
      { code: "42723" },
    );
  } else throw alreadyExists("function", name);
  return { kind: "command", tag: "CREATE FUNCTION" };
}

type FunctionBody = Pick<
  FunctionEntry,
  "parameters" | "returns" | "definition" | "source"
>;

/** Where the function goes, and what lies there. */
interface FunctionPlace {
  readonly existing: FunctionEntry | undefined;
  create(): void;
  replace(entry: FunctionEntry): void;
}

function storedFunction(
  { schema, name }: Extract<ResolvedTarget, { readonly kind: "new-function" }>,
  { comment }: CreateFunctionStatement,
  body: FunctionBody,
  { services, session }: RunContext,
): FunctionPlace {
  const { catalog } = services.governance;
  const owner = session.identity.principal.id;
  return {
    existing: catalog.unfiltered.functions(schema.id, exactly(name))[0],
    create: () =>
      catalog.createFunction({
        ...body,
        schema: schema.id,
        name,
        owner,
        comment,
      }),
    replace: ({ id }) => catalog.replaceFunction(id, body),
  };
}

function ownFunction(
  name: string,
  { comment }: CreateFunctionStatement,
  body: FunctionBody,
  { services, session }: RunContext,
): FunctionPlace {
  const own = temporaryObjects(session);
  return {
    existing: own.function(name),
    create: () => {
      const entry = temporaryEntry(services, session, name);
      own.put({ kind: "function", ...entry, ...body, comment });
    },
    replace: (entry) => own.put({ ...entry, ...body }),
  };
}
