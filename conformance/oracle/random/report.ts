// What a run of random statements found: how many agreed, which constructs are refused by name, and every difference at its smallest.

export class Report {
  readonly #refusals = new Map<string, number>();
  readonly #differences: string[] = [];
  #same = 0;
  #failed = 0;

  /** `failed`: with the same error on both sides. */
  agree(failed: boolean): void {
    this.#same += 1;
    if (failed) this.#failed += 1;
  }

  refuse(message: string): void {
    this.#refusals.set(message, (this.#refusals.get(message) ?? 0) + 1);
  }

  differ(text: string): void {
    this.#differences.push(text);
  }

  get differences(): readonly string[] {
    return this.#differences;
  }

  get agreed(): number {
    return this.#same;
  }

  /** Refusals with their counts, the most frequent first. */
  toString(): string {
    const refused = [...this.#refusals].toSorted(([, a], [, b]) => b - a);
    return [
      `${this.#same} answers agree (${this.#failed} of them errors), ${this.#differences.length} differ, ${refused.reduce((sum, [, count]) => sum + count, 0)} refused`,
      ...refused.map(([message, count]) => `  refused ${count}x: ${message}`),
    ].join("\n");
  }
}
