// Names that stand in strings: `table_changes('s.t', …)`, `IDENTIFIER('s' || '.t')`.

import type { FunctionFrom, Expr, Identifier, TableFrom } from "./ast.ts";
import { unsupported } from "./errors.ts";

/** The parts of a dotted name; undefined for a text that is none. */
export function nameInText(
  text: string,
  position: number,
): readonly Identifier[] | undefined {
  const parts: Identifier[] = [];
  const pattern =
    /\s*(?:"((?:[^"]|"")*)"|`((?:[^`]|``)*)`|([^."`\s]+))\s*(\.|$)/uy;
  while (pattern.lastIndex < text.length) {
    const match = pattern.exec(text);
    if (!match) return undefined;
    const [, double, back, plain] = match;
    const name =
      double?.replaceAll('""', '"') ??
      back?.replaceAll("``", "`") ??
      plain?.toLowerCase() ??
      "";
    parts.push({ name, quoted: plain === undefined, position });
  }
  return parts.length === 0 ? undefined : parts;
}

/** The relation that Databricks' IDENTIFIER names; undefined for other functions. Throws 0A000 for a name that is no constant. */
export function namedByText(item: FunctionFrom): TableFrom | undefined {
  const [call, more] = item.calls;
  const [name] = call?.name.parts ?? [];
  if (!call || more || name?.quoted !== false || name.name !== "identifier")
    return undefined;
  const { position } = call;
  const text = constantText(call.args[0]?.value);
  const parts = text === undefined ? undefined : nameInText(text, position);
  if (call.args.length !== 1 || parts === undefined)
    throw unsupported(
      "IDENTIFIER of anything but a constant name is",
      position,
    );
  return {
    kind: "table",
    name: { parts, position },
    ...(item.alias === undefined ? {} : { alias: item.alias }),
    position,
  };
}

/** A string, or several joined. */
function constantText(value: Expr | undefined): string | undefined {
  if (value?.kind === "literal" && value.value.kind === "string")
    return value.value.text;
  if (value?.kind !== "operator" || value.operator !== "||") return undefined;
  const left = constantText(value.left);
  const right = constantText(value.right);
  return left === undefined || right === undefined ? undefined : left + right;
}
