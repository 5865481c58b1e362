/** The same throws every time from one seed (mulberry32). */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** From 0 to less than 1. */
  throw(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  }

  chance(probability: number): boolean {
    return this.throw() < probability;
  }

  pick<T>(list: readonly T[]): T {
    const one = list[Math.floor(this.throw() * list.length)];
    if (one === undefined) throw new Error("there is nothing to pick from");
    return one;
  }

  /** Up to `most` of the list, at least one. */
  some<T>(list: readonly T[], most: number): readonly T[] {
    const many = 1 + Math.floor(this.throw() * most);
    return Array.from({ length: many }, () => this.pick(list));
  }
}
