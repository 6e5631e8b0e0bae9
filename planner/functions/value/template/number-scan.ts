// to_number: digits, sign and point found where the template expects them.

import { SqlError } from "../../../../storage/common/errors.ts";
import { parseNumberTemplate } from "./number-format.ts";

/** Numeric text; 22P02 when no digit is there. */
export function scanNumber(text: string, template: string): string {
  const scanner = new Scanner(text);
  for (const part of parseNumberTemplate(template).parts) {
    scanner.take(part.kind === "text" ? "text" : part.name);
  }
  return scanner.finish();
}

class Scanner {
  readonly #text: string;
  #at = 0;
  #whole = "";
  #fraction = "";
  #negative = false;
  #point = false;

  constructor(text: string) {
    this.#text = text;
  }

  /** One part of the template; a sign may stand before any. */
  take(name: string): void {
    const sign = this.#match(/^\s*[-+<]?/).trim();
    if (sign === "-" || sign === "<") this.#negative = true;
    switch (name) {
      case "9":
      case "0":
        this.#digit();
        return;
      case ".":
      case "D":
        if (this.#match(/^\./) !== "") this.#point = true;
        return;
      case ",":
      case "G":
        this.#match(/^,/);
        return;
      case "text":
      case "L":
        this.#match(/^[^\d.,+-]/);
        return;
      default:
    }
  }

  /** A point in the text ends the whole digits even where the template has more of them. */
  #digit(): void {
    if (!this.#point && this.#text[this.#at] === ".") return;
    const digit = this.#match(/^\d/);
    if (this.#point) this.#fraction += digit;
    else this.#whole += digit;
  }

  #match(pattern: RegExp): string {
    const found = pattern.exec(this.#text.slice(this.#at))?.[0] ?? "";
    this.#at += found.length;
    return found;
  }

  finish(): string {
    if (this.#whole === "" && this.#fraction === "") {
      throw new SqlError("22P02", 'invalid input syntax for type numeric: " "');
    }
    const fraction = this.#fraction === "" ? "" : `.${this.#fraction}`;
    return `${this.#negative ? "-" : ""}${this.#whole === "" ? "0" : this.#whole}${fraction}`;
  }
}
