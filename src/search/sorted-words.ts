/** Words that can be looked up by how they begin, and by being one typo away. TOLD, the empty word, is never found. */
export class SortedWords {
  readonly #words: readonly string[];
  #forward: Uint32Array | undefined;
  #backward: Uint32Array | undefined;

  /** `offset` is added to the numbers that are handed out. */
  constructor(
    words: readonly string[],
    readonly offset = 0,
  ) {
    this.#words = words;
  }

  get length(): number {
    return this.#words.length;
  }

  /** The numbers of words that begin so, without the beginning itself. */
  startingWith(beginning: string): readonly number[] {
    if (this.#words.length === 0) return [];
    return this.#between(beginning)
      .filter((number) => this.#word(number).length > beginning.length)
      .map((number) => number + this.offset);
  }

  /** The numbers of words one letter more, less, other, or two neighbours swapped away (Damerau-Levenshtein). */
  oneTypoFrom(word: string): readonly number[] {
    if (this.#words.length === 0) return [];
    // One typo leaves one of the halves as it is; a swap across the middle leaves both, if the middle is in neither.
    const half = Math.floor((word.length - 1) / 2);
    const candidates = [
      ...this.#between(word.slice(0, half)),
      ...this.#endingWith(word.slice(word.length - half)),
    ];
    const near = candidates.filter((number) => oneTypoApart(word, this.#word(number)));
    return [...new Set(near)].map((number) => number + this.offset);
  }

  #word(number: number): string {
    return this.#words[number] ?? "";
  }

  #between(beginning: string): readonly number[] {
    this.#forward ??= sortedBy(this.#words);
    const from = firstNotBefore(this.#forward, (number) => this.#word(number) < beginning);
    const found: number[] = [];
    for (let at = from; at < this.#forward.length; at++) {
      const number = this.#forward[at]!;
      if (!this.#word(number).startsWith(beginning)) break;
      found.push(number);
    }
    return found;
  }

  #endingWith(ending: string): readonly number[] {
    this.#backward ??= sortedBy(this.#words.map(backwards));
    const turned = backwards(ending);
    const from = firstNotBefore(this.#backward, (number) => backwards(this.#word(number)) < turned);
    const found: number[] = [];
    for (let at = from; at < this.#backward.length; at++) {
      const number = this.#backward[at]!;
      if (!this.#word(number).endsWith(ending)) break;
      found.push(number);
    }
    return found;
  }
}

function sortedBy(keys: readonly string[]): Uint32Array {
  return Uint32Array.from(keys.keys()).sort((one, other) => {
    const [a = "", b = ""] = [keys[one], keys[other]];
    return a < b ? -1 : a > b ? 1 : 0;
  });
}

/** By code units, as strings are compared, so that what ends alike stands together. */
function backwards(word: string): string {
  let turned = "";
  for (let at = word.length - 1; at >= 0; at--) turned += word.charAt(at);
  return turned;
}

function firstNotBefore(sorted: Uint32Array, before: (number: number) => boolean): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (before(sorted[middle]!)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Whether exactly one letter was added, left out, replaced, or swapped with its neighbour. */
function oneTypoApart(one: string, other: string): boolean {
  if (Math.abs(one.length - other.length) > 1 || one === other) return false;
  let start = 0;
  while (start < one.length && one[start] === other[start]) start++;
  const rest = (text: string, skipped: number): string => text.slice(start + skipped);
  if (one.length > other.length) return rest(one, 1) === rest(other, 0);
  if (one.length < other.length) return rest(one, 0) === rest(other, 1);
  if (rest(one, 1) === rest(other, 1)) return true;
  return (
    one[start] === other[start + 1] && one[start + 1] === other[start] && rest(one, 2) === rest(other, 2)
  );
}
