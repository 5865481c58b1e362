/** Counts by number, made once and cleared before each use: of thousands of numbers a question mostly meets a few. */
export class Tally {
  readonly #counts: Uint32Array;
  readonly #met: number[] = [];

  constructor(size: number) {
    this.#counts = new Uint32Array(size);
  }

  clear(): void {
    for (const number of this.#met) this.#counts[number] = 0;
    this.#met.length = 0;
  }

  add(number: number, count: number): void {
    if (this.#counts[number] === 0) this.#met.push(number);
    this.#counts[number]! += count;
  }

  visit(each: (number: number, count: number) => void): void {
    for (const number of this.#met) each(number, this.#counts[number]!);
  }
}
