import { badInput } from "../errors.js";
import {
  change,
  dayThatCame,
  codes,
  contactPoints,
  line,
  list,
  texts,
  webAddress,
  type Path,
  type ToldContact,
  type ToldText,
} from "../listing/told.js";
import { parseLanguage } from "../vocabulary/language.js";
import type { Vocabulary } from "../vocabulary/vocabulary.js";
import type { Audience } from "../visibility/audience.js";
import type { Organization, OrganizationFacts, OrganizationRole } from "./organization.js";

/** What a steward tells of an organization: a field that is left out stays, null clears it, a list replaces the list. */
export type ToldOrganization = {
  readonly audience?: Audience | null;
  readonly verified?: string | null;
  readonly name?: string | null;
  readonly summary?: readonly ToldText[] | null;
  readonly roles?: readonly OrganizationRole[] | null;
  readonly specialties?: readonly string[] | null;
  readonly languages?: readonly string[] | null;
  readonly regions?: readonly string[] | null;
  readonly acceptsUrgentRequests?: boolean | null;
  readonly website?: string | null;
  readonly contact?: readonly ToldContact[] | null;
};

const input: Path = ["input"];
const LONGEST = { name: 200, summary: 2000 };

/** An organization of which nothing is told yet. */
export function newOrganization(id: string): Organization {
  return { id, audience: "PUBLIC", verified: null, facts: nothing };
}

const nothing: OrganizationFacts = {
  name: "",
  summary: null,
  roles: [],
  specialties: [],
  languages: [],
  regions: [],
  acceptsUrgentRequests: null,
  website: null,
  contact: [],
};

/** The organization with what is told of it now. */
export function tell(
  organization: Organization,
  told: ToldOrganization,
  words: Vocabulary,
  today: string,
): Organization {
  const { facts } = organization;
  if (told.name === null || (told.name === undefined && facts.name === ""))
    throw badInput("An organization needs a name.", [...input, "name"]);
  return {
    id: organization.id,
    audience: told.audience ?? organization.audience,
    verified: change(organization.verified, null, told.verified, (day) =>
      dayThatCame(day, today, [...input, "verified"]),
    ),
    facts: {
      name: told.name === undefined ? facts.name : line(told.name, LONGEST.name, [...input, "name"]),
      acceptsUrgentRequests: change(
        facts.acceptsUrgentRequests,
        null,
        told.acceptsUrgentRequests,
        (yes) => yes,
      ),
      website: change(facts.website, null, told.website, (text) => webAddress(text, [...input, "website"])),
      summary: change(facts.summary, null, told.summary, (all) =>
        texts(all, LONGEST.summary, [...input, "summary"]),
      ),
      contact: change(facts.contact, [], told.contact, (all) => contactPoints(all, [...input, "contact"])),
      roles: change(facts.roles, [], told.roles, (all) => [...new Set(list(all, [...input, "roles"]))]),
      ...wordsOf(facts, told, words),
    },
  };
}

type Codes = Pick<OrganizationFacts, "specialties" | "languages" | "regions">;

function wordsOf(
  facts: OrganizationFacts,
  told: ToldOrganization,
  { specialties, regions }: Vocabulary,
): Codes {
  return {
    specialties: change(facts.specialties, [], told.specialties, (all) =>
      codes<string>(all, (text, path) => specialties.parse(text, path), [...input, "specialties"]),
    ),
    languages: change(facts.languages, [], told.languages, (all) =>
      codes<string>(all, parseLanguage, [...input, "languages"]),
    ),
    regions: change(facts.regions, [], told.regions, (all) =>
      codes<string>(all, (text, path) => regions.parse(text, path), [...input, "regions"]),
    ),
  };
}
