// The objects the text of a view or function names directly: what decides whether its ownership chain is intact (access-control section 8).

import type { Securable } from "../../auth/privilege.ts";
import { resolve } from "../../planner/bind/resolve/resolve.ts";
import { parseSql } from "../../planner/parse/parse.ts";
import type { ObjectId } from "../../storage/common/ids.ts";
import { invariant } from "../../storage/common/invariant.ts";
import type { Services } from "../services.ts";

/** Empty for anything but a view or function. */
export function referencesOf(
  { governance }: Services,
  securable: Securable,
): readonly ObjectId[] {
  const { catalog } = governance;
  const object =
    securable.kind === "object" ? catalog.object(securable.id) : undefined;
  if (object?.kind !== "view" && object?.kind !== "function") return [];
  const [parsed] = parseSql(
    object.kind === "view" ? object.definition : `SELECT ${object.definition}`,
  );
  invariant(parsed !== undefined, "stored text is one statement");
  const resolved = resolve(parsed.statement, {
    lookup: catalog.unfiltered,
    currentCatalog: "",
    searchPath: [],
  });
  return resolved.requirements.flatMap((requirement) =>
    requirement.kind === "privilege" &&
    requirement.through === undefined &&
    requirement.securable.kind === "object"
      ? [requirement.securable.id]
      : [],
  );
}
