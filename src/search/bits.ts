/** A set of ordinals, one bit each. Sets that are combined have the same length. */
export type Bits = Uint32Array;

export function noneOf(length: number): Bits {
  return new Uint32Array((length + 31) >>> 5);
}

export function put(bits: Bits, ordinal: number): void {
  bits[ordinal >>> 5]! |= 1 << (ordinal & 31);
}

export function take(bits: Bits, ordinal: number): void {
  bits[ordinal >>> 5]! &= ~(1 << (ordinal & 31));
}

export function holds(bits: Bits, ordinal: number): boolean {
  return (bits[ordinal >>> 5]! & (1 << (ordinal & 31))) !== 0;
}

/** Keeps in `bits` what `other` holds too; `other` may be longer. */
export function keep(bits: Bits, other: Bits): Bits {
  for (let at = 0; at < bits.length; at++) bits[at]! &= other[at]!;
  return bits;
}

/** Adds to `bits` what `other` holds; `other` may be shorter. */
export function add(bits: Bits, other: Bits): Bits {
  const length = Math.min(bits.length, other.length);
  for (let at = 0; at < length; at++) bits[at]! |= other[at]!;
  return bits;
}

/** Removes from `bits` what `other` holds. */
export function drop(bits: Bits, other: Bits): Bits {
  for (let at = 0; at < bits.length; at++) bits[at]! &= ~other[at]!;
  return bits;
}

/** Everything that `bits` does not hold. */
export function turn(bits: Bits): Bits {
  for (let at = 0; at < bits.length; at++) bits[at] = ~bits[at]!;
  return bits;
}

export function sizeOf(bits: Bits): number {
  let size = 0;
  for (let at = 0; at < bits.length; at++) size += onesIn(bits[at]!);
  return size;
}

/** The ordinals it holds, in ascending order. */
export function membersOf(bits: Bits): Uint32Array {
  const members = new Uint32Array(sizeOf(bits));
  let found = 0;
  for (let at = 0; at < bits.length; at++) {
    for (let word = bits[at]!; word !== 0; word &= word - 1) {
      members[found++] = firstIn(word, at);
    }
  }
  return members;
}

/** Where the words are that are not empty. */
export function wordsIn(bits: Bits): Uint32Array {
  const words = new Uint32Array(bits.length);
  let found = 0;
  for (let at = 0; at < bits.length; at++) if (bits[at] !== 0) words[found++] = at;
  return words.subarray(0, found);
}

/** The least ordinal in a word that is not empty, by where the word is. */
export function firstIn(word: number, at: number): number {
  return (at << 5) + 31 - Math.clz32(word & -word);
}

/** How many bits of a word are set. */
export function onesIn(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const nibbles = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((nibbles + (nibbles >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
