// Names to objects within one container, by contract.md section 3's case rule: exact first; where nothing matches an unquoted name
// exactly, without regard to case.

import type { ObjectId } from "../common/ids.ts";

interface Named {
  readonly id: ObjectId;
  readonly name: string;
}

/** Container of catalogs, which lie in nothing. */
export const ROOT = "root";
export type ContainerKey = ObjectId | typeof ROOT;

/** What names without regard to case are compared by. */
export function foldName(name: string): string {
  return name.toLowerCase();
}

export class NameIndex<T extends Named> {
  readonly #containers = new Map<ContainerKey, Map<string, readonly T[]>>();

  add(container: ContainerKey, entry: T): void {
    const names = this.#names(container);
    const key = foldName(entry.name);
    names.set(key, [...(names.get(key) ?? []), entry]);
  }

  remove(container: ContainerKey, entry: T): void {
    const names = this.#names(container);
    const key = foldName(entry.name);
    const left = (names.get(key) ?? []).filter(({ id }) => id !== entry.id);
    if (left.length > 0) names.set(key, left);
    else names.delete(key);
  }

  /** Among those `accept` lets through: all exact matches, or (only for an unquoted name) all matches without case. */
  find(
    container: ContainerKey,
    part: { readonly name: string; readonly quoted: boolean },
    accept: (entry: T) => boolean,
  ): readonly T[] {
    const bucket = this.#containers.get(container)?.get(foldName(part.name));
    if (bucket === undefined) return [];
    const accepted = bucket.filter(accept);
    const exact = accepted.filter(({ name }) => name === part.name);
    return exact.length > 0 || part.quoted ? exact : accepted;
  }

  /** The objects of this very name. */
  exact(container: ContainerKey, name: string): readonly T[] {
    return this.find(container, { name, quoted: true }, () => true);
  }

  /** In no order. */
  list(container: ContainerKey): readonly T[] {
    return [...(this.#containers.get(container)?.values() ?? [])].flat();
  }

  clear(): void {
    this.#containers.clear();
  }

  #names(container: ContainerKey): Map<string, readonly T[]> {
    const known = this.#containers.get(container);
    if (known !== undefined) return known;
    const names = new Map<string, readonly T[]>();
    this.#containers.set(container, names);
    return names;
  }
}
