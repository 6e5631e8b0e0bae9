// Takes secrets out of text before it is logged, audited, traced or kept (authentication section 10). Redact first, cut to length after.

const PATTERNS: readonly (readonly [RegExp, string])[] = [
  // Our own token: prefix, 43 and 6 base62 characters. Any prefix: it is configurable.
  [/\b([A-Za-z][A-Za-z0-9]*)_[0-9A-Za-z]{49}\b/g, "$1_***"],
  [/\bdapi[0-9a-h]{32}(-\d+)?/g, "dapi***"],
  // JSON Web Token.
  [/\beyJ[\w-]*\.[\w-]+\.[\w-]*/g, "eyJ***"],
  [/\b(Bearer|Basic)\s+[\w+/=.~-]+/gi, "$1 ***"],
  [
    /\b(password|passwd|pwd|secret|token)(\s*[=:]\s*)('[^']*'|"[^"]*"|[^\s,;&]+)/gi,
    "$1$2***",
  ],
  [/(\b[a-z][a-z0-9+.-]*:\/\/)[^/\s@]+@/gi, "$1***@"],
  [/([?&](?:sig|signature|X-Amz-Signature|token)=)[^&\s]+/gi, "$1***"],
];

export function redact(text: string): string {
  return PATTERNS.reduce(
    (redacted, [pattern, replacement]) =>
      redacted.replace(pattern, replacement),
    text,
  );
}

/** As a log or audit line shows what a stranger typed: redacted, control characters escaped, at most 128 characters. */
export function redactTyped(text: string): string {
  return redact(text)
    .replace(
      /[\p{Cc}\u2028\u2029]/gu,
      (character) =>
        `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`,
    )
    .slice(0, 128);
}
