// ALTER TABLE on a definition: a definition in, a definition out.

import type { DataType } from "../../common/data-type.ts";
import { notSupported } from "../../common/errors.ts";
import { invariant } from "../../common/invariant.ts";
import type { Column, StoredExpression } from "../../common/schema.ts";
import {
  columnExists,
  dropColumn,
  renameColumn,
  retyped,
  sameName,
} from "./column-change.ts";
import {
  constraintEntries,
  constraintKeys,
  DEFAULT_KEY,
  OUR_TEXT_KEY,
} from "./column-rules.ts";
import {
  settled,
  withConfiguration,
  withFields,
  type Definition,
} from "./definition.ts";
import { printJson } from "../json.ts";
import { setProperties, unsetProperties, without } from "./property-change.ts";
import {
  addField,
  editField,
  fieldName,
  placeField,
  schemaFields,
  withMember,
  withMetadata,
  type Place,
} from "./schema-edit.ts";
import { columnJson, expressionEntries } from "./schema-print.ts";

/** Names are the stored spellings. */
export type DefinitionChange =
  | {
      readonly kind: "add-column";
      readonly column: Column;
      readonly place?: Place | undefined;
    }
  /** A nullable field behind the others of the struct that `path` leads to: a column, then fields. */
  | {
      readonly kind: "add-field";
      readonly path: readonly string[];
      readonly name: string;
      readonly type: DataType;
    }
  | { readonly kind: "drop-column"; readonly name: string }
  | {
      readonly kind: "rename-column";
      readonly from: string;
      readonly to: string;
    }
  | {
      readonly kind: "set-type";
      readonly name: string;
      readonly type: DataType;
    }
  | {
      readonly kind: "set-nullable";
      readonly name: string;
      readonly nullable: boolean;
    }
  | {
      readonly kind: "set-default";
      readonly name: string;
      readonly value: StoredExpression | undefined;
    }
  | {
      readonly kind: "set-comment";
      readonly name: string;
      readonly comment: string | undefined;
    }
  | {
      readonly kind: "move-column";
      readonly name: string;
      readonly place: Place;
    }
  | {
      readonly kind: "set-properties";
      readonly properties: Readonly<Record<string, string>>;
    }
  | { readonly kind: "unset-properties"; readonly keys: readonly string[] }
  | {
      readonly kind: "add-check";
      readonly name: string;
      readonly expression: StoredExpression;
    }
  | { readonly kind: "drop-check"; readonly name: string }
  /** An informational key: kept under `property`. */
  | {
      readonly kind: "set-key";
      readonly property: string;
      readonly text: string;
    }
  | { readonly kind: "drop-key"; readonly property: string }
  | { readonly kind: "cluster-by"; readonly columns: readonly string[] };

/** Spark's name of the operation, as DESCRIBE HISTORY shows it. */
export function operationOf(change: DefinitionChange): string {
  return OPERATIONS[change.kind];
}

const OPERATIONS: Readonly<Record<DefinitionChange["kind"], string>> = {
  "add-column": "ADD COLUMNS",
  "add-field": "ADD COLUMNS",
  "drop-column": "DROP COLUMNS",
  "rename-column": "RENAME COLUMN",
  "set-type": "CHANGE COLUMN",
  "set-nullable": "CHANGE COLUMN",
  "set-default": "CHANGE COLUMN",
  "set-comment": "CHANGE COLUMN",
  "move-column": "CHANGE COLUMN",
  "set-properties": "SET TBLPROPERTIES",
  "unset-properties": "UNSET TBLPROPERTIES",
  "add-check": "ADD CONSTRAINT",
  "drop-check": "DROP CONSTRAINT",
  "set-key": "ADD CONSTRAINT",
  "drop-key": "DROP CONSTRAINT",
  "cluster-by": "CLUSTER BY",
};

/** Applies the changes in order. Throws 0A000, 22023, 42701, 42704 … as each says. */
export function changed(
  definition: Definition,
  changes: readonly DefinitionChange[],
): Definition {
  return changes.reduce(applyChange, definition);
}

// eslint-disable-next-line complexity -- one case a kind of change
function applyChange(
  definition: Definition,
  change: DefinitionChange,
): Definition {
  const { table, metadata } = definition;
  switch (change.kind) {
    case "add-column":
      return withFields(definition, (fields) => {
        if (fields.some((it) => sameName(fieldName(it), change.column.name)))
          throw columnExists(table, change.column.name);
        return placeField(fields, columnJson(change.column), change.place);
      });
    case "add-field":
      return withFields(definition, (fields) =>
        addField(
          fields,
          change.path,
          columnJson({ ...change, nullable: true }),
        ),
      );
    case "drop-column":
      return dropColumn(definition, change.name);
    case "rename-column":
      return renameColumn(definition, change);
    case "set-type":
      return withFields(definition, (fields) =>
        editField(fields, change.name, (field) =>
          retyped(definition, field, change.type),
        ),
      );
    case "set-nullable":
      return withFields(definition, (fields) =>
        editField(fields, change.name, (field) =>
          withMember(field, "nullable", change.nullable),
        ),
      );
    case "set-default":
      return withFields(definition, (fields) =>
        editField(fields, change.name, (field) =>
          withMetadata(field, [
            [DEFAULT_KEY, undefined],
            [OUR_TEXT_KEY, undefined],
            ...(change.value === undefined
              ? []
              : expressionEntries(DEFAULT_KEY, change.value)),
          ]),
        ),
      );
    case "set-comment":
      return withFields(definition, (fields) =>
        editField(fields, change.name, (field) =>
          withMetadata(field, [["comment", change.comment]]),
        ),
      );
    case "move-column":
      return withFields(definition, (fields) => {
        const moved = fields.find((it) => fieldName(it) === change.name);
        invariant(moved !== undefined, "the column to move was found");
        const others = fields.filter((field) => field !== moved);
        return placeField(others, moved, change.place);
      });
    case "set-properties":
      return setProperties(definition, change.properties);
    case "unset-properties":
      return unsetProperties(definition, change.keys);
    case "add-check":
      return withConfiguration(definition, {
        ...metadata.configuration,
        ...constraintEntries(change.name, change.expression),
      });
    case "drop-check":
      return withConfiguration(
        definition,
        without(metadata.configuration, constraintKeys(change.name)),
      );
    case "set-key":
      return withConfiguration(definition, {
        ...metadata.configuration,
        [change.property]: change.text,
      });
    case "drop-key":
      return withConfiguration(
        definition,
        without(metadata.configuration, [change.property]),
      );
    case "cluster-by":
      return clustered(definition, change.columns);
  }
}

function clustered(
  definition: Definition,
  columns: readonly string[],
): Definition {
  const { table, metadata } = definition;
  if (metadata.partitionColumns.length > 0)
    throw notSupported(`clustering partitioned table "${table}" is`);
  if (columns.length > 0) return settled(definition, [], columns);
  // The domain stays with no columns: the table can be clustered again.
  return definition.clustering === undefined
    ? definition
    : { ...definition, clustering: [] };
}

/** Spark's operationParameters. */
// eslint-disable-next-line complexity -- one case a kind of change
export function changeParameters(
  changes: readonly DefinitionChange[],
  before: Definition,
  after: Definition,
): Readonly<Record<string, string>> {
  const fields = schemaFields(after.metadata.schemaString);
  const fieldText = (name: string): string =>
    printJson(fields.find((it) => fieldName(it) === name) ?? null);
  const added: string[] = [];
  const dropped: string[] = [];
  const properties: Record<string, string> = {};
  const parameters: Record<string, string> = {};
  for (const change of changes) {
    switch (change.kind) {
      case "add-column":
        added.push(`{"column":${fieldText(change.column.name)}}`);
        break;
      case "add-field":
        added.push(`{"column":${fieldText(change.path[0] ?? "")}}`);
        break;
      case "drop-column":
        dropped.push(change.name);
        break;
      case "rename-column":
        parameters["oldColumnPath"] = change.from;
        parameters["newColumnPath"] = change.to;
        break;
      case "set-properties":
        Object.assign(properties, change.properties);
        break;
      case "unset-properties":
        parameters["properties"] = JSON.stringify(change.keys);
        break;
      case "add-check":
        parameters["name"] = change.name;
        parameters["expr"] = change.expression.text;
        break;
      case "drop-check":
        parameters["name"] = change.name;
        break;
      case "set-key":
      case "drop-key":
        break;
      case "cluster-by":
        parameters["oldClusteringColumns"] = before.clustering?.join(",") ?? "";
        parameters["newClusteringColumns"] = after.clustering?.join(",") ?? "";
        break;
      default:
        parameters["column"] = fieldText(change.name);
    }
  }
  if (added.length > 0) parameters["columns"] = `[${added.join(",")}]`;
  if (dropped.length > 0) parameters["columns"] = JSON.stringify(dropped);
  if (Object.keys(properties).length > 0)
    parameters["properties"] = JSON.stringify(properties);
  return parameters;
}
