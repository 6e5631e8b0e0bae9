// A table's policies to JSON and back. What cannot be read ends the start: a policy is never silently dropped.

import type {
  ColumnMask,
  PolicyArgument,
  PolicyCall,
  PolicyColumn,
  TablePolicies,
} from "../common/policy.ts";
import { objectId } from "../common/ids.ts";
import { unexpected } from "./row.ts";
import { listOf, memberOf, optionalInteger, textOf } from "./type-json.ts";

/** Throws XX001 for anything `JSON.stringify` of TablePolicies does not give. */
export function parsePolicies(json: unknown): TablePolicies {
  const rowFilter = memberOf(json, "rowFilter");
  const floor = optionalInteger(memberOf(json, "floor"));
  return {
    ...(rowFilter === undefined ? {} : { rowFilter: parseCall(rowFilter) }),
    masks: listOf(memberOf(json, "masks")).map((mask): ColumnMask => ({
      ...parseCall(mask),
      column: parseColumn(memberOf(mask, "column")),
    })),
    ...(floor === undefined ? {} : { floor }),
  };
}

function parseCall(json: unknown): PolicyCall {
  return {
    function: objectId(textOf(json, "function")),
    args: listOf(memberOf(json, "args")).map(parseArgument),
  };
}

function parseArgument(json: unknown): PolicyArgument {
  const kind = textOf(json, "kind");
  if (kind === "column") return { kind, ...parseColumn(json) };
  if (kind === "constant") return { kind, text: textOf(json, "text") };
  throw unexpected("an argument of a policy", kind);
}

function parseColumn(json: unknown): PolicyColumn {
  return {
    name: textOf(json, "name"),
    physicalName: textOf(json, "physicalName"),
  };
}
