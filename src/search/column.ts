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

  push(value: number): void {
    if (this.#length === this.#values.length) this.#grow();
    this.#values[this.#length++] = value;
  }

  clear(): void {
    this.#length = 0;
    this.#values = new Uint32Array(64);
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

  push(list: readonly number[]): void {
    for (const value of list) this.#values.push(value);
    this.#ends.push(this.#values.length);
  }

  /** Adds one to the count of everything in the list of this ordinal. */
  countInto(counts: Uint32Array, ordinal: number): void {
    const end = this.#ends.at(ordinal);
    for (let at = this.#start(ordinal); at < end; at++) counts[this.#values.at(at)]! += 1;
  }

  at(ordinal: number): number[] {
    const list: number[] = [];
    for (let at = this.#start(ordinal); at < this.#ends.at(ordinal); at++) list.push(this.#values.at(at));
    return list;
  }

  trim(): void {
    this.#ends.trim();
    this.#values.trim();
  }

  #start(ordinal: number): number {
    return ordinal === 0 ? 0 : this.#ends.at(ordinal - 1);
  }
}
