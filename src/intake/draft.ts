import type { ContactPoint } from "../listing/contact-point.js";
import type { OrganizationFacts } from "../organizations/organization.js";
import type {
  Community,
  Cost,
  Delivery,
  Format,
  LanguageSkill,
  PractitionerLevel,
} from "../practitioners/practitioner.js";
import type { ResourceFacts } from "../resources/resource.js";
import type { Audience } from "../visibility/audience.js";
import type { SourceKey } from "./source-key.js";

/**
 * What a row could not say with certainty. A `review` is a question that a person has to answer, a `note` tells what was
 * done, a `refusal` why nothing was.
 */
export type Reason = {
  readonly weight: "review" | "note" | "refusal";
  readonly field: string;
  readonly reason: string;
  readonly original: string;
};

/** Which record a row is about, as the source spells it and folded, and where in the source the row stands. */
export type RowPlace = {
  readonly sourceId: string;
  readonly key: SourceKey;
  readonly file: string;
  readonly line: number;
};

/** A row with the words of the source turned into ours, before it is known what is in the directory already. */
export type Draft = PractitionerDraft | OrganizationDraft | ResourceDraft;

/** A person as the source tells of them, in our words. */
export type PractitionerDraft = RowPlace & {
  readonly kind: "practitioner";
  readonly reasons: readonly Reason[];
  readonly alias: string;
  readonly regions: readonly string[];
  readonly languages: readonly LanguageSkill[];
  readonly specialties: readonly string[];
  readonly seeks: readonly string[];
  readonly formats: readonly Format[];
  readonly delivery: readonly Delivery[];
  readonly level: PractitionerLevel | null;
  readonly communities: readonly Community[];
  readonly cost: Cost | null;
  readonly offersFollowUp: boolean | null;
  readonly coFacilitates: boolean | null;
  /** Names of organizations; those of the directory are linked. */
  readonly organizations: readonly string[];
  readonly contact: readonly ContactPoint[];
  /** Who the row says may see the entry; null when that has to be asked. */
  readonly visibility: Audience | null;
  readonly consent: ImportedConsent;
  /** As precise as the source was. */
  readonly verified: string | null;
  /** Source ids of those who stand behind the person, as written. */
  readonly vouchers: readonly string[];
};

/** Whether the source says that the person agreed, and when, as precise as it was; null when the date cannot be read. */
export type ImportedConsent = { readonly given: boolean; readonly on: string | null };

/** An organization as the source tells of it, in our words. */
export type OrganizationDraft = RowPlace & {
  readonly kind: "organization";
  readonly reasons: readonly Reason[];
  readonly facts: OrganizationFacts;
};

/** A resource as the source tells of it, in our words; what it is part of is known when its links are followed. */
export type ResourceDraft = RowPlace & {
  readonly kind: "resource";
  readonly reasons: readonly Reason[];
  readonly facts: Omit<ResourceFacts, "partOf">;
  /** What other records of the source call this one, by field. */
  readonly names: Readonly<Record<string, readonly string[]>>;
  readonly partOf: readonly Naming[];
  readonly parts: readonly Naming[];
};

/** One record naming another, as the source wrote it. */
export type Naming = { readonly text: string; readonly by: readonly string[]; readonly under: string };

/** A row of which nothing is imported. */
export type Refused = RowPlace & { readonly kind: "refused"; readonly reasons: readonly Reason[] };
