// The DateStyle setting: an output style and an order of fields, given in any order, each kept when the other alone is given.

const STYLES: Readonly<Record<string, string>> = {
  iso: "ISO",
  sql: "SQL",
  german: "German",
};
const ORDERS: Readonly<Record<string, string>> = {
  ymd: "YMD",
  dmy: "DMY",
  euro: "DMY",
  european: "DMY",
  mdy: "MDY",
  us: "MDY",
  noneuro: "MDY",
  noneuropean: "MDY",
};

export type DateStyleOutcome =
  | { readonly kind: "valid"; readonly value: string }
  | { readonly kind: "invalid"; readonly detail: string };

/** `current` and the value are spelled as SHOW prints them: `ISO, MDY`. `initial` is what the word `default` means. */
export function applyDateStyle(
  text: string,
  current: string,
  initial: string,
): DateStyleOutcome {
  let chosen: Choice = {};
  for (const raw of text.split(",")) {
    const word = raw.trim().toLowerCase();
    if (word === "") continue;
    const meant = meaningOf(word, chosen, initial);
    if (meant === undefined) {
      return { kind: "invalid", detail: `Unrecognized key word: "${word}".` };
    }
    if (
      conflicts(chosen.style, meant.style) ||
      conflicts(chosen.order, meant.order)
    ) {
      return {
        kind: "invalid",
        detail: 'Conflicting "datestyle" specifications.',
      };
    }
    chosen = { ...chosen, ...meant };
  }
  const [style, order] = split(current);
  const implied = chosen.style === "German" ? "DMY" : order;
  return {
    kind: "valid",
    value: `${chosen.style ?? style}, ${chosen.order ?? implied}`,
  };
}

interface Choice {
  readonly style?: string;
  readonly order?: string;
}

/** What one word says, `default` filling in what is still open; undefined when it is no key word. */
function meaningOf(
  word: string,
  chosen: Choice,
  initial: string,
): Choice | undefined {
  if (word === "default") {
    const [style, order] = split(initial);
    return { style, order, ...chosen };
  }
  const style = word.startsWith("postgres") ? "Postgres" : STYLES[word];
  if (style !== undefined) return { style };
  const order = ORDERS[word];
  return order === undefined ? undefined : { order };
}

function conflicts(had: string | undefined, now: string | undefined): boolean {
  return had !== undefined && now !== undefined && had !== now;
}

function split(value: string): readonly [string, string] {
  const [style = "ISO", order = "MDY"] = value.split(", ");
  return [style, order];
}
