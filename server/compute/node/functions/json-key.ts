// Sort keys of jsonb values.

import {
  readDecimal,
  sortKey,
} from "../../../../planner/functions/value/decimal.ts";
import type { Json } from "../../../../planner/functions/value/json.ts";

const CLASS: Readonly<Record<Json["kind"], string>> = {
  null: "1",
  string: "2",
  number: "3",
  boolean: "4",
  array: "5",
  object: "6",
};

/** Text whose byte order is jsonb's order. */
export function orderKey(value: Json): string {
  const mark = CLASS[value.kind];
  switch (value.kind) {
    case "null":
      return mark;
    case "boolean":
      return mark + (value.value ? "1" : "0");
    case "number":
      return `${mark}${sortKey(readDecimal(value.text))}\u0001`;
    case "string":
      return `${mark}${value.value}\u0001`;
    case "array":
      return value.items.length === 0
        ? "0"
        : `${mark}${size(value.items.length)}${value.items.map(orderKey).join("")}`;
    case "object":
      return `${mark}${size(value.members.length)}${value.members.map(([name, item]) => `${size(name.length)}${name}\u0001${orderKey(item)}`).join("")}`;
  }
}

function size(count: number): string {
  return String(count).padStart(9, "0");
}
