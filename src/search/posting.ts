import { add, holds, put, type Bits } from "./bits.js";
import { Column } from "./column.js";
import { TextTable } from "./text-table.js";

/** A set of marks; the same name is always the same set. */
export type Marks = { readonly name: string; readonly holds: Uint8Array };

export function marks(name: string, holds: (mark: number) => boolean): Marks {
  return { name, holds: Uint8Array.from({ length: 256 }, (_, mark) => (holds(mark) ? 1 : 0)) };
}

/** Stands for every code of an axis: who has it tells something there. No code is empty. */
export const TOLD = "";

/** A posting as long as this is worth keeping as a set too; so many sets are kept. */
const OFTEN = 1024;
const REMEMBERED = 200;

/**
 * Who has which code on one axis: for each code the ordinals in ascending order, each with its mark. An ordinal may be
 * there more than once with different marks. Most lie in one packed array (ordinal × 256 + mark), what was appended since
 * in a short list per code.
 */
export class Postings {
  readonly #terms = new TextTable();
  #starts: Uint32Array = new Uint32Array(1);
  #entries: Uint32Array = new Uint32Array(0);
  #tail = new Map<number, number[]>();
  readonly #sets = new Map<string, Bits>();
  #loading: { readonly terms: Column; readonly entries: Column } | null;

  /** While loading, what is appended is gathered first, and cannot be read before `loaded`. */
  constructor(loading: boolean) {
    this.#loading = loading ? { terms: new Column(), entries: new Column() } : null;
    this.termOf(TOLD);
  }

  /** Every code that somebody has or had, in the order they came; the first is TOLD. */
  get codes(): readonly string[] {
    return this.#terms.texts;
  }

  /** The number of a code, a new one when it was not there before. */
  termOf(code: string): number {
    return this.#terms.numberOf(code);
  }

  /** Appends each word between `start` and `end` of a line as a code. */
  appendWords(line: string, start: number, end: number, ordinal: number, mark: number): void {
    this.#terms.eachWord(line, start, end, (term) => this.append(term, ordinal, mark));
  }

  find(code: string): number | undefined {
    return this.#terms.find(code);
  }

  /** Ordinals only ever grow, so every posting stays in ascending order. */
  append(term: number, ordinal: number, mark: number): void {
    const entry = ordinal * 256 + mark;
    if (this.#loading === null) return this.#appendToTail(term, entry);
    this.#loading.terms.push(term);
    this.#loading.entries.push(entry);
    if (this.#loading.terms.length > Math.max(65_536, this.#entries.length))
      this.#settle(this.#entryCounts());
  }

  loaded(): void {
    if (this.#loading === null) return;
    this.#settle(this.#entryCounts());
    this.#loading = null;
  }

  /** Puts everyone who has the code, with one of these marks when there are any given, into `into`. */
  fill(code: string, accepted: Marks | null, into: Bits): void {
    const term = this.#terms.find(code);
    if (term === undefined) return;
    const length = this.#end(term) - this.#start(term);
    if (length < OFTEN || this.#loading !== null) this.#fillFrom(term, accepted, into);
    else {
      add(into, this.#rememberedSet(term, accepted, into.length));
      for (const entry of this.#tail.get(term) ?? []) fillOne(entry, accepted, into);
    }
  }

  /** What many have is asked for often: its set is kept, without those that came later. */
  #rememberedSet(term: number, accepted: Marks | null, length: number): Bits {
    const key = `${term} ${accepted?.name ?? ""}`;
    const known = this.#sets.get(key);
    if (known) return known;
    if (this.#sets.size >= REMEMBERED) this.#sets.clear();
    const set = new Uint32Array(length);
    const end = this.#end(term);
    for (let at = this.#start(term); at < end; at++) fillOne(this.#entries[at]!, accepted, set);
    this.#sets.set(key, set);
    return set;
  }

  #fillFrom(term: number, accepted: Marks | null, into: Bits): void {
    const end = this.#end(term);
    for (let at = this.#start(term); at < end; at++) fillOne(this.#entries[at]!, accepted, into);
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
    const move = (entry: number): number => ordinals[entry >>> 8]! * 256 + (entry & 255);
    const moved = this.codes.map((code, term) => ({ code, entries: this.#livingEntries(term, move) }));
    const used = moved.filter(({ code, entries }) => code === TOLD || entries.length > 0);
    const fresh = new Postings(false);
    for (const { code } of used) fresh.termOf(code);
    fresh.#starts = startsOf(used.map(({ entries }) => entries.length));
    fresh.#entries = new Uint32Array(fresh.#starts[used.length] ?? 0);
    used.forEach(({ entries }, term) => fresh.#entries.set(entries, fresh.#starts[term]));
    return fresh;
  }

  #livingEntries(term: number, move: (entry: number) => number): number[] {
    const living: number[] = [];
    this.visit(term, (ordinal, mark) => {
      const entry = move(ordinal * 256 + mark);
      if (entry >= 0) living.push(entry);
    });
    return living;
  }

  #appendToTail(term: number, entry: number): void {
    const list = this.#tail.get(term);
    if (list) list.push(entry);
    else this.#tail.set(term, [entry]);
  }

  #start(term: number): number {
    return this.#starts[Math.min(term, this.#starts.length - 1)]!;
  }

  #end(term: number): number {
    return this.#starts[Math.min(term + 1, this.#starts.length - 1)]!;
  }

  #entryCounts(): Uint32Array {
    const counts = new Uint32Array(this.codes.length);
    for (let term = 0; term < counts.length; term++) counts[term] = this.#end(term) - this.#start(term);
    const terms = this.#loading?.terms;
    for (let at = 0; at < (terms?.length ?? 0); at++) counts[terms!.at(at)]! += 1;
    return counts;
  }

  /** Sorts what was gathered behind what each code had before: a counting sort, which keeps the order of ordinals. */
  #settle(counts: Uint32Array): void {
    if (this.#loading === null) return;
    const starts = startsOf(counts);
    const entries = new Uint32Array(starts[counts.length] ?? 0);
    const next = starts.slice();
    for (let term = 0; term < counts.length; term++) {
      const before = this.#entries.subarray(this.#start(term), this.#end(term));
      entries.set(before, next[term]);
      next[term]! += before.length;
    }
    const gathered = this.#loading;
    for (let at = 0; at < gathered.terms.length; at++) {
      entries[next[gathered.terms.at(at)]!++] = gathered.entries.at(at);
    }
    gathered.terms.clear();
    gathered.entries.clear();
    this.#starts = starts;
    this.#entries = entries;
  }
}

function fillOne(entry: number, accepted: Marks | null, into: Bits): void {
  if (accepted === null || accepted.holds[entry & 255] === 1) put(into, entry >>> 8);
}

function startsOf(counts: Uint32Array | readonly number[]): Uint32Array {
  const starts = new Uint32Array(counts.length + 1);
  for (let term = 0; term < counts.length; term++) starts[term + 1] = starts[term]! + counts[term]!;
  return starts;
}
