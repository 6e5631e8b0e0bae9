// Texts of days by number, kept: columns of dates name few days over and over.

/** Longest text kept, in bytes. */
const WIDTH = 32;
const SLOTS = 4096;

export class DayTexts {
  readonly #bytes: DataView = new DataView(new ArrayBuffer(SLOTS * WIDTH));
  readonly #days = new Float64Array(SLOTS).fill(Number.NaN);
  readonly #lengths = new Uint8Array(SLOTS);
  readonly #text: (day: number) => string;

  constructor(text: (day: number) => string) {
    this.#text = text;
  }

  /** Copies the day's text to `to` and returns where it ends; `to` has room for 32 bytes. */
  write(day: number, to: DataView, at: number): number {
    const slot = day & (SLOTS - 1);
    if (this.#days[slot] !== day) this.#fill(slot, day);
    const from = slot * WIDTH;
    const length = this.#lengths[slot] ?? 0;
    const bytes = this.#bytes;
    for (let i = 0; i < length; i += 4) {
      to.setInt32(at + i, bytes.getInt32(from + i));
    }
    return at + length;
  }

  #fill(slot: number, day: number): void {
    const text = this.#text(day);
    this.#days[slot] = day;
    this.#lengths[slot] = text.length;
    for (let i = 0; i < text.length; i++)
      this.#bytes.setUint8(slot * WIDTH + i, text.charCodeAt(i));
  }
}
