// A written file's Delta statistics (checklist K1, K3-K6) from what the kernel counted while writing.

import type { DataType } from "../../../storage/common/data-type.ts";
import type { LayoutColumn } from "../../../storage/scan/split.ts";
import type { WriteTarget } from "../fragment.ts";
import { quoteName } from "./kernel-types.ts";
import type { ColumnFacts, WrittenFile } from "./written-files.ts";

/** JSON of numbers is written as text, so that longs and decimals keep their digits. */
export function statsJson(file: WrittenFile, target: WriteTarget): string {
  const leaves = leavesOf(
    target.layout.columns.filter(
      ({ name }) => !target.layout.partitionColumns.includes(name),
    ),
  );
  const kept =
    target.indexedColumns < 0 ? leaves : leaves.slice(0, target.indexedColumns);
  const min: Entry[] = [];
  const max: Entry[] = [];
  const nulls: Entry[] = [];
  for (const { path, type } of kept) {
    const facts = file.columns.get(
      path.map((name) => quoteName(name)).join("."),
    );
    if (facts === undefined) continue;
    const nullCount = facts.get("null_count");
    if (nullCount !== undefined) nulls.push({ path, json: nullCount });
    const bounds = boundsOf(facts, type);
    if (bounds.min !== undefined) min.push({ path, json: bounds.min });
    if (bounds.max !== undefined) max.push({ path, json: bounds.max });
  }
  return `{"numRecords":${file.rowCount},"minValues":${nest(min, 0)},"maxValues":${nest(max, 0)},"nullCount":${nest(nulls, 0)}}`;
}

interface Leaf {
  readonly path: readonly string[];
  readonly type: DataType;
}

/** Leaf columns outside arrays and maps, by physical names. */
function leavesOf(
  columns: readonly LayoutColumn[],
  prefix: readonly string[] = [],
): readonly Leaf[] {
  return columns.flatMap((column): readonly Leaf[] => {
    const path = [...prefix, column.physicalName];
    const { type, children } = column;
    if (type.kind === "array" || type.kind === "map") return [];
    if (type.kind !== "struct") return [{ path, type }];
    const fields = type.fields.map(
      (field, index) =>
        children?.[index] ?? {
          name: field.name,
          physicalName: field.name,
          type: field.type,
        },
    );
    return leavesOf(fields, path);
  });
}

interface Entry {
  readonly path: readonly string[];
  readonly json: string;
}

/** `[{path: [a], ..}, {path: [s, x], ..}]` to `{"a":..,"s":{"x":..}}`. */
function nest(entries: readonly Entry[], depth: number): string {
  const groups = new Map<string, Entry[]>();
  for (const entry of entries) {
    const name = entry.path[depth] ?? "";
    groups.set(name, [...(groups.get(name) ?? []), entry]);
  }
  const fields = [...groups].map(([name, group]) => {
    const [first] = group;
    const leaf = first !== undefined && first.path.length === depth + 1;
    return `${JSON.stringify(name)}:${leaf ? first.json : nest(group, depth + 1)}`;
  });
  return `{${fields.join(",")}}`;
}

interface Bounds {
  readonly min: string | undefined;
  readonly max: string | undefined;
}

const NONE: Bounds = { min: undefined, max: undefined };

function boundsOf(facts: ColumnFacts, type: DataType): Bounds {
  const min = facts.get("min");
  const max = facts.get("max");
  if (min === undefined || max === undefined) return NONE;
  switch (type.kind) {
    case "int1":
    case "int2":
    case "int4":
    case "int8":
    case "numeric":
      return { min, max };
    case "float4":
    case "float8":
      return facts.get("has_nan") === "true"
        ? NONE
        : { min: floatJson(min), max: floatJson(max) };
    case "date":
      return { min: JSON.stringify(min), max: JSON.stringify(max) };
    case "timestamp":
      return { min: timestampJson(min, ""), max: timestampJson(max, "") };
    case "timestamptz":
      return { min: timestampJson(min, "Z"), max: timestampJson(max, "Z") };
    case "text":
    case "varchar":
    case "bpchar":
    case "uuid":
    case "time":
    case "json":
    case "jsonb":
    case "interval":
      return { min: JSON.stringify(prefixOf(min)), max: upperBound(max) };
    default:
      return NONE;
  }
}

function floatJson(text: string): string {
  const value = Number(
    text === "inf" ? "Infinity" : text === "-inf" ? "-Infinity" : text,
  );
  return Number.isFinite(value)
    ? JSON.stringify(value)
    : JSON.stringify(String(value));
}

/** Cut, not rounded, to milliseconds, as every writer does and every reader allows for (K4). BC and infinity have no such form. */
function timestampJson(text: string, zone: string): string | undefined {
  const match =
    /^(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2})(?:\.(\d+))?(?:\+00)?$/.exec(text);
  if (match === null) return undefined;
  const [, date = "", time = "", fraction = ""] = match;
  return `"${date}T${time}.${fraction.slice(0, 3).padEnd(3, "0")}${zone}"`;
}

const PREFIX = 32;
const LONGEST_MAX = 64;
const TIE_BREAKER = String.fromCodePoint(0x10ffff);

function prefixOf(text: string): string {
  return [...text].slice(0, PREFIX).join("");
}

/** The prefix with a character above what was cut; none when too long (K3). */
function upperBound(text: string): string | undefined {
  const points = [...text];
  if (points.length <= PREFIX) return JSON.stringify(text);
  for (
    let length = PREFIX;
    length <= Math.min(LONGEST_MAX, points.length - 1);
    length++
  ) {
    const next = points[length];
    if (next === undefined || next === TIE_BREAKER) continue;
    const breaker = next < "\u007f" ? "\u007f" : TIE_BREAKER;
    return JSON.stringify(points.slice(0, length).join("") + breaker);
  }
  return undefined;
}
