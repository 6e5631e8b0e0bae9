// COPY INTO: MODIFY on its table and SELECT on any file (access-control section 6), and the files as a reference that leaves out those
// which the table has taken in before.

import { invariant } from "../../../storage/common/invariant.ts";
import type { CopyIntoStatement } from "../../parse/ast.ts";
import { filesFormat, loadOptions } from "../from/file-options.ts";
import { formatOf, pathEntry } from "./resolve-files.ts";
import { resolveQuery } from "./resolve-query.ts";
import {
  noteTable,
  type NameScope,
  type ResolveState,
} from "./resolve-state.ts";
import { requireTarget } from "./resolve-target.ts";
import { requireAnyFile } from "../define/stored-text.ts";

export function resolveCopyInto(
  state: ResolveState,
  scope: NameScope,
  statement: CopyIntoStatement,
): void {
  const { table: name, files: item, chosen, position } = statement;
  requireTarget(state, scope, name, "MODIFY");
  requireAnyFile(state, scope, "SELECT", item.position);
  const pattern = chosen?.kind === "pattern" ? `/${chosen.pattern}` : "";
  const path = `${item.path}${pattern}`;
  const files = filesFormat({
    format: statement.format ?? formatOf(path, position),
    options: statement.formatOptions,
    inferTypes: false,
    only: chosen?.kind === "files" ? chosen.names : undefined,
    position,
  });
  const { force } = loadOptions(statement.copyOptions);
  const target = state.targets.get(name);
  const into =
    target?.kind === "relation" && !force ? target.relation.id : undefined;
  const entry = pathEntry({
    name: path,
    path,
    files,
    position: item.position,
    use: `COPY INTO ${into ?? ""}`,
  });
  const reference = noteTable(
    state,
    entry,
    undefined,
    into === undefined ? {} : { into },
  );
  invariant(!state.relations.has(item), "a statement loads files once");
  state.relations.set(item, {
    kind: "table",
    reference,
    name: `'${path}'`,
    schema: files.kind,
    catalog: state.environment.currentCatalog,
  });
  if (statement.query) resolveQuery(state, scope, statement.query);
}
