import { PROFICIENCIES } from "../listing/tag.js";
import type { ListedKind } from "../listing/listing.js";
import { broaderLanguage, languageName, parseLanguage } from "../vocabulary/language.js";
import { keep, sizeOf, type Bits } from "./bits.js";
import { trueOf, type Condition } from "./condition.js";
import type { Index, Shared } from "./index.js";
import { findText } from "./text.js";
import {
  listedParts,
  type LanguageMatch,
  type Part,
  type RegionMatch,
  type SpecialtyMatch,
} from "./where.js";

/** What to relax, and how many would then be found. */
export type Advice = { readonly relax: string; readonly would: number };

/** What was asked: the parts of the filter, the filter they were read from, and the words searched for. */
export type Asked = {
  readonly parts: readonly Part[];
  readonly where: Matches | null;
  readonly words: readonly string[] | null;
};

type Matches = {
  readonly specialty?: SpecialtyMatch | null;
  readonly region?: RegionMatch | null;
  readonly language?: LanguageMatch | null;
};

const MOST = 6;

/** A way to ask for less than a condition does; null asks for nothing. */
export type Way = { readonly relax: string; readonly condition: Condition | null };

/** Who a condition holds for, and the ways to ask for less. */
export type Relaxable = { readonly held: Bits; readonly ways: readonly Way[] };

/** Which single condition, left out or widened, would bring more than there is now; the best first. */
export function adviceFor(index: Index, asked: Asked): readonly Advice[] {
  const { parts, where, words } = asked;
  const fields = parts.map(({ field, condition }) => ({
    held: trueOf(index, condition),
    ways: [...widenedBy(field, where ?? {}, index), { relax: leaveOut(field), condition: null }],
  }));
  const search = { relax: leaveOut("search"), condition: null };
  const found = words === null ? [] : [{ held: findText(index, words).found, ways: [search] }];
  return adviseOn(index, index.alive, [...fields, ...found]);
}

/** The same of any conditions, asked of these people. */
export function adviseOn(index: Index, of: Bits, asked: readonly Relaxable[]): readonly Advice[] {
  const count = (held: readonly Bits[]): number =>
    sizeOf(held.reduce(keep, of.slice(0, index.none().length)));
  const now = count(asked.map(({ held }) => held));
  const entries = asked.flatMap((one) => {
    const others = asked.filter((other) => other !== one).map(({ held }) => held);
    return one.ways.map(({ relax, condition }) => ({
      relax,
      would: count(condition === null ? others : [...others, trueOf(index, condition)]),
    }));
  });
  const better = entries.filter(({ would }) => would > now);
  return better.sort((one, other) => other.would - one.would).slice(0, MOST);
}

const FIELDS: Readonly<Record<string, string>> = {
  specialty: "the specialty",
  region: "the region",
  language: "the language",
  network: "the network",
  verifiedSince: "the day of verification",
  formats: "the format",
  delivery: "the delivery",
  levelAtLeast: "the level",
  communities: "the communities",
  offersFollowUp: "follow-up",
  coFacilitates: "co-facilitation",
  available: "availability",
  cost: "the cost",
  roles: "the roles",
  acceptsUrgentRequests: "urgent requests",
  kinds: "the kind",
  stages: "the stage",
  status: "the status",
  licenses: "the license",
  minutesAtMost: "the duration",
  unknown: "what must be unknown",
  and: "the conditions joined by and",
  or: "the conditions joined by or",
  not: "what is excluded",
  search: "the search words",
};

function leaveOut(field: string): string {
  return `Leave out ${FIELDS[field] ?? field}`;
}

function widenedBy(field: string, where: Matches, index: Index): readonly Way[] {
  const shared: Shared = { vocabulary: index.vocabulary, atlas: index.atlas };
  if (field === "specialty" && where.specialty) return widenSpecialty(where.specialty, shared);
  if (field === "region" && where.region) return widenRegion(where.region, index.kind, shared);
  if (field === "language" && where.language) return widenLanguage(where.language, shared);
  return [];
}

export function widenSpecialty(match: SpecialtyMatch, shared: Shared): readonly Way[] {
  const { specialties } = shared.vocabulary;
  const read = (wider: SpecialtyMatch): Condition => listedParts.specialty(wider, [], shared);
  const codes = codesOf(match).map((text) => specialties.parse(text));
  const above = codes.flatMap((code) => specialties.get(code).broader ?? []);
  const broader = (texts: readonly string[] | null | undefined): readonly string[] | null =>
    texts?.map((text) => specialties.get(specialties.parse(text)).broader ?? text) ?? null;
  const wider: Way[] = [];
  if (above.length > 0) {
    const names = joined(above.map((code) => specialties.name(code, "en")));
    const condition = read({ ...match, anyOf: broader(match.anyOf), allOf: broader(match.allOf) });
    wider.push({ relax: `Accept any specialty below ${names}`, condition });
  }
  if (match.depthAtLeast && codes.length > 0) {
    wider.push({
      relax: "Accept any depth of the specialty",
      condition: read({ ...match, depthAtLeast: null }),
    });
  }
  return wider;
}

export function widenRegion(match: RegionMatch, kind: ListedKind, shared: Shared): readonly Way[] {
  const { regions } = shared.vocabulary;
  const read = (wider: RegionMatch): Condition => listedParts.region(wider, [], shared);
  const codes = codesOf(match).map((text) => regions.parse(text));
  if (codes.length === 0) return [];
  const names = joined(codes.map((code) => regions.name(code, "en")));
  const wider: Way[] = [];
  if (match.relation) {
    const every = ["BASED_IN", "WORKS_IN", "TRAVELS_TO", "REMOTE_TO"] as const;
    wider.push({
      relax: `Accept every relation to ${names}`,
      condition: read({ ...match, relation: every }),
    });
  }
  if (!match.orPartOf) {
    const relax = `Accept ${WHO[kind]} only a part of ${names}`;
    wider.push({ relax, condition: read({ ...match, orPartOf: true }) });
  }
  const [only] = codes;
  if (codes.length > 1 || only === undefined) return wider;
  for (const around of regions.within(only).filter((code) => regions.kind(code) !== "WORLD")) {
    const condition = read({ ...match, anyOf: [around], allOf: null, orPartOf: true });
    wider.push({ relax: `Accept any part of ${regions.name(around, "en")}`, condition });
  }
  return wider;
}

const WHO: Readonly<Record<ListedKind, string>> = {
  practitioner: "people who serve",
  organization: "organizations that serve",
  resource: "resources for",
};

export function widenLanguage(match: LanguageMatch, shared: Shared): readonly Way[] {
  const read = (wider: LanguageMatch): Condition => listedParts.language(wider, [], shared);
  const codes = codesOf(match).map((text) => parseLanguage(text));
  const wider: Way[] = [];
  const above = codes.flatMap((tag) => broaderLanguage(tag) ?? []);
  if (above.length > 0 && (!match.allOf || codes.length === 1)) {
    const names = joined(above.map((tag) => languageName(tag, "en")));
    const condition = read({ ...match, anyOf: [...codes, ...above], allOf: null });
    wider.push({ relax: `Accept ${names} as well`, condition });
  }
  if (match.atLeast && codes.length > 0) {
    const lower = PROFICIENCIES[PROFICIENCIES.indexOf(match.atLeast) - 1] ?? null;
    const level = lower === null ? "any level" : `level ${lower}`;
    wider.push({ relax: `Accept ${level} of the language`, condition: read({ ...match, atLeast: lower }) });
  }
  if (match.use && codes.length > 0) {
    wider.push({ relax: "Accept any use of the language", condition: read({ ...match, use: null }) });
  }
  return wider;
}

function codesOf(match: SpecialtyMatch | RegionMatch | LanguageMatch): readonly string[] {
  return [...(match.anyOf ?? []), ...(match.allOf ?? [])];
}

function joined(names: readonly string[]): string {
  return [...new Set(names)].join(" or ");
}
