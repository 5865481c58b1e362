import { Column } from "./column.js";

/** A record's id as four numbers, which are in the order of its text. */
export type Id = readonly [number, number, number, number];

const FREE = 0;
const GONE = 0xffffffff;

/** Which record has which ordinal: ids as numbers, and a table that finds them. Two networks may say they have the same id. */
export class Ids {
  readonly #parts = [new Column(), new Column(), new Column(), new Column()] as const;
  readonly #origins = new Column();
  /** By hash the ordinal plus one, or one of FREE and GONE. */
  #slots = new Uint32Array(128);

  get length(): number {
    return this.#origins.length;
  }

  /** By ordinal, the first of the four numbers. */
  get keys(): Uint32Array {
    return this.#parts[0].values;
  }

  id(ordinal: number): string {
    return writeId(this.numbers(ordinal));
  }

  originOf(ordinal: number): number {
    return this.#origins.at(ordinal);
  }

  compare(one: number, other: number): number {
    return this.#parts[0].at(one) - this.#parts[0].at(other) || this.compareTo(one, this.numbers(other));
  }

  compareTo(ordinal: number, id: Id): number {
    const [one, two, three, four] = this.#parts;
    return (
      one.at(ordinal) - id[0] ||
      two.at(ordinal) - id[1] ||
      three.at(ordinal) - id[2] ||
      four.at(ordinal) - id[3]
    );
  }

  /** Gives a record the next ordinal; it must not have one. */
  add(id: Id, origin: number): number {
    const ordinal = this.length;
    for (let part = 0; part < id.length; part++) this.#parts[part]!.push(id[part]!);
    this.#origins.push(origin);
    if ((ordinal + 1) * 2 > this.#slots.length) this.#grow();
    this.#enter(ordinal, id);
    return ordinal;
  }

  find(id: Id, origin: number): number | undefined {
    const slot = this.#slotOf(id, origin);
    return slot === undefined ? undefined : this.#slots[slot]! - 1;
  }

  /** The ordinal stays, but is not found any more. */
  forget(ordinal: number): void {
    const slot = this.#slotOf(this.numbers(ordinal), this.originOf(ordinal));
    if (slot !== undefined) this.#slots[slot] = GONE;
  }

  trim(): void {
    for (const column of [...this.#parts, this.#origins]) column.trim();
  }

  numbers(ordinal: number): Id {
    const [one, two, three, four] = this.#parts;
    return [one.at(ordinal), two.at(ordinal), three.at(ordinal), four.at(ordinal)];
  }

  #slotOf(id: Id, origin: number): number | undefined {
    const last = this.#slots.length - 1;
    for (let slot = hashOf(id) & last; ; slot = (slot + 1) & last) {
      const entry = this.#slots[slot]!;
      if (entry === FREE) return undefined;
      const [ordinal, gone] = [entry - 1, entry === GONE];
      if (!gone && this.originOf(ordinal) === origin && this.compareTo(ordinal, id) === 0) return slot;
    }
  }

  #enter(ordinal: number, id: Id): void {
    const last = this.#slots.length - 1;
    let slot = hashOf(id) & last;
    while (this.#slots[slot] !== FREE && this.#slots[slot] !== GONE) slot = (slot + 1) & last;
    this.#slots[slot] = ordinal + 1;
  }

  #grow(): void {
    const before = this.#slots;
    this.#slots = new Uint32Array(before.length * 2);
    for (const entry of before) {
      if (entry !== FREE && entry !== GONE) this.#enter(entry - 1, this.numbers(entry - 1));
    }
  }
}

const PARTS = [0, 8, 16, 24] as const;

export function readId(text: string): Id {
  const digits = text.replaceAll("-", "");
  const part = (start: number): number => Number.parseInt(digits.slice(start, start + 8), 16);
  return [part(PARTS[0]), part(PARTS[1]), part(PARTS[2]), part(PARTS[3])];
}

/** The id whose sixteen bytes are there. */
export function idAt(bytes: Buffer, at: number): Id {
  return [
    bytes.readUInt32BE(at),
    bytes.readUInt32BE(at + 4),
    bytes.readUInt32BE(at + 8),
    bytes.readUInt32BE(at + 12),
  ];
}

const PAIRS = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

function writeId([one, two, three, four]: Id): string {
  return `${half(one >>> 16)}${half(one)}-${half(two >>> 16)}-${half(two)}-${half(three >>> 16)}-${half(three)}${half(four >>> 16)}${half(four)}`;
}

/** The lower sixteen bits. */
function half(part: number): string {
  return `${PAIRS[(part >>> 8) & 255]}${PAIRS[part & 255]}`;
}

/** From a start of this process' own, so that nobody can prepare ids that all collide. */
const SEED = Math.floor(Math.random() * 0xffffffff) | 0;

function hashOf(id: Id): number {
  let hash = SEED;
  for (const part of id) {
    hash = Math.imul(hash ^ part, 0x2c1b3c6d);
    hash ^= hash >>> 15;
  }
  return hash & 0x3fffffff;
}
