// Names as pg_catalog holds them: type `name`, 63 bytes, no zero byte. Only catalog answers cut names (contract section 3).

import { OWNER_ROLE } from "./setup.ts";

const NAME_BYTES = 63;

/** The name itself, or its beginning; a number is put behind it while `taken` has it. Adds what it returns to `taken`. */
export function catalogName(name: string, taken: Set<string>): string {
  const clean = name.replaceAll("\0", "");
  let found = cut(clean, NAME_BYTES);
  for (let number = 2; taken.has(found); number += 1) {
    const suffix = `~${number}`;
    found = cut(clean, NAME_BYTES - suffix.length) + suffix;
  }
  taken.add(found);
  return found;
}

/** No principal becomes one of the roles that PostgreSQL itself comes with. */
export function roleName(name: string, taken: Set<string>): string {
  const folded = name.toLowerCase();
  const own =
    folded === OWNER_ROLE ||
    folded === "public" ||
    folded === "none" ||
    folded.startsWith("pg_");
  return catalogName(own ? `${name}_` : name, taken);
}

function cut(name: string, bytes: number): string {
  if (Buffer.byteLength(name) <= bytes) return name;
  let length = 0;
  let end = 0;
  for (const character of name) {
    length += Buffer.byteLength(character);
    if (length > bytes) break;
    end += character.length;
  }
  return name.slice(0, end);
}

/** `"x"`. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** `'x'`, under standard_conforming_strings. */
export function literal(text: string): string {
  return `'${text.replaceAll("\0", "").replaceAll("'", "''")}'`;
}
