import {
  inLanguage,
  writeDoc,
  writeName,
  writeWords,
  type ListedDoc,
  type Listing,
  type Localized,
  type WrittenListing,
} from "../listing/listing.js";
import { tag, workMark, writeTags, type Tag } from "../listing/tag.js";
import { LISTED_AUDIENCES, reaches, type Audience } from "../visibility/audience.js";

export const RESOURCE_KINDS = [
  "SESSION",
  "MODULE",
  "CURRICULUM",
  "GUIDE",
  "PLAN_TEMPLATE",
  "PROTOCOL_TEMPLATE",
  "TOOL",
  "TOOL_REVIEW",
  "RECORDING",
  "FUND",
  "RETREAT",
  "REPORT",
] as const;
/** ADIDS: Activity, Discussion, Input, Deepening, Synthesis. */
export const STAGES = ["ACTIVITY", "DISCUSSION", "INPUT", "DEEPENING", "SYNTHESIS"] as const;
export const RESOURCE_STATUSES = ["UNDER_DEVELOPMENT", "PUBLISHED", "OUTDATED"] as const;
export type ResourceKind = (typeof RESOURCE_KINDS)[number];
export type Stage = (typeof STAGES)[number];
export type ResourceStatus = (typeof RESOURCE_STATUSES)[number];

/** A language the text is really in. `stale` when it is older than the original it was made from. */
export type Translation = { readonly language: string; readonly url: string | null; readonly stale: boolean };

/** How long it takes; `max` null when it is open-ended. */
export type MinutesRange = { readonly min: number; readonly max: number | null };

export type ResourceFacts = {
  readonly kind: ResourceKind;
  readonly title: Localized;
  readonly summary: Localized | null;
  readonly url: string | null;
  /** As credited; a credit never becomes a practitioner. */
  readonly authors: readonly string[];
  readonly publisher: string | null;
  /** A year, a month or a day, as precise as the source was. */
  readonly published: string | null;
  /** SPDX identifier. */
  readonly license: string | null;
  readonly languages: readonly Translation[];
  readonly specialties: readonly string[];
  readonly regions: readonly string[];
  readonly stages: readonly Stage[];
  readonly minutes: MinutesRange | null;
  readonly materials: readonly string[];
  readonly prerequisites: readonly string[];
  /** Ids of the resources this one is a part of. */
  readonly partOf: readonly string[];
  readonly status: ResourceStatus;
};

export type Resource = {
  readonly id: string;
  readonly audience: Audience;
  readonly verified: string | null;
  readonly facts: ResourceFacts;
};

export type ResourceListing = ListedDoc & ResourceFacts;

/** What whoever sees it sees of it. */
export function listingOf({ id, verified, facts }: Resource, network: string): ResourceListing {
  return { id, network, verified, ...facts };
}

export function listingsOf(resource: Resource, network: string): readonly Listing[] {
  const written = writeListing(listingOf(resource, network));
  return LISTED_AUDIENCES.filter((audience) => reaches(resource.audience, audience)).map((audience) => ({
    audience,
    ...written,
  }));
}

/** A listing as it is kept, with what it is found by. */
export function writeListing(listing: ResourceListing): WrittenListing {
  return {
    name: writeName(inLanguage(listing.title, null) ?? ""),
    doc: writeDoc(listing),
    tags: writeTags(tagsOf(listing)),
    words: writeWords(
      [...Object.values(listing.title), ...listing.authors],
      [...Object.values(listing.summary ?? {}), ...listing.materials, ...listing.prerequisites],
    ),
  };
}

function tagsOf(listing: ResourceListing): Tag[] {
  const { license, minutes, verified } = listing;
  return [
    tag("kind", listing.kind),
    tag("status", listing.status),
    ...listing.specialties.map((specialty) => tag("specialty", specialty)),
    ...listing.languages.map(({ language }) => tag("language", language)),
    ...listing.regions.map((region) => tag("region", region, workMark("WORKS_IN"))),
    ...listing.stages.map((stage) => tag("stage", stage)),
    ...listing.partOf.map((whole) => tag("partOf", whole)),
    ...(license === null ? [] : [tag("license", license)]),
    ...(minutes === null ? [] : [tag("minutes", minutes.max ?? `${minutes.min}+`)]),
    ...(verified === null ? [] : [tag("verified", verified)]),
  ];
}
