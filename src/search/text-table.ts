import type { Span } from "../storage/copy-out.js";
import type { Column } from "./column.js";

const SPACE = 32;
/** A slot holds a text's hash, its number plus one (0 when the slot is free), and where its letters are. */
const WIDTH = 4;

/**
 * Numbers for texts, in the order they first come. Looks them up where they stand in what the database sent, as UTF-8 and
 * without cutting them out: a start reads millions of them, and spends most of its time waiting for memory.
 */
export class TextTable {
  readonly texts: string[] = [];
  #slots = new Uint32Array(64 * WIDTH);
  #letters = new Uint8Array(256);
  #lettersEnd = 0;

  /** The text there, the same string each time it comes. */
  textAt(bytes: Buffer, { start, end }: Span): string {
    return this.texts[this.#numberAt(bytes, start, end, hashOf(bytes, start, end))] ?? "";
  }

  /** Adds the number of each word between `start` and `end`, where words stand apart by one space. */
  readWords(bytes: Buffer, start: number, end: number, into: Column): void {
    let from = start;
    let hash = SEED;
    for (let at = start; at < end; at++) {
      const letter = bytes[at]!;
      if (letter !== SPACE) hash = Math.imul(hash ^ letter, FACTOR);
      else {
        if (at > from) into.push(this.#numberAt(bytes, from, at, mixed(hash)));
        from = at + 1;
        hash = SEED;
      }
    }
    if (end > from) into.push(this.#numberAt(bytes, from, end, mixed(hash)));
  }

  #numberAt(bytes: Buffer, from: number, to: number, hash: number): number {
    const slot = this.#slotOf(bytes, from, to, hash);
    const known = this.#slots[slot + 1]!;
    return known === 0 ? this.#add(slot, bytes, from, to, hash) : known - 1;
  }

  #add(slot: number, bytes: Buffer, from: number, to: number, hash: number): number {
    const number = this.texts.push(bytes.toString("utf8", from, to)) - 1;
    this.#slots[slot] = hash;
    this.#slots[slot + 1] = number + 1;
    this.#slots[slot + 2] = this.#lettersEnd;
    this.#slots[slot + 3] = to - from;
    this.#spell(bytes, from, to);
    if (this.texts.length * 2 * WIDTH > this.#slots.length) this.#grow();
    return number;
  }

  #spell(bytes: Buffer, from: number, to: number): void {
    const end = this.#lettersEnd + to - from;
    if (end > this.#letters.length) {
      const grown = new Uint8Array(end * 2);
      grown.set(this.#letters);
      this.#letters = grown;
    }
    bytes.copy(this.#letters, this.#lettersEnd, from, to);
    this.#lettersEnd = end;
  }

  /** Where the text is, or where it would be. */
  #slotOf(bytes: Buffer, from: number, to: number, hash: number): number {
    const slots = this.#slots;
    const last = slots.length - 1;
    for (let slot = (hash * WIDTH) & last; ; slot = (slot + WIDTH) & last) {
      if (slots[slot + 1] === 0) return slot;
      if (
        slots[slot] === hash &&
        slots[slot + 3] === to - from &&
        this.#spells(slots[slot + 2]!, bytes, from, to)
      ) {
        return slot;
      }
    }
  }

  #spells(start: number, bytes: Buffer, from: number, to: number): boolean {
    const letters = this.#letters;
    for (let at = from; at < to; at++) if (letters[start + at - from] !== bytes[at]) return false;
    return true;
  }

  #grow(): void {
    const before = this.#slots;
    const last = before.length * 2 - 1;
    this.#slots = new Uint32Array(last + 1);
    for (let old = 0; old < before.length; old += WIDTH) {
      if (before[old + 1] === 0) continue;
      let slot = (before[old]! * WIDTH) & last;
      while (this.#slots[slot + 1] !== 0) slot = (slot + WIDTH) & last;
      this.#slots.set(before.subarray(old, old + WIDTH), slot);
    }
  }
}

/** FNV-1a from a start of this process' own, so that nobody can prepare words that all collide. */
const SEED = Math.floor(Math.random() * 0xffffffff) | 0;
const FACTOR = 16_777_619;

function hashOf(bytes: Buffer, from: number, to: number): number {
  let hash = SEED;
  for (let at = from; at < to; at++) hash = Math.imul(hash ^ bytes[at]!, FACTOR);
  return mixed(hash);
}

function mixed(hash: number): number {
  const once = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  // 30 bits, so that slots can be counted without leaving the small integers.
  return (once ^ (once >>> 13)) & 0x3fffffff;
}
