// Column names to values: PostgreSQL's rules for `c`, `t.c`, `s.t.c`, `cat.s.t.c`, struct paths after any of them,
// and the errors for names that mean nothing or too much.

import { notSupported } from "../../storage/common/errors.ts";
import type { DataType } from "../../storage/common/data-type.ts";
import type { Expression } from "../logical/expression.ts";
import type { Identifier, QualifiedName } from "../parse/ast.ts";
import { matching } from "./names.ts";
import type { Scope, ScopeColumn, ScopeRelation } from "./scope.ts";
import { suggestColumn } from "./suggest.ts";
import {
  ambiguousColumn,
  ambiguousTable,
  invalidFromReference,
  missingFromEntry,
  notComposite,
  undefinedColumn,
  undefinedField,
} from "./errors/errors-column.ts";
import { tooManyNameParts } from "./errors/errors-object.ts";

interface Found {
  readonly value: Expression;
  /** Parts used; the rest is a struct path. */
  readonly used: number;
  readonly column: ScopeColumn;
  /** Set when the name was qualified. */
  readonly relation?: ScopeRelation;
}

/** Throws 42703, 42702, 42P01, 42P09; 0A000 for a whole row. */
export function findColumn(
  scope: Scope,
  name: QualifiedName,
): { readonly value: Expression; readonly column: ScopeColumn | undefined } {
  const found = find(scope, name);
  const rest = name.parts.slice(found.used);
  if (rest.length > 0 && found.value.type.kind !== "struct") {
    throw undefinedName(scope, name);
  }
  noteSpelling(scope, name, found);
  let value = found.value;
  for (const field of rest) value = accessField(value, field);
  return {
    value: { ...value, position: name.position },
    column: rest.length === 0 ? found.column : undefined,
  };
}

/** `(t).c` where `t` is no column but a relation; undefined for other names. */
export function columnOfRow(
  scope: Scope,
  name: QualifiedName,
  field: Identifier,
): Expression | undefined {
  const { parts, position } = name;
  if (findParts(scope, parts, position) || !findRelation(scope, parts)) {
    return undefined;
  }
  return findColumn(scope, { parts: [...parts, field], position }).value;
}

/** Views store names as they are, not as they were typed. */
function noteSpelling(scope: Scope, name: QualifiedName, found: Found): void {
  const { relation, column, used } = found;
  if (column.parameter !== undefined) {
    if (used < name.parts.length)
      throw notSupported(
        "a field of a parameter without brackets is",
        name.position,
        "Write (parameter).field.",
      );
    scope.statement.functionParameters.set(name, column.parameter);
    return;
  }
  const count = relation ? used - 1 : 0;
  const stored = [
    ...[relation?.catalog, relation?.schema, relation?.name].slice(3 - count),
    column.name,
  ];
  const differs = stored.some(
    (part, i) => part !== undefined && part !== name.parts[i]?.name,
  );
  if (!differs || stored.length !== used) return;
  scope.statement.spellings.set(
    name,
    name.parts.map((part, i) => ({ ...part, name: stored[i] ?? part.name })),
  );
}

/** Exact spellings in any level come before spellings that differ by case. */
function find(scope: Scope, name: QualifiedName): Found {
  const exact = name.parts.map((part) => ({ ...part, quoted: true }));
  const found =
    findParts(scope, exact, name.position) ??
    findParts(scope, name.parts, name.position);
  if (found) return found;
  throw undefinedName(scope, name);
}

function findParts(
  scope: Scope,
  parts: readonly Identifier[],
  position: number,
): Found | undefined {
  const [first] = parts;
  if (first === undefined) return undefined;
  for (let count = 1; count < Math.min(parts.length, 4); count += 1) {
    const relation = findRelation(scope, parts.slice(0, count));
    const name = parts[count];
    if (!relation || name === undefined) continue;
    const column = columnOf(scope, relation, parts, count);
    if (column) return column;
  }
  return findUnqualified(scope, parts, position) ?? functionValue(scope, parts);
}

/** `e` for the rows of `FROM jsonb_array_elements(…) e`. */
function functionValue(
  scope: Scope,
  parts: readonly Identifier[],
): Found | undefined {
  if (parts.length !== 1) return undefined;
  const relation = findRelation(scope, parts);
  const value =
    relation?.scalar === true ? relation.columns[0]?.value : undefined;
  return (
    value && { value, used: 1, column: { name: relation?.name ?? "", value } }
  );
}

function columnOf(
  scope: Scope,
  relation: ScopeRelation,
  parts: readonly Identifier[],
  count: number,
): Found | undefined {
  const name = parts[count];
  if (name === undefined) return undefined;
  const [column, more] = matching(relation.columns, name, (it) => it.name);
  if (more) throw ambiguousColumn(name.name, parts[0]?.position);
  if (column) {
    return { value: column.value, used: count + 1, column, relation };
  }
  return hiddenOf(scope, relation, parts, count);
}

/** `_metadata.file_path` and `tableoid`, where no column of the table has the name. */
function hiddenOf(
  scope: Scope,
  relation: ScopeRelation,
  parts: readonly Identifier[],
  count: number,
): Found | undefined {
  const name = parts[count];
  if (relation.hidden.length === 0 || name === undefined) return undefined;
  if (name.name === "tableoid") {
    return hiddenField(scope, relation, "tableoid", count + 1);
  }
  if (name.name !== "_metadata") return undefined;
  const field = parts[count + 1];
  if (!field) {
    throw notSupported("reading _metadata as a whole is", name.position);
  }
  const found =
    field.name === "tableoid"
      ? undefined
      : hiddenField(scope, relation, field.name.toLowerCase(), count + 2);
  if (found) return found;
  throw undefinedColumn(field.name, "_metadata", field.position);
}

function hiddenField(
  scope: Scope,
  relation: ScopeRelation,
  field: string,
  used: number,
): Found | undefined {
  const column = relation.hidden.find((it) => it.name === field);
  if (column === undefined) return undefined;
  const { statement } = scope;
  if (column.value.kind === "column")
    statement.usedHidden.add(column.value.column);
  if (field !== "tableoid" && relation.table) {
    statement.requirements.push({
      kind: "privilege",
      privilege: "READ_METADATA",
      securable: { kind: "object", type: "TABLE", id: relation.table.id },
      name: relation.table.name,
    });
  }
  return { value: column.value, used, column };
}

function findUnqualified(
  scope: Scope,
  parts: readonly Identifier[],
  position: number,
): Found | undefined {
  const [name] = parts;
  if (name === undefined) return undefined;
  for (let at: Scope | undefined = scope; at; at = at.parent) {
    const visible = at.relations.filter((relation) => relation.unqualified);
    const [column, more] = matching(
      visible.flatMap((relation) => relation.columns),
      name,
      (it) => it.name,
    );
    if (more) throw ambiguousColumn(name.name, position);
    if (column) return { value: column.value, used: 1, column };
    const [hidden, second] = at.relations.flatMap((relation) => {
      const found = hiddenOf(scope, relation, parts, 0);
      return found ? [found] : [];
    });
    if (second) throw ambiguousColumn(name.name, position);
    if (hidden) return hidden;
  }
  return undefined;
}

/** The nearest relation of that name; schema and catalog count where given. Throws 42P09. */
export function findRelation(
  scope: Scope,
  parts: readonly Identifier[],
): ScopeRelation | undefined {
  for (let at: Scope | undefined = scope; at; at = at.parent) {
    const [relation, more] = relationsNamed(at.relations, parts);
    if (more) {
      throw ambiguousTable(parts.at(-1)?.name ?? "", parts[0]?.position);
    }
    if (relation) return relation;
  }
  return undefined;
}

function relationsNamed(
  relations: readonly ScopeRelation[],
  parts: readonly Identifier[],
): readonly ScopeRelation[] {
  const [name, schema, catalog] = parts.toReversed();
  if (name === undefined) return [];
  let found = relations.filter((relation) => relation.qualified);
  found = [...matching(found, name, (it) => it.name)];
  if (schema) {
    const wanted =
      schema.name === "default" ? { ...schema, name: "public" } : schema;
    found = [...matching(found, wanted, (it) => it.schema)];
  }
  if (catalog) found = [...matching(found, catalog, (it) => it.catalog)];
  return found;
}

/** A field of a struct, by the rule of names. Throws 42703, 42809. */
export function accessField(
  operand: Expression,
  field: Identifier,
): Expression {
  const { type } = operand;
  if (type.kind !== "struct") {
    throw notComposite(field.name, type, field.position);
  }
  const [found, more] = matching(type.fields, field, (it) => it.name);
  if (more) throw ambiguousColumn(field.name, field.position);
  if (!found) throw undefinedField(field.name, type, field.position);
  const fieldType: DataType = found.type;
  return {
    kind: "field",
    operand,
    field: found.name,
    type: fieldType,
    position: field.position,
  };
}

function undefinedName(scope: Scope, name: QualifiedName): Error {
  const { parts, position } = name;
  const [first, second] = parts;
  if (first === undefined) return missingFromEntry("", position);
  if (second === undefined) {
    if (findRelation(scope, parts)) {
      return notSupported("whole-row references are", position);
    }
    return undefinedColumn(
      first.name,
      undefined,
      position,
      suggestColumn(scope, first, undefined),
    );
  }
  if (parts.length > 4) {
    const shown = parts.map((part) => part.name).join(".");
    return tooManyNameParts(shown, position);
  }
  for (let count = parts.length - 1; count > 0; count -= 1) {
    const relation = findRelation(scope, parts.slice(0, count));
    const column = parts[count];
    if (relation && column && !columnNamed(relation, column)) {
      const qualifier = relation.name ?? first.name;
      return undefinedColumn(
        column.name,
        qualifier,
        position,
        suggestColumn(scope, column, qualifier),
      );
    }
  }
  return missingRelation(scope, parts, position);
}

function columnNamed(
  relation: ScopeRelation | undefined,
  name: Identifier | undefined,
): boolean {
  return (
    relation !== undefined &&
    name !== undefined &&
    matching(relation.columns, name, (it) => it.name).length > 0
  );
}

/** Names the relation when it is in the FROM list but out of reach or under an alias. */
export function missingRelation(
  scope: Scope,
  parts: readonly Identifier[],
  position: number,
): Error {
  const name = parts.at(-2)?.name ?? parts[0]?.name ?? "";
  for (let at: Scope | undefined = scope; at; at = at.parent) {
    const aliased = at.relations.find((it) => it.original === name);
    if (aliased && aliased.name !== name) {
      return invalidFromReference(name, position, aliased.name);
    }
    const refused = [
      ...at.refused,
      ...at.relations.filter((it) => !it.qualified),
    ];
    if (refused.some((it) => it.name === name)) {
      return invalidFromReference(name, position, undefined);
    }
  }
  return missingFromEntry(name, position);
}
