// Rules about values that a table's log keeps: defaults, generated and identity columns in field metadata, CHECK constraints in table
// properties, invariants (Delta protocol, "Default Columns", "Generated Columns", "Identity Columns", "CHECK Constraints", "Column
// Invariants"; checklist F3, W4). A rule counts only when the protocol supports its feature.

import type { Check, Identity, StoredExpression } from "../../common/schema.ts";
import type { Metadata, Protocol } from "../actions.ts";
import { supportsWriterFeature } from "../features.ts";
import {
  isObject,
  JsonNumber,
  parseJson,
  type Json,
  type JsonObject,
} from "../json.ts";

export const DEFAULT_KEY = "CURRENT_DEFAULT";
export const GENERATED_KEY = "delta.generationExpression";
export const INVARIANT_KEY = "delta.invariants";
export const IDENTITY_KEYS = {
  start: "delta.identity.start",
  step: "delta.identity.step",
  highWaterMark: "delta.identity.highWaterMark",
  allowsValues: "delta.identity.allowExplicitInsert",
} as const;
export const CONSTRAINT_PREFIX = "delta.constraints.";
/**
 * The same text again under a key of ours: Sluice wrote the expression, and it means something only in PostgreSQL's SQL. A text
 * that both dialects read alike has no such key.
 */
export const OUR_TEXT_KEY = "sluice.expression";
export const OUR_CONSTRAINT_PREFIX = "sluice.constraints.";

/** Properties that keep a CHECK constraint; the second only for text that Spark would read differently. */
export function constraintEntries(
  name: string,
  { text, ours }: StoredExpression,
): Readonly<Record<string, string>> {
  const [key, ourKey] = constraintKeys(name);
  return ours ? { [key]: text, [ourKey]: text } : { [key]: text };
}

export function constraintKeys(name: string): readonly [string, string] {
  return [`${CONSTRAINT_PREFIX}${name}`, `${OUR_CONSTRAINT_PREFIX}${name}`];
}

export interface ColumnRules {
  readonly default?: StoredExpression;
  readonly generated?: StoredExpression;
  readonly identity?: Identity;
}

export function columnRules(
  metadata: JsonObject,
  protocol: Protocol,
): ColumnRules {
  const identity = identityOf(metadata);
  if (
    identity !== undefined &&
    supportsWriterFeature(protocol, "identityColumns")
  )
    return { identity };
  const generated = storedText(metadata, GENERATED_KEY);
  if (
    generated !== undefined &&
    supportsWriterFeature(protocol, "generatedColumns")
  )
    return { generated };
  const value = storedText(metadata, DEFAULT_KEY);
  if (
    value !== undefined &&
    supportsWriterFeature(protocol, "allowColumnDefaults")
  )
    return { default: value };
  return {};
}

function storedText(
  metadata: JsonObject,
  key: string,
): StoredExpression | undefined {
  const text = metadata.get(key);
  if (typeof text !== "string") return undefined;
  return { text, ours: metadata.get(OUR_TEXT_KEY) === text };
}

function identityOf(metadata: JsonObject): Identity | undefined {
  const start = longOf(metadata.get(IDENTITY_KEYS.start));
  const step = longOf(metadata.get(IDENTITY_KEYS.step));
  if (start === undefined || step === undefined) return undefined;
  return {
    start,
    step,
    highWaterMark: longOf(metadata.get(IDENTITY_KEYS.highWaterMark)),
    allowsValues: metadata.get(IDENTITY_KEYS.allowsValues) === true,
  };
}

function longOf(json: Json | undefined): bigint | undefined {
  return json instanceof JsonNumber && /^-?\d+$/.test(json.text)
    ? BigInt(json.text)
    : undefined;
}

export interface RuledField {
  readonly name: string;
  readonly metadata: JsonObject;
  readonly children: readonly RuledField[];
}

/** In the order of their names, as PostgreSQL checks them. */
export function tableChecks(
  fields: readonly RuledField[],
  metadata: Metadata,
  protocol: Protocol,
): readonly Check[] {
  const constraints = supportsWriterFeature(protocol, "checkConstraints")
    ? constraintChecks(metadata)
    : [];
  const invariants = supportsWriterFeature(protocol, "invariants")
    ? fields.flatMap(invariantChecks)
    : [];
  return [...constraints, ...invariants].sort((a, b) =>
    a.name < b.name ? -1 : a.name > b.name ? 1 : 0,
  );
}

function constraintChecks({ configuration }: Metadata): readonly Check[] {
  return Object.entries(configuration).flatMap(([key, text]) => {
    if (!key.startsWith(CONSTRAINT_PREFIX)) return [];
    const name = key.slice(CONSTRAINT_PREFIX.length);
    const ours = configuration[`${OUR_CONSTRAINT_PREFIX}${name}`] === text;
    return [{ name, expression: { text, ours } }];
  });
}

/** A rule that is not of the known form stays as its JSON text, which no one can bind: writing is then refused. */
function invariantChecks(field: RuledField): readonly Check[] {
  const rule = field.metadata.get(INVARIANT_KEY);
  const nested = field.children.flatMap(invariantChecks);
  if (typeof rule !== "string") return nested;
  const text = invariantText(rule) ?? rule;
  return [{ name: field.name, expression: { text, ours: false } }, ...nested];
}

function invariantText(rule: string): string | undefined {
  const json = parseJson(rule);
  const outer = isObject(json) ? json.get("expression") : undefined;
  const inner = isObject(outer) ? outer.get("expression") : undefined;
  return typeof inner === "string" ? inner : undefined;
}
