// Where a deletion vector lies (Delta protocol, "Deletion Vector Descriptor Schema"; checklist D1): the log's spelling -> a place.

import { joinPath } from "../object-store/store.ts";
import type { DeletionVectorDescriptor } from "../scan/split.ts";
import { unsupportedTable } from "./errors.ts";
import { decodePath, resolveFile } from "./paths.ts";
import type { TableRef } from "./table-ref.ts";
import { decodeZ85 } from "./z85.ts";

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
      const decoded = decodePath(pathOrInlineDv);
      const path = decoded.startsWith("file:")
        ? `/${decoded.slice(5).replace(/^\/+/, "")}`
        : decoded;
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
