import type { ProfileState } from "../practitioners/practitioner.js";
import { narrower, type Audience } from "../visibility/audience.js";
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

function widestBy({ consent }: PractitionerDraft, mapping: Mapping): Audience {
  const agreed = consent.given && (consent.on !== null || !mapping.consentNeedsDate);
  return agreed ? "PUBLIC" : "MEMBERS";
}
