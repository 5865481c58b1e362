import type { ListedKind } from "../listing/listing.js";
import type { Findable } from "../listing/listing.store.js";
import { readTag, workMark, type Axis } from "../listing/tag.js";
import { parseLanguage, withBroaderLanguages, type LanguageTag } from "../vocabulary/language.js";
import type { SpecialtyCode } from "../vocabulary/specialty.js";
import type { Vocabulary } from "../vocabulary/vocabulary.js";
import { Atlas, type Served } from "./atlas.js";
import { holds, noneOf, put, take, type Bits } from "./bits.js";
import { Column, Lists } from "./column.js";
import { Postings, TOLD } from "./posting.js";
import { TextTable } from "./text-table.js";
import { WordList } from "./word-list.js";

/** An axis of the index: those of tags, and the network a record comes from. */
export type IndexAxis = Axis | "network";

/** The relations to a region in which somebody serves it. */
export const SERVING = workMark("WORKS_IN") | workMark("TRAVELS_TO") | workMark("REMOTE_TO");

/** What all indexes of a node share: public knowledge only, never anything about a record. */
export type Shared = { readonly vocabulary: Vocabulary; readonly atlas: Atlas };

export function share(vocabulary: Vocabulary): Shared {
  return { vocabulary, atlas: new Atlas(vocabulary.regions) };
}

/** A tag as the index keeps it, worked out once for every text. */
type Parsed = {
  readonly postings: Postings;
  readonly terms: readonly number[];
  readonly mark: number;
  readonly counted: { readonly as: "specialty" | "language"; readonly numbers: readonly number[] } | null;
  readonly served: string | null;
  readonly day: number;
};

/** So many texts of tags are remembered at most; references to records would be remembered for nothing. */
const REMEMBERED = 20_000;
/** Fewer dead entries than this are never worth cleaning up. */
const FEW = 256;

/**
 * Everything one audience can find of one kind of record, made only from what that audience sees. A change appends the
 * record under a new ordinal and leaves the old one dead; the dead are in no answer. When `worn`, `renewed` takes its
 * place, and answers that were worked out on this one stay right.
 */
export class Index {
  generation = 0;
  #words: WordList;
  #axes = new Map<IndexAxis, Postings>();
  readonly #shared: Shared;
  #loading: boolean;

  readonly #ids: string[] = [];
  readonly #names: string[] = [];
  readonly #origins: string[] = [];
  readonly #idKeys = new Column();
  readonly #nameKeys = new Column();
  readonly #verified = new Column();
  readonly #ordinals = new Map<string, number>();
  #alive: Bits = noneOf(2048);
  #living = 0;

  readonly #specialties = new Lists();
  readonly #languages = new Lists();
  readonly #countedCodes = { specialty: new Numbering(), language: new Numbering() };
  readonly #servedBy = new Column();
  readonly #serving: Served[] = [];
  readonly #servedCodes: string[] = [];
  readonly #servedNumbers = new Map<string, number>();
  #tagTexts = new TextTable();
  #parsed: Parsed[] = [];

  /** While loading nothing can be read; `loaded` ends it. */
  constructor(
    readonly kind: ListedKind,
    shared: Shared,
    loading = false,
  ) {
    this.#shared = shared;
    this.#loading = loading;
    this.#words = new WordList(new Postings(loading));
  }

  /** How many ordinals there are, the dead among them. */
  get length(): number {
    return this.#ids.length;
  }

  /** How many records there are. */
  get size(): number {
    return this.#living;
  }

  get alive(): Bits {
    return this.#alive;
  }

  get words(): WordList {
    return this.#words;
  }

  get atlas(): Atlas {
    return this.#shared.atlas;
  }

  get vocabulary(): Vocabulary {
    return this.#shared.vocabulary;
  }

  put(record: Findable): void {
    this.#bury(record.id, record.origin);
    this.#append(record);
    this.generation++;
  }

  remove(id: string, origin: string): void {
    this.#bury(id, origin);
    this.generation++;
  }

  loaded(): void {
    this.#loading = false;
    for (const postings of [...this.#axes.values(), this.words.postings]) postings.loaded();
    for (const column of [this.#idKeys, this.#nameKeys, this.#verified, this.#servedBy]) column.trim();
    this.#specialties.trim();
    this.#languages.trim();
    this.#forgetTags();
  }

  on(axis: IndexAxis): Postings {
    const known = this.#axes.get(axis);
    if (known) return known;
    const postings = new Postings(this.#loading);
    this.#axes.set(axis, postings);
    return postings;
  }

  /** An empty set of ordinals. */
  none(): Bits {
    return noneOf(this.length);
  }

  /** The ids of the records that have this code, sorted. */
  tagged(axis: IndexAxis, code: string): readonly string[] {
    const term = code === TOLD ? undefined : this.on(axis).find(code);
    if (term === undefined) return [];
    const ids = new Set<string>();
    this.on(axis).visit(term, (ordinal) => {
      if (holds(this.#alive, ordinal)) ids.add(this.id(ordinal));
    });
    return [...ids].sort();
  }

  id(ordinal: number): string {
    return this.#ids[ordinal] ?? "";
  }

  nameOf(ordinal: number): string {
    return this.#names[ordinal] ?? "";
  }

  /** By ordinal, the day each was last verified as a number in the order of days; 0 when never. */
  get verified(): Uint32Array {
    return this.#verified.values;
  }

  /** By ordinal, a number in the order of ids; equal for ids that begin alike. */
  get idKeys(): Uint32Array {
    return this.#idKeys.values;
  }

  /** By ordinal, a number in the order of names; equal for names that begin alike. */
  get nameKeys(): Uint32Array {
    return this.#nameKeys.values;
  }

  byId(one: number, other: number): number {
    const near = this.#idKeys.at(one) - this.#idKeys.at(other);
    if (near !== 0) return near;
    return (
      compareText(this.id(one), this.id(other)) || compareText(this.#originOf(one), this.#originOf(other))
    );
  }

  byName(one: number, other: number): number {
    const near = this.#nameKeys.at(one) - this.#nameKeys.at(other);
    return near === 0 ? compareText(this.nameOf(one), this.nameOf(other)) : near;
  }

  /** How many of these ordinals have each of `countedCodes`. */
  countCodes(axis: "specialty" | "language", ordinals: Uint32Array): Uint32Array {
    const lists = axis === "specialty" ? this.#specialties : this.#languages;
    return lists.countIn(ordinals, this.countedCodes(axis).length);
  }

  /** The codes that are counted on this axis, by number. */
  countedCodes(axis: "specialty" | "language"): readonly string[] {
    return this.#countedCodes[axis].codes;
  }

  /** Which of `serving` these ordinals serve: one by one when they are few, else all there are and how many serve each. */
  groupByServing(ordinals: Uint32Array): { numbers: Uint32Array; alike: Uint32Array | null } {
    const servedBy = this.#servedBy.values;
    if (ordinals.length < this.#serving.length) {
      return { numbers: ordinals.map((ordinal) => servedBy[ordinal]!), alike: null };
    }
    const alike = new Uint32Array(this.#serving.length);
    for (let n = 0; n < ordinals.length; n++) alike[servedBy[ordinals[n]!]!]! += 1;
    return { numbers: alike.map((_, number) => number), alike };
  }

  /** The different combinations of regions that anybody serves. */
  get serving(): readonly Served[] {
    return this.#serving;
  }

  #originOf(ordinal: number): string {
    return this.#origins[ordinal] ?? "";
  }

  #append(record: Findable): void {
    const ordinal = this.#name(record.id, record.name, record.origin);
    const origin = this.on("network");
    origin.append(origin.termOf(TOLD), ordinal, 0);
    origin.append(origin.termOf(record.origin), ordinal, 0);
    this.#appendTags(record.tags, ordinal);
    this.words.append(record.words, ordinal);
  }

  /** Gives a record its ordinal. */
  #name(id: string, name: string, origin: string): number {
    const ordinal = this.#ids.length;
    this.#ordinals.set(this.#keyOf(id, origin), ordinal);
    this.#ids.push(id);
    this.#names.push(name);
    this.#origins.push(origin);
    this.#idKeys.push(leadingBytes(id));
    this.#nameKeys.push(leadingUnits(name));
    this.#revive(ordinal);
    return ordinal;
  }

  #revive(ordinal: number): void {
    if (ordinal >= this.#alive.length * 32) {
      const grown = new Uint32Array(this.#alive.length * 2);
      grown.set(this.#alive);
      this.#alive = grown;
    }
    put(this.#alive, ordinal);
    this.#living++;
  }

  #appendTags(tags: string, ordinal: number): void {
    const specialties: number[] = [];
    const languages: number[] = [];
    const served: string[] = [];
    let day = 0;
    if (this.#parsed.length >= REMEMBERED) this.#forgetTags();
    this.#tagTexts.eachWord(tags, 0, tags.length, (number) => {
      const told = this.#parsed[number] ?? this.#parse(number);
      const { postings, terms, mark, counted } = told;
      for (let at = 0; at < terms.length; at++) postings.append(terms[at]!, ordinal, mark);
      if (counted !== null) addNew(counted.as === "specialty" ? specialties : languages, counted.numbers);
      if (told.served !== null && !served.includes(told.served)) served.push(told.served);
      if (told.day !== 0) day = told.day;
    });
    this.#specialties.push(specialties);
    this.#languages.push(languages);
    this.#verified.push(day);
    this.#servedBy.push(this.#servedNumber(served.join(" ")));
  }

  #forgetTags(): void {
    this.#tagTexts = new TextTable();
    this.#parsed = [];
  }

  /** `key`: the codes, with spaces between them. */
  #servedNumber(key: string): number {
    const known = this.#servedNumbers.get(key);
    if (known !== undefined) return known;
    const number = this.#serving.push(this.atlas.served(key === "" ? [] : key.split(" "))) - 1;
    this.#servedCodes.push(key);
    this.#servedNumbers.set(key, number);
    return number;
  }

  #parse(number: number): Parsed {
    const text = this.#tagTexts.texts[number] ?? "";
    const { axis, code, mark } = readTag(text);
    const postings = this.on(axis);
    const codes = this.#answersTo(axis, code);
    const parsed: Parsed = {
      postings,
      terms: [TOLD, ...codes].map((one) => postings.termOf(one)),
      mark,
      counted: this.#countedAs(axis, codes),
      served: axis === "region" && (mark & SERVING) !== 0 ? code : null,
      day: axis === "verified" ? dayNumber(code) : 0,
    };
    this.#parsed[number] = parsed;
    return parsed;
  }

  /** The codes under which somebody with this code is found: itself and, where that is so, what is broader. */
  #answersTo(axis: Axis, code: string): readonly string[] {
    if (axis === "specialty") return this.#withBroader(code);
    // What is no tag is still split like one, and found by nothing but itself and its parts.
    return axis === "language" ? withBroaderLanguages(code as LanguageTag) : [code];
  }

  /** A peer's specialty that this node does not know is found by those above it that it does know. */
  #withBroader(code: string): readonly string[] {
    const { specialties } = this.#shared.vocabulary;
    const path = code.split(".");
    const above = path.map((_, dropped) => path.slice(0, path.length - dropped).join("."));
    const known = above.find((one) => specialties.has(one));
    // `has` has just said that it is a code of the vocabulary.
    const broader = known === undefined ? [] : specialties.withBroader(known as SpecialtyCode);
    return [...new Set([code, ...broader])];
  }

  #countedAs(axis: Axis, codes: readonly string[]): Parsed["counted"] {
    if (axis !== "specialty" && axis !== "language") return null;
    const { specialties } = this.vocabulary;
    const known = codes.filter((code) => (axis === "language" ? isLanguage(code) : specialties.has(code)));
    return { as: axis, numbers: known.map((code) => this.#countedCodes[axis].of(code)) };
  }

  /** Two networks may say they have a record of the same id: then each has its own. */
  #keyOf(id: string, origin: string): string {
    const holder = this.#ordinals.get(id);
    return holder === undefined || this.#originOf(holder) === origin ? id : `${id} ${origin}`;
  }

  #bury(id: string, origin: string): void {
    const key = this.#ordinals.has(`${id} ${origin}`) ? `${id} ${origin}` : this.#keyOf(id, origin);
    const ordinal = this.#ordinals.get(key);
    if (ordinal === undefined) return;
    this.#ordinals.delete(key);
    take(this.#alive, ordinal);
    this.#living--;
  }

  /** Whether more than a quarter is dead. */
  get worn(): boolean {
    const dead = this.length - this.#living;
    return dead > FEW && dead * 4 > this.length;
  }

  /** The same without the dead. */
  renewed(): Index {
    const ordinals = new Int32Array(this.length).fill(-1);
    const living: number[] = [];
    for (let ordinal = 0; ordinal < ordinals.length; ordinal++) {
      if (holds(this.#alive, ordinal)) ordinals[ordinal] = living.push(ordinal) - 1;
    }
    const fresh = new Index(this.kind, this.#shared);
    fresh.generation = this.generation;
    fresh.#axes = new Map([...this.#axes].map(([axis, postings]) => [axis, postings.renumbered(ordinals)]));
    fresh.#words = new WordList(this.#words.postings.renumbered(ordinals));
    for (const ordinal of living) fresh.#copy(this, ordinal);
    return fresh;
  }

  /** Everything about a record except its postings. */
  #copy(from: Index, ordinal: number): void {
    this.#name(from.id(ordinal), from.nameOf(ordinal), from.#originOf(ordinal));
    this.#verified.push(from.#verified.at(ordinal));
    const codesOf = (axis: "specialty" | "language", lists: Lists): readonly number[] =>
      lists.at(ordinal).map((number) => this.#countedCodes[axis].of(from.countedCodes(axis)[number] ?? ""));
    this.#specialties.push(codesOf("specialty", from.#specialties));
    this.#languages.push(codesOf("language", from.#languages));
    this.#servedBy.push(this.#servedNumber(from.#servedCodes[from.#servedBy.at(ordinal)] ?? ""));
  }
}

/** Numbers for codes, in the order they are first met. */
class Numbering {
  readonly codes: string[] = [];
  readonly #numbers = new Map<string, number>();

  of(code: string): number {
    const known = this.#numbers.get(code);
    if (known !== undefined) return known;
    this.#numbers.set(code, this.codes.length);
    return this.codes.push(code) - 1;
  }
}

function addNew(list: number[], numbers: readonly number[]): void {
  for (const number of numbers) if (!list.includes(number)) list.push(number);
}

/** Whether it is a language that can be asked for; a peer may write what is none. */
function isLanguage(tag: string): boolean {
  try {
    return parseLanguage(tag) === tag;
  } catch {
    return false;
  }
}

export function compareText(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

/** 2026-11-21 as 20261121. */
function dayNumber(day: string): number {
  return Number(day.slice(0, 10).replaceAll("-", "")) || 0;
}

/** Enough of the beginning to decide most comparisons with one number, in the same order as the texts: for ids. */
export function leadingBytes(text: string): number {
  let key = 0;
  for (let at = 0; at < 4; at++) key = key * 256 + Math.min(255, text.charCodeAt(at) || 0);
  return key;
}

/** The same for names, in any script. */
export function leadingUnits(text: string): number {
  return (text.charCodeAt(0) || 0) * 65_536 + (text.charCodeAt(1) || 0);
}
