import type { ListedKind } from "../listing/listing.js";
import type { Findable, FindableBytes } from "../listing/listing.store.js";
import type { Sources } from "../listing/standing.js";
import type { Axis } from "../listing/tag.js";
import type { Vocabulary } from "../vocabulary/vocabulary.js";
import { Atlas, type Served } from "./atlas.js";
import { holds, noneOf, put, take, type Bits } from "./bits.js";
import { Column, Lists } from "./column.js";
import { Draft, type Book } from "./draft.js";
import { idAt, Ids, readId, type Id } from "./ids.js";
import { Leases, type Leave } from "./leases.js";
import { Numbering } from "./numbering.js";
import { Packing } from "./packing.js";
import { Postings, TOLD } from "./posting.js";
import { Tally } from "./tally.js";
import { TagReader, type CountedAxis, type ToldTag } from "./tag-reader.js";
import { WordList } from "./word-list.js";

/** An axis of the index: those of tags, and the network a record comes from. */
export type IndexAxis = Axis | "network";

/** What all indexes of a node share: public knowledge only, never anything about a record. */
export type Shared = { readonly vocabulary: Vocabulary; readonly atlas: Atlas };

export function share(vocabulary: Vocabulary): Shared {
  return { vocabulary, atlas: new Atlas(vocabulary.regions) };
}

/** Where a record comes from, and for how long it may be shown. */
type From = Pick<Findable, "origin" | "lease" | "notAfter">;

/** What a tag says besides under which codes its bearer is found, with counted codes as numbers of the index. */
type Said = {
  readonly mark: number;
  readonly counted: { readonly as: CountedAxis; readonly numbers: readonly number[] } | null;
  readonly served: string | null;
  readonly day: number;
};

/** A tag as the index keeps it: worked out once for every text. */
type Parsed = Said & { readonly postings: Postings; readonly terms: readonly number[] };

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
  #words = new WordList(new Postings());
  #axes = new Map<IndexAxis, Postings>();
  readonly #shared: Shared;
  #draft: Draft | null;

  readonly ids = new Ids();
  readonly #names: string[] = [];
  readonly #origins = new Numbering();
  readonly #leases: Leases;
  readonly #nameKeys = new Column();
  readonly #verified = new Column();
  #alive: Bits = noneOf(2048);
  #living = 0;

  readonly #counted = { specialty: new Lists(), language: new Lists() };
  readonly #countedCodes = { specialty: new Numbering(), language: new Numbering() };
  readonly #servedBy = new Column();
  readonly #serving: Served[] = [];
  readonly #servedCodes = new Numbering();
  /** What has been met of the record that is being described. */
  #newest = { served: "", day: 0 };
  readonly #tags: TagReader;
  readonly #parsed = new Map<string, Parsed>();

  /** For counting regions: of this index alone, so that no audience could ever meet what is left of another's. */
  readonly tally: Tally;

  /** With a book it is loading: records are gathered, and nothing can be read before `loaded`. */
  constructor(
    readonly kind: ListedKind,
    shared: Shared,
    leave: Leave,
    book: Book | null = null,
  ) {
    this.#shared = shared;
    this.tally = new Tally(shared.atlas.size);
    this.#leases = new Leases(leave);
    this.#tags = new TagReader(shared.vocabulary);
    this.#draft = book === null ? null : new Draft(book);
  }

  /** How many ordinals there are, the dead among them. */
  get length(): number {
    return this.ids.length;
  }

  /** How many records there are. */
  get size(): number {
    return this.#living;
  }

  /**
   * Those that can be found now: neither dead, nor a peer's copy whose lease is over. Nothing else is handed out, so whatever is
   * counted or shown is counted and shown of these.
   */
  get alive(): Bits {
    return this.#leases.shown(this.#alive);
  }

  /** How complete what peers share of these records is, for this audience and now. */
  sources(): Sources {
    return this.#leases.sources(this.#alive);
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
    const id = readId(record.id);
    this.#bury(id, record.origin);
    const ordinal = this.#name(id, record.name, record);
    const tags = record.tags.split(" ").filter((text) => text !== "");
    const known = tags.map((text) => this.#parsed.get(text) ?? this.#parse(text));
    for (const code of [TOLD, record.origin])
      this.on("network").append(this.on("network").termOf(code), ordinal, 0);
    for (const tag of known) {
      for (const term of tag.terms) tag.postings.append(term, ordinal, tag.mark);
      this.#describe(tag);
    }
    this.#described();
    this.#words.append(record.words, ordinal);
  }

  remove(id: string, origin: string): void {
    this.#bury(readId(id), origin);
  }

  /** While loading every record comes once. */
  gather(record: FindableBytes): void {
    const draft = this.#draft;
    if (draft === null) throw new Error("Records are gathered only while the index is loading.");
    const { bytes, id, name, origin, lease, notAfter } = record;
    const { names } = draft.book;
    this.#name(idAt(bytes, id.start), names.textAt(bytes, name), {
      origin: names.textAt(bytes, origin),
      lease: numberAt(bytes, lease.start),
      notAfter: numberAt(bytes, notAfter.start),
    });
    draft.append(record);
  }

  loaded(): void {
    if (this.#draft === null) return;
    this.#words = new WordList(this.#draft.packedWords());
    this.#pack(this.#draft);
    this.#draft = null;
    this.ids.trim();
    this.#leases.trim();
    for (const column of [this.#nameKeys, this.#verified, this.#servedBy]) column.trim();
    this.#counted.specialty.trim();
    this.#counted.language.trim();
  }

  on(axis: IndexAxis): Postings {
    const known = this.#axes.get(axis);
    if (known) return known;
    const postings = new Postings();
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
    const { alive } = this;
    this.on(axis).visit(term, (ordinal) => {
      if (holds(alive, ordinal)) ids.add(this.id(ordinal));
    });
    return [...ids].sort();
  }

  id(ordinal: number): string {
    return this.ids.id(ordinal);
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
    return this.ids.keys;
  }

  /** By ordinal, a number in the order of names; equal for names that begin alike. */
  get nameKeys(): Uint32Array {
    return this.#nameKeys.values;
  }

  byId(one: number, other: number): number {
    return this.ids.compare(one, other) || compareText(this.#originOf(one), this.#originOf(other));
  }

  byName(one: number, other: number): number {
    const near = this.#nameKeys.at(one) - this.#nameKeys.at(other);
    return near === 0 ? compareText(this.nameOf(one), this.nameOf(other)) : near;
  }

  /** How many of these ordinals have each of `countedCodes`. */
  countCodes(axis: CountedAxis, ordinals: Uint32Array): Uint32Array {
    return this.#counted[axis].countIn(ordinals, this.countedCodes(axis).length);
  }

  /** The codes of this axis under which one record is found: its own and, where that is so, what is broader. */
  codesOf(axis: CountedAxis, ordinal: number): readonly string[] {
    const codes = this.countedCodes(axis);
    return this.#counted[axis].at(ordinal).flatMap((number) => codes[number] ?? []);
  }

  /** The codes that are counted on this axis, by number. */
  countedCodes(axis: CountedAxis): readonly string[] {
    return this.#countedCodes[axis].codes;
  }

  /** Which of `serving` these ordinals serve: one by one when they are few, else all there are and how many serve each. */
  groupByServing(ordinals: Uint32Array): { numbers: Uint32Array; alike: Uint32Array | null } {
    const servedBy = this.#servedBy.values;
    if (ordinals.length < this.#serving.length) {
      const numbers = new Uint32Array(ordinals.length);
      for (let n = 0; n < ordinals.length; n++) numbers[n] = servedBy[ordinals[n]!]!;
      return { numbers, alike: null };
    }
    const alike = new Uint32Array(this.#serving.length);
    for (let n = 0; n < ordinals.length; n++) alike[servedBy[ordinals[n]!]!]! += 1;
    return { numbers: Uint32Array.from(alike.keys()), alike };
  }

  /** The different combinations of regions that anybody serves. */
  get serving(): readonly Served[] {
    return this.#serving;
  }

  #originOf(ordinal: number): string {
    return this.#origins.codes[this.ids.originOf(ordinal)] ?? "";
  }

  /** Gives a record its ordinal. */
  #name(id: Id, name: string, { origin, lease, notAfter }: From): number {
    const ordinal = this.ids.add(id, this.#origins.of(origin));
    this.#leases.push(origin, lease, notAfter);
    this.#names.push(name);
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

  /** Takes in what a tag of the newest record says besides its postings. */
  #describe({ counted, served, day }: Said): void {
    if (counted !== null) this.#counted[counted.as].addNew(counted.numbers);
    if (served !== null) this.#newest.served = withCode(this.#newest.served, served);
    if (day !== 0) this.#newest.day = day;
  }

  /** Ends the description of the newest record. */
  #described(): void {
    this.#counted.specialty.end();
    this.#counted.language.end();
    this.#verified.push(this.#newest.day);
    this.#servedBy.push(this.#servedNumber(this.#newest.served));
    this.#newest = { served: "", day: 0 };
  }

  /** `key`: the codes, with spaces between them. */
  #servedNumber(key: string): number {
    const number = this.#servedCodes.of(key);
    this.#serving[number] ??= this.atlas.served(key === "" ? [] : key.split(" "));
    return number;
  }

  #parse(text: string): Parsed {
    if (this.#parsed.size >= REMEMBERED) this.#parsed.clear();
    const told = this.#tags.read(text);
    const postings = this.on(told.axis);
    const terms = [TOLD, ...told.codes].map((code) => postings.termOf(code));
    const parsed = { ...this.#said(told), postings, terms };
    this.#parsed.set(text, parsed);
    return parsed;
  }

  #said({ mark, counted, served, day }: ToldTag): Said {
    if (counted === null) return { mark, counted, served, day };
    const numbers = counted.codes.map((code) => this.#countedCodes[counted.as].of(code));
    return { mark, counted: { as: counted.as, numbers }, served, day };
  }

  /** All postings of tags from what was gathered, and what else there is to know of each record. */
  #pack({ book, tags }: Draft): void {
    const packing = new Packing<IndexAxis>(book.tags.texts.length);
    const said: Said[] = [];
    packing.defineAll(tags, (tag) => {
      const told = book.told(tag);
      packing.define(tag, told.axis, [TOLD, ...told.codes], told.mark);
      said[tag] = this.#said(told);
    });
    this.#axes = packing.packed([{ keys: tags, mark: 0 }]);
    this.#axes.set("network", this.#packedNetworks());
    for (let ordinal = 0; ordinal < this.length; ordinal++) this.#describeAll(tags, ordinal, said);
  }

  #describeAll(tags: Lists, ordinal: number, said: readonly Said[]): void {
    const end = tags.endOf(ordinal);
    for (let at = tags.startOf(ordinal); at < end; at++) this.#describe(said[tags.values.at(at)]!);
    this.#described();
  }

  #packedNetworks(): Postings {
    const packing = new Packing<"network">(this.#origins.codes.length);
    this.#origins.codes.forEach((origin, number) => packing.define(number, "network", [TOLD, origin], 0));
    const networks = new Lists();
    for (let ordinal = 0; ordinal < this.length; ordinal++) networks.push([this.ids.originOf(ordinal)]);
    return packing.packed([{ keys: networks, mark: 0 }]).get("network") ?? new Postings();
  }

  #bury(id: Id, origin: string): void {
    const number = this.#origins.find(origin);
    const ordinal = number === undefined ? undefined : this.ids.find(id, number);
    if (ordinal === undefined) return;
    this.ids.forget(ordinal);
    take(this.#alive, ordinal);
    this.#leases.died();
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
    const fresh = new Index(this.kind, this.#shared, this.#leases.leave);
    fresh.#axes = new Map([...this.#axes].map(([axis, postings]) => [axis, postings.renumbered(ordinals)]));
    fresh.#words = new WordList(this.#words.postings.renumbered(ordinals));
    fresh.#copy(this, living);
    return fresh;
  }

  /** Everything about these records except their postings. */
  #copy(from: Index, living: readonly number[]): void {
    const countedAs = (axis: CountedAxis): ((number: number) => number) =>
      remembered((number) => this.#countedCodes[axis].of(from.countedCodes(axis)[number] ?? ""));
    const [specialty, language] = [countedAs("specialty"), countedAs("language")];
    const served = remembered((number) => this.#servedNumber(from.#servedCodes.codes[number] ?? ""));
    for (const ordinal of living) {
      this.#name(from.ids.numbers(ordinal), from.nameOf(ordinal), {
        origin: from.#originOf(ordinal),
        lease: from.#leases.leaseOf(ordinal),
        notAfter: from.#leases.notAfterOf(ordinal),
      });
      this.#verified.push(from.#verified.at(ordinal));
      this.#counted.specialty.push(from.#counted.specialty.at(ordinal).map(specialty));
      this.#counted.language.push(from.#counted.language.at(ordinal).map(language));
      this.#servedBy.push(served(from.#servedBy.at(ordinal)));
    }
  }
}

/** Asks once for each number. */
function remembered(ask: (number: number) => number): (number: number) => number {
  const answers: number[] = [];
  return (number) => (answers[number] ??= ask(number));
}

/** A list of codes, with spaces between them, and one more unless it is there. */
function withCode(list: string, code: string): string {
  if (list === "") return code;
  return list.split(" ").includes(code) ? list : `${list} ${code}`;
}

/** The number in eight bytes of which the first four are zero. */
function numberAt(bytes: Buffer, at: number): number {
  return bytes.readUInt32BE(at + 4);
}

export function compareText(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

/** Enough of the beginning to decide most comparisons with one number, in the same order as the texts. */
export function leadingUnits(text: string): number {
  return (text.charCodeAt(0) || 0) * 65_536 + (text.charCodeAt(1) || 0);
}
