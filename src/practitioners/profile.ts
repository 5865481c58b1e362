import { DirectoryError } from "../errors.js";
import { prose, type Path } from "../listing/told.js";
import { isWider } from "../visibility/audience.js";
import type { Fact } from "../visibility/project.js";
import { CONSENT_VERSION, consentQuestion, notAgreedTo, type Agreement, type Shown } from "./consent.js";
import { FACT_KEYS, asList, fieldOf, type ProfileField } from "./field.js";
import type { Practitioner, PractitionerFacts, ProfileState } from "./practitioner.js";

/** An entry with all that the node keeps of it. It is loaded to edit it, and to show it to its owner. */
export type Entry = {
  readonly person: Practitioner;
  /** Whose it is; null for an entry that nobody has an account for. */
  readonly account: string | null;
  /** The last day for confirming it; null when none was set, as for an entry that was never listed. */
  readonly confirmBy: string | null;
  /** What a steward last said of it to the person; null when there is nothing to say. */
  readonly reason: string | null;
  /** What it becomes when a suspension is lifted; null unless it is suspended. */
  readonly liftTo: ProfileState | null;
  readonly agreements: readonly Agreement[];
};

/** An entry nobody has written anything in: only its owner will see it until it is submitted and accepted. */
export function newPerson(id: string): Practitioner {
  return { id, state: "DRAFT", audience: "PARTNERS", verified: null, facts: nothing };
}

const nothing: PractitionerFacts = {
  alias: null,
  about: null,
  pronouns: null,
  specialties: [],
  languages: [],
  regions: [],
  formats: [],
  delivery: [],
  level: null,
  communities: [],
  offersFollowUp: null,
  coFacilitates: null,
  availability: null,
  cost: null,
  organizations: [],
  resources: [],
  seeks: [],
  vouches: null,
  contact: [],
  referable: null,
  sameAs: [],
  movedFrom: null,
};

// ── consent ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/** In these states an entry is shown, or is about to be. */
const CONSENTED: readonly ProfileState[] = ["LISTED", "AWAITING_REVIEW"];

/**
 * What the person agrees to with this change; refused when it shows something that they have agreed to neither before nor now.
 * A draft asks for nothing: it is shown to nobody, and whoever submits it agrees to all of it.
 */
export function agreeTo(entry: Entry, agreedTo: string | null): readonly Shown[] {
  checkVersion(agreedTo);
  if (!CONSENTED.includes(entry.person.state)) return [];
  const asked = notAgreedTo(entry.person, entry.agreements);
  if (asked.length > 0 && agreedTo === null) throw conflict(consentQuestion(asked), ["agreedTo"]);
  return asked;
}

function checkVersion(agreedTo: string | null): void {
  if (agreedTo === null || agreedTo === CONSENT_VERSION) return;
  throw conflict(
    `The text to agree to is version "${CONSENT_VERSION}"; read consentText and name that version.`,
    ["agreedTo"],
  );
}

// ── states ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** The entry handed to a steward to look at; CONFLICT when it has been already, or when nobody would see anything of it. */
export function submit(entry: Entry): Entry {
  const { person } = entry;
  if (person.state === "SUSPENDED") throw suspended();
  if (person.state !== "DRAFT" && person.state !== "WITHDRAWN")
    throw conflict("This entry has been submitted already.");
  if (!reachesMembers(person))
    throw conflict("Nobody would see this entry: show ENTRY and ALIAS to MEMBERS at least, then submit it.");
  return { ...to(entry, "AWAITING_REVIEW"), reason: null };
}

/** Whether members would see anything of the entry: what they would not see is not there for stewards either. */
export function reachesMembers({ audience, facts }: Practitioner): boolean {
  return audience !== "PRIVATE" && (facts.alias?.audience ?? "PRIVATE") !== "PRIVATE";
}

/** Listed, and to be confirmed by this day; CONFLICT unless it awaits review, as in `giveBack`. */
export function accept(entry: Entry, confirmBy: string): Entry {
  if (entry.person.state !== "AWAITING_REVIEW")
    throw conflict("Only an entry that awaits review can be accepted.");
  return { ...to(entry, "LISTED"), confirmBy, reason: null };
}

/** Back to the person as a draft, with what a steward asks of them. */
export function giveBack(entry: Entry, reason: string): Entry {
  if (entry.person.state !== "AWAITING_REVIEW")
    throw conflict("Only an entry that awaits review can be returned.");
  return { ...to(entry, "DRAFT"), reason: checkReason(reason) };
}

/** Out of every list until it is lifted. One that is suspended already gets the new reason, and keeps what it becomes when that is lifted. */
export function suspend(entry: Entry, reason: string): Entry {
  const { state } = entry.person;
  const liftTo = state === "SUSPENDED" ? entry.liftTo : state;
  return { ...to(entry, "SUSPENDED"), liftTo, reason: checkReason(reason) };
}

/** What it was before; who withdrew in the meantime stays withdrawn. */
export function lift(entry: Entry): Entry {
  if (entry.person.state !== "SUSPENDED") throw conflict("This entry is not suspended.");
  return { ...to(entry, entry.liftTo ?? "LISTED"), liftTo: null, reason: null };
}

/** Out of every list; what was agreed to is taken back. A suspended entry stays suspended, and will be withdrawn when that ends. */
export function withdraw(entry: Entry): Entry {
  const suspendedNow = entry.person.state === "SUSPENDED";
  return {
    ...(suspendedNow
      ? { ...entry, liftTo: "WITHDRAWN" as const }
      : { ...to(entry, "WITHDRAWN"), reason: null }),
    agreements: [],
  };
}

/** The same for an entry that goes to another network; CONFLICT unless it is listed, because nobody could follow it. */
export function moveAway(entry: Entry): Entry {
  if (entry.person.state !== "LISTED") throw conflict("Only a listed entry can be moved; withdraw this one.");
  return withdraw(entry);
}

/** Still true as of today, and to be confirmed again by the day given; CONFLICT unless it is listed. */
export function confirm(entry: Entry, today: string, confirmBy: string): Entry {
  if (entry.person.state !== "LISTED") throw conflict("Only a listed entry can be confirmed.");
  return { ...entry, person: { ...entry.person, verified: today }, confirmBy };
}

/** Whether a change shows nothing to anybody who did not see it before. */
export function narrowsOnly(before: Practitioner, after: Practitioner): boolean {
  const facts = (person: Practitioner) => FACT_KEYS.flatMap((key) => asList(person.facts[key]));
  const then = facts(before);
  return (
    !isWider(after.audience, before.audience) &&
    facts(after).every(({ audience }, position) => !isWider(audience, then[position]?.audience ?? "PRIVATE"))
  );
}

/** While an entry is suspended its owner may show less, withdraw and erase, and no more than that. */
export function refuseWhileSuspended({ person }: Entry): void {
  if (person.state === "SUSPENDED") throw suspended();
}

function suspended(): DirectoryError {
  return new DirectoryError(
    "FORBIDDEN",
    "This entry is suspended: it can be shown to fewer people, withdrawn or erased, and not changed otherwise.",
  );
}

function to(entry: Entry, state: ProfileState): Entry {
  return { ...entry, person: { ...entry.person, state } };
}

function checkReason(reason: string): string {
  return prose(reason, 1000, ["reason"]);
}

function conflict(message: string, path?: Path): DirectoryError {
  return new DirectoryError("CONFLICT", message, path);
}

// ── what changed ────────────────────────────────────────────────────────────────────────────────────────────────────

/** The fields whose values a change touched, and those whose audiences it touched; for the audit log, which holds no values. */
export function changedFields(
  before: Practitioner,
  after: Practitioner,
): { readonly values: readonly ProfileField[]; readonly audiences: readonly ProfileField[] } {
  const differing = (part: (facts: unknown) => string) =>
    FACT_KEYS.filter((key) => part(before.facts[key]) !== part(after.facts[key])).map(fieldOf);
  const entry: readonly ProfileField[] = before.audience === after.audience ? [] : ["ENTRY"];
  return { values: differing(valuesOf), audiences: [...entry, ...differing(audiencesOf)] };
}

function valuesOf(held: unknown): string {
  return JSON.stringify(held, (key, value: unknown) => (key === "audience" ? undefined : value));
}

function audiencesOf(held: unknown): string {
  return JSON.stringify([held].flat().map((fact) => fact && [(fact as Fact<unknown>).audience]));
}
