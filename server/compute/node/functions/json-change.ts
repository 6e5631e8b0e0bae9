// Changes of jsonb values: `||`, `-`, `#-`, jsonb_set, jsonb_strip_nulls.

import {
  atPath,
  canonical,
  type Json,
} from "../../../../planner/functions/value/json.ts";
import { SqlError } from "../../../../storage/common/errors.ts";

/** `||`: objects merge, everything else becomes one array. */
export function concatenate(a: Json, b: Json): Json {
  if (a.kind === "object" && b.kind === "object") {
    return canonical({ kind: "object", members: [...a.members, ...b.members] });
  }
  const items = (value: Json): readonly Json[] =>
    value.kind === "array" ? value.items : [value];
  return { kind: "array", items: [...items(a), ...items(b)] };
}

/** `- text[]`: NULL names nothing. */
export function withoutKeys(
  value: Json,
  keys: readonly (string | null)[],
): Json {
  return keys.reduce(
    (left, key) => (key === null ? left : withoutKey(left, key)),
    notScalar(value, "cannot delete from scalar"),
  );
}

/** `#-` */
export function withoutPath(
  value: Json,
  steps: Parameters<typeof changeAt>[1],
): Json {
  const tree = notScalar(value, "cannot delete path in scalar");
  return changeAt(tree, steps, () => undefined);
}

/** Throws 22023 with the message. */
function notScalar(value: Json, message: string): Json {
  if (value.kind === "object" || value.kind === "array") return value;
  throw new SqlError("22023", message);
}

export function withoutKey(value: Json, key: string): Json {
  if (value.kind === "object") {
    return {
      kind: "object",
      members: value.members.filter(([name]) => name !== key),
    };
  }
  if (value.kind === "array") {
    return {
      kind: "array",
      items: value.items.filter(
        (item) => item.kind !== "string" || item.value !== key,
      ),
    };
  }
  throw new SqlError("22023", "cannot delete from scalar");
}

export function withoutIndex(value: Json, index: number): Json {
  if (value.kind === "object")
    throw new SqlError(
      "22023",
      "cannot delete from object using integer index",
    );
  if (value.kind !== "array")
    throw new SqlError("22023", "cannot delete from scalar");
  const place = index < 0 ? value.items.length + index : index;
  return { kind: "array", items: value.items.filter((_, i) => i !== place) };
}

export function strip(value: Json): Json {
  if (value.kind === "array")
    return { kind: "array", items: value.items.map(strip) };
  if (value.kind !== "object") return value;
  return {
    kind: "object",
    members: value.members
      .filter(([, item]) => item.kind !== "null")
      .map(([name, item]) => [name, strip(item)]),
  };
}

/** The value with what lies at the path changed; undefined removes it. A path that leads nowhere changes nothing. */
export function changeAt(
  value: Json,
  steps: readonly (string | null)[],
  change: (old: Json) => Json | undefined,
): Json {
  const [step, ...rest] = steps;
  if (step === undefined || step === null) return value;
  const next = (old: Json): readonly Json[] => {
    const changed =
      rest.length === 0 ? change(old) : changeAt(old, rest, change);
    return changed === undefined ? [] : [changed];
  };
  if (value.kind === "object") {
    return {
      kind: "object",
      members: value.members.flatMap(([name, item]) =>
        name === step
          ? next(item).map((changed) => [name, changed] as const)
          : [[name, item] as const],
      ),
    };
  }
  if (value.kind !== "array") return value;
  const place = indexOf(step, value.items.length, steps.length - rest.length);
  return {
    kind: "array",
    items: value.items.flatMap((item, i) =>
      i === place ? next(item) : [item],
    ),
  };
}

function indexOf(step: string, length: number, position: number): number {
  if (!/^\s*[+-]?\d+\s*$/.test(step)) {
    throw new SqlError(
      "22P02",
      `path element at position ${position} is not an integer: "${step}"`,
    );
  }
  return Number(step) < 0 ? length + Number(step) : Number(step);
}

/** jsonb_set: replaces what is there, and with `create` adds a member or element that is not. */
export function setAt(
  value: Json,
  steps: readonly (string | null)[],
  replacement: Json,
  create: boolean,
): Json {
  if (value.kind !== "object" && value.kind !== "array") {
    throw new SqlError("22023", "cannot set path in scalar");
  }
  const parent = atPath(value, steps.slice(0, -1));
  const last = steps.at(-1);
  if (last === undefined || last === null || parent === undefined) return value;
  const present = atPath(parent, [last]) !== undefined;
  if (present) return changeAt(value, steps, () => replacement);
  if (!create) return value;
  const grown = grow(parent, last, replacement);
  return steps.length === 1
    ? grown
    : changeAt(value, steps.slice(0, -1), () => grown);
}

/** jsonb_insert: adds a member that is not there, or an element at, or behind, an index; beyond the ends at the end. */
export function insertAt(
  value: Json,
  steps: readonly (string | null)[],
  added: Json,
  side: "before" | "after",
): Json {
  if (value.kind !== "object" && value.kind !== "array") {
    throw new SqlError("22023", "cannot set path in scalar");
  }
  const parent = atPath(value, steps.slice(0, -1));
  const last = steps.at(-1);
  if (last === undefined || last === null || parent === undefined) return value;
  const grown =
    parent.kind === "array"
      ? inserted(parent.items, added, {
          index: indexOf(last, parent.items.length, steps.length),
          side,
        })
      : withMember(parent, last, added);
  return steps.length === 1
    ? grown
    : changeAt(value, steps.slice(0, -1), () => grown);
}

function withMember(parent: Json, name: string, added: Json): Json {
  if (atPath(parent, [name]) !== undefined) {
    throw new SqlError("22023", "cannot replace existing key", {
      hint: "Try using the function jsonb_set to replace key value.",
    });
  }
  return grow(parent, name, added);
}

function inserted(
  items: readonly Json[],
  added: Json,
  place: { readonly index: number; readonly side: "before" | "after" },
): Json {
  const { index, side } = place;
  const within = index >= 0 && index < items.length;
  const at = Math.min(Math.max(index, 0), items.length);
  const start = within && side === "after" ? at + 1 : at;
  return {
    kind: "array",
    items: [...items.slice(0, start), added, ...items.slice(start)],
  };
}

function grow(parent: Json, name: string, value: Json): Json {
  if (parent.kind === "object")
    return canonical({
      kind: "object",
      members: [...parent.members, [name, value]],
    });
  if (parent.kind !== "array") return parent;
  return {
    kind: "array",
    items:
      Number(name) < 0 ? [value, ...parent.items] : [...parent.items, value],
  };
}
