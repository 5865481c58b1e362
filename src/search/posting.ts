import { add, holds, put, type Bits } from "./bits.js";
import { Numbering } from "./numbering.js";

/** A set of marks; the same name is always the same set. */
export type Marks = { readonly name: string; readonly holds: Uint8Array };

export function marks(name: string, holds: (mark: number) => boolean): Marks {
  return { name, holds: Uint8Array.from({ length: 256 }, (_, mark) => (holds(mark) ? 1 : 0)) };
}

/** Stands for every code of an axis: who has it tells something there. No code is empty. */
export const TOLD = "";
const TOLD_TERM = 0;

/** What so many have is worth keeping as a set too, one code's or a whole list's; so many sets are kept. */
const OFTEN = 1024;
const REMEMBERED = 200;
/** A list of so many codes is worth remembering, such as all regions that answer for a country, or for a continent. */
const SEVERAL = 4;

/** A list of codes: its terms when there were so many codes, how many entries are packed for them, and whether it came more than once. */
type KnownList = {
  readonly name: string;
  readonly packed: number;
  terms: readonly number[];
  codesThen: number;
  again: boolean;
};

/**
 * Who has which code on one axis: for each code the ordinals in ascending order, each with its mark. An ordinal may be
 * there more than once with different marks. Most lie in one packed array (ordinal × 256 + mark), what was appended since
 * in a short list per code.
 */
export class Postings {
  readonly #terms: Numbering;
  readonly #starts: Uint32Array;
  readonly #entries: Uint32Array;
  readonly #tail = new Map<number, number[]>();
  #lastTold = -1;
  readonly #sets = new Map<string, Bits>();
  readonly #lists = new WeakMap<readonly string[], KnownList>();
  #listsMet = 0;

  /** `terms`, `starts` and `entries` are what is packed: from where to where the entries of each term lie. */
  constructor(
    terms = new Numbering(),
    starts: Uint32Array = new Uint32Array(1),
    entries: Uint32Array = new Uint32Array(0),
  ) {
    this.#terms = terms;
    this.#starts = starts;
    this.#entries = entries;
    this.termOf(TOLD);
  }

  /** Every code that somebody has or had, in the order they came; the first is TOLD. */
  get codes(): readonly string[] {
    return this.#terms.codes;
  }

  /** The number of a code, a new one when it was not there before. */
  termOf(code: string): number {
    return this.#terms.of(code);
  }

  find(code: string): number | undefined {
    return this.#terms.find(code);
  }

  /** Ordinals only ever grow, so every posting stays in ascending order. */
  append(term: number, ordinal: number, mark: number): void {
    const entry = ordinal * 256 + mark;
    if (term === TOLD_TERM) {
      // Most tell several things with the same mark; once is enough to have told.
      if (entry === this.#lastTold) return;
      this.#lastTold = entry;
    }
    const list = this.#tail.get(term);
    if (list) list.push(entry);
    else this.#tail.set(term, [entry]);
  }

  /** Puts everyone who has one of the codes, with one of these marks when there are any given, into `into`. */
  fill(codes: readonly string[], accepted: Marks | null, into: Bits): void {
    if (codes.length < SEVERAL) for (const term of this.#found(codes)) this.#fillTerm(term, accepted, into);
    else this.#fillList(this.#knownList(codes), accepted, into);
  }

  /** The vocabulary's own lists come again and again, each the very same object: everyone who has one of its codes is kept as one set. */
  #fillList({ name, packed, terms, again }: KnownList, accepted: Marks | null, into: Bits): void {
    if (!again || packed < OFTEN) for (const term of terms) this.#fillTerm(term, accepted, into);
    else {
      add(into, this.#rememberedSet(name, terms, accepted, into.length));
      if (this.#tail.size > 0) for (const term of terms) this.#fillTail(term, accepted, into);
    }
  }

  #knownList(codes: readonly string[]): KnownList {
    const codesThen = this.codes.length;
    const known = this.#lists.get(codes);
    if (known === undefined) {
      const terms = this.#found(codes);
      const packed = terms.reduce((sum, term) => sum + this.#end(term) - this.#start(term), 0);
      const list = { name: `list ${this.#listsMet++}`, packed, terms, codesThen, again: false };
      this.#lists.set(codes, list);
      return list;
    }
    known.again = true;
    if (known.codesThen !== codesThen) {
      known.terms = this.#found(codes);
      known.codesThen = codesThen;
    }
    return known;
  }

  #found(codes: readonly string[]): readonly number[] {
    const terms: number[] = [];
    for (const code of codes) {
      const term = this.#terms.find(code);
      if (term !== undefined) terms.push(term);
    }
    return terms;
  }

  #fillTerm(term: number, accepted: Marks | null, into: Bits): void {
    if (this.#end(term) - this.#start(term) < OFTEN) this.#fillPacked(term, accepted, into);
    else add(into, this.#rememberedSet(`term ${term}`, [term], accepted, into.length));
    this.#fillTail(term, accepted, into);
  }

  /** Who has any of these terms, without those that came later. What is asked for again stays longest. */
  #rememberedSet(name: string, terms: readonly number[], accepted: Marks | null, length: number): Bits {
    const marked = (of: string) => `${of} ${accepted?.name ?? ""}`;
    const known = this.#sets.get(marked(name));
    const set = known ?? new Uint32Array(length);
    if (known === undefined) {
      for (const term of terms) {
        const kept = this.#sets.get(marked(`term ${term}`));
        if (kept === undefined) this.#fillPacked(term, accepted, set);
        else add(set, kept);
      }
      const [oldest] = this.#sets.size < REMEMBERED ? [] : this.#sets.keys();
      if (oldest !== undefined) this.#sets.delete(oldest);
    }
    this.#sets.delete(marked(name));
    this.#sets.set(marked(name), set);
    return set;
  }

  #fillPacked(term: number, accepted: Marks | null, into: Bits): void {
    const end = this.#end(term);
    for (let at = this.#start(term); at < end; at++) fillOne(this.#entries[at]!, accepted, into);
  }

  #fillTail(term: number, accepted: Marks | null, into: Bits): void {
    for (const entry of this.#tail.get(term) ?? []) fillOne(entry, accepted, into);
  }

  /** Raises the points of everyone living who has the term to those of the mark; returns whether there is anyone. */
  raise(term: number, points: Uint8Array, alive: Bits, best: Uint8Array): boolean {
    let anyone = false;
    const end = this.#end(term);
    const raiseOne = (entry: number): void => {
      const gained = points[entry & 255]!;
      const ordinal = entry >>> 8;
      if (gained === 0 || !holds(alive, ordinal)) return;
      anyone = true;
      if (best[ordinal]! < gained) best[ordinal] = gained;
    };
    for (let at = this.#start(term); at < end; at++) raiseOne(this.#entries[at]!);
    this.#tail.get(term)?.forEach(raiseOne);
    return anyone;
  }

  visit(term: number, each: (ordinal: number, mark: number) => void): void {
    const entries = this.#entries;
    const end = this.#end(term);
    for (let at = this.#start(term); at < end; at++) each(entries[at]! >>> 8, entries[at]! & 255);
    for (const entry of this.#tail.get(term) ?? []) each(entry >>> 8, entry & 255);
  }

  /** The same with every ordinal's new number (the order stays), without those that have none, and without codes nobody has. */
  renumbered(ordinals: Int32Array): Postings {
    const terms = new Numbering();
    const entries = new Uint32Array(this.#size());
    const starts = [0];
    let end = 0;
    this.codes.forEach((code, term) => {
      this.visit(term, (ordinal, mark) => {
        const moved = ordinals[ordinal]!;
        if (moved >= 0) entries[end++] = moved * 256 + mark;
      });
      if (end > starts[terms.codes.length]! || code === TOLD) starts[terms.of(code) + 1] = end;
    });
    return new Postings(terms, Uint32Array.from(starts), entries.slice(0, end));
  }

  #size(): number {
    return [...this.#tail.values()].reduce((size, list) => size + list.length, this.#entries.length);
  }

  #start(term: number): number {
    return this.#starts[Math.min(term, this.#starts.length - 1)]!;
  }

  #end(term: number): number {
    return this.#starts[Math.min(term + 1, this.#starts.length - 1)]!;
  }
}

function fillOne(entry: number, accepted: Marks | null, into: Bits): void {
  if (accepted === null || accepted.holds[entry & 255] === 1) put(into, entry >>> 8);
}
