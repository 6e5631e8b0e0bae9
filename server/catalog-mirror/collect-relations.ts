// Tables and views of one catalog as rows of pg_catalog, with the keys, rules and types that belong to them.

import { decide } from "../../auth/acl.ts";
import type { TableKey } from "../../planner/bind/bound.ts";
import { parseExpression } from "../../planner/bind/define/stored-expression.ts";
import { fromSpark } from "../../planner/bind/define/spark-syntax.ts";
import { printExpr } from "../../planner/parse/print.ts";
import type { Relation, SchemaEntry } from "../../storage/catalog/objects.ts";
import { SqlError } from "../../storage/common/errors.ts";
import { isGoverned } from "../../storage/common/policy.ts";
import type { Column, StoredExpression } from "../../storage/common/schema.ts";
import { typeModifier, typeOid } from "../pgwire/oids.ts";
import {
  acl,
  isOwn,
  ownerOf,
  showsText,
  type Collecting,
} from "./collecting.ts";
import type {
  ColumnRow,
  ExpressionRow,
  KeyRow,
  RelationRow,
  StatisticsRow,
} from "./content.ts";
import { derivedOid } from "./derived-oid.ts";
import { catalogName } from "./names.ts";
import type { TableColumns } from "./table-columns.ts";

const PAGE_BYTES = 8192;

/** A relation before keys connect it with others. */
interface Draft {
  readonly entry: Relation;
  readonly schema: SchemaEntry;
  readonly table: TableColumns | undefined;
  readonly row: Omit<RelationRow, "keys" | "hasTriggers">;
  /** Names of relations and indexes of the schema. */
  readonly taken: Set<string>;
}

export function collectRelations(
  collecting: Collecting,
  schemas: readonly SchemaEntry[],
): readonly RelationRow[] {
  const oids = new Set<number>();
  const drafts = schemas.flatMap((schema) =>
    draftsOf(collecting, schema, oids),
  );
  const keys = new Map(
    drafts.map((draft): [Draft, readonly KeyRow[]] => [
      draft,
      indexedKeys(draft, oids),
    ]),
  );
  const find = finder(drafts);
  const foreign = new Map(
    drafts.map((draft): [Draft, readonly KeyRow[]] => [
      draft,
      foreignKeys(draft, oids, { find, keys }),
    ]),
  );
  const referred = new Set(
    [...foreign.values()].flatMap((rows) =>
      rows.flatMap((key) => (key.type === "f" ? [key.table] : [])),
    ),
  );
  return drafts.map((draft) => {
    const references = foreign.get(draft) ?? [];
    return {
      ...draft.row,
      keys: [...(keys.get(draft) ?? []), ...references],
      hasTriggers: references.length > 0 || referred.has(draft.row.oid),
    };
  });
}

/** Of tables whose size is known and may be told: behind a policy it tells of hidden rows. */
export function collectStatistics(
  { visible, columns }: Collecting,
  schemas: readonly SchemaEntry[],
): readonly StatisticsRow[] {
  return schemas
    .flatMap((schema) => visible.relations(schema.id))
    .flatMap((relation) => {
      const { id, oid } = relation;
      const size = columns.get(id)?.size;
      const hidden = relation.kind === "table" && isGoverned(relation.policies);
      if (size === undefined || hidden) return [];
      return [
        {
          oid,
          rows: size.rowCount,
          pages: Math.ceil(size.sizeBytes / PAGE_BYTES),
        },
      ];
    });
}

function draftsOf(
  collecting: Collecting,
  schema: SchemaEntry,
  oids: Set<number>,
): readonly Draft[] {
  const taken = new Set<string>();
  const relations = collecting.visible
    .relations(schema.id)
    .map((entry) => ({ entry, name: catalogName(entry.name, taken) }));
  const types = new Set(taken);
  return relations.map(({ entry, name }) => {
    const table =
      entry.kind === "table" ? collecting.columns.get(entry.id) : undefined;
    const columns: readonly Column[] =
      entry.kind === "view"
        ? entry.columns.map((column) => ({ ...column, nullable: true }))
        : (table?.columns ?? []);
    return {
      entry,
      schema,
      table,
      taken,
      row: {
        oid: entry.oid,
        kind: entry.kind === "table" ? "r" : "v",
        name,
        type: derivedOid(entry.oid, "type", oids),
        arrayType: derivedOid(entry.oid, "array type", oids),
        arrayTypeName: arrayTypeName(name, types),
        schema: schema.oid,
        temporary: isOwn(collecting, entry),
        owner: ownerOf(collecting, entry),
        acl: relationAcl(collecting, entry),
        comment: entry.comment ?? table?.comment,
        definition:
          entry.kind === "view" && showsText(collecting, entry)
            ? entry.definition
            : undefined,
        columns: columnRows(columns, entry, { taken, oids }),
        expressions: expressionRows(columns, table, entry, oids),
      },
    };
  });
}

/** `_name`, with more underscores while that is the name of something else, as PostgreSQL makes them. */
function arrayTypeName(name: string, taken: Set<string>): string {
  let found = `_${name}`;
  while (taken.has(found)) found = `_${found}`;
  return catalogName(found, taken);
}

function relationAcl(collecting: Collecting, entry: Relation): string | null {
  if (isOwn(collecting, entry)) return null;
  const may = (privilege: "SELECT" | "MODIFY" | "READ_METADATA"): boolean =>
    decide(collecting.governance.access, collecting.principal, privilege, entry)
      .allowed;
  // REFERENCES is what makes information_schema list a relation of which only metadata may be read.
  const rights = `${may("SELECT") ? "r" : ""}${may("MODIFY") ? "awd" : ""}${may("READ_METADATA") ? "x" : ""}`;
  return rights === "rawdx" && entry.owner === collecting.principal
    ? null
    : acl(collecting, rights);
}

function columnRows(
  columns: readonly Column[],
  { oid, name: relation }: Relation,
  known: { readonly taken: Set<string>; readonly oids: Set<number> },
): readonly ColumnRow[] {
  const taken = new Set<string>();
  return columns.map(({ name, type, nullable, comment, identity }) => ({
    name: catalogName(name, taken),
    typeOid: typeOid(type),
    typeModifier: typeModifier(type),
    notNull: !nullable || identity !== undefined,
    comment,
    identity:
      identity === undefined
        ? undefined
        : {
            oid: derivedOid(oid, `sequence ${name}`, known.oids),
            name: catalogName(`${relation}_${name}_seq`, known.taken),
            always: !identity.allowsValues,
            start: String(identity.start),
            step: String(identity.step),
          },
  }));
}

function expressionRows(
  columns: readonly Column[],
  table: TableColumns | undefined,
  { oid }: Relation,
  oids: Set<number>,
): readonly ExpressionRow[] {
  const names = new Set<string>();
  const ofColumns = columns.flatMap((column): readonly ExpressionRow[] => {
    const name = catalogName(column.name, names);
    const stored = column.default ?? column.generated;
    const text = stored === undefined ? undefined : postgresText(stored);
    if (text === undefined) return [];
    const kind = column.default === undefined ? "generated" : "default";
    return [{ kind, name, text }];
  });
  const taken = new Set<string>();
  const checks = (table?.checks ?? []).flatMap(
    ({ name, expression }): readonly ExpressionRow[] => {
      const text = postgresText(expression);
      if (text === undefined) return [];
      return [
        {
          kind: "check",
          oid: derivedOid(oid, `check ${name}`, oids),
          name: catalogName(name, taken),
          text,
        },
      ];
    },
  );
  return [...ofColumns, ...checks];
}

/** One expression, parsed and printed by us whoever wrote it; undefined when it is not SQL we know. */
function postgresText({ text, ours }: StoredExpression): string | undefined {
  try {
    const syntax = parseExpression(text);
    return printExpr(ours ? syntax : fromSpark(syntax));
  } catch (error) {
    if (error instanceof SqlError) return undefined;
    throw error;
  }
}

function indexedKeys(
  { table, row, taken }: Draft,
  oids: Set<number>,
): readonly KeyRow[] {
  return (table?.keys ?? []).flatMap((key): readonly KeyRow[] => {
    const columns = columnNumbers(table, key.columns);
    if (key.kind === "foreign-key" || columns === undefined) return [];
    return [
      {
        oid: derivedOid(row.oid, `key ${key.name}`, oids),
        type: key.kind === "unique" ? "u" : "p",
        name: catalogName(key.name, taken),
        columns,
        index: derivedOid(row.oid, `index ${key.name}`, oids),
      },
    ];
  });
}

/** Only those whose other end is visible too. */
function foreignKeys(
  { table, row, schema }: Draft,
  oids: Set<number>,
  other: {
    readonly find: (schema: string, table: string) => Draft | undefined;
    readonly keys: ReadonlyMap<Draft, readonly KeyRow[]>;
  },
): readonly KeyRow[] {
  const names = new Set<string>();
  return (table?.keys ?? []).flatMap((key): readonly KeyRow[] => {
    if (key.references === undefined) return [];
    const [name = "", parent = schema.name] = key.references.table.toReversed();
    const target = other.find(parent, name);
    if (target === undefined) return [];
    const columns = columnNumbers(table, key.columns);
    const targetKeys = other.keys.get(target) ?? [];
    const tableColumns = referredColumns(key, target, targetKeys);
    if (columns?.length !== tableColumns?.length) return [];
    if (columns === undefined || tableColumns === undefined) return [];
    const wanted = tableColumns.toSorted().join();
    return [
      {
        oid: derivedOid(row.oid, `key ${key.name}`, oids),
        type: "f",
        name: catalogName(key.name, names),
        columns,
        table: target.row.oid,
        tableColumns,
        index:
          targetKeys.find((one) => one.columns.toSorted().join() === wanted)
            ?.index ?? 0,
      },
    ];
  });
}

/** Without a list, the columns of the primary key. */
function referredColumns(
  { references }: TableKey,
  target: Draft,
  keys: readonly KeyRow[],
): readonly number[] | undefined {
  return references === undefined || references.columns.length === 0
    ? keys.find(({ type }) => type === "p")?.columns
    : columnNumbers(target.table, references.columns);
}

function columnNumbers(
  table: TableColumns | undefined,
  names: readonly string[],
): readonly number[] | undefined {
  const known = (table?.columns ?? []).map(({ name }) => name.toLowerCase());
  const numbers = names.map((name) => known.indexOf(name.toLowerCase()) + 1);
  return numbers.length === 0 || numbers.includes(0) ? undefined : numbers;
}

/** Names without regard to case, as statements find them. */
function finder(
  drafts: readonly Draft[],
): (schema: string, table: string) => Draft | undefined {
  const byName = new Map(
    drafts.map((draft) => [
      nameKey(draft.schema.name, draft.entry.name),
      draft,
    ]),
  );
  return (schema, table) => byName.get(nameKey(schema, table));
}

function nameKey(schema: string, table: string): string {
  return JSON.stringify([schema.toLowerCase(), table.toLowerCase()]);
}
