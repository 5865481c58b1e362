import { badInput } from "../errors.js";
import {
  codes,
  contactPoints,
  line,
  list,
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
import { fewElsewhere, parseElsewhere } from "./elsewhere.js";
import { codeIn, type ListKey } from "./field.js";
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
} from "./practitioner.js";
import { factWith, narrow, type Showing } from "./visibility.js";

/** A coarser value told to a wider audience. */
export type ToldCoarser = { readonly code: string; readonly audience: Audience };

/** What is told of one item of a list: `coarser` left out leaves its coarser values as they are, null takes them away. */
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
export type ToldPractitioner = {
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
  readonly sameAs?: readonly string[] | null;
  readonly movedFrom?: string | null;
  /** Shown less widely, in the same step. */
  readonly hide?: readonly Showing[] | null;
};

const LONGEST = { alias: 100, about: 5000, pronouns: 50 };
const input: Path = ["input"];

/**
 * The person with what they tell now. What stays keeps its audience and its coarser values, what is new gets the audience of the
 * policy; nothing is shown wider here but coarser values, and `hide` shows less.
 */
export function tell(
  person: Practitioner,
  told: ToldPractitioner,
  words: Vocabulary,
  today: string,
): Practitioner {
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
export function withLinks(told: ToldPractitioner, { facts }: Practitioner, seen: Seen): ToldPractitioner {
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
  | "movedFrom"
>;

function textsOf({ audience, facts }: Practitioner, told: ToldPractitioner, today: string): Single {
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
    movedFrom: keep(
      practitionerPolicy.movedFrom,
      facts.movedFrom,
      read(told.movedFrom, (text) => parseElsewhere(text, [...input, "movedFrom"])),
    ),
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

function listsOf({ audience, facts }: Practitioner, told: ToldPractitioner, words: Vocabulary): Lists {
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
  const sameAs = read(told.sameAs, elsewhere);
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
    sameAs: keep(policy.sameAs, codeIn.sameAs, facts.sameAs, sameAs),
  };
}

type Listed<T> = { readonly policy: FieldPolicy<T>; readonly codeOf: (value: T) => string };

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

function elsewhere(told: readonly string[]): readonly ItemOf<"sameAs">[] {
  const path = [...input, "sameAs"];
  const all = fewElsewhere(told, path).map((text, position) => parseElsewhere(text, [...path, position]));
  refuseTwins(all.map(codeIn.sameAs), path);
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
function laddersOf(facts: PractitionerFacts, told: ToldPractitioner, words: Vocabulary): Laddered {
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
  readonly code: (value: T) => string;
  readonly parse: (text: string, path: Path) => string;
  /** Every broader code. */
  readonly above: (code: string) => readonly string[];
  /** The value told more coarsely. */
  readonly at: (value: T, code: string) => T;
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
