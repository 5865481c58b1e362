import { Any, EntitySchema, type EntityManager } from "typeorm";
import { dayOf } from "../clock.js";
import { listedBy, type Home } from "../listing/home.js";
import { saveListings } from "../listing/listing.store.js";
import type { Key, Place } from "../storage/seal.js";
import { narrower, type Audience } from "../visibility/audience.js";
import { audienceByDefault, type Fact, type Held, type Rung } from "../visibility/project.js";
import { levelsHeld } from "./attainment.store.js";
import { asList } from "./field.js";
import {
  isLowered,
  listingsOf,
  practitionerPolicy,
  vouchBand,
  type Practitioner,
  type PractitionerFacts,
  type ProfileState,
  type VouchSummary,
} from "./practitioner.js";

type PractitionerRow = {
  readonly id: string;
  readonly state: ProfileState;
  readonly audience: Audience;
  readonly verified: string | null;
};

type FactRow = {
  readonly practitioner: string;
  readonly field: keyof PractitionerFacts;
  readonly position: number;
  readonly audience: Audience;
  readonly value: unknown;
  readonly ladder: readonly Rung<unknown>[];
};

/** One practitioner of the network standing behind another. `given` is null when the source did not say when. */
export type Vouch = {
  readonly practitioner: string;
  readonly voucher: string;
  readonly given: string | null;
};

/** What a person agreed to: this field, to this audience, under this version of the text. */
export type Consent = {
  readonly practitioner: string;
  readonly field: string;
  readonly audience: Audience;
  readonly textVersion: string;
  readonly given: string | null;
};

export const practitionerTable = new EntitySchema<PractitionerRow>({
  name: "practitioner",
  schema: "base",
  columns: {
    id: { type: "uuid", primary: true, generated: "uuid" },
    state: { type: "text" },
    audience: { type: "text" },
    verified: { type: "date", nullable: true },
  },
});

export const factTable = new EntitySchema<FactRow>({
  name: "fact",
  schema: "base",
  columns: {
    practitioner: { type: "uuid", primary: true },
    field: { type: "text", primary: true },
    position: { type: "integer", primary: true },
    audience: { type: "text" },
    value: { type: "jsonb" },
    ladder: { type: "jsonb", default: [] },
  },
});

export const vouchTable = new EntitySchema<Vouch>({
  name: "vouch",
  schema: "base",
  columns: {
    practitioner: { type: "uuid", primary: true },
    voucher: { type: "uuid", primary: true },
    given: { type: "date", nullable: true },
  },
});

export const consentTable = new EntitySchema<Consent>({
  name: "consent",
  schema: "base",
  columns: {
    practitioner: { type: "uuid", primary: true },
    field: { type: "text", primary: true },
    audience: { type: "text", primary: true },
    textVersion: { name: "text_version", type: "text", primary: true },
    given: { type: "date", nullable: true },
  },
});

/** The full records, in no order: loaded to edit them, never to show them to somebody. */
export async function loadPractitioners(
  tx: EntityManager,
  home: Home,
  ids: readonly string[],
): Promise<readonly Practitioner[]> {
  const people = await tx.find(practitionerTable, { where: { id: Any(ids) } });
  const facts = await tx.find(factTable, { where: { practitioner: Any(ids) }, order: { position: "ASC" } });
  const today = dayOf(home.clock());
  const vouches = await countVouches(tx, ids, today);
  const keys = await home.seals.personKeys(tx, idsOf(people));
  const levels = await levelsHeld(tx, keys, today);
  const factsOf = groupBy(
    facts.map((fact) => openFact(fact, keys)),
    (fact) => fact.practitioner,
  );
  return people.map((row) => ({
    ...row,
    facts: readFacts(row, factsOf.get(row.id) ?? [], vouches.get(row.id) ?? null),
    ...(levels === null ? {} : { attained: levels.get(row.id) ?? null }),
  }));
}

/** Writes people and, in the same transaction, the listings that changed; returns how many did. */
export async function savePractitioners(
  tx: EntityManager,
  home: Home,
  people: readonly Practitioner[],
): Promise<number> {
  const ids = idsOf(people);
  await tx.upsert(
    practitionerTable,
    people.map(({ id, state, audience, verified }) => ({ id, state, audience, verified })),
    ["id"],
  );
  await tx.delete(factTable, { practitioner: Any(ids) });
  const keys = await home.seals.personKeys(tx, ids);
  const facts = people.flatMap((person) =>
    writeFacts(person).map((fact) => sealFact(fact, person.audience, keys)),
  );
  await insertFacts(tx, facts);
  return relist(tx, home, ids);
}

/** Stands `vouchers` behind practitioners. A vouch given again is the same vouch. */
export async function saveVouches(tx: EntityManager, home: Home, vouches: readonly Vouch[]): Promise<number> {
  if (vouches.length === 0) return 0;
  await tx.upsert(vouchTable, [...vouches], ["practitioner", "voucher"]);
  return relist(tx, home, [...new Set(vouches.map(({ practitioner }) => practitioner))]);
}

export async function saveConsents(tx: EntityManager, consents: readonly Consent[]): Promise<void> {
  if (consents.length === 0) return;
  await tx.upsert(consentTable, [...consents], ["practitioner", "field", "audience", "textVersion"]);
}

/**
 * Waits until nobody else changes these people, nor those whose listing says that they stand behind them. Whoever changes people
 * loads them after this: what another wrote in the meantime is then seen. Locks are taken in one order, so nobody waits in a circle.
 */
export async function lockPractitioners(tx: EntityManager, ids: readonly string[]): Promise<void> {
  await tx.query(lockPeople, [ids]);
}

/** Vouches, and states by which they count, change one at a time: each makes the listings of others anew. */
export async function waitForVouches(tx: EntityManager): Promise<void> {
  await tx.query("select pg_advisory_xact_lock(hashtext('cadre vouches'))");
}

/** Those behind whom these people stand. */
export async function stoodBehind(
  tx: EntityManager,
  vouchers: readonly string[],
): Promise<readonly string[]> {
  const rows = await tx.query<{ id: string }[]>(selectStoodBehind, [vouchers]);
  return rows.map(({ id }) => id);
}

/** Makes the listings of these people anew from what is kept. */
export async function relist(tx: EntityManager, home: Home, ids: readonly string[]): Promise<number> {
  const people = await loadPractitioners(tx, home, ids);
  const by = listedBy(home);
  return saveListings(
    tx,
    home.network,
    people.map((person) => ({ kind: "practitioner", id: person.id, listings: listingsOf(person, by) })),
  );
}

/** The same of everybody who is listed, when what holds for all of them has changed. Whoever calls it has waited for vouches. */
export async function relistEverybody(tx: EntityManager, home: Home): Promise<void> {
  const ids = idsOf(await tx.query<{ id: string }[]>(selectListed));
  await lockPractitioners(tx, ids);
  for (let from = 0; from < ids.length; from += AT_ONCE)
    await relist(tx, home, ids.slice(from, from + AT_ONCE));
}

/** How many of those who are listed are shown to members with a lower level than they tell, or none, by what they have reached. */
export async function countLowered(tx: EntityManager, home: Home): Promise<number> {
  const ids = idsOf(await tx.query<{ id: string }[]>(selectListed));
  let count = 0;
  for (let from = 0; from < ids.length; from += AT_ONCE)
    count += (await loadPractitioners(tx, home, ids.slice(from, from + AT_ONCE))).filter(isLowered).length;
  return count;
}

const AT_ONCE = 500;

type Keys = ReadonlyMap<string, Key>;

/** What only the person may see, or a contact point, as it lies in the database. No value has a key of this name: "@" is in no language tag. */
type Sealed = { readonly "@sealed": string };

/** Seals the value where nobody but the person may see it, and each coarser value of it for the same reason. */
function sealFact(fact: FactRow, entry: Audience, keys: Keys): FactRow {
  const key = keyOf(fact, keys);
  const isOpen = (audience: Audience) => fact.field !== "contact" && narrower(audience, entry) !== "PRIVATE";
  return withValues(fact, ({ value, audience }, place): unknown =>
    isOpen(audience) ? value : ({ "@sealed": key.seal(place, JSON.stringify(value)) } satisfies Sealed),
  );
}

function openFact(fact: FactRow, keys: Keys): FactRow {
  const key = keyOf(fact, keys);
  return withValues(fact, ({ value }, place) =>
    isSealed(value) ? (JSON.parse(key.open(place, value["@sealed"])) as unknown) : value,
  );
}

function isSealed(value: unknown): value is Sealed {
  return typeof value === "object" && value !== null && "@sealed" in value;
}

/** The fact with what `how` makes of its value, and of each coarser one, where that lies. */
function withValues(fact: FactRow, how: (rung: Rung<unknown>, place: Place) => unknown): FactRow {
  const place = ["base.fact", fact.practitioner, fact.field, String(fact.position)];
  return {
    ...fact,
    value: how(fact, place),
    ladder: fact.ladder.map((rung, step) => ({
      ...rung,
      value: how(rung, [...place, "ladder", String(step)]),
    })),
  };
}

function keyOf({ practitioner }: FactRow, keys: Keys): Key {
  const key = keys.get(practitioner);
  if (key === undefined) throw new Error("a practitioner has no key");
  return key;
}

function idsOf(people: readonly { readonly id: string }[]): readonly string[] {
  return people.map(({ id }) => id);
}

/** PostgreSQL takes 65,535 parameters a statement, six to a fact. */
async function insertFacts(tx: EntityManager, rows: readonly FactRow[]): Promise<void> {
  for (let from = 0; from < rows.length; from += 10_000) {
    await tx.insert(factTable, rows.slice(from, from + 10_000) as never[]);
  }
}

function writeFacts({ id, facts }: Practitioner): FactRow[] {
  const { vouches: _counted, ...kept } = facts;
  const fields = Object.entries(kept) as [keyof PractitionerFacts, Held][];
  return fields.flatMap(([field, held]) =>
    asList(held).map(({ audience, value, ladder }, position) => ({
      practitioner: id,
      field,
      position,
      audience,
      value,
      ladder: ladder ?? [],
    })),
  );
}

function readFacts(
  entry: PractitionerRow,
  rows: readonly FactRow[],
  vouches: VouchSummary | null,
): PractitionerFacts {
  const held = groupBy(rows, (row) => row.field);
  const list = (field: keyof PractitionerFacts) => (held.get(field) ?? []).map(readFact);
  const one = (field: keyof PractitionerFacts) => list(field)[0] ?? null;
  // The table's constraints and the writer above are what make a row's value the field's value.
  return {
    alias: one("alias"),
    about: one("about"),
    pronouns: one("pronouns"),
    specialties: list("specialties"),
    languages: list("languages"),
    regions: list("regions"),
    formats: list("formats"),
    delivery: list("delivery"),
    level: one("level"),
    communities: list("communities"),
    offersFollowUp: one("offersFollowUp"),
    coFacilitates: one("coFacilitates"),
    availability: one("availability"),
    cost: one("cost"),
    organizations: list("organizations"),
    resources: list("resources"),
    seeks: list("seeks"),
    vouches: vouches === null ? null : counted(entry, vouches),
    contact: list("contact"),
    referable: one("referable"),
    sameAs: list("sameAs"),
    movedFrom: one("movedFrom"),
  } as PractitionerFacts;
}

/** Vouches are counted, not told: who sees the band is as the policy has it. */
function counted(entry: PractitionerRow, value: VouchSummary): Fact<VouchSummary> {
  return { value, audience: audienceByDefault(practitionerPolicy.vouches, entry.audience, value) };
}

function readFact({ value, audience, ladder }: FactRow): Fact<unknown> {
  return ladder.length === 0 ? { value, audience } : { value, audience, ladder };
}

/** Vouches that count today: of those whose own entry is listed, and not expired. */
async function countVouches(
  tx: EntityManager,
  ids: readonly string[],
  today: string,
): Promise<ReadonlyMap<string, VouchSummary>> {
  const counts = await tx.query<VouchCount[]>(selectVouchCounts, [ids, today]);
  return new Map(counts.map(({ id, given, latest }) => [id, { band: vouchBand(Number(given)), latest }]));
}

type VouchCount = { readonly id: string; readonly given: string; readonly latest: string | null };

function groupBy<T, K>(items: readonly T[], key: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group === undefined) groups.set(key(item), [item]);
    else group.push(item);
  }
  return groups;
}

const lockPeople = `
  select practitioner.id
  from base.practitioner
  where practitioner.id = any ($1::uuid[])
    or practitioner.id in (select vouch.practitioner from base.vouch where vouch.voucher = any ($1::uuid[]))
  order by practitioner.id
  for update`;

const selectListed = "select practitioner.id from base.practitioner where practitioner.state = 'LISTED'";

const selectStoodBehind = `
  select distinct vouch.practitioner as id
  from base.vouch
  where vouch.voucher = any ($1::uuid[])`;

const selectVouchCounts = `
  select vouch.practitioner as id, count(*) as given, max(vouch.given)::text as latest
  from base.vouch
  join base.practitioner as voucher on voucher.id = vouch.voucher
  where vouch.practitioner = any ($1::uuid[]) and voucher.state = 'LISTED'
    and (vouch.expires is null or vouch.expires > $2)
  group by vouch.practitioner`;
