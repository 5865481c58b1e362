import type { ListedDoc, ListedKind, Localized } from "../listing/listing.js";
import type { OrganizationListing } from "../organizations/organization.js";
import type { PractitionerListing } from "../practitioners/practitioner.js";
import type { ResourceListing } from "../resources/resource.js";
import type { RegionCode } from "../vocabulary/region.js";
import type { Vocabulary } from "../vocabulary/vocabulary.js";
import {
  LICENSE,
  tidy,
  type LearningResource,
  type OrganizationBody,
  type Person,
  type Told,
} from "./body.js";

/** What telling a listing needs to know: the node's words, and which links lead to something that the same feed holds. */
export type Telling = { readonly vocabulary: Vocabulary; readonly leads: (id: string) => boolean };

/** A listing as it is told to other nodes. */
export function tell(kind: ListedKind, listing: ListedDoc, telling: Telling): Told {
  switch (kind) {
    // The kind decides which room wrote the listing.
    case "practitioner":
      return {
        type: "Person",
        body: tellPerson(listing as PractitionerListing, telling),
        ...said("sameAs", (listing as PractitionerListing).sameAs),
        ...said("movedFrom", (listing as PractitionerListing).movedFrom),
      };
    case "organization":
      return { type: "Organization", body: tellOrganization(listing as OrganizationListing, telling) };
    case "resource":
      return { type: "LearningResource", body: tellResource(listing as ResourceListing, telling) };
    default:
      return kind satisfies never;
  }
}

/** The ids that a listing leads to. */
export function linksOf(kind: ListedKind, listing: ListedDoc): readonly string[] {
  if (kind === "organization") return [];
  if (kind === "resource") return (listing as ResourceListing).partOf;
  const { organizations, resources } = listing as PractitionerListing;
  return [...organizations, ...resources];
}

function tellPerson(person: PractitionerListing, { vocabulary, leads }: Telling): Person {
  const { availability, vouches } = person;
  return {
    alias: tidy(person.alias),
    ...said("about", localized(person.about)),
    ...said("pronouns", maybe(person.pronouns)),
    specialties: person.specialties.map(({ specialty, depth }) => ({ specialty, ...said("depth", depth) })),
    languages: person.languages.map(({ language, level, use }) => ({ language, level, use: [...use] })),
    regions: person.regions.map(({ region, relation }) => ({ ...place(region, vocabulary), relation })),
    formats: [...person.formats],
    delivery: [...person.delivery],
    ...said("level", person.level),
    communities: [...person.communities],
    ...said("offersFollowUp", person.offersFollowUp),
    ...said("coFacilitates", person.coFacilitates),
    ...said(
      "availability",
      availability && {
        status: availability.status,
        ...said("from", availability.from),
        ...said("until", availability.until),
        asOf: availability.asOf,
      },
    ),
    ...said("cost", person.cost),
    organizations: person.organizations.filter(leads),
    resources: person.resources.filter(leads),
    seeks: [...person.seeks],
    ...said("vouches", vouches && { band: vouches.band, ...said("latest", vouches.latest) }),
    ...said("referable", person.referable),
    ...said("verified", person.verified),
  };
}

function tellOrganization(listing: OrganizationListing, { vocabulary }: Telling): OrganizationBody {
  return {
    name: tidy(listing.name),
    ...said("summary", localized(listing.summary)),
    roles: [...listing.roles],
    specialties: [...listing.specialties],
    languages: [...listing.languages],
    regions: listing.regions.map((region) => place(region, vocabulary)),
    ...said("acceptsUrgentRequests", listing.acceptsUrgentRequests),
    ...said("website", safeLink(listing.website)),
    ...said("verified", listing.verified),
  };
}

function tellResource(listing: ResourceListing, { vocabulary, leads }: Telling): LearningResource {
  const { minutes } = listing;
  return {
    kind: listing.kind,
    title: localized(listing.title) ?? {},
    ...said("summary", localized(listing.summary)),
    ...said("url", safeLink(listing.url)),
    authors: listing.authors.map(tidy),
    ...said("publisher", maybe(listing.publisher)),
    ...said("published", listing.published),
    ...said("license", listing.license !== null && LICENSE.test(listing.license) ? listing.license : null),
    languages: listing.languages.map(({ language, url, stale }) => ({
      language,
      ...said("url", safeLink(url)),
      stale,
    })),
    specialties: [...listing.specialties],
    regions: listing.regions.map((region) => place(region, vocabulary)),
    stages: [...listing.stages],
    ...said("minutes", minutes && { min: minutes.min, ...said("max", minutes.max) }),
    materials: listing.materials.map(tidy),
    prerequisites: listing.prerequisites.map(tidy),
    partOf: listing.partOf.filter(leads),
    status: listing.status,
    ...said("verified", listing.verified),
  };
}

/** A member that is there only when something is said: the same as one that was never asked. */
function said<Name extends string, T>(name: Name, value: T | null | undefined): { [K in Name]?: T } {
  // One name, one value: the type follows from the line below.
  return (value === null || value === undefined ? {} : { [name]: value }) as { [K in Name]?: T };
}

/** A grouping is one network's own word: its countries come with it. */
function place(region: string, { regions }: Vocabulary): { region: string; broader?: string[] } {
  const code = region as RegionCode;
  return regions.kind(code) === "GROUPING" ? { region, broader: [...regions.contains(code)] } : { region };
}

function safeLink(url: string | null): string | null {
  return url !== null && url.startsWith("https://") && URL.canParse(url) ? url : null;
}

function maybe(text: string | null): string | null {
  const tidied = tidy(text ?? "");
  return tidied === "" ? null : tidied;
}

function localized(texts: Localized | null): Record<string, string> | null {
  const entries = Object.entries(texts ?? {}).map(([language, text]): [string, string] => [
    language,
    tidy(text),
  ]);
  const some = entries.filter(([, text]) => text !== "");
  return some.length === 0 ? null : Object.fromEntries(some);
}
