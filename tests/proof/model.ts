import type { ListedKind } from "../../src/listing/listing.js";
import type { Organization } from "../../src/organizations/organization.js";
import type { Practitioner, PractitionerFacts } from "../../src/practitioners/practitioner.js";
import type { Vouch } from "../../src/practitioners/practitioner.store.js";
import type { Resource } from "../../src/resources/resource.js";

/**
 * What each audience may see, written a second time from the design and without a line of the product's rules: databases are told
 * apart by this model, so a mistake in `visibility/` is a difference that the campaign finds.
 */
export const FROM_WIDE_TO_NARROW = ["PUBLIC", "PARTNERS", "MEMBERS", "PRIVATE"] as const;
export type Shown = (typeof FROM_WIDE_TO_NARROW)[number];
export type Asking = Exclude<Shown, "PRIVATE">;
export const ASKING: readonly Asking[] = ["PUBLIC", "PARTNERS", "MEMBERS"];

/** The audiences to which something is shown that `asking` sees. */
export function openTo(asking: Asking): readonly Shown[] {
  return FROM_WIDE_TO_NARROW.slice(0, narrowness(asking) + 1);
}

/** The audiences to which something is shown that `asking` does not see. */
export function closedTo(asking: Asking): readonly Shown[] {
  return FROM_WIDE_TO_NARROW.slice(narrowness(asking) + 1);
}

export function narrowness(shown: Shown): number {
  return FROM_WIDE_TO_NARROW.indexOf(shown);
}

/** Everything a network keeps. */
export type World = {
  readonly people: readonly Practitioner[];
  readonly organizations: readonly Organization[];
  readonly resources: readonly Resource[];
  readonly vouches: readonly Vouch[];
};

export function recordsOf({ people, organizations, resources }: World): readonly Kept[] {
  return [
    ...people.map(({ id }) => ({ kind: "practitioner" as const, id })),
    ...organizations.map(({ id }) => ({ kind: "organization" as const, id })),
    ...resources.map(({ id }) => ({ kind: "resource" as const, id })),
  ];
}

/** A record by kind and id. */
export type Kept = { readonly kind: ListedKind; readonly id: string };

/** The fields whose coarser values are shown to wider audiences. By which code two values are one, and what is then told. */
const LADDERS: Readonly<
  Record<string, { code(value: Value): string; modest(one: Value, other: Value): Value }>
> = {
  specialties: {
    code: (value) => String(value["specialty"]),
    modest: (one, other) => ({ ...one, depth: lower(DEPTHS, one["depth"], other["depth"]) }),
  },
  languages: {
    code: (value) => String(value["language"]),
    modest: (one, other) => ({
      ...one,
      level: lower(LEVELS, one["level"], other["level"]),
      use: (one["use"] as unknown[]).filter((use) => (other["use"] as unknown[]).includes(use)),
    }),
  },
  regions: { code: (value) => JSON.stringify([value["relation"], value["region"]]), modest: (one) => one },
  seeks: { code: (value) => JSON.stringify(value), modest: (one) => one },
};

type Value = Readonly<Record<string, unknown>>;
const DEPTHS = ["INTRODUCTORY", "PRACTISED", "EXPERT"];
const LEVELS = ["BASIC", "WORKING", "FLUENT", "NATIVE"];

function lower(steps: readonly unknown[], one: unknown, other: unknown): unknown {
  if (one === null || other === null) return null;
  return steps[Math.min(steps.indexOf(one), steps.indexOf(other))];
}

/** The widest audience a field may be shown to, where that is not everybody. */
const CEILINGS: Readonly<Record<string, Shown>> = { contact: "MEMBERS" };

export function hasLadder(field: string): boolean {
  return field in LADDERS;
}

export function ceilingOf(field: string): Shown {
  return CEILINGS[field] ?? "PUBLIC";
}

/** Everything of a world that `asking` may come to know, as plain values. */
export function view(world: World, asking: Asking): unknown {
  const people = world.people.filter((person) => seesPerson(person, asking));
  const bodies = [...world.organizations, ...world.resources].filter((one) => sees(one.audience, asking));
  const visible = new Set(bodies.map(({ id }) => id));
  return {
    people: byId(people.map((person) => viewOfPerson(person, world, asking, visible))),
    bodies: byId(
      bodies.map(({ id, verified, facts }) => ({ id, verified, facts: withSeenWholes(facts, visible) })),
    ),
  };
}

function byId<T extends { readonly id: string }>(list: readonly T[]): readonly T[] {
  return [...list].sort((one, other) => (one.id < other.id ? -1 : 1));
}

export function sees(shown: Shown, asking: Asking): boolean {
  return narrowness(shown) <= narrowness(asking);
}

function seesPerson({ state, audience, facts }: Practitioner, asking: Asking): boolean {
  return (
    state === "LISTED" && sees(audience, asking) && facts.alias !== null && sees(facts.alias.audience, asking)
  );
}

function withSeenWholes(facts: object, visible: ReadonlySet<string>): object {
  if (!("partOf" in facts)) return facts;
  return { ...facts, partOf: (facts.partOf as readonly string[]).filter((id) => visible.has(id)) };
}

type AnyFact = { readonly value: unknown; readonly audience: Shown; readonly ladder?: readonly AnyFact[] };

function viewOfPerson(
  person: Practitioner,
  world: World,
  asking: Asking,
  visible: ReadonlySet<string>,
): { readonly id: string } {
  const fields = Object.entries(person.facts) as [
    keyof PractitionerFacts,
    AnyFact | readonly AnyFact[] | null,
  ][];
  const told = fields.map(([field, held]) => {
    if (held === null) return [field, null];
    if (!Array.isArray(held)) return [field, valueFor(field, held as AnyFact, asking)?.value ?? null];
    const values = (held as readonly AnyFact[]).flatMap((fact) => valueFor(field, fact, asking) ?? []);
    return [
      field,
      onceEach(
        field,
        values.map(({ value }) => value),
      ).filter((value) => isSeen(field, value, visible)),
    ];
  });
  return {
    id: person.id,
    ...Object.fromEntries(told),
    verified: person.verified,
    vouches: asking === "PUBLIC" ? null : bandOf(person.id, world),
  };
}

/** The value meant for the fewest people among those that `asking` is one of. */
function valueFor(field: string, fact: AnyFact, asking: Asking): { readonly value: unknown } | null {
  const told = hasLadder(field) ? [fact, ...(fact.ladder ?? [])] : [fact];
  const open = told.filter(({ audience }) => sees(narrowerOf(audience, ceilingOf(field)), asking));
  const narrowest = Math.max(...open.map(({ audience }) => narrowness(audience)));
  return open.find(({ audience }) => narrowness(audience) === narrowest) ?? null;
}

function narrowerOf(one: Shown, other: Shown): Shown {
  return narrowness(one) > narrowness(other) ? one : other;
}

function onceEach(field: string, values: readonly unknown[]): readonly unknown[] {
  const ladder = LADDERS[field] ?? {
    code: (value: unknown) => JSON.stringify(value),
    modest: (one: Value) => one,
  };
  const told = new Map<string, Value>();
  for (const value of values as readonly Value[]) {
    const before = told.get(ladder.code(value));
    told.set(ladder.code(value), before === undefined ? value : ladder.modest(before, value));
  }
  return [...told.values()];
}

/** Of what somebody works with, whoever asks is told of what they may see. */
function isSeen(field: string, value: unknown, visible: ReadonlySet<string>): boolean {
  return (field !== "organizations" && field !== "resources") || visible.has(String(value));
}

/** A band is everything that is told of vouches. Those of people who are not listed, hidden or not, do not count. */
function bandOf(id: string, { people, vouches }: World): unknown {
  const listed = new Set(people.filter(({ state }) => state === "LISTED").map((person) => person.id));
  const counted = vouches.filter(({ practitioner, voucher }) => practitioner === id && listed.has(voucher));
  const days = counted.map(({ given }) => given ?? "").sort();
  if (days.length === 0) return null;
  return { band: days.length < 5 ? "FEW" : days.length < 20 ? "SOME" : "MANY", latest: days.at(-1) };
}
