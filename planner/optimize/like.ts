// What a LIKE pattern says of the beginning of the text.

/** The text before the first wildcard, escapes (backslash) taken away; `exact` when there is no wildcard at all. */
export function likePrefix(pattern: string): {
  readonly prefix: string;
  readonly exact: boolean;
} {
  let prefix = "";
  const chars = Array.from(pattern);
  for (let index = 0; index < chars.length; index += 1) {
    const char = chars[index] ?? "";
    if (char === "%" || char === "_") return { prefix, exact: false };
    if (char === "\\") {
      index += 1;
      // A pattern that ends in its escape character is an error the engine raises.
      if (index === chars.length) return { prefix, exact: false };
    }
    prefix += chars[index] ?? "";
  }
  return { prefix, exact: true };
}
