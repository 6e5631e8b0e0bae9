// Oids of what the catalog has none for: row types, keys, indexes, sequences. They follow from the oid of the object they belong to, so
// that they are the same in every mirror and after every restart.

/** PostgreSQL keeps lower ones for its own objects, and some clients read oids as signed. */
const FIRST_OID = 16384;
const RANGE = 2 ** 31 - 1 - FIRST_OID;

/** Adds what it returns to `taken`. */
export function derivedOid(
  parent: number,
  part: string,
  taken: Set<number>,
): number {
  let hash = mixed(parent, 0x9e3779b9);
  for (let at = 0; at < part.length; at += 1)
    hash = mixed(hash, part.charCodeAt(at));
  let oid = FIRST_OID + (hash % RANGE);
  while (taken.has(oid)) oid = oid === FIRST_OID + RANGE ? FIRST_OID : oid + 1;
  taken.add(oid);
  return oid;
}

/** Murmur3's finalizer: every bit of both decides over every bit of the result. */
function mixed(hash: number, value: number): number {
  let bits = Math.imul(hash ^ value, 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
