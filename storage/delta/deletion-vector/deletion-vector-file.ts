// Where a deletion vector lies (Delta protocol, "Deletion Vector Descriptor Schema"; checklist D1): the log's spelling -> a place,
// and the file that new vectors are written to.

import { randomUUID } from "node:crypto";
import { joinPath, type ObjectStore } from "../../object-store/store.ts";
import { invariant } from "../../common/invariant.ts";
import type { DeletionVectorDescriptor } from "../../scan/split.ts";
import type { LoggedDeletionVector } from "../actions.ts";
import { vectorFile } from "./deletion-vector.ts";
import { unsupportedTable } from "../errors.ts";
import { canonicalPath, decodePath, resolveFile } from "../paths.ts";
import type { TableRef } from "../table-ref.ts";
import type { RowSet } from "./row-set.ts";
import { decodeZ85, encodeZ85 } from "./z85.ts";

/** The fields of a logged descriptor, not yet checked. */
export interface LoggedVector {
  readonly storageType: string;
  readonly pathOrInlineDv: string;
  readonly offset?: number;
  readonly sizeInBytes: number;
  readonly cardinality: number;
}

/** Throws 0A000 for a storage type we do not know, 42501 for a file outside the lake. */
export function vectorLocation(
  table: TableRef,
  logged: LoggedVector,
): DeletionVectorDescriptor {
  const { storageType, pathOrInlineDv, ...rest } = logged;
  switch (storageType) {
    case "u":
      return {
        storageType,
        location: relativeVector(table, pathOrInlineDv),
        ...rest,
      };
    case "p": {
      const path = canonicalPath(decodePath(pathOrInlineDv));
      return { storageType, location: resolveFile(table, path), ...rest };
    }
    case "i":
      return { storageType, location: pathOrInlineDv, ...rest };
    default:
      throw unsupportedTable(
        table.name,
        `deletion vectors of storage type "${storageType}" are not supported`,
      );
  }
}

const UUID_CHARS = 20;

/** An optional folder prefix, then a uuid in Z85. */
function relativeVector(table: TableRef, text: string): string {
  const prefix = text.slice(0, -UUID_CHARS);
  const hex = Buffer.from(decodeZ85(text.slice(-UUID_CHARS))).toString("hex");
  const uuid = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  const name = `deletion_vector_${uuid}.bin`;
  return resolveFile(table, prefix === "" ? name : joinPath(prefix, name));
}

/**
 * Writes vectors to one new file in the table's folder and gives their descriptors, in order. The file is durable before this
 * resolves; until a commit names it, nobody reads it.
 */
export async function writeVectors(
  store: ObjectStore,
  table: TableRef,
  vectors: readonly RowSet[],
): Promise<readonly LoggedDeletionVector[]> {
  if (vectors.length === 0) return [];
  const uuid = randomUUID();
  const { bytes, places } = vectorFile(vectors);
  const path = joinPath(table.location, `deletion_vector_${uuid}.bin`);
  const written = await store.putIfAbsent(path, bytes);
  invariant(written, "the name of a new deletion vector is taken");
  const id = encodeZ85(Buffer.from(uuid.replaceAll("-", ""), "hex"));
  return places.map((place) => ({
    storageType: "u",
    pathOrInlineDv: id,
    ...place,
  }));
}
