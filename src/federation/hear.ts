import type { z } from "zod";
import { dayOf } from "../clock.js";
import { DirectoryError } from "../errors.js";
import type { ListedKind, Localized, WrittenListing } from "../listing/listing.js";
import { DEPTHS, LANGUAGE_USES, PROFICIENCIES, WORK_RELATIONS } from "../listing/tag.js";
import {
  ORGANIZATION_ROLES,
  writeListing as writeOrganization,
  type OrganizationListing,
} from "../organizations/organization.js";
import {
  AVAILABILITIES,
  BANDS,
  COMMUNITIES,
  COSTS,
  DELIVERIES,
  FORMATS,
  LEVELS,
  writeListing as writePractitioner,
  type Elsewhere,
  type PractitionerListing,
} from "../practitioners/practitioner.js";
import {
  RESOURCE_KINDS,
  RESOURCE_STATUSES,
  STAGES,
  writeListing as writeResource,
  type ResourceListing,
} from "../resources/resource.js";
import { parseLanguage } from "../vocabulary/language.js";
import type { Vocabulary } from "../vocabulary/vocabulary.js";
import {
  WIRE_TYPES,
  isWireType,
  learningResourceShape,
  organizationShape,
  personShape,
  type LearningResource,
  type OrganizationBody,
  type Person,
} from "./body.js";
import { localIdOf, networkIdOf } from "./node-id.js";

/** A record of a peer as this node lists it. */
export type Heard = { readonly kind: ListedKind; readonly id: string; readonly written: WrittenListing };

/** What is heard: whose word it is, when they signed it, and what it says. */
type Said = {
  readonly node: string;
  readonly id: string;
  readonly iat: Date;
  readonly type: string;
  readonly body: unknown;
  readonly sameAs: readonly Elsewhere[];
  readonly movedFrom?: Elsewhere | undefined;
};

/**
 * A peer's record in this node's words; null for what this node has no shape for, which is kept and not listed. A code that is not
 * known here counts as the nearest wider one that is: a record is never lost for a word.
 */
export function hear(
  { node, id, iat, type, body, sameAs, movedFrom }: Said,
  vocabulary: Vocabulary,
): Heard | null {
  if (!isWireType(type)) return null;
  const hearing: Hearing = {
    vocabulary,
    link: (other) => localIdOf(node, other.toLowerCase()),
    // Nobody confirms a record on a day after it was signed.
    verified: (day) => (day === undefined || day > dayOf(iat) ? null : day),
    id: localIdOf(node, id),
    network: networkIdOf(node),
  };
  const of = <T>(kind: ListedKind, shape: z.ZodType<T>, write: (told: T) => WrittenListing): Heard | null => {
    const read = shape.safeParse(body);
    return read.success ? { kind, id: hearing.id, written: write(read.data) } : null;
  };
  const elsewhere = {
    ...(sameAs.length === 0 ? {} : { sameAs }),
    ...(movedFrom === undefined ? {} : { movedFrom }),
  };
  switch (type) {
    case WIRE_TYPES.practitioner:
      return of("practitioner", personShape, (told) =>
        writePractitioner({ ...hearPerson(told, hearing), ...elsewhere }),
      );
    case WIRE_TYPES.organization:
      return of("organization", organizationShape, (told) =>
        writeOrganization(hearOrganization(told, hearing)),
      );
    case WIRE_TYPES.resource:
      return of("resource", learningResourceShape, (told) => writeResource(hearResource(told, hearing)));
    default:
      return type satisfies never;
  }
}

type Hearing = {
  readonly vocabulary: Vocabulary;
  /** By which this node knows a record of the same origin. */
  readonly link: (id: string) => string;
  readonly verified: (told: string | undefined) => string | null;
  /** Of the record, and of the network that it is from, as this node knows them. */
  readonly id: string;
  readonly network: string;
};

function hearPerson(
  person: Person,
  { vocabulary, link, verified, id, network }: Hearing,
): PractitionerListing {
  const { availability, vouches } = person;
  const status = one(AVAILABILITIES, availability?.status);
  const band = one(BANDS, vouches?.band);
  return {
    id,
    network,
    verified: verified(person.verified),
    alias: person.alias,
    about: texts(person.about),
    pronouns: person.pronouns ?? null,
    specialties: person.specialties.flatMap(({ specialty, depth }) =>
      specialtyCodes(specialty, vocabulary).map((code) => ({
        specialty: code,
        // Depth in a narrow thing says little of a broad one.
        depth: code === specialty ? one(DEPTHS, depth) : null,
      })),
    ),
    languages: person.languages.flatMap(({ language, level, use }) => {
      const known = one(PROFICIENCIES, level);
      const tags = known === null ? [] : languageTags(language);
      return tags.map((tag) => ({ language: tag, level: known ?? "BASIC", use: some(LANGUAGE_USES, use) }));
    }),
    regions: few(
      person.regions.flatMap(({ region, relation, broader }) => {
        const known = one(WORK_RELATIONS, relation);
        return known === null
          ? []
          : regionCodes(region, broader, vocabulary).map((code) => ({ region: code, relation: known }));
      }),
    ),
    formats: some(FORMATS, person.formats),
    delivery: some(DELIVERIES, person.delivery),
    level: one(LEVELS, person.level),
    communities: some(COMMUNITIES, person.communities),
    offersFollowUp: person.offersFollowUp ?? null,
    coFacilitates: person.coFacilitates ?? null,
    availability:
      availability === undefined || status === null
        ? null
        : {
            status,
            from: availability.from ?? null,
            until: availability.until ?? null,
            asOf: availability.asOf,
          },
    cost: one(COSTS, person.cost),
    organizations: person.organizations.map(link),
    resources: person.resources.map(link),
    seeks: person.seeks.flatMap((code) => specialtyCodes(code, vocabulary)),
    vouches: vouches === undefined || band === null ? null : { band, latest: vouches.latest ?? null },
    referable: person.referable ?? null,
    contact: null,
  };
}

function hearOrganization(
  told: OrganizationBody,
  { vocabulary, verified, id, network }: Hearing,
): OrganizationListing {
  return {
    id,
    network,
    verified: verified(told.verified),
    name: told.name,
    summary: texts(told.summary),
    roles: some(ORGANIZATION_ROLES, told.roles),
    specialties: once(told.specialties.flatMap((code) => specialtyCodes(code, vocabulary))),
    languages: once(told.languages.flatMap(languageTags)),
    regions: few(
      once(told.regions.flatMap(({ region, broader }) => regionCodes(region, broader, vocabulary))),
    ),
    acceptsUrgentRequests: told.acceptsUrgentRequests ?? null,
    website: told.website ?? null,
    contact: null,
  };
}

function hearResource(
  told: LearningResource,
  { vocabulary, link, verified, id, network }: Hearing,
): ResourceListing {
  const { minutes } = told;
  return {
    id,
    network,
    verified: verified(told.verified),
    // A kind that is new to this node is a guide to it: something to read.
    kind: one(RESOURCE_KINDS, told.kind) ?? "GUIDE",
    title: texts(told.title) ?? {},
    summary: texts(told.summary),
    url: told.url ?? null,
    authors: told.authors,
    publisher: told.publisher ?? null,
    published: told.published ?? null,
    license: told.license ?? null,
    languages: told.languages.flatMap(({ language, url, stale }) =>
      languageTags(language).map((tag) => ({ language: tag, url: url ?? null, stale })),
    ),
    specialties: once(told.specialties.flatMap((code) => specialtyCodes(code, vocabulary))),
    regions: few(
      once(told.regions.flatMap(({ region, broader }) => regionCodes(region, broader, vocabulary))),
    ),
    stages: some(STAGES, told.stages),
    minutes: minutes === undefined ? null : { min: minutes.min, max: minutes.max ?? null },
    materials: told.materials,
    prerequisites: told.prerequisites,
    partOf: told.partOf.map(link),
    status: one(RESOURCE_STATUSES, told.status) ?? "PUBLISHED",
  };
}

// ── words ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/** The value if this node knows it; null when it does not, or nothing was said. */
function one<T extends string>(known: readonly T[], told: string | undefined): T | null {
  return known.find((value) => value === told) ?? null;
}

function some<T extends string>(known: readonly T[], told: readonly string[]): readonly T[] {
  return known.filter((value) => told.includes(value));
}

/** The specialty, or the nearest above it that is known: a code is the path to it. */
function specialtyCodes(told: string, { specialties }: Vocabulary): readonly string[] {
  const parts = told.toLowerCase().split(".");
  const paths = parts.map((_, at) => parts.slice(0, parts.length - at).join("."));
  return paths.filter((path) => specialties.has(path)).slice(0, 1);
}

/** The region, or the wider ones that came with it as far as they are known. */
function regionCodes(
  told: string,
  broader: readonly string[] | undefined,
  { regions }: Vocabulary,
): readonly string[] {
  const known = (code: string) => readable(() => regions.parse(code));
  const itself = known(told);
  return itself === null ? once((broader ?? []).flatMap((code) => known(code) ?? [])) : [itself];
}

/** The language, or the one it is a kind of. */
function languageTags(told: string): readonly string[] {
  const tag = readable(() => parseLanguage(told)) ?? readable(() => parseLanguage(told.split("-")[0] ?? ""));
  return tag === null ? [] : [tag];
}

/** Texts by language; what is in a language nobody knows is in one that is not told. */
function texts(told: Localized | undefined): Localized | null {
  if (told === undefined) return null;
  const known = (tag: string) => readable(() => parseLanguage(tag)) ?? "und";
  return Object.fromEntries(Object.entries(told).map(([tag, text]) => [known(tag), text]));
}

function readable<T>(parse: () => T): T | null {
  try {
    return parse();
  } catch (error) {
    if (error instanceof DirectoryError) return null;
    throw error;
  }
}

/** A peer may name more places than an index should be asked to hold for one record. */
function few<T>(values: readonly T[]): readonly T[] {
  return values.slice(0, MOST_REGIONS);
}

const MOST_REGIONS = 100;

function once<T>(values: readonly T[]): readonly T[] {
  return [...new Set(values)];
}
