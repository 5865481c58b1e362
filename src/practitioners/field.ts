import { contactCode } from "../listing/told.js";
import type { Audience } from "../visibility/audience.js";
import type { Fact, Held } from "../visibility/project.js";
import { writeElsewhere } from "./elsewhere.js";
import { practitionerPolicy, type PractitionerFacts } from "./practitioner.js";

/** What a person shows or hides: the entry as a whole, and each of its fields. */
export const PROFILE_FIELDS = [
  "ENTRY",
  "ALIAS",
  "ABOUT",
  "PRONOUNS",
  "SPECIALTIES",
  "LANGUAGES",
  "REGIONS",
  "FORMATS",
  "DELIVERY",
  "LEVEL",
  "COMMUNITIES",
  "OFFERS_FOLLOW_UP",
  "CO_FACILITATES",
  "AVAILABILITY",
  "COST",
  "ORGANIZATIONS",
  "RESOURCES",
  "SEEKS",
  "VOUCHES",
  "CONTACT",
  "REFERABLE",
  "SAME_AS",
  "MOVED_FROM",
] as const;
export type ProfileField = (typeof PROFILE_FIELDS)[number];
export type FactKey = keyof PractitionerFacts;

const FIELDS: Readonly<Record<FactKey, Exclude<ProfileField, "ENTRY">>> = {
  alias: "ALIAS",
  about: "ABOUT",
  pronouns: "PRONOUNS",
  specialties: "SPECIALTIES",
  languages: "LANGUAGES",
  regions: "REGIONS",
  formats: "FORMATS",
  delivery: "DELIVERY",
  level: "LEVEL",
  communities: "COMMUNITIES",
  offersFollowUp: "OFFERS_FOLLOW_UP",
  coFacilitates: "CO_FACILITATES",
  availability: "AVAILABILITY",
  cost: "COST",
  organizations: "ORGANIZATIONS",
  resources: "RESOURCES",
  seeks: "SEEKS",
  vouches: "VOUCHES",
  contact: "CONTACT",
  referable: "REFERABLE",
  sameAs: "SAME_AS",
  movedFrom: "MOVED_FROM",
};

/** The keys of a person's facts, in the order in which fields are told. */
export const FACT_KEYS = Object.keys(FIELDS) as readonly FactKey[];

export function fieldOf(key: FactKey): ProfileField {
  return FIELDS[key];
}

export function keyOf(field: Exclude<ProfileField, "ENTRY">): FactKey {
  const key = FACT_KEYS.find((one) => FIELDS[one] === field);
  if (key === undefined) throw new Error(`no fact is named ${field}`);
  return key;
}

/** The widest audience a field can be shown to. */
export function ceilingOf(field: ProfileField): Audience {
  return field === "ENTRY" ? "PUBLIC" : practitionerPolicy[keyOf(field)].ceiling;
}

type Values = { readonly [K in FactKey]: PractitionerFacts[K] extends readonly Fact<infer T>[] ? T : never };
/** The fields that hold a list. */
export type ListKey = { [K in FactKey]: [Values[K]] extends [never] ? never : K }[FactKey];

/** What tells one item of a list from the others. */
export const codeIn: { readonly [K in ListKey]: (value: Values[K]) => string } = {
  specialties: ({ specialty }) => specialty,
  languages: ({ language }) => language,
  regions: ({ relation, region }) => `${relation} ${region}`,
  formats: (format) => format,
  delivery: (delivery) => delivery,
  communities: (community) => community,
  organizations: (id) => id,
  resources: (id) => id,
  seeks: (specialty) => specialty,
  contact: contactCode,
  sameAs: writeElsewhere,
};

/** How an item of a list is named; null for a field that is no list. */
export function itemOf(key: FactKey, value: unknown): string | null {
  if (!isListKey(key)) return null;
  // The value is one of the field's own.
  return (codeIn[key] as (value: unknown) => string)(value);
}

function isListKey(key: FactKey): key is ListKey {
  return key in codeIn;
}

/** The facts of a field, however it holds them. */
export function asList(held: Held): readonly Fact<unknown>[] {
  if (held === null) return [];
  return isList(held) ? held : [held];
}

function isList(held: Fact<unknown> | readonly Fact<unknown>[]): held is readonly Fact<unknown>[] {
  return Array.isArray(held);
}

/** The facts of a field in the form in which it holds them. */
export function asHeld(key: FactKey, facts: readonly Fact<unknown>[]): Held {
  return isListKey(key) ? facts : (facts[0] ?? null);
}
