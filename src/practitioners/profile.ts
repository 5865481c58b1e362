import { DirectoryError, badInput } from "../errors.js";
import {
  codes,
  contactPoints,
  line,
  list,
  prose,
  refuseTwins,
  texts,
  type Path,
  type ToldContact,
  type ToldText,
} from "../listing/told.js";
import type { Depth, LanguageUse, Proficiency, WorkRelation } from "../listing/tag.js";
import { broaderLanguage, parseLanguage, type LanguageTag } from "../vocabulary/language.js";
import type { Vocabulary } from "../vocabulary/vocabulary.js";
import { AUDIENCES, isWider, type Audience } from "../visibility/audience.js";
import { audienceByDefault, type Fact, type FieldPolicy, type Rung } from "../visibility/project.js";
import { CONSENT_VERSION, consentQuestion, notAgreedTo, type Agreement, type Shown } from "./consent.js";
import { FACT_KEYS, asList, codeIn, fieldOf, type ListKey, type ProfileField } from "./field.js";
import {
  COMMUNITIES,
  practitionerPolicy,
  type Availability,
  type AvailabilityStatus,
  type Community,
  type Cost,
  type Delivery,
  type Format,
  type Practitioner,
  type PractitionerFacts,
  type PractitionerLevel,
  type ProfileState,
} from "./practitioner.js";
import { factWith, narrow, type Showing } from "./visibility.js";

/** An entry with all that the node keeps of it. It is loaded to edit it, and to show it to its owner. */
export type Entry = {
  readonly person: Practitioner;
  /** Whose it is; null for an entry that nobody has an account for. */
  readonly account: string | null;
  readonly confirmBy: string | null;
  /** What a steward last said of it to the person; null when there is nothing to say. */
  readonly reason: string | null;
  /** What it becomes when a suspension is lifted; null unless it is suspended. */
  readonly liftTo: ProfileState | null;
  readonly agreements: readonly Agreement[];
};

/** A coarser value told to a wider audience. */
export type ToldCoarser = { readonly code: string; readonly audience: Audience };

export type ToldSkill = {
  readonly specialty: string;
  readonly depth?: Depth | null;
  readonly coarser?: readonly ToldCoarser[] | null;
};
export type ToldLanguage = {
  readonly language: string;
  readonly level: Proficiency;
  readonly use?: readonly LanguageUse[] | null;
  readonly coarser?: readonly ToldCoarser[] | null;
};
export type ToldRegion = {
  readonly region: string;
  readonly relation: WorkRelation;
  readonly coarser?: readonly ToldCoarser[] | null;
};
export type ToldAvailability = {
  readonly status: AvailabilityStatus;
  readonly from?: string | null;
  readonly until?: string | null;
};

/** What a person tells of themselves: a field that is left out stays, null clears it, a list replaces the list. */
export type Told = {
  readonly alias?: string | null;
  readonly about?: readonly ToldText[] | null;
  readonly pronouns?: string | null;
  readonly specialties?: readonly ToldSkill[] | null;
  readonly languages?: readonly ToldLanguage[] | null;
  readonly regions?: readonly ToldRegion[] | null;
  readonly formats?: readonly Format[] | null;
  readonly delivery?: readonly Delivery[] | null;
  readonly level?: PractitionerLevel | null;
  readonly communities?: readonly string[] | null;
  readonly offersFollowUp?: boolean | null;
  readonly coFacilitates?: boolean | null;
  readonly availability?: ToldAvailability | null;
  readonly cost?: Cost | null;
  readonly organizations?: readonly string[] | null;
  readonly resources?: readonly string[] | null;
  readonly seeks?: readonly string[] | null;
  readonly contact?: readonly ToldContact[] | null;
  readonly referable?: boolean | null;
  /** Shown less widely, in the same step. */
  readonly hide?: readonly Showing[] | null;
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
};

const LONGEST = { alias: 100, about: 5000, pronouns: 50 };
const input: Path = ["input"];

/**
 * The person with what they tell now. What stays keeps its audience and its coarser values, what is new gets the audience of the
 * policy; nothing is shown wider here but coarser values, and `hide` shows less.
 */
export function tell(person: Practitioner, told: Told, words: Vocabulary, today: string): Practitioner {
  const facts = { ...person.facts, ...textsOf(person, told, today), ...listsOf(person, told, words) };
  if (facts.alias === null)
    throw badInput("An entry needs an alias: the name you want to go by here, never a legal name.", [
      ...input,
      "alias",
    ]);
  const hidden = hide({ ...person, facts }, told.hide ?? []);
  return { ...hidden, facts: { ...hidden.facts, ...laddersOf(hidden.facts, told, words) } };
}

function hide(person: Practitioner, showings: readonly Showing[]): Practitioner {
  return list(showings, [...input, "hide"]).reduce(
    (one, showing, position) => narrow(one, showing, [...input, "hide", position]),
    person,
  );
}

/** The organizations and resources a viewer can see, of those they name. */
export type Seen = {
  readonly organizations: ReadonlySet<string>;
  readonly resources: ReadonlySet<string>;
};

/** What is told, with its links as ids of records that whoever tells it can see, or that stand in the entry already. */
export function withLinks(told: Told, { facts }: Practitioner, seen: Seen): Told {
  const organizations = linked(told.organizations, facts.organizations, seen.organizations, "organizations");
  const resources = linked(told.resources, facts.resources, seen.resources, "resources");
  return {
    ...told,
    ...(organizations === undefined ? {} : { organizations }),
    ...(resources === undefined ? {} : { resources }),
  };
}

function linked(
  told: readonly string[] | null | undefined,
  held: readonly Fact<string>[],
  seen: ReadonlySet<string>,
  field: "organizations" | "resources",
): readonly string[] | null | undefined {
  const known = new Set([...seen, ...held.map(({ value }) => value)]);
  return read(told, (ids) =>
    list(ids, [...input, field]).map((text, position) => {
      const id = text.toLowerCase();
      if (known.has(id)) return id;
      throw badInput(`There is no ${field.slice(0, -1)} with this id.`, [...input, field, position]);
    }),
  );
}

// ── one value ───────────────────────────────────────────────────────────────────────────────────────────────────────

type Single = Pick<
  PractitionerFacts,
  | "alias"
  | "about"
  | "pronouns"
  | "level"
  | "offersFollowUp"
  | "coFacilitates"
  | "availability"
  | "cost"
  | "referable"
>;

function textsOf({ audience, facts }: Practitioner, told: Told, today: string): Single {
  const keep = <T>(policy: FieldPolicy<T>, before: Fact<T> | null, now: T | null | undefined) =>
    one(policy, audience, before, now);
  const alias = read(told.alias, (text) => line(text, LONGEST.alias, [...input, "alias"]));
  const about = read(told.about, (all) => texts(all, LONGEST.about, [...input, "about"]));
  const pronouns = read(told.pronouns, (text) => line(text, LONGEST.pronouns, [...input, "pronouns"]));
  const available = read(told.availability, (said) => availability(said, today));
  return {
    alias: keep(practitionerPolicy.alias, facts.alias, alias),
    about: keep(practitionerPolicy.about, facts.about, about),
    pronouns: keep(practitionerPolicy.pronouns, facts.pronouns, pronouns),
    level: keep(practitionerPolicy.level, facts.level, told.level),
    offersFollowUp: keep(practitionerPolicy.offersFollowUp, facts.offersFollowUp, told.offersFollowUp),
    coFacilitates: keep(practitionerPolicy.coFacilitates, facts.coFacilitates, told.coFacilitates),
    availability: keep(practitionerPolicy.availability, facts.availability, available),
    cost: keep(practitionerPolicy.cost, facts.cost, told.cost),
    referable: keep(practitionerPolicy.referable, facts.referable, told.referable),
  };
}

/** What was told, read; null and left out stay what they are. */
function read<T, U>(told: T | null | undefined, as: (told: T) => U): U | null | undefined {
  return told === undefined || told === null ? (told as null | undefined) : as(told);
}

function one<T>(
  policy: FieldPolicy<T>,
  entry: Audience,
  before: Fact<T> | null,
  now: T | null | undefined,
): Fact<T> | null {
  if (now === undefined) return before;
  if (now === null) return null;
  return before === null
    ? { value: now, audience: audienceByDefault(policy, entry, now) }
    : { ...before, value: now };
}

function availability({ status, from = null, until = null }: ToldAvailability, today: string): Availability {
  if (from !== null && until !== null && until < from)
    throw badInput("until is a day on or after from.", [...input, "availability", "until"]);
  return { status, from, until, asOf: today };
}

// ── lists ───────────────────────────────────────────────────────────────────────────────────────────────────────────

type Lists = Pick<PractitionerFacts, ListKey>;
type ItemOf<K extends ListKey> = PractitionerFacts[K][number]["value"];

function listsOf({ audience, facts }: Practitioner, told: Told, words: Vocabulary): Lists {
  const keep = <T>(
    policy: FieldPolicy<T>,
    codeOf: (value: T) => string,
    before: readonly Fact<T>[],
    now: readonly T[] | null | undefined,
  ) => items({ policy, codeOf }, audience, before, now);
  const specialty = (text: string, path: Path) => words.specialties.parse(text, path);
  const communities = read(told.communities, (all) => codes(all, community, [...input, "communities"]));
  const seeks = read(told.seeks, (all) => codes<string>(all, specialty, [...input, "seeks"]));
  const contact = read(told.contact, (all) => contactPoints(all, [...input, "contact"]));
  const policy = practitionerPolicy;
  return {
    specialties: keep(
      policy.specialties,
      codeIn.specialties,
      facts.specialties,
      read(told.specialties, (all) => skills(all, words)),
    ),
    languages: keep(policy.languages, codeIn.languages, facts.languages, read(told.languages, languages)),
    regions: keep(
      policy.regions,
      codeIn.regions,
      facts.regions,
      read(told.regions, (all) => regions(all, words)),
    ),
    formats: keep(policy.formats, codeIn.formats, facts.formats, each(told.formats, "formats")),
    delivery: keep(policy.delivery, codeIn.delivery, facts.delivery, each(told.delivery, "delivery")),
    communities: keep(policy.communities, codeIn.communities, facts.communities, communities),
    organizations: keep(
      policy.organizations,
      codeIn.organizations,
      facts.organizations,
      each(told.organizations, "organizations"),
    ),
    resources: keep(policy.resources, codeIn.resources, facts.resources, each(told.resources, "resources")),
    seeks: keep(policy.seeks, codeIn.seeks, facts.seeks, seeks),
    contact: keep(policy.contact, codeIn.contact, facts.contact, contact),
  };
}

type Listed<T> = { readonly policy: FieldPolicy<T>; codeOf(value: T): string };

function items<T>(
  { policy, codeOf }: Listed<T>,
  entry: Audience,
  before: readonly Fact<T>[],
  now: readonly T[] | null | undefined,
): readonly Fact<T>[] {
  if (now === undefined) return before;
  const known = new Map(before.map((fact) => [codeOf(fact.value), fact]));
  return (now ?? []).map((value) => {
    const fact = known.get(codeOf(value));
    if (fact === undefined) return { value, audience: audienceByDefault(policy, entry, value) };
    const ladder = (fact.ladder ?? []).map((rung) => ({
      ...rung,
      value: policy.ladder?.modest(rung.value, value) ?? rung.value,
    }));
    return factWith(value, fact.audience, ladder);
  });
}

function each<T extends string>(told: readonly T[] | null | undefined, field: string) {
  return read(told, (all): readonly T[] => [...new Set(list(all, [...input, field]))]);
}

function skills(told: readonly ToldSkill[], { specialties }: Vocabulary): readonly ItemOf<"specialties">[] {
  const path = [...input, "specialties"];
  const all = list(told, path).map(({ specialty, depth = null }, position) => ({
    specialty: specialties.parse(specialty, [...path, position, "specialty"]),
    depth,
  }));
  refuseTwins(all.map(codeIn.specialties), path);
  return all;
}

function languages(told: readonly ToldLanguage[]): readonly ItemOf<"languages">[] {
  const path = [...input, "languages"];
  const all = list(told, path).map(({ language, level, use }, position) => ({
    language: parseLanguage(language, [...path, position, "language"]),
    level,
    use: [...new Set(use ?? [])],
  }));
  refuseTwins(all.map(codeIn.languages), path);
  return all;
}

function regions(told: readonly ToldRegion[], words: Vocabulary): readonly ItemOf<"regions">[] {
  const path = [...input, "regions"];
  const all = list(told, path).map(({ region, relation }, position) => ({
    region: words.regions.parse(region, [...path, position, "region"]),
    relation,
  }));
  refuseTwins(all.map(codeIn.regions), path);
  return all;
}

function community(text: string, path: Path): Community {
  const known = COMMUNITIES.find((one) => one === text.trim().toUpperCase());
  if (known === undefined) throw badInput(`This takes any of ${COMMUNITIES.join(", ")}.`, path);
  return known;
}

// ── coarser values ──────────────────────────────────────────────────────────────────────────────────────────────────

type Laddered = Pick<PractitionerFacts, "specialties" | "languages" | "regions">;

/** The coarser values that were told, on the facts they were told of; where nothing is told of them they stay. */
function laddersOf(facts: PractitionerFacts, told: Told, words: Vocabulary): Laddered {
  const { specialties, regions: places } = words;
  return {
    specialties: climb(facts.specialties, told.specialties, "specialties", {
      code: ({ specialty }) => specialty,
      parse: (text, path) => specialties.parse(text, path),
      above: (code) => specialties.withBroader(specialties.parse(code)).slice(1),
      // Depth in the narrow thing says little of the broad one.
      at: (_, specialty) => ({ specialty, depth: null }),
    }),
    languages: climb(facts.languages, told.languages, "languages", {
      code: ({ language }) => language,
      parse: parseLanguage,
      above: (code) => broaderLanguages(parseLanguage(code)),
      at: (value, language) => ({ ...value, language }),
    }),
    regions: climb(facts.regions, told.regions, "regions", {
      code: ({ region }) => region,
      parse: (text, path) => places.parse(text, path),
      above: (code) => places.withSurrounding(places.parse(code)).slice(1),
      at: (value, region) => ({ ...value, region }),
    }),
  };
}

type Climbing<T> = {
  code(value: T): string;
  parse(text: string, path: Path): string;
  /** Every broader code. */
  above(code: string): readonly string[];
  /** The value told more coarsely. */
  at(value: T, code: string): T;
};

function climb<T>(
  facts: readonly Fact<T>[],
  told: readonly { readonly coarser?: readonly ToldCoarser[] | null }[] | null | undefined,
  field: string,
  climbing: Climbing<T>,
): readonly Fact<T>[] {
  // What was told stands in the facts in the same order.
  return facts.map((fact, position) => {
    const coarser = told?.[position]?.coarser;
    if (coarser === undefined) return fact;
    const ladder = rungs(fact, coarser ?? [], climbing, [...input, field, position, "coarser"]);
    return factWith(fact.value, fact.audience, ladder);
  });
}

function rungs<T>(
  { value, audience }: Fact<T>,
  told: readonly ToldCoarser[],
  { code, parse, above, at }: Climbing<T>,
  path: Path,
): readonly Rung<T>[] {
  const parsed = list(told, path).map((rung, position) => ({
    code: parse(rung.code, [...path, position, "code"]),
    audience: rung.audience,
    path: [...path, position],
  }));
  const upwards = parsed.sort((one, other) => order(other.audience) - order(one.audience));
  return upwards.map((rung, position) => {
    const below = upwards[position - 1] ?? { code: code(value), audience };
    if (!isWider(rung.audience, below.audience))
      throw badInput(
        `A coarser value is for a wider audience than the value before it, which is shown to ${below.audience}.`,
        [...rung.path, "audience"],
      );
    if (!above(below.code).includes(rung.code))
      throw badInput(`${rung.code} is not broader than ${below.code}.`, [...rung.path, "code"]);
    return { value: at(value, rung.code), audience: rung.audience };
  });
}

function order(audience: Audience): number {
  return AUDIENCES.indexOf(audience);
}

function broaderLanguages(tag: LanguageTag): readonly LanguageTag[] {
  const next = broaderLanguage(tag);
  return next === null ? [] : [next, ...broaderLanguages(next)];
}

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

/** The entry handed to a steward to look at. */
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

export function accept(entry: Entry, confirmBy: string): Entry {
  if (entry.person.state !== "AWAITING_REVIEW")
    throw conflict("Only an entry that awaits review can be accepted.");
  return { ...to(entry, "LISTED"), confirmBy, reason: null };
}

/** Back to the person, with what a steward asks of them. */
export function giveBack(entry: Entry, reason: string): Entry {
  if (entry.person.state !== "AWAITING_REVIEW")
    throw conflict("Only an entry that awaits review can be returned.");
  return { ...to(entry, "DRAFT"), reason: checkReason(reason) };
}

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
