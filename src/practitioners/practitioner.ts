import { sealContacts, type ContactPoint } from "../listing/contact-point.js";
import type { Listed } from "../listing/home.js";
import {
  writeDoc,
  writeName,
  writeWords,
  type ListedDoc,
  type Listing,
  type Localized,
  type WrittenListing,
} from "../listing/listing.js";
import {
  DEPTHS,
  PROFICIENCIES,
  languageMark,
  skillMark,
  tag,
  workMark,
  writeTags,
  type Depth,
  type LanguageUse,
  type Proficiency,
  type Tag,
  type WorkRelation,
} from "../listing/tag.js";
import { LISTED_AUDIENCES, type Audience } from "../visibility/audience.js";
import { project, type Fact, type Ladder, type Policy, type Seen } from "../visibility/project.js";

export const FORMATS = [
  "TASTER",
  "WORKSHOP",
  "TRAINING_OF_TRAINERS",
  "ACCOMPANIMENT",
  "FOLLOW_UP",
  "AUDIT",
  "CLINIC",
  "RAPID_RESPONSE",
  "RETREAT",
  "MENTORING",
] as const;
export const DELIVERIES = ["IN_PERSON", "REMOTE"] as const;
export const LEVELS = ["MULTIPLIER", "NATIONAL_TEAM", "TRAINER", "MASTER_TRAINER"] as const;
export const AVAILABILITIES = ["ACCEPTING", "WAITLIST", "ASSESS_FIRST", "NOT_ACCEPTING"] as const;
export const COSTS = ["PRO_BONO", "SLIDING_SCALE", "PAID", "EXPENSES_ONLY"] as const;
export const BANDS = ["NONE", "FEW", "SOME", "MANY"] as const;
export const PROFILE_STATES = ["DRAFT", "AWAITING_REVIEW", "LISTED", "SUSPENDED", "WITHDRAWN"] as const;

/** Defenders a practitioner has experience with: competence, never their own identity. */
export const COMMUNITIES = [
  "WOMEN",
  "LGBTIQ",
  "INDIGENOUS",
  "LAND_AND_ENVIRONMENT",
  "JOURNALISTS",
  "LAWYERS",
  "YOUTH",
  "MIGRANTS_AND_REFUGEES",
  "PEOPLE_WITH_DISABILITIES",
  "TRADE_UNIONS",
  "RELIGIOUS_MINORITIES",
  "ETHNIC_MINORITIES",
  "SEX_WORKERS",
  "RURAL",
  "EXILE",
] as const;

export type Format = (typeof FORMATS)[number];
export type Delivery = (typeof DELIVERIES)[number];
export type PractitionerLevel = (typeof LEVELS)[number];
export type AvailabilityStatus = (typeof AVAILABILITIES)[number];
export type Cost = (typeof COSTS)[number];
export type Band = (typeof BANDS)[number];
export type ProfileState = (typeof PROFILE_STATES)[number];
export type Community = (typeof COMMUNITIES)[number];

type Skill = { readonly specialty: string; readonly depth: Depth | null };
export type LanguageSkill = {
  readonly language: string;
  readonly level: Proficiency;
  readonly use: readonly LanguageUse[];
};
type WorkArea = { readonly region: string; readonly relation: WorkRelation };
export type Availability = {
  readonly status: AvailabilityStatus;
  readonly from: string | null;
  readonly until: string | null;
  readonly asOf: string;
};
/** An entry of another network: the id of its node, and the entry's own id there. */
export type Elsewhere = { readonly node: string; readonly id: string };
/** Somebody says of so many entries at most that they are theirs too. */
export const MOST_ELSEWHERE = 5;

export type VouchSummary = { readonly band: Band; readonly latest: string | null };

/** Everything a practitioner says of themselves, each fact with its audience. A legal name is never among it. */
export type PractitionerFacts = {
  readonly alias: Fact<string> | null;
  readonly about: Fact<Localized> | null;
  readonly pronouns: Fact<string> | null;
  readonly specialties: readonly Fact<Skill>[];
  readonly languages: readonly Fact<LanguageSkill>[];
  readonly regions: readonly Fact<WorkArea>[];
  readonly formats: readonly Fact<Format>[];
  readonly delivery: readonly Fact<Delivery>[];
  readonly level: Fact<PractitionerLevel> | null;
  readonly communities: readonly Fact<Community>[];
  readonly offersFollowUp: Fact<boolean> | null;
  readonly coFacilitates: Fact<boolean> | null;
  readonly availability: Fact<Availability> | null;
  readonly cost: Fact<Cost> | null;
  readonly organizations: readonly Fact<string>[];
  readonly resources: readonly Fact<string>[];
  readonly seeks: readonly Fact<string>[];
  readonly vouches: Fact<VouchSummary> | null;
  readonly contact: readonly Fact<ContactPoint>[];
  readonly referable: Fact<boolean> | null;
  /** Entries of other networks that the person says are theirs too. Nobody is shown it unless that is said there as well. */
  readonly sameAs: readonly Fact<Elsewhere>[];
  /** The entry of another network that this one took the place of: good for nothing unless that one said so too. */
  readonly movedFrom: Fact<Elsewhere> | null;
};

export type Practitioner = {
  readonly id: string;
  readonly state: ProfileState;
  /** The audience of the entry: no listing exists for one it does not reach. */
  readonly audience: Audience;
  /** The day the person last said "this is still true"; null when they never have. */
  readonly verified: string | null;
  readonly facts: PractitionerFacts;
  /** The highest level that they hold today; null when they hold none, absent where the network asks nobody to have reached theirs. */
  readonly attained?: PractitionerLevel | null;
};

const skillLadder: Ladder<Skill> = {
  code: ({ specialty }) => specialty,
  modest: (one, other) => ({ ...one, depth: least(DEPTHS, one.depth, other.depth) }),
};

const languageLadder: Ladder<LanguageSkill> = {
  code: ({ language }) => language,
  modest: (one, other) => ({
    ...one,
    level: least(PROFICIENCIES, one.level, other.level) ?? one.level,
    use: one.use.filter((use) => other.use.includes(use)),
  }),
};

const regionLadder: Ladder<WorkArea> = {
  code: ({ region, relation }) => `${relation} ${region}`,
  modest: (one) => one,
};

const codeLadder: Ladder<string> = { code: (code) => code, modest: (one) => one };

/** The one of the two that comes first in the steps in which a cadre grows. */
function lowerLevel(one: PractitionerLevel, other: PractitionerLevel): PractitionerLevel {
  return isAtLeast(one, other) ? other : one;
}

/** Whether the one level is the other, or comes after it. */
export function isAtLeast(one: PractitionerLevel, other: PractitionerLevel): boolean {
  return LEVELS.indexOf(one) >= LEVELS.indexOf(other);
}

/** The lower of two steps; null when either is not told. */
function least<T>(steps: readonly T[], one: T | null, other: T | null): T | null {
  if (one === null || other === null) return null;
  return steps.indexOf(one) <= steps.indexOf(other) ? one : other;
}

/** For each fact: who sees it when the person has not said, how wide it may ever be shown, and whether it can be told more coarsely. */
export const practitionerPolicy: Policy<PractitionerFacts> = {
  alias: { byDefault: "ENTRY", ceiling: "PUBLIC", ladder: null },
  about: { byDefault: "PARTNERS", ceiling: "PUBLIC", ladder: null },
  pronouns: { byDefault: "PARTNERS", ceiling: "PUBLIC", ladder: null },
  specialties: { byDefault: "ENTRY", ceiling: "PUBLIC", ladder: skillLadder },
  languages: { byDefault: "ENTRY", ceiling: "PUBLIC", ladder: languageLadder },
  regions: {
    byDefault: (area) => (area.relation === "BASED_IN" ? "MEMBERS" : "ENTRY"),
    ceiling: "PUBLIC",
    ladder: regionLadder,
  },
  formats: { byDefault: "ENTRY", ceiling: "PUBLIC", ladder: null },
  delivery: { byDefault: "ENTRY", ceiling: "PUBLIC", ladder: null },
  level: { byDefault: "ENTRY", ceiling: "PUBLIC", ladder: null },
  communities: { byDefault: "MEMBERS", ceiling: "PUBLIC", ladder: null },
  offersFollowUp: { byDefault: "ENTRY", ceiling: "PUBLIC", ladder: null },
  coFacilitates: { byDefault: "ENTRY", ceiling: "PUBLIC", ladder: null },
  availability: { byDefault: "MEMBERS", ceiling: "PUBLIC", ladder: null },
  cost: { byDefault: "ENTRY", ceiling: "PUBLIC", ladder: null },
  organizations: { byDefault: "PARTNERS", ceiling: "PUBLIC", ladder: null },
  resources: { byDefault: "PARTNERS", ceiling: "PUBLIC", ladder: null },
  seeks: { byDefault: "MEMBERS", ceiling: "PUBLIC", ladder: codeLadder },
  vouches: { byDefault: "PARTNERS", ceiling: "PUBLIC", ladder: null },
  contact: { byDefault: "PRIVATE", ceiling: "MEMBERS", ladder: null },
  referable: { byDefault: "ENTRY", ceiling: "PUBLIC", ladder: null },
  // A link between two names can unmask either: nobody is told before the person says so.
  sameAs: { byDefault: "PRIVATE", ceiling: "PUBLIC", ladder: null },
  movedFrom: { byDefault: "PRIVATE", ceiling: "PUBLIC", ladder: null },
};

/** What one audience sees of a practitioner. Contact points are sealed wherever they are kept; null when there are none to see. */
export type PractitionerListing = ListedDoc &
  Omit<Seen<PractitionerFacts>, "alias" | "contact" | "sameAs" | "movedFrom"> & {
    readonly alias: string;
    readonly contact: string | null;
    /** Left out when nothing is said. What is said here alone is shown to nobody. */
    readonly sameAs?: readonly Elsewhere[];
    /** Likewise. */
    readonly movedFrom?: Elsewhere;
  };

/** An entry as one of two that may be the same person's. */
export type Side = Pick<PractitionerListing, "id" | "network"> & { readonly sameAs: readonly Elsewhere[] };

/** A practitioner's listings: one for each audience the entry and its alias reach; none unless the entry is listed. */
export function listingsOf(person: Practitioner, by: Listed): readonly Listing[] {
  if (person.state !== "LISTED") return [];
  return LISTED_AUDIENCES.flatMap((audience) => {
    const listing = seenAs(person, audience, by);
    return listing === null ? [] : [{ audience, ...writeListing(listing) }];
  });
}

/**
 * What one audience sees of an entry once it is listed, and PRIVATE what the person sees: everything. Null when there is nothing
 * this audience may see, or no alias to show it under.
 */
export function seenAs(
  person: Practitioner,
  audience: Audience,
  { network, contacts }: Listed,
): PractitionerListing | null {
  const { id, verified } = person;
  const facts = audience === "PRIVATE" ? person.facts : shownFacts(person);
  const seen = project(person.audience, facts, practitionerPolicy, audience);
  if (seen === null || seen.alias === null) return null;
  const contact = sealContacts(id, seen.contact, contacts);
  const { alias, sameAs, movedFrom, ...told } = { ...seen, alias: seen.alias };
  const elsewhere = {
    ...(sameAs.length === 0 ? {} : { sameAs }),
    ...(movedFrom === null ? {} : { movedFrom }),
  };
  return { id, network, verified, ...told, alias, contact, ...elsewhere };
}

/** The facts as others get them: the level they tell, and no higher than they have reached where the network asks for that. */
export function shownFacts({ facts, attained }: Practitioner): PractitionerFacts {
  const { level } = facts;
  if (attained === undefined || level === null) return facts;
  return {
    ...facts,
    level: attained === null ? null : { ...level, value: lowerLevel(level.value, attained) },
  };
}

/** Whether members see a lower level than is told to them, or none. A level that they would not see is none of theirs to count. */
export function isLowered({ audience, facts, attained }: Practitioner): boolean {
  const told = project(audience, facts, practitionerPolicy, "MEMBERS");
  if (attained === undefined || told === null || told.alias === null || told.level === null) return false;
  return attained === null || lowerLevel(told.level, attained) !== told.level;
}

/** How many stand behind a practitioner, as a band: exact counts draw a map of people. */
export function vouchBand(count: number): Band {
  if (count === 0) return "NONE";
  if (count < 5) return "FEW";
  return count < 20 ? "SOME" : "MANY";
}

/** A listing as it is kept, with what it is found by. */
export function writeListing(listing: PractitionerListing): WrittenListing {
  return {
    name: writeName(listing.alias),
    doc: writeDoc(listing),
    tags: writeTags(tagsOf(listing)),
    words: writeWords([listing.alias], Object.values(listing.about ?? {})),
  };
}

function tagsOf(listing: PractitionerListing): Tag[] {
  const { level, offersFollowUp, coFacilitates, availability, cost, vouches, verified } = listing;
  return [
    ...listing.specialties.map((skill) => tag("specialty", skill.specialty, skillMark(skill.depth))),
    ...listing.languages.map((skill) =>
      tag("language", skill.language, languageMark(skill.level, skill.use)),
    ),
    ...listing.regions.map((area) => tag("region", area.region, workMark(area.relation))),
    ...listing.formats.map((format) => tag("format", format)),
    ...listing.delivery.map((delivery) => tag("delivery", delivery)),
    ...listing.communities.map((community) => tag("community", community)),
    ...listing.organizations.map((organization) => tag("organization", organization)),
    ...listing.resources.map((resource) => tag("resource", resource)),
    ...listing.seeks.map((specialty) => tag("seeks", specialty)),
    ...(level === null ? [] : [tag("level", level)]),
    ...(offersFollowUp === null ? [] : [tag("followUp", offersFollowUp)]),
    ...(coFacilitates === null ? [] : [tag("coFacilitates", coFacilitates)]),
    ...(availability === null ? [] : [tag("availability", availability.status)]),
    ...(availability?.from == null ? [] : [tag("availableFrom", availability.from)]),
    ...(availability?.until == null ? [] : [tag("availableUntil", availability.until)]),
    ...(cost === null ? [] : [tag("cost", cost)]),
    ...(vouches === null ? [] : [tag("vouches", vouches.band)]),
    ...(verified === null ? [] : [tag("verified", verified)]),
  ];
}
