// How names compare (contract.md section 3): exactly, and for an unquoted name that matches nothing, without case.

import type { NamePart } from "../../storage/catalog/lookup.ts";
import type { Identifier, QualifiedName } from "../parse/ast.ts";

/** The items whose name is exactly this one; if there are none and it is unquoted, those that differ by case alone. */
export function matching<T>(
  items: readonly T[],
  name: NamePart | Identifier,
  nameOf: (item: T) => string | undefined,
): readonly T[] {
  const exact = items.filter((item) => nameOf(item) === name.name);
  if (exact.length > 0 || name.quoted) return exact;
  return items.filter((item) => sameWithoutCase(nameOf(item), name.name));
}

export function sameWithoutCase(a: string | undefined, b: string): boolean {
  return a?.toLowerCase() === b.toLowerCase();
}

/** The parts joined by dots, as PostgreSQL writes a name in its messages: without quotes. */
export function dotted(name: Pick<QualifiedName, "parts">): string {
  return name.parts.map((part) => part.name).join(".");
}

export function lastPart(name: QualifiedName): Identifier {
  return (
    name.parts.at(-1) ?? { name: "", quoted: true, position: name.position }
  );
}

/** A name that stands for itself: stored text and settings hold exact spellings. */
export function exactName(name: string, position = 0): NamePart {
  return { name, quoted: true, position };
}
