// Columns that number their rows: GENERATED … AS IDENTITY, and PostgreSQL's serial types.

import type { IdentityDefinition, TypeName } from "../ast.ts";
import { unsupported } from "../errors.ts";
import type * as Tree from "../grammar.ts";
import { readOptions } from "./tree-option.ts";
import { at, optional, refuseIf, type TreeReader } from "./tree.ts";

const SERIAL_TYPES: ReadonlyMap<string, string> = new Map([
  ...["smallserial", "serial2"].map((it) => [it, "int2"] as const),
  ...["serial", "serial4"].map((it) => [it, "int4"] as const),
  ...["bigserial", "serial8"].map((it) => [it, "int8"] as const),
]);

/** `serial` is no type but a column numbered by itself, that takes given values too; undefined for types. Throws 0A000 for arrays. */
export function serialColumn(
  type: TypeName,
):
  | { readonly type: TypeName; readonly identity: IdentityDefinition }
  | undefined {
  const name = SERIAL_TYPES.get(type.name);
  if (name === undefined || type.schema !== undefined) return undefined;
  refuseIf(type.arrayDepth > 0, "array of serial is", type.position);
  return { type: { ...type, name }, identity: { always: false } };
}

const SEQUENCE_OPTIONS: ReadonlySet<string> = new Set(["start", "increment"]);

/** Of a sequence's options only those that Delta keeps. */
export function identityOf(
  c: TreeReader,
  constraint: Tree.Constraint,
): IdentityDefinition {
  const options = readOptions(c, constraint.options);
  const other = Object.keys(options).find((it) => !SEQUENCE_OPTIONS.has(it));
  if (other !== undefined) {
    const construct = `${other.toUpperCase()} of an identity column is`;
    throw unsupported(construct, at(c, constraint.location));
  }
  return {
    always: constraint.generated_when === "a",
    ...optional("start", options["start"]),
    ...optional("step", options["increment"]),
  };
}
