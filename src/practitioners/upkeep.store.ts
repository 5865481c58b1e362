import { record } from "../audit/audit.store.js";
import type { Deed } from "../audit/audit.js";
import { dayOf, monthsAfter } from "../clock.js";
import type { Home } from "../listing/home.js";
import { forgetOldMoves } from "../listing/moved.store.js";
import type { Database, Transaction } from "../storage/database.js";
import { levelsDue, levelsSeenTo } from "./attainment.store.js";
import { lapsed, type Standing, type Terms } from "./confirmation.js";
import { lockPractitioners, relist, waitForVouches } from "./practitioner.store.js";

/**
 * What time does to entries: those not confirmed narrow, vouches expire, levels lapse, and where somebody went is told no longer. Safe to
 * run at any time and in several processes: each entry is changed once, in one transaction with its listings.
 */
export async function upkeep(database: Database, home: Home, terms: Terms): Promise<void> {
  await database.transaction((tx) => startCounting(tx, home, terms));
  while ((await database.transaction((tx) => lapse(tx, home, terms))) > 0);
  await database.transaction((tx) => expireVouches(tx, home));
  while ((await database.transaction((tx) => lapseLevels(tx, home))) > 0);
  await database.transaction((tx) => forgetOldMoves(tx, dayOf(home.clock())));
}

/**
 * Entries and vouches that came without a day get one: counted from when they were confirmed or given, else from today. Nobody's
 * entry narrows before the time for notice has passed.
 */
async function startCounting(tx: Transaction, home: Home, terms: Terms): Promise<void> {
  const today = dayOf(home.clock());
  await tx.query(startConfirming, [today, terms.confirmEvery, terms.noticeBefore]);
  await waitForVouches(tx);
  await tx.query(startExpiring, [today, terms.vouchLasts]);
}

/** Gives these people the whole time for confirming their entries, from today. */
export async function setConfirmBy(
  tx: Transaction,
  home: Home,
  people: readonly { readonly id: string }[],
  { confirmEvery }: Terms,
): Promise<void> {
  const confirmBy = monthsAfter(dayOf(home.clock()), confirmEvery);
  await tx.query("update base.practitioner set confirm_by = $2 where practitioner.id = any ($1::uuid[])", [
    people.map(({ id }) => id),
    confirmBy,
  ]);
}

/** Narrows listed entries whose day for confirming has passed, at most 100 at once; returns how many. Another process takes others. */
async function lapse(tx: Transaction, home: Home, terms: Terms): Promise<number> {
  const today = dayOf(home.clock());
  const due = await tx.query<Due[]>(selectDue, [today]);
  const after = due.map((entry) => lapsed(entry, today, terms));
  for (const { id, audience, confirmBy } of after) await tx.query(narrow, [id, audience, confirmBy]);
  if (after.length === 0) return 0;
  await relist(
    tx,
    home,
    after.map(({ id }) => id),
  );
  const deeds = after.map(({ id }): Deed => ({
    actor: "node",
    action: "LAPSED",
    object: id,
    fields: ["ENTRY"],
  }));
  await record(tx, home, ...deeds);
  return after.length;
}

/** Vouches that have expired are forgotten, and those they were for are listed without them. */
async function expireVouches(tx: Transaction, home: Home): Promise<void> {
  await waitForVouches(tx);
  const today = dayOf(home.clock());
  const expired = await tx.query<{ id: string }[]>(selectExpired, [today]);
  const people = expired.map(({ id }) => id);
  if (people.length === 0) return;
  await lockPractitioners(tx, people);
  await tx.query("delete from base.vouch where vouch.expires <= $1", [today]);
  await relist(tx, home, people);
}

/** Levels whose day has come count no more: what is shown is the highest that still counts. At most 100 people at once; returns how many. */
async function lapseLevels(tx: Transaction, home: Home): Promise<number> {
  const today = dayOf(home.clock());
  const due = await levelsDue(tx, today);
  if (due.length === 0) return 0;
  await waitForVouches(tx);
  await lockPractitioners(tx, due);
  const lapsed = await levelsSeenTo(tx, due, today);
  await relist(tx, home, lapsed);
  await record(tx, home, ...lapsed.map(levelLapsed));
  return due.length;
}

function levelLapsed(id: string): Deed {
  return { actor: "node", action: "LEVEL_LAPSED", object: id, fields: ["LEVEL"] };
}

type Due = Standing & { readonly id: string };

const startConfirming = `
  update base.practitioner
  set confirm_by = greatest(
    (coalesce(practitioner.verified, $1::date) + make_interval(months => $2))::date,
    $1::date + $3::integer)
  where practitioner.id in (
    select listed.id
    from base.practitioner as listed
    where listed.state = 'LISTED' and listed.confirm_by is null
    order by listed.id
    for update skip locked)`;

const startExpiring = `
  update base.vouch
  set expires = (coalesce(vouch.given, $1::date) + make_interval(months => $2))::date
  where vouch.expires is null`;

const selectDue = `
  select practitioner.id, practitioner.state, practitioner.audience, practitioner.confirm_by::text as "confirmBy"
  from base.practitioner
  where practitioner.state = 'LISTED' and practitioner.audience <> 'PRIVATE' and practitioner.confirm_by < $1
  order by practitioner.id
  limit 100
  for update skip locked`;

const narrow = `
  update base.practitioner
  set audience = $2, confirm_by = $3
  where practitioner.id = $1`;

const selectExpired = `
  select distinct vouch.practitioner as id
  from base.vouch
  where vouch.expires <= $1`;
