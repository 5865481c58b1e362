import { Column, type Lists } from "./column.js";
import { Numbering } from "./numbering.js";
import { Postings, TOLD } from "./posting.js";

/** The keys of each ordinal, and a mark for all of them. */
type Keyed = { readonly keys: Lists; readonly mark: number };

/** Packs the postings of several axes at once, from the keys of each ordinal. A key stands for some codes of an axis, with a mark. */
export class Packing<A> {
  readonly #axes = new Map<A, { readonly terms: Numbering; readonly slots: Column }>();
  /** The slots of each key, one for each code, one behind the other. */
  readonly #slots = new Column();
  readonly #starts: Int32Array;
  readonly #ends: Int32Array;
  readonly #marks: Uint8Array;
  #length = 0;

  constructor(keys: number) {
    this.#starts = new Int32Array(keys).fill(-1);
    this.#ends = new Int32Array(keys);
    this.#marks = new Uint8Array(keys);
  }

  /** Has every key in the lists defined, once. */
  defineAll(lists: Lists, define: (key: number) => void): void {
    const keys = lists.values.values.subarray(0, lists.values.length);
    for (const key of keys) if (this.#starts[key]! < 0) define(key);
  }

  /** Says what a key stands for. */
  define(key: number, axis: A, codes: readonly string[], mark: number): void {
    this.#starts[key] = this.#slots.length;
    for (const code of codes) this.#slots.push(this.#slotOf(axis, code));
    this.#ends[key] = this.#slots.length;
    this.#marks[key] = mark;
  }

  #slotOf(axis: A, code: string): number {
    const { terms, slots } = this.#axis(axis);
    const term = terms.of(code);
    if (term === slots.length) slots.push(this.#length++);
    return slots.at(term);
  }

  #axis(axis: A) {
    const known = this.#axes.get(axis);
    if (known) return known;
    const fresh = { terms: new Numbering(), slots: new Column() };
    this.#axes.set(axis, fresh);
    // The first term of every axis.
    this.#slotOf(axis, TOLD);
    return fresh;
  }

  /** The postings by axis, when all keys in the lists have been defined. */
  packed(lists: readonly Keyed[]): Map<A, Postings> {
    const next = new Uint32Array(this.#length);
    this.#place(lists, next, null);
    const entries = new Uint32Array(this.#startsFrom(next));
    this.#place(lists, next, entries);
    let begin = 0;
    const packed = new Map<A, Postings>();
    for (const [axis, { terms, slots }] of this.#axes) {
      const starts = new Uint32Array(slots.length + 1);
      for (let term = 0; term < slots.length; term++) starts[term + 1] = next[slots.at(term)]! - begin;
      const own = entries.subarray(begin, (begin += starts[slots.length]!));
      packed.set(axis, new Postings(terms, starts, own));
    }
    return packed;
  }

  /**
   * Puts every entry where `next` says for its slot, or only counts them while there is nowhere to put them. Who has several things with
   * one code and one mark, such as two below one root, stands there once.
   */
  #place(lists: readonly Keyed[], next: Uint32Array, entries: Uint32Array | null): void {
    const [starts, ends, marks, slots] = [this.#starts, this.#ends, this.#marks, this.#slots.values];
    const last = new Uint32Array(this.#length).fill(NOBODY);
    const length = lists[0]?.keys.length ?? 0;
    for (let ordinal = 0; ordinal < length; ordinal++) {
      for (const { keys, mark } of lists) {
        const values = keys.values.values;
        const listEnd = keys.endOf(ordinal);
        for (let at = keys.startOf(ordinal); at < listEnd; at++) {
          const key = values[at]!;
          const entry = ordinal * 256 + (mark | marks[key]!);
          const keyEnd = ends[key]!;
          for (let n = starts[key]!; n < keyEnd; n++) {
            const slot = slots[n]!;
            if (last[slot] === entry) continue;
            last[slot] = entry;
            const place = next[slot]!++;
            if (entries !== null) entries[place] = entry;
          }
        }
      }
    }
  }

  /** Turns counts into where each slot begins, axis by axis and term by term; returns how many entries there are. */
  #startsFrom(next: Uint32Array): number {
    let end = 0;
    for (const { slots } of this.#axes.values()) {
      for (let term = 0; term < slots.length; term++) {
        const count = next[slots.at(term)]!;
        next[slots.at(term)] = end;
        end += count;
      }
    }
    return end;
  }
}

/** No entry: there are never so many ordinals. */
const NOBODY = 0xffffffff;
