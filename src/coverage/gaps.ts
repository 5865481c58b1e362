import { languageName, type LanguageTag } from "../vocabulary/language.js";
import { pageLocale, roundNumbers } from "../vocabulary/locale.js";
import type { RegionCode } from "../vocabulary/region.js";
import type { SpecialtyCode } from "../vocabulary/specialty.js";
import { rankOf } from "./band.js";
import { GAP_WORDS, type GapWords } from "./gap-words.js";
import { ALL } from "./cube.js";
import type { CellTold, Published } from "./published.js";
import { SOURCE } from "./speakers.js";

/** Where the nearest people are who could help. */
type Nearest =
  | { readonly kind: "HERE" }
  | { readonly kind: "AREA"; readonly area: string }
  | { readonly kind: "REMOTE" }
  | { readonly kind: "NOWHERE" };

/** A cell with nobody or few, how much that matters, and what it was judged by; all of it from what was published. */
export type Gap = {
  readonly cell: CellTold;
  readonly weight: number;
  /** How many live there, or speak the language there; null when CLDR does not say. */
  readonly people: number | null;
  readonly nearest: Nearest;
};

/** How far the nearest are, from 0 for enough of them to 1 for nobody at all. */
const FAR: Readonly<Record<Nearest["kind"], number>> = { HERE: 0.25, AREA: 0.5, REMOTE: 0.75, NOWHERE: 1 };
/** FEW where that may be nobody. */
const PERHAPS_NOBODY = 0.5;
/** What needs that found nobody add, by band. */
const SOUGHT: readonly number[] = [0, 0.25, 0.5, 1];

/**
 * The gaps among these cells, the greatest first: how many people it is about (in powers of ten), times how far they are from
 * anybody and how often such a need found nobody.
 */
export function gapsAmong(published: Published, cells: readonly CellTold[]): readonly Gap[] {
  return cells
    .filter(({ there }) => rankOf(there) < rankOf("SOME"))
    .map((cell) => gapOf(published, cell))
    .sort((one, other) => other.weight - one.weight || compareCells(one.cell, other.cell));
}

function gapOf(published: Published, cell: CellTold): Gap {
  const many = published.people(cell);
  const people = many > 0 ? many : null;
  const nearest = nearestTo(published, cell);
  const far = cell.mayBeNone ? PERHAPS_NOBODY : FAR[nearest.kind];
  const weight = Math.log10(1 + (people ?? 0)) * (far + (SOUGHT[rankOf(cell.needs)] ?? 0));
  return { cell, people, nearest, weight: Math.round(weight * 100) / 100 };
}

function nearestTo(published: Published, cell: CellTold): Nearest {
  if (cell.there !== "NONE") return { kind: "HERE" };
  const { specialty, language } = cell;
  const area = published
    .areasAround(cell.region)
    .find((region) => published.told({ specialty, region, language }).there !== "NONE");
  if (area !== undefined) return { kind: "AREA", area };
  return cell.afar === "NONE" ? { kind: "NOWHERE" } : { kind: "REMOTE" };
}

function compareCells(one: CellTold, other: CellTold): number {
  return (
    compare(one.region, other.region) ||
    compare(one.specialty, other.specialty) ||
    compare(one.language, other.language)
  );
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

// ── in words ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Why it is a gap, in the language that fits best, else in English. It names the source of its numbers. */
export function whyOf({ cube }: Published, { cell, people, nearest }: Gap, locale: string): string {
  const words = GAP_WORDS[pageLocale(locale)];
  const { specialties, regions } = cube.vocabulary;
  const regionName = (code: string) => regions.name(code as RegionCode, locale);
  const what = [
    cell.specialty === ALL ? null : specialties.name(cell.specialty as SpecialtyCode, locale),
    cell.language === ALL ? null : languageName(cell.language as LanguageTag, locale),
    cell.region === ALL ? null : regionName(cell.region),
  ];
  const here = cell.mayBeNone ? words.nobodyOrFew : cell.there === "NONE" ? words.nobody : words.few;
  const number = people === null ? null : rounded(people, locale);
  return [
    `${what.filter((name) => name !== null).join(", ")}: ${here}`,
    number === null ? null : (cell.language === ALL ? words.live : words.speak)(number, SOURCE),
    cell.mayBeNone ? null : nearestInWords(words, nearest, regionName),
    words.sought[cell.needs],
  ]
    .filter((sentence) => sentence !== null)
    .join(" ");
}

function nearestInWords(
  words: GapWords,
  nearest: Nearest,
  regionName: (code: string) => string,
): string | null {
  switch (nearest.kind) {
    case "HERE":
      return null;
    case "AREA":
      return words.area(regionName(nearest.area));
    case "REMOTE":
      return words.remote;
    case "NOWHERE":
      return words.nowhere;
    default:
      return nearest satisfies never;
  }
}

/** Two digits: the source is no more exact than that. */
function rounded(people: number, locale: string): string {
  return roundNumbers(locale).format(people);
}
