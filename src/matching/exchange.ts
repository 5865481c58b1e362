import { badInput } from "../errors.js";
import { parseId } from "../listing/listing.js";
import { drop, keep, membersOf, onesIn, type Bits } from "../search/bits.js";
import type { Index } from "../search/index.js";
import { ordering, pageOf } from "../search/order.js";
import { TOLD } from "../search/posting.js";
import { trueOf } from "../search/condition.js";
import type { SpecialtyCode } from "../vocabulary/specialty.js";
import { has } from "./requirement.js";

/** Two practitioners who could train each other, and what each would teach. */
export type FoundExchange = {
  readonly one: string;
  readonly other: string;
  readonly oneOffers: readonly SpecialtyCode[];
  readonly otherOffers: readonly SpecialtyCode[];
};

const MOST = 50;
/** Where pairs are looked for among all, so many people are looked at: the first in the random order of ids, which stays the same. */
const LOOKED_AT = 300;

/**
 * Who could train whom, both ways: each works in what the other seeks, or in something narrower. `of` is a practitioner, or a
 * network of which one of the two is; null looks at everybody. Those who would exchange more stand first, then by random ids.
 */
export function findExchanges(index: Index, of: string | null, first: number): readonly FoundExchange[] {
  const whose = of === null ? null : parseId(of, ["for"]);
  if (!Number.isInteger(first) || first < 0 || first > MOST)
    throw badInput(`first may be at most ${MOST}, and not less than 0.`, ["first"]);
  const seekers = keep(trueOf(index, has("seeks", [TOLD])), index.alive);
  const market = new Market(index, seekers);
  const best = new Best(index, market, first);
  for (const [one, other] of pairsOf(index, seekers, whose)) best.offer(one, other);
  return best.pairs.map(({ one, other }) => ({
    one: index.id(one),
    other: index.id(other),
    oneOffers: market.teaches(one, other),
    otherOffers: market.teaches(other, one),
  }));
}

type Two = readonly [one: number, other: number];

/** Whom to look at. Of a network, and of everybody, so many at most; with one person everybody is looked at. */
function* pairsOf(index: Index, seekers: Bits, whose: string | null): Iterable<Two> {
  if (whose === null) {
    const some = firstOf(index, seekers);
    for (const [at, one] of some.entries()) for (const other of some.slice(at + 1)) yield [one, other];
    return;
  }
  const everybody = [...membersOf(seekers)];
  const person = everybody.find((ordinal) => index.id(ordinal) === whose);
  if (person !== undefined) {
    for (const other of everybody) if (other !== person) yield [person, other];
    return;
  }
  const theirs = keep(trueOf(index, has("network", [whose])), seekers);
  const others = firstOf(index, drop(seekers.slice(), theirs));
  for (const one of firstOf(index, theirs)) for (const other of others) yield [one, other];
}

function firstOf(index: Index, people: Bits): readonly number[] {
  return pageOf(index, membersOf(people), ordering(index, "RELEVANCE", null), null, LOOKED_AT).ordinals;
}

/** Who of some people seeks what, and who could teach it: a bit for each specialty that anybody seeks, in as many words as it takes. */
class Market {
  readonly #codes: readonly SpecialtyCode[];
  readonly #words: number;
  readonly #seeks: Uint32Array;
  readonly #offers: Uint32Array;

  constructor(index: Index, people: Bits) {
    // What a peer seeks and this node has no word for, nobody here can be found by.
    this.#codes = index.on("seeks").codes.filter((code) => index.vocabulary.specialties.has(code));
    this.#words = (this.#codes.length + 31) >>> 5;
    const marked = (axis: "seeks" | "specialty"): Uint32Array => {
      const marks = new Uint32Array(index.length * this.#words);
      this.#codes.forEach((code, at) => {
        const bearers = keep(trueOf(index, has(axis, [code])), people);
        for (const ordinal of membersOf(bearers))
          marks[ordinal * this.#words + (at >>> 5)]! |= 1 << (at & 31);
      });
      return marks;
    };
    this.#seeks = marked("seeks");
    this.#offers = marked("specialty");
  }

  /** How many specialties they would exchange; 0 unless each has something for the other. */
  between(one: number, other: number): number {
    const there = this.#taught(one, other);
    const back = there === 0 ? 0 : this.#taught(other, one);
    return back === 0 ? 0 : there + back;
  }

  /** What one could teach the other, in the order of codes. */
  teaches(one: number, other: number): readonly SpecialtyCode[] {
    return this.#codes
      .filter((_, at) => {
        const [word, bit] = [at >>> 5, 1 << (at & 31)];
        return (this.#word(one, other, word) & bit) !== 0;
      })
      .toSorted();
  }

  #taught(one: number, other: number): number {
    let taught = 0;
    for (let word = 0; word < this.#words; word++) taught += onesIn(this.#word(one, other, word));
    return taught;
  }

  #word(one: number, other: number, word: number): number {
    return this.#offers[one * this.#words + word]! & this.#seeks[other * this.#words + word]!;
  }
}

type Pair = { readonly one: number; readonly other: number; readonly many: number };

/** The best pairs so far. */
class Best {
  readonly pairs: Pair[] = [];

  constructor(
    private readonly index: Index,
    private readonly market: Market,
    private readonly first: number,
  ) {}

  offer(one: number, other: number): void {
    const many = this.market.between(one, other);
    const last = this.pairs[this.first - 1];
    const pair = { one, other, many };
    if (many === 0 || this.first === 0 || (last !== undefined && this.#order(pair, last) >= 0)) return;
    this.pairs.push(pair);
    this.pairs.sort((a, b) => this.#order(a, b));
    if (this.pairs.length > this.first) this.pairs.pop();
  }

  #order(a: Pair, b: Pair): number {
    return b.many - a.many || this.index.byId(a.one, b.one) || this.index.byId(a.other, b.other);
  }
}
