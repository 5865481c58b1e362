import { dayOf, daysAfter, startOf, type Clock } from "../clock.js";
import { Key } from "../storage/seal.js";
import { withBroaderLanguages, type LanguageTag } from "../vocabulary/language.js";
import type { Sought } from "../vocabulary/sought.js";
import type { Vocabulary } from "../vocabulary/vocabulary.js";
import type { Viewer } from "../visibility/viewer.js";
import { ALL, type Cell } from "./cube.js";
import { spoken } from "./speakers.js";

/** So many found nobody that week. */
export type UnmetNeed = Cell & { readonly week: string; readonly count: number };

/** One question counts for so many cells at most, and one source for so many in a week. */
const MOST_AT_ONCE = 12;
const MOST_A_WEEK = 40;
/** Of so many sources it is known how much they have counted this week; one more takes the place of the first. */
const MOST_SOURCES = 1000;
/** A cell has so many places, of which each source has one: more are never counted in it until the next epoch. */
const PLACES = 512;

/**
 * Needs that found nobody, by specialty root, M49 area and language. A source (an account, or else a network of addresses) counts for a
 * cell once until the next epoch. What is remembered for that, in memory alone, is which of a cell's places are taken: two who fall on one
 * place count as one, and nobody can be told by theirs. So invented sources cost a cell they ask for some of its places, and no other
 * cell anything.
 *
 * Only what everybody sees is looked at: whether a member finds somebody would tell of people whom only members see.
 */
export class Demand {
  #key = Key.random();
  readonly #taken = new Map<string, Uint8Array>();
  /** By a mac of the source. */
  readonly #counted = new Map<string, number>();
  #week = "";
  readonly #waiting = new Map<string, UnmetNeed>();

  constructor(
    readonly vocabulary: Vocabulary,
    readonly clock: Clock,
  ) {}

  /** For whoever answers a search or a need that found nobody. `source` is where the question came from. */
  foundNobody({ audience, account }: Viewer, source: string, sought: Sought): void {
    if (audience !== "PUBLIC") return;
    const cells = cellsSought(this.vocabulary, sought);
    if (cells.length === 0 || cells.length > MOST_AT_ONCE) return;
    const week = weekOf(dayOf(this.clock()));
    if (week !== this.#week) this.#counted.clear();
    this.#week = week;
    const who = account ?? networkOf(source);
    for (const cell of cells) this.#count(who, cell);
  }

  /** What was counted since it was last taken. */
  take(): readonly UnmetNeed[] {
    const taken = [...this.#waiting.values()];
    this.#waiting.clear();
    return taken;
  }

  /** An epoch was published: who counted for it may count for the next. */
  beginAnew(): void {
    this.#key = Key.random();
    this.#taken.clear();
    this.#counted.clear();
  }

  #count(who: string, cell: Cell): void {
    const name = nameOf(cell);
    const taken = this.#taken.get(name) ?? new Uint8Array(PLACES / 8);
    const place = this.#key.mac("place", name, who).readUInt32BE(0) % PLACES;
    const [at, bit] = [place >>> 3, 1 << (place & 7)];
    if ((taken[at]! & bit) !== 0 || !this.#mayCount(who)) return;
    taken[at]! |= bit;
    this.#taken.set(name, taken);
    const waits = `${this.#week} ${name}`;
    const count = (this.#waiting.get(waits)?.count ?? 0) + 1;
    this.#waiting.set(waits, { ...cell, week: this.#week, count });
  }

  /** Whether it has counted for less than it may this week; then for one more. Whoever is not remembered begins anew. */
  #mayCount(who: string): boolean {
    const mac = this.#key.mac("source", who).toString("base64");
    const counted = this.#counted.get(mac) ?? 0;
    if (counted >= MOST_A_WEEK) return false;
    this.#counted.set(mac, counted + 1);
    if (this.#counted.size > MOST_SOURCES) this.#forgetFirst();
    return true;
  }

  #forgetFirst(): void {
    for (const mac of this.#counted.keys()) return void this.#counted.delete(mac);
  }
}

/** Whoever has one address has all of its network easily: 24 bits of IPv4, 48 of IPv6. */
function networkOf(source: string): string {
  const ipv4 = /^(\d+\.\d+\.\d+)\.\d+$/.exec(source)?.[1];
  return ipv4 ?? (source.includes(":") ? source.split(":").slice(0, 3).join(":") : source);
}

function nameOf({ specialty, region, language }: Cell): string {
  return `${specialty} ${region} ${language}`;
}

/** Its Monday. */
export function weekOf(day: string): string {
  return daysAfter(day, -((startOf(day).getUTCDay() + 6) % 7));
}

/** The cells a need is counted in: none unless it names a kind of work, and a place or a language. */
function cellsSought(vocabulary: Vocabulary, { specialties, regions, languages }: Sought): readonly Cell[] {
  const roots = each(specialties, (code) => code.split(".")[0] ?? null);
  const areas = each(regions, (code) => areaOf(vocabulary, code));
  const tags = each(languages, languageOf);
  if (roots.length === 0 || (areas.length === 0 && tags.length === 0)) return [];
  const orAll = (codes: readonly string[]) => (codes.length === 0 ? [ALL] : codes);
  return roots.flatMap((specialty) =>
    orAll(areas).flatMap((region) => orAll(tags).map((language) => ({ specialty, region, language }))),
  );
}

function each(codes: readonly string[], as: (code: string) => string | null): readonly string[] {
  return [...new Set(codes.map(as).filter((code) => code !== null))];
}

/** The smallest M49 area around a place, or the area itself; none for a grouping and for the world. */
export function areaOf({ regions }: Vocabulary, code: string): string | null {
  if (!regions.has(code)) return null;
  return regions.withSurrounding(code).find((around) => regions.kind(around) === "AREA") ?? null;
}

function languageOf(tag: string): string | null {
  const known = new Set(spoken());
  return withBroaderLanguages(tag as LanguageTag).find((one) => known.has(one)) ?? null;
}
