// Columns -> fields of Spark's schema JSON, with everything their metadata says: the inverse of schema-json.ts.

import type {
  Column,
  Identity,
  Schema,
  StoredExpression,
} from "../../common/schema.ts";
import {
  DEFAULT_KEY,
  GENERATED_KEY,
  IDENTITY_KEYS,
  OUR_TEXT_KEY,
} from "./column-rules.ts";
import { JsonNumber, printJson, type Json, type JsonObject } from "../json.ts";
import { declaredMetadata, fieldJson, structJson } from "./schema-type.ts";

/** `schemaString` for columns without column mapping. Throws 0A000 for types no Delta table can hold. */
export function printSchema(schema: Schema): string {
  return printFields(schema.columns.map(columnJson));
}

export function printFields(fields: readonly JsonObject[]): string {
  return printJson(structJson(fields));
}

/** One field, without column mapping. Throws 0A000 for types no Delta table can hold. */
export function columnJson(column: Column): JsonObject {
  const { name, type, nullable, comment } = column;
  return fieldJson(name, type, nullable, [
    ...declaredMetadata(type),
    ...(comment === undefined ? [] : [["comment", comment] as const]),
    ...ruleEntries(column),
  ]);
}

type Entry = readonly [string, Json];

function ruleEntries(column: Column): readonly Entry[] {
  if (column.identity !== undefined) return identityEntries(column.identity);
  if (column.generated !== undefined)
    return expressionEntries(GENERATED_KEY, column.generated);
  return column.default === undefined
    ? []
    : expressionEntries(DEFAULT_KEY, column.default);
}

/** `ours` is noted only for a text that Spark would read differently (column-rules.ts). */
export function expressionEntries(
  key: string,
  { text, ours }: StoredExpression,
): readonly Entry[] {
  return ours
    ? [
        [key, text],
        [OUR_TEXT_KEY, text],
      ]
    : [[key, text]];
}

function identityEntries(identity: Identity): readonly Entry[] {
  const { start, step, highWaterMark, allowsValues } = identity;
  return [
    [IDENTITY_KEYS.start, new JsonNumber(String(start))],
    [IDENTITY_KEYS.step, new JsonNumber(String(step))],
    ...(highWaterMark === undefined
      ? []
      : [
          [
            IDENTITY_KEYS.highWaterMark,
            new JsonNumber(String(highWaterMark)),
          ] as const,
        ]),
    [IDENTITY_KEYS.allowsValues, allowsValues],
  ];
}
