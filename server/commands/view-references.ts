// The objects a view's text names directly: what decides whether its ownership chain is intact (access-control section 8).

import type { Securable } from "../../auth/privilege.ts";
import { resolve } from "../../planner/bind/resolve.ts";
import { parseSql } from "../../planner/parse/parse.ts";
import type { ObjectId } from "../../storage/common/ids.ts";
import { invariant } from "../../storage/common/invariant.ts";
import type { Services } from "../services.ts";

/** Empty for anything but a view. */
export function referencesOf(
  { governance }: Services,
  securable: Securable,
): readonly ObjectId[] {
  const { catalog } = governance;
  const view =
    securable.kind === "object" ? catalog.object(securable.id) : undefined;
  if (view?.kind !== "view") return [];
  const [parsed] = parseSql(view.definition);
  invariant(parsed !== undefined, "a view's text is one statement");
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
