import { badInput } from "../errors.js";
import { parseId } from "../listing/listing.js";
import type { Depth, Proficiency } from "../listing/tag.js";
import {
  COMMUNITIES,
  FORMATS,
  type Community,
  type Cost,
  type Delivery,
  type Format,
  type PractitionerLevel,
} from "../practitioners/practitioner.js";
import type { Sought } from "../vocabulary/sought.js";
import { parseLanguage, type LanguageTag } from "../vocabulary/language.js";
import type { RegionCode } from "../vocabulary/region.js";
import type { SpecialtyCode } from "../vocabulary/specialty.js";
import type { Vocabulary } from "../vocabulary/vocabulary.js";

type Asked<T> = { readonly [K in keyof T]?: T[K] | null };

/** What may be unknown of somebody who is found all the same. */
export const NEED_FIELDS = ["REGION", "DELIVERY", "DATES", "COST", "LEVEL"] as const;
export type NeedField = (typeof NEED_FIELDS)[number];

/** What somebody looks for, as it is asked. It has no author and no story, and is kept nowhere. */
export type Need = {
  readonly specialties: readonly NeedSpecialty[];
  readonly languages: readonly string[];
} & Asked<{
  languageAtLeast: Proficiency;
  region: string;
  delivery: Delivery;
  formats: readonly Format[];
  communities: readonly string[];
  levelAtLeast: PractitionerLevel;
  from: string;
  until: string;
  followUp: boolean;
  urgent: boolean;
  maxCost: Cost;
  notNetworks: readonly string[];
  preferLocal: boolean;
  orUnknown: readonly NeedField[];
}>;

export type NeedSpecialty = { readonly code: string } & Asked<{ depthAtLeast: Depth; required: boolean }>;

/** The same with every word checked, and with what is meant where nothing was said. */
export type ReadNeed = {
  readonly required: readonly NeededSpecialty[];
  readonly wanted: readonly NeededSpecialty[];
  readonly languages: readonly LanguageTag[];
  readonly languageAtLeast: Proficiency;
  readonly region: RegionCode | null;
  readonly delivery: Delivery | null;
  readonly formats: readonly Format[];
  readonly communities: readonly Community[];
  readonly levelAtLeast: PractitionerLevel | null;
  /** Null when any time will do. */
  readonly days: Days | null;
  readonly followUp: boolean;
  readonly urgent: boolean;
  readonly maxCost: Cost | null;
  readonly notNetworks: readonly string[];
  readonly preferLocal: boolean;
  readonly orUnknown: ReadonlySet<NeedField>;
};

/** From a day on, until another or open-ended. */
export type Days = { readonly from: string; readonly until: string | null };

export type NeededSpecialty = { readonly code: SpecialtyCode; readonly depthAtLeast: Depth | null };

/** How much a need may ask. Teams are searched through every combination of what is required. */
export const NEED_LIMITS = {
  specialties: 20,
  required: 10,
  languages: 10,
  networks: 50,
} as const;

type Path = readonly (string | number)[];
const path: Path = ["need"];

export function codesOf(specialties: readonly NeededSpecialty[]): readonly SpecialtyCode[] {
  return specialties.map(({ code }) => code);
}

/**
 * Which of the kinds of work that a need requires nobody was found for, where and in which language; null where that is none, and where
 * networks were left out, since nobody knows who else was there.
 */
export function soughtBy(
  { region, languages, notNetworks }: ReadNeed,
  unmet: readonly SpecialtyCode[],
): Sought | null {
  if (notNetworks.length > 0 || unmet.length === 0) return null;
  return {
    specialties: unmet,
    regions: region === null ? [] : [region],
    languages,
  };
}

/** The need with its words checked; BAD_USER_INPUT, with the path of what is wrong, for what cannot be asked. */
export function readNeed(need: Need, vocabulary: Vocabulary, today: string): ReadNeed {
  const { region } = need;
  return {
    ...readSpecialties(need.specialties, vocabulary),
    languages: readLanguages(need.languages),
    languageAtLeast: need.languageAtLeast ?? "WORKING",
    region: region == null ? null : vocabulary.regions.parse(region, [...path, "region"]),
    delivery: need.delivery ?? null,
    formats: listOf(need.formats, "formats", FORMATS.length),
    communities: listOf(need.communities, "communities", COMMUNITIES.length, readCommunity),
    levelAtLeast: need.levelAtLeast ?? null,
    days: readDays(need, today),
    followUp: need.followUp ?? false,
    urgent: need.urgent ?? false,
    maxCost: need.maxCost ?? null,
    notNetworks: listOf(need.notNetworks, "notNetworks", NEED_LIMITS.networks, parseId),
    preferLocal: need.preferLocal ?? true,
    orUnknown: new Set(need.orUnknown ?? []),
  };
}

/** Without a first day it is from today on. */
function readDays({ from, until }: Need, today: string): Days | null {
  if (from != null && until != null && until < from)
    throw badInput("until is a day on or after from.", [...path, "until"]);
  if (from == null && until == null) return null;
  return { from: from ?? (until != null && until < today ? until : today), until: until ?? null };
}

function readSpecialties(
  asked: readonly NeedSpecialty[],
  { specialties }: Vocabulary,
): Pick<ReadNeed, "required" | "wanted"> {
  const all = listOf(
    asked,
    "specialties",
    NEED_LIMITS.specialties,
    ({ code, depthAtLeast, required }, at) => ({
      code: specialties.parse(code, [...at, "code"]),
      depthAtLeast: depthAtLeast ?? null,
      required: required ?? true,
    }),
  );
  if (all.length === 0) throw badInput("A need names at least one specialty.", [...path, "specialties"]);
  const codes = all.map(({ code }) => code);
  const twice = codes.findIndex((code, at) => codes.indexOf(code) !== at);
  if (twice >= 0) throw badInput("This specialty is there twice.", [...path, "specialties", twice, "code"]);
  const required = all.filter((one) => one.required);
  if (required.length > NEED_LIMITS.required)
    throw badInput(`At most ${NEED_LIMITS.required} specialties can be required.`, [...path, "specialties"]);
  return { required, wanted: all.filter((one) => !one.required) };
}

function readLanguages(asked: readonly string[]): readonly LanguageTag[] {
  const tags = listOf(asked, "languages", NEED_LIMITS.languages, parseLanguage);
  if (tags.length > 0) return tags;
  throw badInput("A need names at least one language that people speak.", [...path, "languages"]);
}

function readCommunity(text: string, at: Path): Community {
  const known = COMMUNITIES.find((one) => one === text.trim().toUpperCase());
  if (known !== undefined) return known;
  throw badInput(`There is no such community; there is ${COMMUNITIES.join(", ")}.`, at);
}

/** A list that is not longer than it may be, each of its items read and there once. */
function listOf<T, U = T>(
  asked: readonly T[] | null | undefined,
  field: string,
  most: number,
  read: (item: T, path: Path) => U = (item) => item as unknown as U,
): readonly U[] {
  const list = asked ?? [];
  if (list.length > most) throw badInput(`At most ${most} can be named here.`, [...path, field]);
  return [...new Set(list.map((item, at) => read(item, [...path, field, at])))];
}
