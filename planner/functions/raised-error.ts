// Errors that a kernel raises while it computes rows: it passes on nothing but a text, `SQLSTATE:message`, with what else there is to
// say behind marks. Emitted SQL and the functions of the nodes write such texts; the node reads them back (server/compute/node).

import { SqlError, type ErrorObject } from "../../storage/common/errors.ts";
import { SQLSTATES, type SqlState } from "../../storage/common/sqlstate.ts";

/** The detail comes last, since it may show a row with any characters in it. */
const DETAIL = "\u0001";
const HINT = "\u0002";
const OBJECT = "\u0003";

export type RaisedError = Pick<
  SqlError,
  "code" | "message" | "detail" | "hint" | "object"
>;

/** What `raisedError` reads. A detail that only the row tells is joined to it with `joinDetail`. */
export function raisedText(error: Partial<RaisedError> & RaisedHead): string {
  const { code, message, detail, hint, object } = error;
  return [
    `${code}:${message}`,
    hint === undefined ? "" : `${HINT}${hint}`,
    object === undefined ? "" : `${OBJECT}${JSON.stringify(object)}`,
    detail === undefined ? "" : `${DETAIL}${detail}`,
  ].join("");
}

type RaisedHead = Pick<SqlError, "code" | "message">;

/** What stands between the text of an error without detail and its detail. */
export const DETAIL_MARK: string = DETAIL;

const TAGGED = /(?:^|Error: )([0-9A-Z]{5}):([\s\S]*)$/;

/** Undefined when the kernel's message is not of this form. */
export function raisedError(kernelMessage: string): SqlError | undefined {
  const [, code = "", text = ""] = TAGGED.exec(kernelMessage) ?? [];
  if (!isSqlState(code)) return undefined;
  const [told, detail] = cut(text.replace(/\n\s*$/, ""), DETAIL);
  const [head, object] = cut(told, OBJECT);
  const [message, hint] = cut(head, HINT);
  return new SqlError(code, message, {
    detail,
    hint,
    object: object === undefined ? undefined : errorObject(JSON.parse(object)),
  });
}

/** What a node or a kernel says of the object, if it is one. */
export function errorObject(value: unknown): ErrorObject | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const named = (name: keyof ErrorObject): ErrorObject => {
    const text: unknown = Reflect.get(value, name);
    return typeof text === "string" ? { [name]: text } : {};
  };
  return {
    ...named("schema"),
    ...named("table"),
    ...named("column"),
    ...named("constraint"),
  };
}

function cut(text: string, mark: string): readonly [string, string?] {
  const at = text.indexOf(mark);
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

function isSqlState(code: string): code is SqlState {
  return Object.hasOwn(SQLSTATES, code);
}
