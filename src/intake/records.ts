import type { Organization } from "../organizations/organization.js";
import type { Consent } from "../practitioners/practitioner.store.js";
import {
  practitionerPolicy,
  type Practitioner,
  type PractitionerFacts,
} from "../practitioners/practitioner.js";
import type { Resource } from "../resources/resource.js";
import { narrower, type Audience } from "../visibility/audience.js";
import { audienceByDefault, type Fact, type FieldPolicy } from "../visibility/project.js";
import { showingOf } from "./consent.js";
import { isDay } from "./dates.js";
import type { OrganizationDraft, PractitionerDraft } from "./draft.js";
import type { Linked } from "./links.js";
import type { Mapping } from "./mapping.js";

/** A record as the source would have it, before it is held against what the directory has. */
export type Wanted =
  | {
      readonly kind: "practitioner";
      readonly record: Practitioner;
      readonly vouchers: readonly string[];
      readonly consents: readonly Consent[];
    }
  | { readonly kind: "organization"; readonly record: Organization }
  | { readonly kind: "resource"; readonly record: Resource };

/** What a person's row leads to elsewhere: ids of the organizations and of the people who stand behind them. */
export type Ties = { readonly organizations: readonly string[]; readonly vouchers: readonly string[] };

/** Under which name an import records what its source says people agreed to. */
export function consentText(mapping: Pick<Mapping, "source">): string {
  return `import:${mapping.source}`;
}

/** Facts get the audience they have by default, never wider than the row's own: an import widens nothing. */
export function practitionerFrom(draft: PractitionerDraft, id: string, ties: Ties, mapping: Mapping): Wanted {
  const { state, audience } = showingOf(draft, mapping);
  const verified = isDay(draft.verified) ? draft.verified : null;
  return {
    kind: "practitioner",
    record: { id, state, audience, verified, facts: factsOf(draft, ties, audience) },
    vouchers: ties.vouchers,
    consents: draft.consent.given ? [consentIn(draft, id, mapping)] : [],
  };
}

/** Everything an organization's row says is public already; nobody here has checked it. */
export function organizationFrom({ facts }: OrganizationDraft, id: string): Wanted {
  return { kind: "organization", record: { id, audience: "PUBLIC", verified: null, facts } };
}

/** A resource is public, as its source is. */
export function resourceFrom({ draft }: Linked, id: string, partOf: readonly string[]): Wanted {
  return {
    kind: "resource",
    record: { id, audience: "PUBLIC", verified: null, facts: { ...draft.facts, partOf } },
  };
}

/** Agreed to what the row says; where that is not understood, to nothing wider than PRIVATE. */
function consentIn(draft: PractitionerDraft, id: string, mapping: Mapping): Consent {
  return {
    practitioner: id,
    field: "entry",
    audience: draft.visibility ?? "PRIVATE",
    textVersion: consentText(mapping),
    given: isDay(draft.consent.on) ? draft.consent.on : null,
  };
}

function factsOf(draft: PractitionerDraft, ties: Ties, entry: Audience): PractitionerFacts {
  const fact = <T>(policy: FieldPolicy<T>, value: T): Fact<T> => ({
    value,
    audience: narrower(audienceByDefault(policy, entry, value), entry),
  });
  const list = <T>(policy: FieldPolicy<T>, values: readonly T[]) =>
    values.map((value) => fact(policy, value));
  const one = <T>(policy: FieldPolicy<T>, value: T | null) => (value === null ? null : fact(policy, value));
  const { regions, ...policy } = practitionerPolicy;
  return {
    alias: fact(policy.alias, draft.alias),
    about: null,
    pronouns: null,
    specialties: list(
      policy.specialties,
      draft.specialties.map((specialty) => ({ specialty, depth: null })),
    ),
    languages: list(policy.languages, draft.languages),
    regions: list(
      regions,
      draft.regions.map((region) => ({ region, relation: "WORKS_IN" as const })),
    ),
    formats: list(policy.formats, draft.formats),
    delivery: list(policy.delivery, draft.delivery),
    level: one(policy.level, draft.level),
    communities: list(policy.communities, draft.communities),
    offersFollowUp: one(policy.offersFollowUp, draft.offersFollowUp),
    coFacilitates: one(policy.coFacilitates, draft.coFacilitates),
    availability: null,
    cost: one(policy.cost, draft.cost),
    organizations: list(policy.organizations, ties.organizations),
    resources: [],
    seeks: list(policy.seeks, draft.seeks),
    vouches: null,
    contact: list(policy.contact, draft.contact),
    referable: null,
    sameAs: [],
    movedFrom: null,
  };
}
