import { namesIn } from "../src/search/names.js";
import {
  listingsOf,
  type Practitioner,
  type PractitionerListing,
} from "../src/practitioners/practitioner.js";
import { Key } from "../src/storage/seal.js";
import { withBroaderLanguages, type LanguageTag } from "../src/vocabulary/language.js";
import type { RegionCode } from "../src/vocabulary/region.js";
import type { SpecialtyCode } from "../src/vocabulary/specialty.js";
import { words } from "../src/vocabulary/word.js";
import type { Generator } from "./generate.js";
import { below, oneOf, randomFor, shuffled, type Random } from "./random.js";

/**
 * What a peer is asked. `partly` also accepts who serves only some of the region; `text` is asked in the words of
 * somebody's own text.
 */
export type Question =
  | ({ readonly operation: "search"; readonly language: string } & Asked)
  | { readonly operation: "profile"; readonly id: string }
  | ({ readonly operation: "text"; readonly words: string } & Asked);
type Asked = { readonly specialty: string; readonly region: string; readonly partly: boolean };
export type Operation = Question["operation"];
export const OPERATIONS: readonly Operation[] = ["search", "profile", "text"];
const HOW_MANY: Readonly<Record<Operation, number>> = { search: 200, profile: 300, text: 100 };

/** Questions drawn from what everybody sees of the records, so that each has an answer. */
export function questionsFor(generator: Generator, n: number, operation: Operation): readonly Question[] {
  const random = randomFor(generator.seed, `questions ${operation}`);
  const asked: Question[] = [];
  for (let tries = 0; asked.length < HOW_MANY[operation] && tries < 100_000; tries++) {
    const person = publicly(generator.practitioner(below(random, n)));
    const question = person === null ? null : ask(generator, random, operation, person);
    if (question !== null) asked.push(question);
  }
  return asked;
}

function ask(
  generator: Generator,
  random: Random,
  operation: Operation,
  person: PractitionerListing,
): Question | null {
  if (operation === "profile") return { operation, id: person.id };
  const specialty = specialtyOf(generator, random, person);
  const region = regionOf(generator, random, person);
  if (specialty === null || region === null) return null;
  if (operation === "text") {
    const telling = wordsOf(generator, random, person);
    return telling === null ? null : { operation, words: telling, specialty, ...region };
  }
  if (person.languages.length === 0) return null;
  const { language } = oneOf(random, person.languages);
  return { operation, specialty, language: broadly(language), ...region };
}

const nobody = { network: "", contacts: Key.random() };

/** What everybody sees of a record; null when that is nothing. */
function publicly(person: Practitioner): PractitionerListing | null {
  const listing = listingsOf(person, nobody).find(({ audience }) => audience === "PUBLIC");
  // Written just now, from this type.
  return listing === undefined ? null : (JSON.parse(listing.doc) as PractitionerListing);
}

/** A third asks for a whole root, as people who browse do. */
function specialtyOf(generator: Generator, random: Random, person: PractitionerListing): string | null {
  const code = person.specialties[0]?.specialty as SpecialtyCode | undefined;
  if (code === undefined) return null;
  return random() < 0.35 ? (generator.vocabulary.specialties.withBroader(code).at(-1) ?? code) : code;
}

/** Half ask for a country, a third for who works anywhere in an area around it, the others for the place as it was told. */
function regionOf(
  generator: Generator,
  random: Random,
  person: PractitionerListing,
): Pick<Asked, "region" | "partly"> | null {
  const { regions } = generator.vocabulary;
  const areas = person.regions.filter(({ relation }) => relation !== "BASED_IN");
  if (areas.length === 0) return null;
  // A listing holds codes of the vocabulary.
  const served = oneOf(random, areas).region as RegionCode;
  const countries = regions.withInside(served).filter((code) => regions.kind(code) === "COUNTRY");
  const around = regions.withSurrounding(served).filter((code) => regions.kind(code) === "AREA");
  const draw = random();
  if (draw < 0.55 && countries.length > 0) return { region: oneOf(random, countries), partly: false };
  if (draw < 0.85 && around.length > 0) return { region: oneOf(random, around), partly: true };
  return { region: served, partly: false };
}

function broadly(language: string): string {
  return withBroaderLanguages(language as LanguageTag).at(-1) ?? language;
}

/** One or two words of their text that name nothing in the vocabulary: what those mean, peer S does not know. */
function wordsOf(generator: Generator, random: Random, { about }: PractitionerListing): string | null {
  const names = namesIn(generator.vocabulary);
  const own = [...new Set(Object.values(about ?? {}).flatMap(words))];
  const telling = own.filter(
    (word) =>
      generator.text.isTelling(word) &&
      names.withWord(word).length === 0 &&
      names.startingWith(word).length === 0,
  );
  const chosen = shuffled(random, telling).slice(0, random() < 0.6 ? 1 : 2);
  return chosen.length === 0 ? null : chosen.join(" ");
}

const shown = `
  id alias
  specialties { specialty { code name } depth }
  languages { language { tag name } level use }
  regions { region { code name } relation }
  formats delivery level offersFollowUp coFacilitates cost
  organizations { id name }
  resources { id title }
  provenance { network { id name } verified }`;

const documents: Readonly<Record<Operation, string>> = {
  search: `query ($specialty: SpecialtyCode!, $language: LanguageTag!, $region: RegionCode!, $partly: Boolean!) {
    practitioners(where: {
      specialty: { anyOf: [$specialty] } language: { anyOf: [$language] } region: { anyOf: [$region] orPartOf: $partly }
    }) {
      totalCount
      nodes { ${shown} }
      facets {
        specialties { specialty { code name } count }
        regions { region { code name } count }
        languages { language { tag name } count }
      }
    }
  }`,
  profile: `query ($id: ID!) { practitioner(id: $id) { ${shown} } }`,
  text: `query ($words: String!, $specialty: SpecialtyCode!, $region: RegionCode!, $partly: Boolean!) {
    practitioners(search: $words, where: { specialty: { anyOf: [$specialty] } region: { anyOf: [$region] orPartOf: $partly } }) {
      totalCount
      nodes { ${shown} }
    }
  }`,
};

/** The question as the product is asked it: a document and its variables. */
export function asGraphQL({ operation, ...variables }: Question): string {
  return JSON.stringify({ query: documents[operation], variables });
}
