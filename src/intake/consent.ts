import type { Practitioner, PractitionerFacts, ProfileState } from "../practitioners/practitioner.js";
import { narrower, type Audience } from "../visibility/audience.js";
import type { Fact, Held } from "../visibility/project.js";
import { mayBeDuplicate } from "./duplicates.js";
import type { PractitionerDraft } from "./draft.js";
import type { Mapping } from "./mapping.js";

/** Whether an imported entry is listed, and for whom. */
export type Showing = { readonly state: ProfileState; readonly audience: Audience };

/**
 * The one rule for what an import may show of a person: what the row says, listed only with consent, and never wider than
 * MEMBERS without it. A wish that is not understood, and an entry that may be somebody else's second one, wait for a person.
 */
export function showingOf(draft: PractitionerDraft, mapping: Mapping): Showing {
  const audience = narrower(draft.visibility ?? "PRIVATE", widestBy(draft, mapping));
  if (!draft.consent.given || draft.visibility === null || mayBeDuplicate(draft))
    return { state: "AWAITING_REVIEW", audience };
  return { state: audience === "PRIVATE" ? "DRAFT" : "LISTED", audience };
}

/** An entry whose consent was taken back: it waits for a person, and nothing of it can be shown wider than to members. */
export function withoutConsent(person: Practitioner): Practitioner {
  const { state, audience, facts } = person;
  const fields = Object.entries<Held>(facts).map(([field, held]) => [field, withinMembers(held)]);
  return {
    ...person,
    state: state === "SUSPENDED" ? state : "AWAITING_REVIEW",
    audience: narrower(audience, "MEMBERS"),
    // Each field keeps its values, and so its type.
    facts: Object.fromEntries(fields) as PractitionerFacts,
  };
}

function withinMembers(held: Held): Held {
  if (held === null) return null;
  return isList(held) ? held.map(factWithinMembers) : factWithinMembers(held);
}

function factWithinMembers({ ladder = [], ...fact }: Fact<unknown>): Fact<unknown> {
  const rungs = ladder.filter((rung) => narrower(rung.audience, "MEMBERS") === rung.audience);
  const held = { ...fact, audience: narrower(fact.audience, "MEMBERS") };
  return rungs.length === 0 ? held : { ...held, ladder: rungs };
}

/** `Array.isArray` alone does not tell a list that cannot be written from one fact. */
function isList(held: Fact<unknown> | readonly Fact<unknown>[]): held is readonly Fact<unknown>[] {
  return Array.isArray(held);
}

function widestBy({ consent }: PractitionerDraft, mapping: Mapping): Audience {
  const agreed = consent.given && (consent.on !== null || !mapping.consentNeedsDate);
  return agreed ? "PUBLIC" : "MEMBERS";
}
