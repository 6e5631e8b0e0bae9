// Objects of a JSON file, one a line or as they stand -> texts of the members asked for: strings as they are, numbers with all their digits, everything nested as JSON.

import {
  isObject,
  JsonNumber,
  parseJson,
  printJson,
  type Json,
  type JsonObject,
} from "../../storage/delta/json.ts";
import { Fields } from "../compute/node/copy/fields.ts";
import { InputBuffer } from "../compute/node/copy/input-buffer.ts";
import { isText, MAX_RECORD_BYTES, type TextRows } from "./csv-rows.ts";
import { recordTooLong } from "./errors.ts";
import { JsonValues, type Span } from "./json-values.ts";

const LF = 0x0a;

export class JsonRows implements TextRows {
  readonly fields: Fields = new Fields();
  problem: string | undefined;
  /** The value read last; undefined when it is no object. */
  object: JsonObject | undefined;
  readonly #names: readonly string[];
  /** Of a format whose objects may take several lines. */
  readonly #values: JsonValues | undefined;
  readonly #input = new InputBuffer();
  #first = true;
  #start = 0;
  #end = 0;

  /** @param names the members that become fields, in order */
  constructor(names: readonly string[], multiLine: boolean) {
    this.#names = names;
    this.#values = multiLine ? new JsonValues() : undefined;
  }

  push(piece: Uint8Array): void {
    this.#input.push(piece);
  }

  next(atEnd: boolean): boolean {
    for (;;) {
      const found = this.#values
        ? this.#value(this.#values, atEnd)
        : this.#line(atEnd);
      if (found === undefined) return false;
      const bytes = this.#input.bytes.subarray(found.start, found.stop);
      this.#start = found.start;
      this.#end = found.stop;
      const text = bytes
        .toString("utf8")
        .replace(/^\ufeff/u, "")
        .trim();
      if (text === "" && !this.#values) continue;
      this.#read(isText(bytes) ? text : undefined);
      return true;
    }
  }

  #line(atEnd: boolean): Span | undefined {
    const input = this.#input;
    const found = input.bytes.subarray(0, input.size).indexOf(LF, input.start);
    if (found < 0 && !atEnd) {
      this.#checkLength();
      return undefined;
    }
    const start = input.start;
    const stop = found < 0 ? input.size : found;
    if (found < 0 && stop === start) return undefined;
    input.start = found < 0 ? stop : stop + 1;
    return { start, stop };
  }

  #value(values: JsonValues, atEnd: boolean): Span | undefined {
    const input = this.#input;
    if (this.#first && !this.#input.skipMark(atEnd)) return undefined;
    this.#first = false;
    const found = values.next(input.bytes, input.start, input.size, atEnd);
    if (typeof found === "number") {
      input.start = found;
      this.#checkLength();
      return undefined;
    }
    input.start = found.stop;
    return found;
  }

  #checkLength(): void {
    const { size, start } = this.#input;
    if (size - start > MAX_RECORD_BYTES) throw recordTooLong();
  }

  record(): Uint8Array {
    const line = this.#input.bytes.subarray(this.#start, this.#end);
    return isText(line)
      ? Buffer.from(line.toString("utf8").trim())
      : Buffer.from(line.toString("utf8").replaceAll("\u0000", "\ufffd"));
  }

  #read(text: string | undefined): void {
    const value = text === undefined ? undefined : parseJson(text);
    const object = isObject(value) ? value : undefined;
    this.object = object;
    this.problem =
      object === undefined
        ? text === undefined
          ? "it is not UTF-8 text"
          : "it is not a JSON object"
        : undefined;
    this.fields.reset(0);
    for (const name of this.#names) {
      const shown = object && textOfMember(memberOf(object, name));
      if (shown === undefined || shown === null) this.fields.addNull();
      else {
        const bytes = Buffer.from(shown);
        this.fields.add(bytes, 0, bytes.length);
      }
    }
  }
}

/** The member of that name; where there is none, one whose name differs by case. */
function memberOf(object: JsonObject, name: string): Json | undefined {
  const exact = object.get(name);
  if (exact !== undefined) return exact;
  const folded = name.toLowerCase();
  for (const [key, value] of object) {
    if (key.toLowerCase() === folded) return value;
  }
  return undefined;
}

function textOfMember(value: Json | undefined): string | null {
  if (value === undefined || value === null) return null;
  // A NUL can be written in JSON, and not be held in a text.
  if (typeof value === "string") return value.replaceAll("\u0000", "\ufffd");
  if (value instanceof JsonNumber) return value.text;
  return printJson(value);
}
