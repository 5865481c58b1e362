/** Numbers for codes, in the order they are first met. */
export class Numbering {
  readonly codes: string[] = [];
  readonly #numbers = new Map<string, number>();

  find(code: string): number | undefined {
    return this.#numbers.get(code);
  }

  /** The number of a code, a new one when it was not there before. */
  of(code: string): number {
    const known = this.#numbers.get(code);
    if (known !== undefined) return known;
    this.#numbers.set(code, this.codes.length);
    return this.codes.push(code) - 1;
  }
}
