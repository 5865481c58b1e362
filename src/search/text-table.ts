const SPACE = 32;
/** A slot holds a text's hash, its number plus one (0 when the slot is free), and where its letters are. */
const WIDTH = 4;

/**
 * Numbers for texts, in the order they first come. Looks words up where they stand in a longer text, without cutting them
 * out: a start reads millions of them, and spends most of its time waiting for memory, so what belongs together lies together.
 */
export class TextTable {
  readonly texts: string[] = [];
  #slots = new Uint32Array(64 * WIDTH);
  #letters = new Uint16Array(256);
  #lettersEnd = 0;

  find(text: string): number | undefined {
    const slot = this.#slotOf(text, 0, text.length, hashOf(text));
    const number = this.#slots[slot + 1]!;
    return number === 0 ? undefined : number - 1;
  }

  /** The number of a text, a new one when it was not there before. */
  numberOf(text: string): number {
    return this.#numberAt(text, 0, text.length, hashOf(text));
  }

  /** The number of each word between `start` and `end` of a line, where words stand apart by one space. */
  eachWord(line: string, start: number, end: number, visit: (number: number) => void): void {
    let from = start;
    let hash = SEED;
    for (let at = start; at < end; at++) {
      const unit = line.charCodeAt(at);
      if (unit !== SPACE) hash = Math.imul(hash ^ unit, FACTOR);
      else {
        if (at > from) visit(this.#numberAt(line, from, at, mixed(hash)));
        from = at + 1;
        hash = SEED;
      }
    }
    if (end > from) visit(this.#numberAt(line, from, end, mixed(hash)));
  }

  #numberAt(line: string, from: number, to: number, hash: number): number {
    const slot = this.#slotOf(line, from, to, hash);
    const known = this.#slots[slot + 1]!;
    return known === 0 ? this.#add(slot, line.slice(from, to), hash) : known - 1;
  }

  #add(slot: number, text: string, hash: number): number {
    const number = this.texts.push(ownCopy(text)) - 1;
    this.#slots[slot] = hash;
    this.#slots[slot + 1] = number + 1;
    this.#slots[slot + 2] = this.#lettersEnd;
    this.#slots[slot + 3] = text.length;
    this.#spell(text);
    if (this.texts.length * 2 * WIDTH > this.#slots.length) this.#grow();
    return number;
  }

  #spell(text: string): void {
    if (this.#lettersEnd + text.length > this.#letters.length) {
      const grown = new Uint16Array((this.#lettersEnd + text.length) * 2);
      grown.set(this.#letters);
      this.#letters = grown;
    }
    for (let at = 0; at < text.length; at++) this.#letters[this.#lettersEnd++] = text.charCodeAt(at);
  }

  /** Where the text is, or where it would be. */
  #slotOf(line: string, from: number, to: number, hash: number): number {
    const slots = this.#slots;
    const last = slots.length - 1;
    for (let slot = (hash * WIDTH) & last; ; slot = (slot + WIDTH) & last) {
      if (slots[slot + 1] === 0) return slot;
      if (
        slots[slot] === hash &&
        slots[slot + 3] === to - from &&
        this.#spells(slots[slot + 2]!, line, from, to)
      ) {
        return slot;
      }
    }
  }

  #spells(start: number, line: string, from: number, to: number): boolean {
    for (let at = from; at < to; at++) {
      if (this.#letters[start + at - from] !== line.charCodeAt(at)) return false;
    }
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

function hashOf(text: string): number {
  let hash = SEED;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), FACTOR);
  return mixed(hash);
}

function mixed(hash: number): number {
  const once = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  // 30 bits, so that slots can be counted without leaving the small integers.
  return (once ^ (once >>> 13)) & 0x3fffffff;
}

/** A piece cut from a longer text keeps the whole of it in memory; a copy does not. */
function ownCopy(text: string): string {
  return text.length < 13 ? text : Buffer.from(text, "utf8").toString("utf8");
}
