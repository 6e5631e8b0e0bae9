// Results that show a catalog's columns as PostgreSQL 18 has them, put in the shape of 15: SELECT * of pg_class and its relatives has
// other columns in another order since, and some numbers became smaller. Which column of which catalog a result column is, its
// description tells; what is computed from such a column keeps the newer type.

import type { MirrorColumn } from "./messages.ts";

export interface Shape {
  readonly columns: readonly MirrorColumn[];
  /** How each of `columns` comes out of a row as the mirror sends it. */
  readonly cells: readonly Cell[];
}

type Cell =
  | { readonly kind: "same"; readonly from: number }
  /** An int2 that was an int4; `missing` stands for NULL. */
  | { readonly kind: "wider"; readonly from: number; readonly missing?: number }
  | { readonly kind: "constant"; readonly value: number };

export type Format = "text" | "binary";

const INT4 = { typeOid: 23, typeSize: 4 } as const;

interface Catalog {
  /** Columns of 18, by number. */
  readonly newer: readonly string[];
  readonly fifteen: readonly string[];
  /** Columns that were int4, with what NULL was. */
  readonly wider: Readonly<Record<string, number | undefined>>;
  readonly constants: Readonly<Record<string, number>>;
}

const words = (text: string): readonly string[] => text.split(/\s+/u);

/** By oid. */
const CATALOGS: ReadonlyMap<number, Catalog> = new Map<number, Catalog>([
  [
    1259,
    {
      newer: words(
        `oid relname relnamespace reltype reloftype relowner relam relfilenode reltablespace relpages reltuples relallvisible
        relallfrozen reltoastrelid relhasindex relisshared relpersistence relkind relnatts relchecks relhasrules relhastriggers
        relhassubclass relrowsecurity relforcerowsecurity relispopulated relreplident relispartition relrewrite relfrozenxid
        relminmxid relacl reloptions relpartbound`,
      ),
      fifteen: words(
        `oid relname relnamespace reltype reloftype relowner relam relfilenode reltablespace relpages reltuples relallvisible
        reltoastrelid relhasindex relisshared relpersistence relkind relnatts relchecks relhasrules relhastriggers relhassubclass
        relrowsecurity relforcerowsecurity relispopulated relreplident relispartition relrewrite relfrozenxid relminmxid relacl
        reloptions relpartbound`,
      ),
      wider: {},
      constants: {},
    },
  ],
  [
    1249,
    {
      newer: words(
        `attrelid attname atttypid attlen attnum atttypmod attndims attbyval attalign attstorage attcompression attnotnull atthasdef
        atthasmissing attidentity attgenerated attisdropped attislocal attinhcount attcollation attstattarget attacl attoptions
        attfdwoptions attmissingval`,
      ),
      fifteen: words(
        `attrelid attname atttypid attstattarget attlen attnum attndims attcacheoff atttypmod attbyval attalign attstorage
        attcompression attnotnull atthasdef atthasmissing attidentity attgenerated attisdropped attislocal attinhcount attcollation
        attacl attoptions attfdwoptions attmissingval`,
      ),
      wider: { attndims: undefined, attinhcount: undefined, attstattarget: -1 },
      constants: { attcacheoff: -1 },
    },
  ],
  [
    2606,
    {
      newer: words(
        `oid conname connamespace contype condeferrable condeferred conenforced convalidated conrelid contypid conindid conparentid
        confrelid confupdtype confdeltype confmatchtype conislocal coninhcount connoinherit conperiod conkey confkey conpfeqop
        conppeqop conffeqop confdelsetcols conexclop conbin`,
      ),
      fifteen: words(
        `oid conname connamespace contype condeferrable condeferred convalidated conrelid contypid conindid conparentid confrelid
        confupdtype confdeltype confmatchtype conislocal coninhcount connoinherit conkey confkey conpfeqop conppeqop conffeqop
        confdelsetcols conexclop conbin`,
      ),
      wider: { coninhcount: undefined },
      constants: {},
    },
  ],
  [
    3381,
    {
      newer: words(
        "oid stxrelid stxname stxnamespace stxowner stxkeys stxstattarget stxkind stxexprs",
      ),
      fifteen: words(
        "oid stxrelid stxname stxnamespace stxowner stxstattarget stxkeys stxkind stxexprs",
      ),
      wider: { stxstattarget: -1 },
      constants: {},
    },
  ],
]);

/** Undefined when the columns are what 15 has. */
export function shapeOf(columns: readonly MirrorColumn[]): Shape | undefined {
  const shaped: (readonly [MirrorColumn, Cell])[] = [];
  for (let at = 0; at < columns.length;) {
    const whole = wholeCatalog(columns, at);
    const column = columns[at];
    if (whole !== undefined) {
      shaped.push(...inOrderOf15(whole, columns, at));
      at += whole.newer.length;
    } else {
      if (column !== undefined) shaped.push(single(column, at));
      at += 1;
    }
  }
  const changed =
    shaped.length !== columns.length ||
    shaped.some(([, cell], at) => cell.kind !== "same" || cell.from !== at);
  if (!changed) return undefined;
  return {
    columns: shaped.map(([column]) => column),
    cells: shaped.map(([, cell]) => cell),
  };
}

/** The catalog all of whose columns stand from `at` on: a star stood there. */
function wholeCatalog(
  columns: readonly MirrorColumn[],
  at: number,
): Catalog | undefined {
  const tableOid = columns[at]?.tableOid;
  const catalog = CATALOGS.get(tableOid ?? 0);
  const whole = catalog?.newer.every((_name, number) => {
    const column = columns[at + number];
    return column?.tableOid === tableOid && column?.columnNumber === number + 1;
  });
  return whole === true ? catalog : undefined;
}

function inOrderOf15(
  { newer, fifteen, constants }: Catalog,
  columns: readonly MirrorColumn[],
  at: number,
): readonly (readonly [MirrorColumn, Cell])[] {
  return fifteen.flatMap((name) => {
    const from = at + newer.indexOf(name);
    const column = columns[from];
    const value = constants[name];
    if (value !== undefined) {
      const { tableOid = 0 } = columns[at] ?? {};
      const added = { name, tableOid, columnNumber: 0, typeModifier: -1 };
      return [
        [
          { ...added, ...INT4 },
          { kind: "constant", value },
        ] as const,
      ];
    }
    return column === undefined ? [] : [single(column, from)];
  });
}

function single(
  column: MirrorColumn,
  from: number,
): readonly [MirrorColumn, Cell] {
  const catalog = CATALOGS.get(column.tableOid);
  const name = catalog?.newer[column.columnNumber - 1] ?? "";
  if (catalog === undefined || !Object.hasOwn(catalog.wider, name))
    return [column, { kind: "same", from }];
  const missing = catalog.wider[name];
  return [
    { ...column, ...INT4 },
    { kind: "wider", from, ...(missing === undefined ? {} : { missing }) },
  ];
}

/** Formats to ask the mirror for; empty for all in text. */
export function formatsBefore(
  { cells }: Shape,
  formats: readonly Format[],
  count: number,
): readonly Format[] {
  const asked = Array.from({ length: count }, (): Format => "text");
  cells.forEach((cell, at) => {
    if (cell.kind !== "constant") asked[cell.from] = formats[at] ?? "text";
  });
  return asked;
}

/** DataRow messages back to back, in and out. */
export function reshaped(
  { cells }: Shape,
  rows: Uint8Array,
  formats: readonly Format[],
): Buffer {
  const buffer = Buffer.from(rows.buffer, rows.byteOffset, rows.byteLength);
  const out: Buffer[] = [];
  for (let offset = 0; offset < buffer.length;) {
    const end = offset + 1 + buffer.readUInt32BE(offset + 1);
    const before = cellsOf(buffer.subarray(offset + 5, end));
    const after = cells.map((cell, at) =>
      cellBytes(cell, before, formats[at] ?? "text"),
    );
    const header = Buffer.alloc(7);
    const size = after.reduce((sum, { length }) => sum + length, 6);
    header.write("D");
    header.writeInt32BE(size, 1);
    header.writeInt16BE(after.length, 5);
    out.push(header, ...after);
    offset = end;
  }
  return Buffer.concat(out);
}

/** Undefined for NULL. */
function cellsOf(body: Buffer): readonly (Buffer | undefined)[] {
  let offset = 2;
  return Array.from({ length: body.readInt16BE(0) }, () => {
    const length = body.readInt32BE(offset);
    const start = offset + 4;
    offset = start + Math.max(0, length);
    return length === -1 ? undefined : body.subarray(start, offset);
  });
}

const NULL = Buffer.from([0xff, 0xff, 0xff, 0xff]);

function cellBytes(
  cell: Cell,
  before: readonly (Buffer | undefined)[],
  format: Format,
): Buffer {
  if (cell.kind === "constant") return withLength(int4(cell.value, format));
  const bytes = before[cell.from];
  if (cell.kind === "same")
    return bytes === undefined ? NULL : withLength(bytes);
  if (bytes === undefined)
    return cell.missing === undefined
      ? NULL
      : withLength(int4(cell.missing, format));
  return withLength(
    format === "binary" ? int4(bytes.readInt16BE(0), format) : bytes,
  );
}

function int4(value: number, format: Format): Buffer {
  if (format === "text") return Buffer.from(String(value));
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function withLength(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
