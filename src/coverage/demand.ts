import { dayOf, daysAfter, startOf, type Clock } from "../clock.js";
import { Key } from "../storage/seal.js";
import { withBroaderLanguages, type LanguageTag } from "../vocabulary/language.js";
import type { Sought } from "../vocabulary/sought.js";
import type { Vocabulary } from "../vocabulary/vocabulary.js";
import type { Viewer } from "../visibility/viewer.js";
import { ALL, type Cell } from "./cube.js";
import { spoken } from "./speakers.js";

/** So many found nobody that week. */
export type Unmet = Cell & { readonly week: string; readonly count: number };

/** One question counts for so many cells at most, and one client for so many in a week. */
const MOST_AT_ONCE = 12;
const MOST_A_WEEK = 40;
/** So many clients are told apart; further ones are not counted. */
const MOST_CLIENTS = 50_000;

/**
 * Needs that found nobody, by specialty root, M49 area and language. A client counts for a cell once until the next epoch, and is known
 * meanwhile, in memory alone, by a mac under a key of this process: what is written down holds neither.
 *
 * Only what everybody sees is looked at: whether a member finds somebody would tell of people whom only members see.
 */
export class Demand {
  #key = Key.random();
  readonly #clients = new Map<string, Client>();
  readonly #waiting = new Map<string, Unmet>();

  constructor(
    readonly vocabulary: Vocabulary,
    readonly clock: Clock,
  ) {}

  /** For whoever answers a search or a need that found nobody. `source` is where the question came from. */
  foundNobody({ audience, account }: Viewer, source: string, sought: Sought): void {
    if (audience !== "PUBLIC") return;
    const cells = cellsSought(this.vocabulary, sought);
    if (cells.length === 0 || cells.length > MOST_AT_ONCE) return;
    const client = this.#clientOf(account ?? source);
    if (client === null) return;
    const week = weekOf(dayOf(this.clock()));
    for (const cell of cells) if (client.counts(cell, week)) this.#add(cell, week);
  }

  /** What was counted since it was last taken. */
  take(): readonly Unmet[] {
    const taken = [...this.#waiting.values()];
    this.#waiting.clear();
    return taken;
  }

  /** An epoch was published: who counted for it may count for the next. */
  beginAnew(): void {
    this.#key = Key.random();
    this.#clients.clear();
  }

  #clientOf(who: string): Client | null {
    const mac = this.#key.mac("client", who).toString("base64");
    const known = this.#clients.get(mac);
    if (known !== undefined) return known;
    if (this.#clients.size >= MOST_CLIENTS) return null;
    const client = new Client();
    this.#clients.set(mac, client);
    return client;
  }

  #add(cell: Cell, week: string): void {
    const name = `${week} ${nameOf(cell)}`;
    const count = (this.#waiting.get(name)?.count ?? 0) + 1;
    this.#waiting.set(name, { ...cell, week, count });
  }
}

class Client {
  readonly #counted = new Set<string>();
  #week = "";
  #left = MOST_A_WEEK;

  counts(cell: Cell, week: string): boolean {
    if (week !== this.#week) [this.#week, this.#left] = [week, MOST_A_WEEK];
    const name = nameOf(cell);
    if (this.#left === 0 || this.#counted.has(name)) return false;
    this.#left -= 1;
    this.#counted.add(name);
    return true;
  }
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
