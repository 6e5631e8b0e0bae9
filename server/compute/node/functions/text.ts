// Text functions of PostgreSQL that the kernel lacks or has otherwise.

import { createHash } from "node:crypto";
import { withEscape } from "../../../../planner/functions/like.ts";
import { SqlError } from "../../../../storage/common/errors.ts";
import {
  BIGINT,
  BLOB,
  BOOLEAN,
  INTEGER,
  LIST,
  VARCHAR,
  blobValue,
  type DuckDBValue,
} from "../../../../storage/kernel/duckdb.ts";
import { bigint, blobOf, boolean, listOf, number, text } from "./arguments.ts";
import type { KernelFunction } from "./define.ts";
import { formatText } from "./format.ts";
import { unistr } from "./unistr.ts";
import { quoteIdentifier, quoteLiteral } from "./quote.ts";

const LETTER_OR_DIGIT = /[\p{L}\p{N}]/u;

/** Simple case mapping, one code point to one, as towupper and towlower do. */
function upperCase(value: string): string {
  return Array.from(value, (c) => single(c, c.toUpperCase())).join("");
}
function lowerCase(value: string): string {
  return Array.from(value, (c) => single(c, c.toLowerCase())).join("");
}
function single(original: string, mapped: string): string {
  return Array.from(mapped).length === 1 ? mapped : original;
}

function initcap(value: string): string {
  let inside = false;
  let result = "";
  for (const character of value) {
    result += inside ? lowerCase(character) : upperCase(character);
    inside = LETTER_OR_DIGIT.test(character);
  }
  return result;
}

function chr(code: number): string {
  if (code < 0)
    throw new SqlError("22023", "character number must be positive");
  if (code === 0) throw new SqlError("54000", "null character not permitted");
  if (code > 0x10ffff) {
    throw new SqlError(
      "54000",
      `requested character too large for encoding: ${code}`,
    );
  }
  if (code >= 0xd800 && code <= 0xdfff) {
    throw new SqlError(
      "54000",
      `requested character not valid for encoding: ${code}`,
    );
  }
  return String.fromCodePoint(code);
}

/** LIKE by backtracking on the last `%`; a pattern that ends in its escape character fails when it is reached. */
function like(value: string, pattern: string): boolean {
  const text = Array.from(value);
  const items = Array.from(pattern);
  let [t, p, star, mark] = [0, 0, -1, 0];
  while (t < text.length) {
    const item = items[p];
    if (item === "%") {
      star = p++;
      mark = t;
      continue;
    }
    const escaped = item === "\\";
    if (escaped && p + 1 >= items.length) {
      throw new SqlError(
        "22025",
        "LIKE pattern must not end with escape character",
      );
    }
    const wanted = escaped ? items[p + 1] : item;
    if (
      wanted !== undefined &&
      ((item === "_" && !escaped) || wanted === text[t])
    ) {
      p += escaped ? 2 : 1;
      t++;
    } else if (star >= 0) {
      p = star + 1;
      t = ++mark;
    } else return false;
  }
  while (items[p] === "%") p++;
  return p >= items.length;
}

function encode(value: Uint8Array, format: string): string {
  const buffer = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  switch (format.toLowerCase()) {
    case "hex":
      return buffer.toString("hex");
    case "base64":
      return buffer.toString("base64").replace(/(.{76})(?=.)/g, "$1\n");
    case "escape":
      return Array.from(buffer, (byte) =>
        byte === 0 || byte > 127
          ? `\\${byte.toString(8).padStart(3, "0")}`
          : byte === 92
            ? "\\\\"
            : String.fromCharCode(byte),
      ).join("");
    default:
      throw new SqlError("22023", `unrecognized encoding: "${format}"`);
  }
}

function decode(value: string, format: string): Uint8Array {
  switch (format.toLowerCase()) {
    case "hex":
      return decodeHex(value.replace(/[ \n\t\r]/g, ""));
    case "base64":
      return decodeBase64(value.replace(/[ \n\t\r]/g, ""));
    case "escape":
      return decodeEscape(value);
    default:
      throw new SqlError("22023", `unrecognized encoding: "${format}"`);
  }
}

function decodeHex(hex: string): Uint8Array {
  const wrong = /[^0-9a-fA-F]/.exec(hex);
  if (wrong !== null)
    throw new SqlError("22023", `invalid hexadecimal digit: "${wrong[0]}"`);
  if (hex.length % 2 === 1)
    throw new SqlError(
      "22023",
      "invalid hexadecimal data: odd number of digits",
    );
  return Buffer.from(hex, "hex");
}

function decodeBase64(value: string): Uint8Array {
  const wrong = /[^A-Za-z0-9+/=]/.exec(value);
  if (wrong !== null)
    throw new SqlError(
      "22023",
      `invalid symbol "${wrong[0]}" found while decoding base64 sequence`,
    );
  if (value.length % 4 !== 0) {
    throw new SqlError("22023", "invalid base64 end sequence", {
      hint: "Input data is missing padding, is truncated, or is otherwise corrupted.",
    });
  }
  return Buffer.from(value, "base64");
}

function decodeEscape(value: string): Uint8Array {
  const parts = value.match(/\\[0-3][0-7]{2}|\\\\|\\|[^\\]+/g) ?? [];
  return Buffer.concat(
    parts.map((part) => {
      if (part === "\\")
        throw new SqlError("22P02", "invalid input syntax for type bytea");
      if (part === "\\\\") return Buffer.from("\\");
      return part.startsWith("\\")
        ? Buffer.from([Number.parseInt(part.slice(1), 8)])
        : Buffer.from(part);
    }),
  );
}

function decodeUtf8(value: Uint8Array, encoding: string): string {
  requireUtf8(encoding);
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(
      value,
    );
  } catch (cause) {
    throw new SqlError("22021", 'invalid byte sequence for encoding "UTF8"', {
      cause,
    });
  }
}

function requireUtf8(encoding: string): void {
  if (!/^utf-?8$/i.test(encoding))
    throw new SqlError("0A000", `encoding ${encoding} is not supported`);
}

function encodeUtf8(value: string, encoding: string): DuckDBValue {
  requireUtf8(encoding);
  return blob(Buffer.from(value));
}

function likeEscape(pattern: string, escape: string): string {
  if (Array.from(escape).length > 1) {
    throw new SqlError("22025", "invalid escape string", {
      hint: "Escape string must be empty or one character.",
    });
  }
  return withEscape(pattern, escape);
}

function mapText(name: string, map: (value: string) => string): KernelFunction {
  return {
    name,
    parameters: [VARCHAR],
    returns: VARCHAR,
    call: (value) => map(text(value)),
  };
}

function blob(bytes: Uint8Array): DuckDBValue {
  return blobValue(bytes);
}

export const TEXT_FUNCTIONS: readonly KernelFunction[] = [
  mapText("pg_upper", upperCase),
  mapText("pg_initcap", initcap),
  mapText("pg_unistr", unistr),
  mapText("pg_reverse", (value) => Array.from(value).reverse().join("")),
  {
    name: "pg_chr",
    parameters: [INTEGER],
    returns: VARCHAR,
    call: (code) => chr(number(code)),
  },
  {
    name: "pg_to_hex",
    parameters: [BIGINT, INTEGER],
    returns: VARCHAR,
    call: (value, bits) =>
      BigInt.asUintN(number(bits), bigint(value)).toString(16),
  },
  {
    name: "pg_quote",
    parameters: [VARCHAR, VARCHAR],
    returns: VARCHAR,
    call: (value, kind) =>
      text(kind) === "ident"
        ? quoteIdentifier(text(value))
        : quoteLiteral(text(value)),
  },
  {
    name: "pg_like",
    parameters: [VARCHAR, VARCHAR, BOOLEAN],
    returns: BOOLEAN,
    call: (value, pattern, insensitive) =>
      boolean(insensitive)
        ? like(lowerCase(text(value)), lowerCase(text(pattern)))
        : like(text(value), text(pattern)),
  },
  {
    name: "pg_like_escape",
    parameters: [VARCHAR, VARCHAR],
    returns: VARCHAR,
    call: (pattern, escape) => likeEscape(text(pattern), text(escape)),
  },
  {
    name: "pg_format",
    parameters: [VARCHAR, LIST(VARCHAR)],
    returns: VARCHAR,
    call: (template, values) =>
      formatText(
        text(template),
        listOf(values).map((item) => (item === null ? null : text(item))),
      ),
  },
  {
    name: "bytea_encode",
    parameters: [BLOB, VARCHAR],
    returns: VARCHAR,
    call: (value, format) => encode(blobOf(value), text(format)),
  },
  {
    name: "bytea_decode",
    parameters: [VARCHAR, VARCHAR],
    returns: BLOB,
    call: (value, format) => blob(decode(text(value), text(format))),
  },
  {
    name: "bytea_digest",
    parameters: [BLOB, VARCHAR],
    returns: BLOB,
    call: (value, name) =>
      blob(createHash(text(name)).update(blobOf(value)).digest()),
  },
  {
    name: "bytea_text",
    parameters: [BLOB, VARCHAR],
    returns: VARCHAR,
    call: (value, encoding) => decodeUtf8(blobOf(value), text(encoding)),
  },
  {
    name: "text_bytea",
    parameters: [VARCHAR, VARCHAR],
    returns: BLOB,
    call: (value, encoding) => encodeUtf8(text(value), text(encoding)),
  },
  {
    name: "bytea_chars",
    parameters: [BLOB],
    returns: VARCHAR,
    call: (value) => Buffer.from(blobOf(value)).toString("latin1"),
  },
  {
    name: "chars_bytea",
    parameters: [VARCHAR],
    returns: BLOB,
    call: (value) => blob(Buffer.from(text(value), "latin1")),
  },
];
