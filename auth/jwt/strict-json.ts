// JSON objects of tokens and key sets: a member given twice is refused, because two readers might take different ones (RFC 8725 section 2.4).

/** Members by name; nested values as JSON.parse gives them. */
export type Members = ReadonlyMap<string, unknown>;

/** Undefined unless `text` is one JSON object in which no object, nested ones included, has a member twice. */
export function parseMembers(text: string): Members | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  return hasDuplicates(text) ? undefined : membersOf(value);
}

/** Undefined unless `value` is a JSON object. */
export function membersOf(value: unknown): Members | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? new Map(Object.entries(value))
    : undefined;
}

/** A string or a list of strings, as a list; undefined for anything else. */
export function textsOf(value: unknown): readonly string[] | undefined {
  if (typeof value === "string") return [value];
  if (!Array.isArray(value)) return undefined;
  const texts = value.filter((item) => typeof item === "string");
  return texts.length === value.length ? texts : undefined;
}

/** `text` is valid JSON, so a string followed by a colon is a member's name. */
function hasDuplicates(text: string): boolean {
  const open: Set<string>[] = [];
  const tokens = text.matchAll(/("(?:[^"\\]|\\.)*")(\s*:)?|[{}[\]]/g);
  for (const [token, string, colon] of tokens) {
    if (token === "{" || token === "[") open.push(new Set());
    else if (token === "}" || token === "]") open.pop();
    if (string === undefined || colon === undefined) continue;
    const name = String(JSON.parse(string));
    if (open.at(-1)?.has(name) === true) return true;
    open.at(-1)?.add(name);
  }
  return false;
}
