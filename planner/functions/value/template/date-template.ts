// Template patterns of to_char, to_date and to_timestamp (manual 9.8): the template's text to a list of parts.

export interface DateKeyword {
  readonly kind: "keyword";
  /** Upper case: `YYYY`, `MONTH`; AM, PM and BC forms keep their dots. */
  readonly name: string;
  /** As the pattern was written, which decides the case of words. */
  readonly written: string;
  readonly fill: boolean;
  readonly suffix: "" | "TH" | "th";
}
export type DatePart =
  | DateKeyword
  /** Text in double quotes or characters that mean nothing. */
  | { readonly kind: "text"; readonly text: string };

/** Longest first, so that `YYYY` is found before `YY`. */
const KEYWORDS: readonly string[] = [
  "MONTH",
  "SSSSS",
  "Y,YYY",
  "A.D.",
  "B.C.",
  "A.M.",
  "P.M.",
  "HH24",
  "HH12",
  "IDDD",
  "IYYY",
  "SSSS",
  "YYYY",
  "DAY",
  "DDD",
  "FF1",
  "FF2",
  "FF3",
  "FF4",
  "FF5",
  "FF6",
  "IYY",
  "MON",
  "TZH",
  "TZM",
  "YYY",
  "AD",
  "AM",
  "BC",
  "CC",
  "DD",
  "DY",
  "HH",
  "ID",
  "IW",
  "IY",
  "MI",
  "MM",
  "MS",
  "OF",
  "PM",
  "RM",
  "SS",
  "TZ",
  "US",
  "WW",
  "YY",
  "D",
  "I",
  "J",
  "Q",
  "W",
  "Y",
];

export function parseDateTemplate(template: string): readonly DatePart[] {
  const parts: DatePart[] = [];
  let at = 0;
  while (at < template.length) {
    const rest = template.slice(at);
    const quoted = /^"((?:[^"\\]|\\[^])*)"?/.exec(rest);
    const keyword = quoted === null ? readKeyword(rest) : undefined;
    if (quoted !== null) {
      parts.push({
        kind: "text",
        text: (quoted[1] ?? "").replace(/\\([^])/g, "$1"),
      });
      at += quoted[0].length;
    } else if (keyword !== undefined) {
      parts.push(keyword.part);
      at += keyword.length;
    } else {
      const escaped = rest.startsWith('\\"');
      parts.push({ kind: "text", text: escaped ? '"' : (rest[0] ?? "") });
      at += escaped ? 2 : 1;
    }
  }
  return parts;
}

function readKeyword(
  text: string,
): { readonly part: DateKeyword; readonly length: number } | undefined {
  const prefix = /^(?:FM|fm|TM|tm|FX|fx)+/.exec(text)?.[0] ?? "";
  const rest = text.slice(prefix.length);
  const upper = rest.toUpperCase();
  const name = KEYWORDS.find((word) => upper.startsWith(word));
  if (name === undefined) return undefined;
  const after = rest.slice(name.length, name.length + 2);
  const suffix = after === "TH" || after === "th" ? after : "";
  return {
    part: {
      kind: "keyword",
      name,
      written: rest.slice(0, name.length),
      fill: !/FM/i.test(prefix),
      suffix,
    },
    length: prefix.length + name.length + suffix.length,
  };
}

export const MONTH_NAMES: readonly string[] = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];
export const DAY_NAMES: readonly string[] = [
  "Sunday",
  "Monday",
  "Tuesday",
  "Wednesday",
  "Thursday",
  "Friday",
  "Saturday",
];
export const ROMAN_MONTHS: readonly string[] = [
  "I",
  "II",
  "III",
  "IV",
  "V",
  "VI",
  "VII",
  "VIII",
  "IX",
  "X",
  "XI",
  "XII",
];

/** `written` decides: all capitals, first capital, or small. */
export function matchCase(word: string, written: string): string {
  if (written === written.toUpperCase()) return word.toUpperCase();
  return /^\p{Lu}/u.test(written) ? word : word.toLowerCase();
}
