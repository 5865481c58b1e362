/** Counts by number, made once and emptied after each use: of thousands of numbers a question mostly meets a few. */
export class Tally {
  readonly #counts: Uint32Array;
  readonly #met: number[] = [];

  constructor(size: number) {
    this.#counts = new Uint32Array(size);
  }

  add(number: number, count: number): void {
    if (this.#counts[number] === 0) this.#met.push(number);
    this.#counts[number]! += count;
  }

  /** Hands over what was counted and forgets it. */
  empty(each: (number: number, count: number) => void): void {
    for (const number of this.#met) {
      each(number, this.#counts[number]!);
      this.#counts[number] = 0;
    }
    this.#met.length = 0;
  }
}
