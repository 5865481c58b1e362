import { badInput } from "../errors.js";
import type { Band } from "../practitioners/practitioner.js";
import { languageName, parseLanguage } from "../vocabulary/language.js";
import { pageLocale } from "../vocabulary/locale.js";
import type { RegionCode } from "../vocabulary/region.js";
import type { SpecialtyCode } from "../vocabulary/specialty.js";
import { cellsAsked, type Asked } from "../coverage/asked.js";
import { drawHeatMap, type Caption } from "./heat-map.js";
import { PICTURE_WORDS, type Pictured, type PictureWords } from "./picture-words.js";
import type { CellTold, Published } from "../coverage/published.js";
import type { Shade } from "./shade.js";
import { drawWorldMap } from "./world-map.js";

/** What both pictures can be asked: what is counted, in which language, and the language that they are written in. */
type AskedOfPicture = { readonly of: Pictured; readonly language: string | null; readonly locale: string };

/** Which cells a heat map shows, as `CoverageWhere` has it. */
export type HeatMapAsked = AskedOfPicture &
  Pick<Asked, "regions" | "specialties" | "regionLevel" | "specialtyDepth">;

/** Of which kind of work a map is; of any when null. */
export type WorldMapAsked = AskedOfPicture & { readonly specialty: string | null };

const MOST_ROWS = 80;
const MOST_COLUMNS = 16;

/** Regions by kinds of work, as an SVG picture. */
export function heatMapOf(published: Published, asked: HeatMapAsked): string {
  const { locale, words, notes } = wordsFor(published, asked);
  const { specialties, regions } = published.cube.vocabulary;
  const cells = cellsAsked(published, {
    ...asked,
    by: ["REGION", "SPECIALTY"],
    languages: asked.language === null ? null : [asked.language],
  });
  const rows = [...new Set(cells.map(({ region }) => region))];
  const columns = [...new Set(cells.map(({ specialty }) => specialty))];
  if (rows.length > MOST_ROWS) throw badInput(`A picture has ${MOST_ROWS} rows at most: name fewer regions.`);
  if (columns.length > MOST_COLUMNS)
    throw badInput(`A picture has ${MOST_COLUMNS} columns at most: name fewer specialties.`);
  const shades = new Map(cells.map((cell) => [keyOf(cell), shadeOf(cell, asked.of)]));
  const table = {
    rows: rows.map((code) => regions.name(code as RegionCode, locale)),
    columns: columns.map((code) => specialties.name(code as SpecialtyCode, locale)),
    cells: rows.map((region) =>
      columns.map((specialty) => shades.get(keyOf({ region, specialty })) ?? NOBODY),
    ),
  };
  const caption = captionOf([words.of[asked.of], languageIn(asked, locale, words)], notes, locale, shades);
  return drawHeatMap(table, caption, words);
}

/** The countries of the world, as an SVG picture. */
export function worldMapOf(published: Published, asked: WorldMapAsked): string {
  const { locale, words, notes } = wordsFor(published, asked);
  const { specialties, regions } = published.cube.vocabulary;
  const specialty = asked.specialty === null ? null : specialties.parse(asked.specialty, ["specialty"]);
  const cells = cellsAsked(published, {
    by: ["REGION"],
    specialties: specialty === null ? null : [specialty],
    languages: asked.language === null ? null : [asked.language],
    regions: null,
    regionLevel: "COUNTRY",
    specialtyDepth: 1,
  });
  const shades = new Map(cells.map((cell) => [cell.region, shadeOf(cell, asked.of)]));
  const shown = [...shades].map(([code, shade]) => {
    const name = regions.name(code as RegionCode, locale);
    return [code, { name, shade }] as const;
  });
  const work = specialty === null ? words.anyWork : specialties.name(specialty, locale);
  const title = [words.of[asked.of], work, languageIn(asked, locale, words)];
  const caption = captionOf(title, [...notes, words.small], locale, shades);
  return drawWorldMap(new Map(shown), caption, words);
}

const NOBODY: Shade = { band: "NONE", mayBeNone: false };

function keyOf({ region, specialty }: Pick<CellTold, "region" | "specialty">): string {
  return `${region} ${specialty}`;
}

/** What the difference between nobody and a few is not told of are people; of texts and needs it is. */
function shadeOf({ there, afar, resources, needs, mayBeNone }: CellTold, of: Pictured): Shade {
  const bands: Readonly<Record<Pictured, Band>> = {
    practitioners: there,
    remote: afar,
    resources,
    unmetNeeds: needs,
  };
  return { band: bands[of], mayBeNone: mayBeNone && (of === "practitioners" || of === "remote") };
}

function languageIn({ language }: AskedOfPicture, locale: string, words: PictureWords): string {
  return language === null ? words.anyLanguage : languageName(parseLanguage(language, ["language"]), locale);
}

function wordsFor({ epoch }: Published, asked: AskedOfPicture) {
  const locale = pageLocale(asked.locale);
  const words = PICTURE_WORDS[locale];
  const day = new Intl.DateTimeFormat(locale, { dateStyle: "long", timeZone: "UTC" }).format(
    new Date(`${epoch.day}T00:00:00Z`),
  );
  const number = new Intl.NumberFormat(locale);
  const { FEW, SOME, MANY } = words.bands;
  const from = { [FEW]: 1, [SOME]: epoch.edges.some, [MANY]: epoch.edges.many };
  const edges = Object.entries(from).map(([band, least]) => `${band}: ≥ ${number.format(least)}`);
  return { locale, words, notes: [words.read.replace("{day}", day), edges.join(" · ")] };
}

function captionOf(
  title: readonly string[],
  notes: readonly string[],
  locale: string,
  shades: ReadonlyMap<string, Shade>,
): Caption {
  const merged = [...shades.values()].some(({ band, mayBeNone }) => mayBeNone && band === "FEW");
  return { title: title.join(" · "), notes, locale, rtl: locale === "ar", merged };
}
