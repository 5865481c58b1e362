import type { Band } from "../practitioners/practitioner.js";
import { languageName, type LanguageTag } from "../vocabulary/language.js";
import { inLocale } from "../vocabulary/locale.js";
import type { RegionCode } from "../vocabulary/region.js";
import type { SpecialtyCode } from "../vocabulary/specialty.js";
import { rankOf } from "./band.js";
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
    .filter(({ there, mayBeNone }) => there === "NONE" || there === "FEW" || mayBeNone)
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
export function whyOf({ cube, epoch }: Published, { cell, people, nearest }: Gap, locale: string): string {
  const words = WORDS[inLocale(LOCALES, locale) ?? "en"] ?? ENGLISH;
  const { specialties, regions } = cube.vocabulary;
  const regionName = (code: string) => regions.name(code as RegionCode, locale);
  const what = [
    cell.specialty === ALL ? null : specialties.name(cell.specialty as SpecialtyCode, locale),
    cell.language === ALL ? null : languageName(cell.language as LanguageTag, locale),
    cell.region === ALL ? null : regionName(cell.region),
  ];
  const few = words.few(epoch.edges.some - 1);
  const here = cell.mayBeNone ? words.nobodyOrFew : cell.there === "NONE" ? words.nobody : few;
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

function nearestInWords(words: Words, nearest: Nearest, regionName: (code: string) => string): string | null {
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
  return new Intl.NumberFormat([locale, "en"], { maximumSignificantDigits: 2 }).format(people);
}

type Words = {
  readonly nobody: string;
  readonly nobodyOrFew: string;
  readonly few: (most: number) => string;
  readonly speak: (people: string, source: string) => string;
  readonly live: (people: string, source: string) => string;
  readonly area: (area: string) => string;
  readonly remote: string;
  readonly nowhere: string;
  readonly sought: Readonly<Record<Band, string | null>>;
};

const ENGLISH: Words = {
  nobody: "nobody is counted who works there or comes there.",
  nobodyOrFew:
    "nobody is counted who works there or comes there, or few are; here the two are not told apart.",
  few: (most) => `at most ${most} are counted who work there or come there.`,
  speak: (people, source) => `About ${people} people there speak it (${source}).`,
  live: (people, source) => `About ${people} people live there (${source}).`,
  area: (area) => `The nearest work elsewhere in this area: ${area}.`,
  remote: "There is help from afar only.",
  nowhere: "Nobody helps from afar either, nor from anywhere near.",
  sought: {
    NONE: null,
    FEW: "A few have looked for it around there and found nobody.",
    SOME: "Some have looked for it around there and found nobody.",
    MANY: "Many have looked for it around there and found nobody.",
  },
};

const WORDS: Readonly<Record<string, Words>> = {
  en: ENGLISH,
  es: {
    nobody: "no se cuenta a nadie que trabaje allí o vaya allí.",
    nobodyOrFew:
      "no se cuenta a nadie, o se cuenta a pocas personas, que trabajen allí o vayan allí; aquí no se distingue.",
    few: (most) => `se cuentan como mucho ${most} personas que trabajan allí o van allí.`,
    speak: (people, source) => `La hablan allí unas ${people} personas (${source}).`,
    live: (people, source) => `Viven allí unas ${people} personas (${source}).`,
    area: (area) => `Las más cercanas trabajan en otro lugar de esta zona: ${area}.`,
    remote: "Solo hay ayuda a distancia.",
    nowhere: "Tampoco ayuda nadie a distancia, ni desde cerca.",
    sought: {
      NONE: null,
      FEW: "Unas pocas personas lo buscaron en esa zona y no encontraron a nadie.",
      SOME: "Algunas personas lo buscaron en esa zona y no encontraron a nadie.",
      MANY: "Muchas personas lo buscaron en esa zona y no encontraron a nadie.",
    },
  },
  fr: {
    nobody: "on ne compte personne qui y travaille ou s’y rende.",
    nobodyOrFew:
      "on ne compte personne, ou peu de personnes, qui y travaillent ou s’y rendent ; ici on ne distingue pas.",
    few: (most) => `on compte au plus ${most} personnes qui y travaillent ou s’y rendent.`,
    speak: (people, source) => `Environ ${people} personnes la parlent là-bas (${source}).`,
    live: (people, source) => `Environ ${people} personnes y vivent (${source}).`,
    area: (area) => `Les plus proches travaillent ailleurs dans cette zone : ${area}.`,
    remote: "Il n’y a d’aide qu’à distance.",
    nowhere: "Personne n’aide non plus à distance, ni de près.",
    sought: {
      NONE: null,
      FEW: "Quelques rares personnes l’ont cherché dans cette zone et n’ont trouvé personne.",
      SOME: "Certaines personnes l’ont cherché dans cette zone et n’ont trouvé personne.",
      MANY: "Beaucoup l’ont cherché dans cette zone et n’ont trouvé personne.",
    },
  },
  pt: {
    nobody: "não se conta ninguém que trabalhe lá ou vá até lá.",
    nobodyOrFew:
      "não se conta ninguém, ou contam-se poucas pessoas, que trabalhem lá ou vão até lá; aqui não se distingue.",
    few: (most) => `contam-se no máximo ${most} pessoas que trabalham lá ou vão até lá.`,
    speak: (people, source) => `Cerca de ${people} pessoas a falam lá (${source}).`,
    live: (people, source) => `Cerca de ${people} pessoas vivem lá (${source}).`,
    area: (area) => `As mais próximas trabalham noutro lugar desta área: ${area}.`,
    remote: "Só há ajuda à distância.",
    nowhere: "Ninguém ajuda à distância, nem de perto.",
    sought: {
      NONE: null,
      FEW: "Poucas pessoas procuraram isso nessa área e não encontraram ninguém.",
      SOME: "Algumas pessoas procuraram isso nessa área e não encontraram ninguém.",
      MANY: "Muitas pessoas procuraram isso nessa área e não encontraram ninguém.",
    },
  },
};

const LOCALES: Readonly<Record<string, string>> = Object.fromEntries(
  Object.keys(WORDS).map((locale) => [locale, locale]),
);
