// The ENCODING option of COPY: UTF8 by any of its names; PostgreSQL's other encodings by name only, to be refused as such.

import type { CopyOption } from "../../parse/ast.ts";
import { notSupported } from "../../../storage/common/errors.ts";
import { invalidCopyOption } from "../errors/errors-copy.ts";

/** Names as PostgreSQL compares them: letters and digits in lower case. */
const UTF8: ReadonlySet<string> = new Set(["utf8", "unicode", "sqlascii"]);
const OTHERS =
  /^(?:abc|alt|big5|euccn|eucjis2004|eucjp|euckr|euctw|gb18030|gbk|iso8859\d{1,2}|johab|koi8|koi8r|koi8u|latin\d{1,2}|mskanji|muleinternal|shiftjis|shiftjis2004|sjis|tcvn|tcvn5712|uhc|vscii|win|win\d{3,4}|windows\d{3,4})$/;

/** Throws 22023 for what is no encoding, 0A000 for one that is not UTF8. */
export function encodingOf(text: string, option: CopyOption): string {
  const name = text.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
  if (UTF8.has(name)) return name;
  if (OTHERS.test(name)) {
    throw notSupported(`COPY in encoding "${text}" is`, option.position);
  }
  throw invalidCopyOption(
    `argument to option "${option.name}" must be a valid encoding name`,
    option.position,
  );
}
