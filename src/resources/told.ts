import { badInput } from "../errors.js";
import {
  change,
  codes,
  dayThatCame,
  line,
  list,
  refuseTwins,
  texts,
  webAddress,
  type Path,
  type ToldText,
} from "../listing/told.js";
import { parseLanguage } from "../vocabulary/language.js";
import type { Vocabulary } from "../vocabulary/vocabulary.js";
import type { Audience } from "../visibility/audience.js";
import type {
  MinutesRange,
  Resource,
  ResourceFacts,
  ResourceKind,
  ResourceStatus,
  Stage,
  Translation,
} from "./resource.js";

export type ToldTranslation = {
  readonly language: string;
  readonly url?: string | null;
  readonly stale?: boolean | null;
};
export type ToldMinutes = { readonly min: number; readonly max?: number | null };

/** What a steward tells of a resource: a field that is left out stays, null clears it, a list replaces the list. */
export type ToldResource = {
  readonly audience?: Audience | null;
  readonly verified?: string | null;
  readonly kind?: ResourceKind | null;
  readonly title?: readonly ToldText[] | null;
  readonly summary?: readonly ToldText[] | null;
  readonly url?: string | null;
  readonly authors?: readonly string[] | null;
  readonly publisher?: string | null;
  readonly published?: string | null;
  readonly license?: string | null;
  readonly languages?: readonly ToldTranslation[] | null;
  readonly specialties?: readonly string[] | null;
  readonly regions?: readonly string[] | null;
  readonly stages?: readonly Stage[] | null;
  readonly minutes?: ToldMinutes | null;
  readonly materials?: readonly string[] | null;
  readonly prerequisites?: readonly string[] | null;
  readonly partOf?: readonly string[] | null;
  readonly status?: ResourceStatus | null;
};

const input: Path = ["input"];
const LONGEST = { title: 300, summary: 5000, line: 300 };
/** A week without a break. */
const MOST_MINUTES = 10_080;

/** A resource of which only its id is known; a kind and a title make it one. */
export type Begun = Omit<Resource, "facts"> & {
  readonly facts: Omit<ResourceFacts, "kind"> & { readonly kind: ResourceKind | null };
};

/** A resource of which nothing is told yet, not even its kind. */
export function newResource(id: string): Begun {
  return { id, audience: "PUBLIC", verified: null, facts: nothing };
}

const nothing: Begun["facts"] = {
  kind: null,
  title: {},
  summary: null,
  url: null,
  authors: [],
  publisher: null,
  published: null,
  license: null,
  languages: [],
  specialties: [],
  regions: [],
  stages: [],
  minutes: null,
  materials: [],
  prerequisites: [],
  partOf: [],
  status: "PUBLISHED",
};

/** The resource with what is told of it now. `partOf` is told as ids that were looked up. */
export function tell(resource: Begun, told: ToldResource, words: Vocabulary, today: string): Resource {
  const { facts } = resource;
  const kind = told.kind ?? facts.kind;
  if (kind === null) throw badInput("A resource needs a kind.", [...input, "kind"]);
  const title = change(
    facts.title,
    {},
    told.title,
    (all) => texts(all, LONGEST.title, [...input, "title"]) ?? {},
  );
  if (Object.keys(title).length === 0) throw badInput("A resource needs a title.", [...input, "title"]);
  return {
    id: resource.id,
    audience: told.audience ?? resource.audience,
    verified: change(resource.verified, null, told.verified, (day) =>
      dayThatCame(day, today, [...input, "verified"]),
    ),
    facts: {
      ...describe(facts, told),
      ...wordsOf(facts, told, words),
      kind,
      title,
      status: told.status ?? facts.status,
      partOf: change(facts.partOf, [], told.partOf, (ids) => [...new Set(ids)]),
    },
  };
}

type Described = Omit<
  ResourceFacts,
  "kind" | "title" | "status" | "partOf" | "specialties" | "regions" | "languages"
>;

function describe(facts: Begun["facts"], told: ToldResource): Described {
  const at = (field: string): Path => [...input, field];
  const text = (held: string | null, field: "publisher") =>
    change(held, null, told[field], (said) => line(said, LONGEST.line, at(field)));
  const lines = (field: "authors" | "materials" | "prerequisites") =>
    change(facts[field], [], told[field], (all) =>
      list(all, at(field)).map((said, position) => line(said, LONGEST.line, [...at(field), position])),
    );
  return {
    summary: change(facts.summary, null, told.summary, (all) => texts(all, LONGEST.summary, at("summary"))),
    url: change(facts.url, null, told.url, (said) => webAddress(said, at("url"))),
    authors: lines("authors"),
    publisher: text(facts.publisher, "publisher"),
    published: change(facts.published, null, told.published, published),
    license: change(facts.license, null, told.license, license),
    stages: change(facts.stages, [], told.stages, (all) => [...new Set(list(all, at("stages")))]),
    minutes: change(facts.minutes, null, told.minutes, minutes),
    materials: lines("materials"),
    prerequisites: lines("prerequisites"),
  };
}

type Codes = Pick<ResourceFacts, "specialties" | "regions" | "languages">;

function wordsOf(facts: Begun["facts"], told: ToldResource, { specialties, regions }: Vocabulary): Codes {
  return {
    specialties: change(facts.specialties, [], told.specialties, (all) =>
      codes<string>(all, (text, path) => specialties.parse(text, path), [...input, "specialties"]),
    ),
    regions: change(facts.regions, [], told.regions, (all) =>
      codes<string>(all, (text, path) => regions.parse(text, path), [...input, "regions"]),
    ),
    languages: change(facts.languages, [], told.languages, translations),
  };
}

function translations(told: readonly ToldTranslation[]): readonly Translation[] {
  const path = [...input, "languages"];
  const all = list(told, path).map(({ language, url = null, stale }, position) => ({
    language: parseLanguage(language, [...path, position, "language"]),
    url: url === null ? null : webAddress(url, [...path, position, "url"]),
    stale: stale ?? false,
  }));
  refuseTwins(
    all.map(({ language }) => language),
    path,
  );
  return all;
}

/** A year, a month or a day that is in the calendar. */
function published(said: string): string {
  const day = `${said}-01-01`.slice(0, 10);
  const exists = /^\d{4}(-\d{2}){0,2}$/.test(said) && !Number.isNaN(Date.parse(`${day}T00:00:00Z`));
  if (exists && new Date(`${day}T00:00:00Z`).toISOString().startsWith(day)) return said;
  throw badInput("This takes a year, a month or a day, such as 2024, 2024-03 or 2024-03-31.", [
    ...input,
    "published",
  ]);
}

function license(said: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9.+-]{0,63}$/.test(said)) return said;
  throw badInput("This takes an SPDX licence identifier, such as CC-BY-SA-4.0.", [...input, "license"]);
}

function minutes({ min, max = null }: ToldMinutes): MinutesRange {
  if (min < 1 || min > MOST_MINUTES || (max !== null && (max < min || max > MOST_MINUTES)))
    throw badInput(`This takes minutes from 1 to ${MOST_MINUTES}, the most not less than the least.`, [
      ...input,
      "minutes",
    ]);
  return { min, max };
}
