// A file's variants as Delta wants them ("Variant data in Parquet"): a group of REQUIRED metadata and value. The kernel makes no such
// group, so it writes two optional columns side by side. Their pages are the group's, byte for byte: NULL is one level below a value
// in both. So only the footer has to tell another schema. Parquet's own annotation is left out: readers know by the table's schema,
// older ones do not know it, and the kernel takes a variant null for NULL where it stands.

import type { FileHandle } from "node:fs/promises";
import type { DataType } from "../../../../storage/common/data-type.ts";
import { invariant } from "../../../../storage/common/invariant.ts";
import { VARIANT_MARKS } from "../kernel-types.ts";
import {
  fieldOf,
  numberOf,
  readThrift,
  THRIFT,
  thriftNumber,
  withFields,
  writeThrift,
  type ThriftStruct,
  type ThriftValue,
} from "./thrift.ts";

/** True where columns of the type are written in two parts somewhere. */
export function holdsVariant(type: DataType): boolean {
  switch (type.kind) {
    case "variant":
      return true;
    case "struct":
      return type.fields.some((field) => holdsVariant(field.type));
    case "array":
      return holdsVariant(type.element);
    case "map":
      return holdsVariant(type.value);
    default:
      return false;
  }
}

const MAGIC = Buffer.from("PAR1");
const TRAILER_BYTES = 8;

/** Changes the file in place; gives its new size. */
export async function groupVariants(
  file: FileHandle,
  sizeBytes: number,
): Promise<number> {
  const trailer = await readAt(file, sizeBytes - TRAILER_BYTES, TRAILER_BYTES);
  const length = trailer.readUInt32LE(0);
  const start = sizeBytes - TRAILER_BYTES - length;
  const footer = writeThrift(
    groupedFooter(readThrift(await readAt(file, start, length))),
  );
  const size = Buffer.alloc(4);
  size.writeUInt32LE(footer.length);
  const bytes = Buffer.concat([footer, size, MAGIC]);
  await file.truncate(start);
  await file.write(bytes, 0, bytes.length, start);
  return start + bytes.length;
}

async function readAt(
  file: FileHandle,
  position: number,
  length: number,
): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  const { bytesRead } = await file.read(bytes, 0, length, position);
  invariant(bytesRead === length, "a file the kernel wrote is whole");
  return bytes;
}

/** Ids of fields, by the names of parquet.thrift. */
const FILE = { schema: 2, rowGroups: 4 } as const;
const ROW_GROUP = { columns: 1 } as const;
const COLUMN_CHUNK = { metaData: 3 } as const;
const COLUMN_META_DATA = { pathInSchema: 3 } as const;
const ELEMENT = {
  repetition: 3,
  name: 4,
  children: 5,
  fieldId: 9,
} as const;
const REQUIRED = 0;
const OPTIONAL = 1;

function groupedFooter(footer: ThriftStruct): ThriftStruct {
  return withFields(footer, [
    listField(FILE.schema, footer, (elements) =>
      subtrees(elements, { at: 0 }, 1).flat(),
    ),
    listField(FILE.rowGroups, footer, (groups) =>
      groups.map((group) =>
        withFields(group, [
          listField(ROW_GROUP.columns, group, (chunks) => chunks.map(renamed)),
        ]),
      ),
    ),
  ]);
}

function listField(
  id: number,
  struct: ThriftStruct,
  change: (items: readonly ThriftStruct[]) => readonly ThriftStruct[],
): { id: number; type: number; value: ThriftValue } {
  const list = fieldOf(struct, id);
  invariant(list?.kind === "list", "a list of structs");
  const items = change(
    list.items.filter((item): item is ThriftStruct => item.kind === "struct"),
  );
  return { id, type: THRIFT.list, value: { ...list, items } };
}

/** The next `count` elements, each with all below it, depth first as they stand. */
function subtrees(
  elements: readonly ThriftStruct[],
  cursor: { at: number },
  count: number,
): readonly (readonly ThriftStruct[])[] {
  const found: (readonly ThriftStruct[])[] = [];
  const end = { left: count };
  while (end.left-- > 0) {
    const element = next(elements, cursor);
    const variant = unmarked(nameOf(element), VARIANT_MARKS[0]);
    if (variant === undefined) {
      found.push(subtree(element, elements, cursor));
      continue;
    }
    const value = next(elements, cursor);
    end.left -= 1;
    found.push([
      groupElement(element, variant),
      memberElement(element, "metadata"),
      memberElement(value, "value"),
    ]);
  }
  return found;
}

function subtree(
  element: ThriftStruct,
  elements: readonly ThriftStruct[],
  cursor: { at: number },
): readonly ThriftStruct[] {
  const count = numberOf(fieldOf(element, ELEMENT.children)) ?? 0;
  if (count === 0) return [element];
  const inner = subtrees(elements, cursor, count);
  const group = withFields(element, [
    {
      id: ELEMENT.children,
      type: THRIFT.i32,
      value: thriftNumber(inner.length),
    },
  ]);
  return [group, ...inner.flat()];
}

function next(
  elements: readonly ThriftStruct[],
  cursor: { at: number },
): ThriftStruct {
  const element = elements[cursor.at++];
  invariant(element !== undefined, "a schema has its elements");
  return element;
}

function nameOf(element: ThriftStruct): string {
  const name = fieldOf(element, ELEMENT.name);
  return name?.kind === "binary" ? name.bytes.toString("utf8") : "";
}

function unmarked(name: string, mark: string): string | undefined {
  return name.endsWith(mark) ? name.slice(0, -mark.length) : undefined;
}

function text(value: string): ThriftValue {
  return { kind: "binary", bytes: Buffer.from(value) };
}

/** With the field id that the first of the two columns was given. */
function groupElement(first: ThriftStruct, name: string): ThriftStruct {
  return withFields({ kind: "struct", fields: [] }, [
    { id: ELEMENT.repetition, type: THRIFT.i32, value: thriftNumber(OPTIONAL) },
    { id: ELEMENT.name, type: THRIFT.binary, value: text(name) },
    { id: ELEMENT.children, type: THRIFT.i32, value: thriftNumber(2) },
    {
      id: ELEMENT.fieldId,
      type: THRIFT.i32,
      value: fieldOf(first, ELEMENT.fieldId),
    },
  ]);
}

function memberElement(element: ThriftStruct, name: string): ThriftStruct {
  return withFields(element, [
    { id: ELEMENT.repetition, type: THRIFT.i32, value: thriftNumber(REQUIRED) },
    { id: ELEMENT.name, type: THRIFT.binary, value: text(name) },
    { id: ELEMENT.fieldId, type: THRIFT.i32, value: undefined },
  ]);
}

function renamed(chunk: ThriftStruct): ThriftStruct {
  const metaData = fieldOf(chunk, COLUMN_CHUNK.metaData);
  if (metaData?.kind !== "struct") return chunk;
  const path = fieldOf(metaData, COLUMN_META_DATA.pathInSchema);
  if (path?.kind !== "list") return chunk;
  const items = path.items.flatMap((item): readonly ThriftValue[] => {
    const name = item.kind === "binary" ? item.bytes.toString("utf8") : "";
    const [metadata, value] = VARIANT_MARKS;
    const first = unmarked(name, metadata);
    if (first !== undefined) return [text(first), text("metadata")];
    const second = unmarked(name, value);
    return second === undefined ? [item] : [text(second), text("value")];
  });
  return withFields(chunk, [
    {
      id: COLUMN_CHUNK.metaData,
      type: THRIFT.struct,
      value: withFields(metaData, [
        {
          id: COLUMN_META_DATA.pathInSchema,
          type: THRIFT.list,
          value: { ...path, items },
        },
      ]),
    },
  ]);
}
