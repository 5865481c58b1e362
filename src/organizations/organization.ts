import {
  writeDoc,
  writeName,
  writeWords,
  type ListedDoc,
  type Listing,
  type Localized,
  type WrittenListing,
} from "../listing/listing.js";
import { tag, workMark, writeTags, type Tag } from "../listing/tag.js";
import { sealContacts, type ContactPoint } from "../listing/contact-point.js";
import type { Listed } from "../listing/home.js";
import { LISTED_AUDIENCES, reaches, type Audience } from "../visibility/audience.js";

export const ORGANIZATION_ROLES = [
  "NETWORK",
  "TRAINERS",
  "RESPONDERS",
  "FUNDER",
  "SERVICE_PROVIDER",
  "HOST",
] as const;
export type OrganizationRole = (typeof ORGANIZATION_ROLES)[number];

/** What an organization says of itself. A body, not a person: the record has one audience, its contact points included. */
export type OrganizationFacts = {
  readonly name: string;
  readonly summary: Localized | null;
  readonly roles: readonly OrganizationRole[];
  readonly specialties: readonly string[];
  readonly languages: readonly string[];
  readonly regions: readonly string[];
  /** Null when nobody has said: unknown is not no. */
  readonly acceptsUrgentRequests: boolean | null;
  readonly website: string | null;
  readonly contact: readonly ContactPoint[];
};

export type Organization = {
  readonly id: string;
  readonly audience: Audience;
  readonly verified: string | null;
  readonly facts: OrganizationFacts;
};

/** What a listing holds. `contact` is sealed; null when it has none. */
export type OrganizationListing = ListedDoc &
  Omit<OrganizationFacts, "contact"> & { readonly contact: string | null };

/** What whoever sees it sees of it. */
export function listingOf(
  { id, verified, facts }: Organization,
  { network, contacts }: Listed,
): OrganizationListing {
  return { id, network, verified, ...facts, contact: sealContacts(id, facts.contact, contacts) };
}

export function listingsOf(organization: Organization, by: Listed): readonly Listing[] {
  const written = writeListing(listingOf(organization, by));
  return LISTED_AUDIENCES.filter((audience) => reaches(organization.audience, audience)).map((audience) => ({
    audience,
    ...written,
  }));
}

/** A listing as it is kept, with what it is found by. */
export function writeListing(listing: OrganizationListing): WrittenListing {
  return {
    name: writeName(listing.name),
    doc: writeDoc(listing),
    tags: writeTags(tagsOf(listing)),
    words: writeWords([listing.name], Object.values(listing.summary ?? {})),
  };
}

function tagsOf(listing: OrganizationListing): Tag[] {
  const { acceptsUrgentRequests, verified } = listing;
  return [
    ...listing.roles.map((role) => tag("role", role)),
    ...listing.specialties.map((specialty) => tag("specialty", specialty)),
    ...listing.languages.map((language) => tag("language", language)),
    ...listing.regions.map((region) => tag("region", region, workMark("WORKS_IN"))),
    ...(acceptsUrgentRequests === null ? [] : [tag("urgent", acceptsUrgentRequests)]),
    ...(verified === null ? [] : [tag("verified", verified)]),
  ];
}
