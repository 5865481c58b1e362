/** One number for each ordinal, growing as ordinals are appended. */
export class Column {
  #values: Uint32Array;
  #length = 0;

  constructor(capacity = 64) {
    this.#values = new Uint32Array(capacity);
  }

  get length(): number {
    return this.#length;
  }

  at(position: number): number {
    return this.#values[position] ?? 0;
  }

  /** The numbers themselves, with room for more behind them; good until the next push. */
  get values(): Uint32Array {
    return this.#values;
  }

  push(value: number): void {
    if (this.#length === this.#values.length) this.#grow();
    this.#values[this.#length++] = value;
  }

  /** Whether the value is there, at the position `from` or behind it. */
  holds(value: number, from: number): boolean {
    for (let at = from; at < this.#length; at++) if (this.#values[at] === value) return true;
    return false;
  }

  /** Gives back the room that was reserved for growing. */
  trim(): void {
    this.#values = this.#values.slice(0, Math.max(64, this.#length));
  }

  #grow(): void {
    const grown = new Uint32Array(this.#values.length * 2);
    grown.set(this.#values);
    this.#values = grown;
  }
}

/** A list of numbers for each ordinal. */
export class Lists {
  readonly #ends = new Column();
  readonly #values = new Column();

  get length(): number {
    return this.#ends.length;
  }

  /** All lists one behind the other; what is added goes to the list that `end` has not ended yet. */
  get values(): Column {
    return this.#values;
  }

  end(): void {
    this.#ends.push(this.#values.length);
  }

  /** Adds to the list that has not ended what it does not hold yet. */
  addNew(values: readonly number[]): void {
    const start = this.startOf(this.length);
    for (const value of values) if (!this.#values.holds(value, start)) this.#values.push(value);
  }

  push(list: readonly number[]): void {
    for (const value of list) this.#values.push(value);
    this.end();
  }

  startOf(ordinal: number): number {
    return ordinal === 0 ? 0 : this.#ends.at(ordinal - 1);
  }

  endOf(ordinal: number): number {
    return this.#ends.at(ordinal);
  }

  /** How often each number stands in the lists of these ordinals, for numbers below `size`. */
  countIn(ordinals: Uint32Array, size: number): Uint32Array {
    const counts = new Uint32Array(size);
    const [ends, values] = [this.#ends.values, this.#values.values];
    for (let n = 0; n < ordinals.length; n++) {
      const ordinal = ordinals[n]!;
      const end = ends[ordinal]!;
      for (let at = ordinal === 0 ? 0 : ends[ordinal - 1]!; at < end; at++) counts[values[at]!]! += 1;
    }
    return counts;
  }

  at(ordinal: number): number[] {
    const list: number[] = [];
    for (let at = this.startOf(ordinal); at < this.endOf(ordinal); at++) list.push(this.#values.at(at));
    return list;
  }

  trim(): void {
    this.#ends.trim();
    this.#values.trim();
  }
}
