import * as fc from "fast-check";
import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { CONTACT_KINDS } from "../../src/listing/contact-point.js";
import { DEPTHS, LANGUAGE_USES, PROFICIENCIES, WORK_RELATIONS } from "../../src/listing/tag.js";
import { ORGANIZATION_ROLES, type Organization } from "../../src/organizations/organization.js";
import {
  AVAILABILITIES,
  COSTS,
  DELIVERIES,
  FORMATS,
  LEVELS,
  type Practitioner,
  type PractitionerFacts,
} from "../../src/practitioners/practitioner.js";
import type { Vouch } from "../../src/practitioners/practitioner.store.js";
import {
  RESOURCE_KINDS,
  RESOURCE_STATUSES,
  STAGES,
  type Resource,
  type ResourceFacts,
} from "../../src/resources/resource.js";
import {
  ASKING,
  ceilingOf,
  closedTo,
  FROM_WIDE_TO_NARROW,
  hasLadder,
  narrowness,
  openTo,
  view,
  type Asking,
  type Shown,
  type World,
} from "./model.js";
import { COMMUNITIES, DAYS, LANGUAGES, LICENSES, NAMES, PHRASES, REGIONS, SPECIALTIES } from "./words.js";

/** Two networks between which `asking` must not be able to tell, and how each came to be what it is. */
export type Pair = {
  readonly asking: Asking;
  readonly left: Side;
  readonly right: Side;
};

export type Side = {
  readonly world: World;
  /** People as they were saved before, in whom only what `asking` does not see was another. */
  readonly before: readonly Practitioner[];
  /** Whether what `asking` does not see was saved in a transaction of its own, before the rest. */
  readonly apart: boolean;
};

/** What is drawn for one fact: whether `asking` sees a value of it, and on each side how the fact that tells it looks. */
type Slot =
  | { readonly kind: "seen"; readonly value: unknown; readonly left: Dress; readonly right: Dress }
  | { readonly kind: "hidden"; readonly left: Dress | null; readonly right: Dress | null };

/** How a fact looks on one side. Numbers choose from what is possible there. */
type Dress = {
  /** Behind a ladder: the value seen is a coarser one of a hidden fact. */
  readonly behind: boolean;
  readonly at: number;
  readonly value: unknown;
  readonly rungs: readonly { readonly value: unknown; readonly at: number }[];
  /** A hidden fact whose coarser value is one that is told anyway, or says more of it than is told. */
  readonly echo: boolean;
};

const any = <T>(list: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...list);
const number = fc.nat(11);
const phrase = fc.array(any(PHRASES), { minLength: 1, maxLength: 3 }).map((words) => words.join(" "));
const link = fc.record({ link: number });
const NODES = ["A", "B"].map((sign) => `urn:ietf:params:oauth:jwk-thumbprint:sha-256:${sign.repeat(43)}`);

/** What may be said in each field. A link is a number until there are records to link to. */
const VALUES: Readonly<Record<Exclude<keyof PractitionerFacts, "alias" | "vouches">, fc.Arbitrary<unknown>>> =
  {
    about: fc.dictionary(any(["es", "en"]), phrase, { minKeys: 1, noNullPrototype: true }),
    pronouns: any(["ella", "elle", "they"]),
    specialties: fc.record({ specialty: any(SPECIALTIES), depth: fc.option(any(DEPTHS)) }),
    languages: fc.record({
      language: any(LANGUAGES),
      level: any(PROFICIENCIES),
      use: fc.uniqueArray(any(LANGUAGE_USES), { maxLength: 2 }),
    }),
    regions: fc.record({ region: any(REGIONS), relation: any(WORK_RELATIONS) }),
    formats: any(FORMATS.slice(0, 4)),
    delivery: any(DELIVERIES),
    level: any(LEVELS),
    communities: any(COMMUNITIES),
    offersFollowUp: fc.boolean(),
    coFacilitates: fc.boolean(),
    availability: fc.record({
      status: any(AVAILABILITIES),
      from: fc.option(any(DAYS)),
      until: fc.option(any(["2026-11-01", "2027-03-01"])),
      asOf: any(DAYS),
    }),
    cost: any(COSTS),
    organizations: link,
    resources: link,
    seeks: any(SPECIALTIES),
    contact: fc.record({ kind: any(CONTACT_KINDS), value: phrase, note: fc.option(phrase) }),
    referable: fc.boolean(),
    sameAs: fc.record({ node: any(NODES), id: fc.uuid({ version: 4 }) }),
    movedFrom: fc.record({ node: any(NODES), id: fc.uuid({ version: 4 }) }),
  };
type Field = keyof typeof VALUES;
const FIELDS = Object.keys(VALUES) as readonly Field[];
const LISTS: readonly Field[] = [
  "specialties",
  "languages",
  "regions",
  "formats",
  "delivery",
  "communities",
  "organizations",
  "resources",
  "seeks",
  "contact",
  "sameAs",
];

function dress(value: fc.Arbitrary<unknown>): fc.Arbitrary<Dress> {
  return fc.record({
    behind: fc.boolean(),
    at: number,
    value,
    rungs: fc.array(fc.record({ value, at: number }), { maxLength: 2 }),
    echo: fc.boolean(),
  });
}

function slot(value: fc.Arbitrary<unknown>): fc.Arbitrary<Slot> {
  const one = dress(value);
  return fc.oneof(
    fc.record({ kind: fc.constant("seen" as const), value, left: one, right: one }),
    fc.record({ kind: fc.constant("hidden" as const), left: fc.option(one), right: fc.option(one) }),
  );
}

/** Null on a side where there is no such record. */
type Standing =
  | { readonly kind: "seen"; readonly left: number; readonly right: number }
  | { readonly kind: "hidden"; readonly left: number | null; readonly right: number | null };

const standing: fc.Arbitrary<Standing> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("seen" as const), left: number, right: number }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("hidden" as const),
      left: fc.option(number),
      right: fc.option(number),
    }),
  },
);

const day = fc.option(any(DAYS), { freq: 1 });
const twoOf = <T>(arbitrary: fc.Arbitrary<T>) => fc.record({ left: arbitrary, right: arbitrary });

const person = fc.record({
  standing,
  aliases: twoOf(fc.tuple(any(NAMES), any(NAMES)).map((names) => names.join(" "))),
  verified: twoOf(day),
  alias: twoOf(dress(any(NAMES))),
  slots: fc.record(
    Object.fromEntries(
      FIELDS.map((field) => [
        field,
        fc.array(slot(VALUES[field]), { maxLength: LISTS.includes(field) ? 3 : 1, size: "max" }),
      ]),
    ) as Record<Field, fc.Arbitrary<Slot[]>>,
  ),
});

const organizationFacts = fc.record({
  name: fc.tuple(fc.constant("Red"), any(NAMES)).map((names) => names.join(" ")),
  summary: fc.option(fc.record({ es: phrase })),
  roles: fc.uniqueArray(any(ORGANIZATION_ROLES), { maxLength: 2 }),
  specialties: fc.uniqueArray(any(SPECIALTIES), { maxLength: 2 }),
  languages: fc.uniqueArray(any(LANGUAGES), { maxLength: 2 }),
  regions: fc.uniqueArray(any(REGIONS), { maxLength: 2 }),
  acceptsUrgentRequests: fc.option(fc.boolean()),
  website: fc.option(fc.constant("https://red.example.org/")),
  contact: fc.array(fc.record({ kind: any(CONTACT_KINDS), value: phrase, note: fc.option(phrase) }), {
    maxLength: 1,
  }),
});

const resourceFacts: fc.Arbitrary<Omit<ResourceFacts, "partOf">> = fc.record({
  kind: any(RESOURCE_KINDS.slice(0, 4)),
  title: fc.record({ en: any(NAMES) }),
  summary: fc.option(fc.record({ en: phrase })),
  url: fc.option(fc.constant("https://guia.example.org/")),
  authors: fc.array(any(NAMES), { maxLength: 1 }),
  publisher: fc.option(any(NAMES)),
  published: fc.option(fc.constant("2025-03")),
  license: fc.option(any(LICENSES)),
  languages: fc.uniqueArray(
    fc.record({ language: any(LANGUAGES), url: fc.constant(null), stale: fc.boolean() }),
    { maxLength: 2, selector: ({ language }) => language },
  ),
  specialties: fc.uniqueArray(any(SPECIALTIES), { maxLength: 2 }),
  regions: fc.uniqueArray(any(REGIONS), { maxLength: 2 }),
  stages: fc.uniqueArray(any(STAGES), { maxLength: 2 }),
  minutes: fc.option(fc.record({ min: any([10, 30, 60]), max: fc.option(any([90, 400])) })),
  materials: fc.array(any(PHRASES), { maxLength: 1 }),
  prerequisites: fc.array(any(PHRASES), { maxLength: 1 }),
  status: any(RESOURCE_STATUSES),
});

const organization = fc.record({ standing, verified: twoOf(day), facts: twoOf(organizationFacts) });
const resource = fc.record({
  standing,
  verified: twoOf(day),
  facts: twoOf(resourceFacts),
  partOf: fc.array(fc.record({ link: number, left: fc.boolean(), right: fc.boolean() }), { maxLength: 2 }),
});
const vouch = fc.record({
  of: number,
  from: number,
  many: twoOf(fc.integer({ min: 0, max: 3 })),
  days: twoOf(any(DAYS)),
});

const sketch = fc.record({
  /** Makes the ids, which are random and say nothing; it is not for shrinking. */
  salt: fc.noShrink(fc.nat()),
  asking: any(ASKING),
  people: fc.array(person, { minLength: 2, maxLength: 7, size: "max" }),
  organizations: fc.array(organization, { minLength: 1, maxLength: 3, size: "max" }),
  resources: fc.array(resource, { minLength: 1, maxLength: 4, size: "max" }),
  vouches: fc.array(vouch, { maxLength: 3 }),
  order: twoOf(number),
  apart: twoOf(any([false, false, false, false, false, true])),
  /** The person who is edited once more on the right. */
  edited: fc.option(number, { freq: 1 }),
});
type Sketch = typeof sketch extends fc.Arbitrary<infer T> ? T : never;

/** Pairs of networks that are the same to whoever asks. */
export const pairs: fc.Arbitrary<Pair> = sketch.map(paint);

function paint(drawn: Sketch): Pair {
  const left = worldOf(drawn, "left");
  const right = worldOf(drawn, "right");
  if (!isDeepStrictEqual(plain(view(left, drawn.asking)), plain(view(right, drawn.asking))))
    throw new Error("the pair is not the same to whoever asks: the generator and the model disagree");
  const edited =
    drawn.edited === null ? undefined : right.people[drawn.edited % Math.max(1, right.people.length)];
  const before = left.people.filter(({ id }) => id === edited?.id);
  return {
    asking: drawn.asking,
    left: { world: left, before: [], apart: drawn.apart.left },
    right: { world: right, before, apart: drawn.apart.right },
  };
}

/** What is drawn may have no prototype, which makes it no other value. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

type Which = "left" | "right";

function worldOf(drawn: Sketch, which: Which): World {
  const people = drawn.people.flatMap((one, at) => personOf(one, at, drawn, which) ?? []);
  const organizations = drawn.organizations.flatMap((one, at) => organizationOf(one, at, drawn, which) ?? []);
  const resources = drawn.resources.flatMap((one, at) => resourceOf(one, at, drawn, which) ?? []);
  const mixed = <T extends { readonly id: string }>(list: readonly T[]) =>
    inOrderOf(drawn.order[which], list);
  return {
    people: mixed(people),
    organizations: mixed(organizations),
    resources: mixed(resources),
    vouches: vouchesOf(drawn, which),
  };
}

/** Random, like every id of the product, and the same on both sides. */
function idOf({ salt }: Sketch, kind: string, at: number): string {
  const hex = createHash("sha256").update(`${salt} ${kind} ${at}`).digest("hex");
  const variant = "89ab"[parseInt(hex.slice(16, 17), 16) % 4];
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

function inOrderOf<T extends { readonly id: string }>(order: number, list: readonly T[]): readonly T[] {
  const place = ({ id }: T): string => createHash("sha256").update(`${order} ${id}`).digest("hex");
  return [...list].sort((one, other) => (place(one) < place(other) ? -1 : 1));
}

function from<T>(list: readonly T[], at: number): T {
  const one = list[at % list.length];
  if (one === undefined) throw new Error("there is nothing to choose from");
  return one;
}

// ── people ──────────────────────────────────────────────────────────────────────────────────────────────────────────

const UNLISTED = ["DRAFT", "AWAITING_REVIEW", "SUSPENDED", "WITHDRAWN"] as const;

function personOf(
  one: Sketch["people"][number],
  at: number,
  drawn: Sketch,
  which: Which,
): Practitioner | null {
  const { asking } = drawn;
  const choice = one.standing[which];
  if (choice === null) return null;
  const seen = one.standing.kind === "seen";
  const dressed = (audience: Shown) => ({ value: one.aliases[seen ? "left" : which], audience, ladder: [] });
  const alias = one.alias[which];
  const facts = Object.fromEntries(
    FIELDS.map((field) => [field, factsOf(field, one.slots[field], drawn, which)]),
  );
  const person = {
    id: idOf(drawn, "practitioner", at),
    state: "LISTED" as const,
    audience: from(openTo(asking), choice),
    verified: one.verified[seen ? "left" : which],
    facts: {
      ...facts,
      alias: { ...dressed(from(openTo(asking), alias.at)), ladder: rungsAt(alias, FROM_WIDE_TO_NARROW) },
      vouches: null,
      // Each field holds the values that VALUES has for it.
    } as unknown as PractitionerFacts,
  };
  if (seen) return person;
  if (isUnlisted(choice)) return { ...person, state: from(UNLISTED, alias.at) };
  const hiding = from(closedTo(asking), alias.at);
  return choice % 3 === 0
    ? { ...person, audience: hiding }
    : { ...person, facts: { ...person.facts, alias: dressed(hiding) } };
}

function factsOf(field: Field, slots: readonly Slot[], drawn: Sketch, which: Which): unknown {
  const facts = slots.flatMap((slot) => factOf(field, slot, drawn, which) ?? []);
  if (!LISTS.includes(field)) return facts[0] ?? null;
  const told = slots.find((slot) => slot.kind === "seen");
  if (told === undefined || !hasLadder(field)) return facts;
  const echoes = slots.flatMap((slot) => (slot.kind === "hidden" && slot[which]?.echo ? [slot[which]] : []));
  return [...facts, ...echoes.flatMap((echo) => factOf(field, echoing(told, echo), drawn, which) ?? [])];
}

/** A hidden fact that meets a told one on its ladder: of the two the more modest is told, which is what was told before. */
function echoing({ value }: Slot & { readonly kind: "seen" }, dressed: Dress): Slot {
  const behind = { ...dressed, behind: true };
  return { kind: "seen", value: sayingMore(value), left: behind, right: behind };
}

function sayingMore(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if ("depth" in value) return { ...value, depth: "EXPERT" };
  return "level" in value ? { ...value, level: "NATIVE", use: [...LANGUAGE_USES] } : value;
}

type AnyFact = { readonly value: unknown; readonly audience: Shown; readonly ladder: readonly Rung[] };
type Rung = { readonly value: unknown; readonly audience: Shown };

function factOf(field: Field, slot: Slot, drawn: Sketch, which: Which): AnyFact | null {
  const dressed = slot[which];
  if (dressed === null) return null;
  const linked = {
    ...dressed,
    value: linkOf(field, dressed.value, drawn),
    rungs: dressed.rungs.map(({ value, at }) => ({ value: linkOf(field, value, drawn), at })),
  };
  const open = openTo(drawn.asking).filter((shown) => narrowness(shown) >= narrowness(ceilingOf(field)));
  return slot.kind === "seen" && open.length > 0
    ? tellingFact(field, linkOf(field, slot.value, drawn), linked, open, drawn.asking)
    : hidingFact(field, linked, drawn.asking);
}

/** A fact that tells `asking` this value, by itself or as the coarser value of something finer. */
function tellingFact(
  field: Field,
  value: unknown,
  dressed: Dress,
  open: readonly Shown[],
  asking: Asking,
): AnyFact {
  const shown = from(open, dressed.at);
  const wider = FROM_WIDE_TO_NARROW.slice(0, narrowness(shown));
  if (!hasLadder(field)) return { value, audience: shown, ladder: rungsAt(dressed, FROM_WIDE_TO_NARROW) };
  if (!dressed.behind) return { value, audience: shown, ladder: rungsAt(dressed, wider) };
  const told = { value, audience: shown };
  const others = rungsAt(dressed, [...wider, ...closedTo(asking)]);
  const ladder = dressed.at % 2 === 0 ? [told, ...others] : [...others, told];
  return { value: dressed.value, audience: from(closedTo(asking), dressed.at), ladder };
}

/** A fact of which `asking` learns nothing. Where a field has no ladder its coarser values are nobody's. */
function hidingFact(field: Field, dressed: Dress, asking: Asking): AnyFact {
  const ladder = rungsAt(dressed, hasLadder(field) ? closedTo(asking) : FROM_WIDE_TO_NARROW);
  const closed = closedTo(asking).filter((shown) => narrowness(shown) >= narrowness(ceilingOf(field)));
  return { value: dressed.value, audience: from(closed, dressed.at), ladder };
}

function rungsAt({ rungs }: Dress, audiences: readonly Shown[]): readonly Rung[] {
  return audiences.length === 0
    ? []
    : rungs.map(({ value, at }) => ({ value, audience: from(audiences, at) }));
}

function linkOf(field: Field, value: unknown, drawn: Sketch): unknown {
  if (field !== "organizations" && field !== "resources") return value;
  const { link } = value as { readonly link: number };
  return idOf(drawn, field, link % drawn[field].length);
}

// ── organizations and resources ─────────────────────────────────────────────────────────────────────────────────────

function organizationOf(
  one: Sketch["organizations"][number],
  at: number,
  drawn: Sketch,
  which: Which,
): Organization | null {
  const body = bodyOf(one, drawn.asking, which);
  if (body === null) return null;
  const { facts, ...told } = body;
  return { id: idOf(drawn, "organizations", at), ...told, facts };
}

function resourceOf(
  one: Sketch["resources"][number],
  at: number,
  drawn: Sketch,
  which: Which,
): Resource | null {
  const body = bodyOf(one, drawn.asking, which);
  if (body === null) return null;
  const partOf = one.partOf.flatMap((part) => {
    const whole = part.link % drawn.resources.length;
    const told = drawn.resources[whole]?.standing.kind === "seen" || part[which];
    return whole === at || !told ? [] : [idOf(drawn, "resources", whole)];
  });
  const { facts, ...told } = body;
  return { id: idOf(drawn, "resources", at), ...told, facts: { ...facts, partOf: [...new Set(partOf)] } };
}

type Both<T> = { readonly left: T; readonly right: T };
type Body<F> = {
  readonly standing: Standing;
  readonly verified: Both<string | null>;
  readonly facts: Both<F>;
};

function bodyOf<F>({ standing, verified, facts }: Body<F>, asking: Asking, which: Which) {
  const choice = standing[which];
  if (choice === null) return null;
  const seen = standing.kind === "seen";
  const as: Which = seen ? "left" : which;
  const audience = from(seen ? openTo(asking) : closedTo(asking), choice);
  return { audience, verified: verified[as], facts: facts[as] };
}

// ── vouches ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Who stands behind whom. Of somebody seen the band and the newest day are told to partners and members, and nothing else. */
function vouchesOf(drawn: Sketch, which: Which): readonly Vouch[] {
  const targets = new Set<number>();
  return drawn.vouches.flatMap((one) => {
    const target = one.of % drawn.people.length;
    const person = drawn.people[target];
    if (person === undefined || targets.has(target) || person.standing[which] === null) return [];
    targets.add(target);
    const told = drawn.asking !== "PUBLIC" && person.standing.kind === "seen";
    const behind = (vouchers: readonly number[], given: string): readonly Vouch[] =>
      vouchers.map((voucher) => ({
        practitioner: idOf(drawn, "practitioner", target),
        voucher: idOf(drawn, "practitioner", voucher),
        given,
      }));
    const listed = (side: Which) => standingOf(drawn, side, target).filter(({ listed }) => listed);
    const nobody = told && (listed("left").length === 0 || listed("right").length === 0);
    const many = nobody ? 0 : told ? Math.max(1, one.many[which]) : one.many[which];
    const unlisted = standingOf(drawn, which, target).filter(({ listed }) => !listed);
    return [
      ...behind(turned(listed(which), one.from).slice(0, many), one.days[told ? "left" : which]),
      ...behind(
        unlisted.slice(0, one.many[which]).map(({ at }) => at),
        one.days[which],
      ),
    ];
  });

  function turned(people: readonly { readonly at: number }[], by: number): readonly number[] {
    const start = by % Math.max(1, people.length);
    return [...people.slice(start), ...people.slice(0, start)].map(({ at }) => at);
  }
}

/** Who there is on a side beside this one. */
function standingOf({ people }: Sketch, side: Which, except: number) {
  return people.flatMap(({ standing }, at) => {
    const choice = standing[side];
    return at === except || choice === null
      ? []
      : [{ at, listed: standing.kind === "seen" || !isUnlisted(choice) }];
  });
}

/** Of those hidden a third are not listed at all. */
function isUnlisted(choice: number): boolean {
  return choice % 3 === 1;
}
