// DESCRIBE FUNCTION [EXTENDED]: a signature; with EXTENDED also who owns it and, to those who see all that it names, its text.

import type { QualifiedName } from "../../planner/parse/ast.ts";
import type { FunctionEntry } from "../../storage/catalog/objects.ts";
import { typeNameWithModifier } from "../../storage/common/data-type.ts";
import { invariant } from "../../storage/common/invariant.ts";
import { fullName } from "../../auth/object-words.ts";
import { namesOnlyVisible } from "../catalog-mirror/collecting.ts";
import {
  columnsOf,
  listing,
  type Command,
  type CommandContext,
} from "./command.ts";
import { visibleTo } from "../visible.ts";

export function describeFunctionCommand(target: {
  readonly name: QualifiedName;
  readonly extended: boolean;
}): Command {
  return listing(columnsOf("function_desc"), "DESCRIBE", (context) => {
    const found = context.resolved.targets.get(target.name);
    invariant(found?.kind === "function", "DESCRIBE FUNCTION names one");
    const lines = [
      ...signature(context, found.function),
      ...(target.extended ? extension(context, found.function) : []),
    ];
    return lines.map((line) => [line]);
  });
}

function signature(
  { services }: CommandContext,
  entry: FunctionEntry,
): readonly string[] {
  const inputs = entry.parameters.map((parameter) => {
    const type = typeNameWithModifier(parameter.type);
    const value = parameter.default;
    return `${parameter.name} ${type}${value === undefined ? "" : ` DEFAULT ${value}`}`;
  });
  return [
    `Function: ${fullName(services.governance.access, entry)}`,
    "Type: SCALAR",
    `Input: ${inputs.length === 0 ? "()" : inputs.join(", ")}`,
    `Returns: ${typeNameWithModifier(entry.returns)}`,
  ];
}

function extension(
  { services, session }: CommandContext,
  entry: FunctionEntry,
): readonly string[] {
  const { access } = services.governance;
  const owner = entry.owner && access.principal(entry.owner)?.name;
  const visible = visibleTo(session, services);
  return [
    ...(entry.comment === undefined ? [] : [`Comment: ${entry.comment}`]),
    ...(owner === undefined ? [] : [`Owner: ${owner}`]),
    ...(namesOnlyVisible(visible, entry) ? [`Body: ${entry.source}`] : []),
  ];
}
