// What a LIKE pattern says of the beginning of the text.

export interface LikePrefix {
  /** The text before the first wildcard, escapes (backslash) taken away. */
  readonly prefix: string;
  /** There is no wildcard at all. */
  readonly exact: boolean;
  /** Every text with the prefix matches. */
  readonly sufficient: boolean;
}

export function likePrefix(pattern: string): LikePrefix {
  let prefix = "";
  const chars = Array.from(pattern);
  for (let index = 0; index < chars.length; index += 1) {
    const char = chars[index] ?? "";
    if (char === "%" || char === "_") {
      const sufficient = chars.slice(index).every((rest) => rest === "%");
      return { prefix, exact: false, sufficient };
    }
    if (char === "\\") {
      index += 1;
      // A pattern that ends in its escape character is an error the engine raises.
      if (index === chars.length)
        return { prefix, exact: false, sufficient: false };
    }
    prefix += chars[index] ?? "";
  }
  return { prefix, exact: true, sufficient: false };
}
