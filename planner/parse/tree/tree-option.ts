// Option lists of the grammar's tree (DefElem): COPY, EXPLAIN, BEGIN.

import type * as Tree from "../grammar.ts";
import { markOf } from "../source.ts";
import { isNode, nameText, stringOf, type TreeReader } from "./tree.ts";

/** Lower-case name -> text; a flag without value is `true`, a list is joined by commas. */
export function readOptions(
  c: TreeReader,
  nodes: readonly Tree.Node[] | undefined,
): Record<string, string> {
  const options: Record<string, string> = {};
  for (const node of nodes ?? []) {
    if (!isNode(node, "DefElem")) continue;
    const { defname, arg } = node.DefElem;
    const name = nameText(c, defname).toLowerCase();
    options[name] = arg === undefined ? "true" : optionText(c, arg);
  }
  return options;
}

/** The text of an option's value, whatever constant it is. */
export function optionText(c: TreeReader, node: Tree.Node): string {
  if (isNode(node, "String")) return wordText(c, stringOf(node));
  if (isNode(node, "A_Const")) return constantText(c, node.A_Const);
  if (isNode(node, "Integer")) return String(node.Integer.ival ?? 0);
  if (isNode(node, "Float")) return node.Float.fval ?? "0";
  if (isNode(node, "Boolean")) return String(node.Boolean.boolval ?? false);
  if (isNode(node, "A_Star")) return "*";
  if (isNode(node, "List")) {
    return (node.List.items ?? []).map((item) => optionText(c, item)).join(",");
  }
  return isNode(node, "TypeName")
    ? (node.TypeName.names ?? []).map(stringOf).join(".")
    : "";
}

export function constantText(c: TreeReader, constant: Tree.A_Const): string {
  if (constant.sval !== undefined) return wordText(c, constant.sval.sval ?? "");
  if (constant.ival !== undefined) return String(constant.ival.ival ?? 0);
  if (constant.fval !== undefined) return constant.fval.fval ?? "0";
  if (constant.boolval !== undefined) {
    return String(constant.boolval.boolval ?? false);
  }
  return constant.bsval?.bsval ?? "";
}

/** A value may be a quoted name as well as a string: a name has a marker in its place. */
function wordText(c: TreeReader, text: string): string {
  const mark = markOf(c.source, text);
  return mark?.kind === "name" ? mark.identifier.name : text;
}
