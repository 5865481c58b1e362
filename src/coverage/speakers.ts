import { createRequire } from "node:module";
import { parseLanguage } from "../vocabulary/language.js";

type Info = {
  readonly _population: string;
  readonly languagePopulation?: Readonly<
    Record<string, { readonly _populationPercent: string; readonly _officialStatus?: string }>
  >;
};

/** How many people live in each country, and how many of them speak which language. */
type Speakers = {
  readonly population: ReadonlyMap<string, number>;
  readonly byCountry: ReadonlyMap<string, ReadonlyMap<string, number>>;
};

const require = createRequire(import.meta.url);

/** Where the numbers come from, as it is told beside them. */
export const SOURCE = `Unicode CLDR ${(require("cldr-core/package.json") as { version: string }).version.split(".")[0] ?? ""}`;

/** A language with fewer speakers in every country is on no axis, unless it is official or in public use here. */
const FEWEST = 10_000;

let read: Speakers | undefined;

/** Unicode CLDR's territoryInfo: population, and the share that speaks each language. Rough, and better than nothing. */
function speakers(): Speakers {
  return (read ??= readSpeakers());
}

function readSpeakers(): Speakers {
  const file = require("cldr-core/supplemental/territoryInfo.json") as {
    supplemental: { territoryInfo: Readonly<Record<string, Info>> };
  };
  const population = new Map<string, number>();
  const byCountry = new Map<string, Map<string, number>>();
  for (const [country, info] of Object.entries(file.supplemental.territoryInfo)) {
    const people = Number(info._population);
    population.set(country, people);
    byCountry.set(country, speakersIn(info, people));
  }
  return { population, byCountry };
}

/** A language written in several scripts stands there several times; its greatest share counts. */
function speakersIn({ languagePopulation = {} }: Info, people: number): Map<string, number> {
  const many = new Map<string, number>();
  for (const [written, { _populationPercent, _officialStatus }] of Object.entries(languagePopulation)) {
    const tag = tagOf(written);
    const count = Math.round((people * Number(_populationPercent)) / 100);
    if (tag !== null && (count >= FEWEST || _officialStatus !== undefined))
      many.set(tag, Math.max(many.get(tag) ?? 0, count));
  }
  return many;
}

/** CLDR names the script where a language has several: uz_Cyrl is spoken as uz is. */
function tagOf(written: string): string | null {
  try {
    return parseLanguage(written.split("_")[0] ?? "");
  } catch {
    return null;
  }
}

let all: readonly string[] | undefined;

/** The languages that are spoken by many somewhere, or official there. */
export function spoken(): readonly string[] {
  return (all ??= [...new Set([...speakers().byCountry.values()].flatMap((many) => [...many.keys()]))]);
}

/** The languages of a country. */
export function spokenIn(country: string): ReadonlyMap<string, number> {
  return speakers().byCountry.get(country) ?? new Map<string, number>();
}

/** How many live in these countries; with a language, how many of them speak it. */
export function peopleIn(countries: readonly string[], language: string | null): number {
  const { population } = speakers();
  return countries.reduce(
    (sum, country) =>
      sum + ((language === null ? population.get(country) : spokenIn(country).get(language)) ?? 0),
    0,
  );
}
