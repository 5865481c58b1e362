import { randomUUID } from "node:crypto";
import { record } from "../audit/audit.store.js";
import type { Actor, AuditAction, Deed } from "../audit/audit.js";
import { dayOf } from "../clock.js";
import { DirectoryError } from "../errors.js";
import type { Home } from "../listing/home.js";
import { saveListings } from "../listing/listing.store.js";
import { forgetMoves, saveMove } from "../listing/moved.store.js";
import type { Transaction } from "../storage/database.js";
import type { ListedAudience } from "../visibility/audience.js";
import type { Viewer } from "../visibility/viewer.js";
import { isBound } from "./attainment.store.js";
import { takeBackCounted } from "./counted.store.js";
import { CONSENT_VERSION, consentField, stillAgreed, type Agreement, type Shown } from "./consent.js";
import type { Elsewhere, Practitioner, ProfileState } from "./practitioner.js";
import {
  loadPractitioners,
  lockPractitioners,
  relist,
  savePractitioners,
  stoodBehind,
  waitForVouches,
} from "./practitioner.store.js";
import { agreeTo, changedFields, moveAway, newPerson, withdraw, type Entry } from "./profile.js";

/** What a change is to be recorded as. */
type Done = Pick<Deed, "action" | "fields">;

/** The entry of an account as it is kept; null when it has none. */
export async function ownEntry(tx: Transaction, home: Home, account: string | null): Promise<Entry | null> {
  if (account === null) return null;
  const [row] = await tx.query<Id[]>(selectOwn, [account]);
  return row === undefined ? null : loadEntry(tx, home, row.id);
}

/** The entry of whoever asks, held until the transaction ends; NOT_FOUND when they have none. */
async function holdOwn(tx: Transaction, home: Home, { account }: Viewer): Promise<Entry> {
  const [row] = await tx.query<Id[]>(`${selectOwn} for update`, [account]);
  if (row === undefined)
    throw new DirectoryError("NOT_FOUND", "You have no entry yet; saveProfile begins one.");
  return mustLoad(tx, home, row.id);
}

/** The same with all whose listings depend on it, for what changes whether its vouches count. */
async function holdOwnState(tx: Transaction, home: Home, viewer: Viewer): Promise<Entry> {
  await waitForVouches(tx);
  const [row] = await tx.query<Id[]>(selectOwn, [viewer.account]);
  if (row !== undefined) await lockPractitioners(tx, [row.id]);
  return holdOwn(tx, home, viewer);
}

/** Changes the entry of whoever asks; NOT_FOUND when they have none. What is shown anew is agreed to, or refused; what is shown no longer is taken back. */
export async function changeOwn(
  tx: Transaction,
  home: Home,
  viewer: Viewer,
  agreedTo: string | null,
  change: (entry: Entry) => Practitioner,
): Promise<Entry> {
  const before = await holdOwn(tx, home, viewer);
  return keep(tx, home, viewer, before, { ...before, person: change(before) }, agreedTo);
}

/** The same where there may be no entry yet. */
export async function changeOrBegin(
  tx: Transaction,
  home: Home,
  viewer: Viewer,
  agreedTo: string | null,
  change: (entry: Entry) => Practitioner,
): Promise<Entry> {
  const account = await holdAccount(tx, viewer);
  const [row] = await tx.query<Id[]>(`${selectOwn} for update`, [account]);
  if (row !== undefined) return changeOwn(tx, home, viewer, agreedTo, change);
  const fresh: Entry = {
    person: { ...newPerson(randomUUID()), ...((await isBound(tx)) && { attained: null }) },
    account,
    confirmBy: null,
    reason: null,
    liftTo: null,
    agreements: [],
  };
  return keep(tx, home, viewer, fresh, { ...fresh, person: change(fresh) }, agreedTo);
}

/** Two requests of one account that begin an entry at once begin one. */
async function holdAccount(tx: Transaction, { account }: Viewer): Promise<string> {
  await tx.query("select pg_advisory_xact_lock(hashtext('cadre entry ' || $1))", [account]);
  const [row] = await tx.query<Id[]>(
    "select account.id from base.account where account.id = $1 for key share",
    [account],
  );
  if (row === undefined)
    throw new DirectoryError("UNAUTHENTICATED", "This account is no more; sign in again.");
  return row.id;
}

async function keep(
  tx: Transaction,
  home: Home,
  viewer: Viewer,
  before: Entry,
  after: Entry,
  agreedTo: string | null,
): Promise<Entry> {
  const agreed = agreeTo(after, agreedTo);
  const { values, audiences } = changedFields(before.person, after.person);
  const done: readonly Done[] = [
    ...(values.length === 0 ? [] : [{ action: "ENTRY_SAVED" as const, fields: values }]),
    ...(audiences.length === 0 ? [] : [{ action: "AUDIENCE_CHANGED" as const, fields: audiences }]),
  ];
  return saveEntry(tx, home, viewer, agreeing(after, agreed, home), done);
}

/** The entry handed over for review, with everything that it shows agreed to. */
export async function submitOwn(
  tx: Transaction,
  home: Home,
  viewer: Viewer,
  agreedTo: string,
  submit: (entry: Entry) => Entry,
): Promise<Entry> {
  const after = submit(await holdOwn(tx, home, viewer));
  await forgetMoves(tx, home.network, [after.person.id]);
  const agreed = agreeTo(after, agreedTo);
  return saveEntry(tx, home, viewer, agreeing(after, agreed, home), [{ action: "SUBMITTED" }]);
}

/** The entry said to be still true; it shows nothing to more people. */
export async function confirmOwn(
  tx: Transaction,
  home: Home,
  viewer: Viewer,
  confirm: (entry: Entry) => Entry,
): Promise<Entry> {
  const after = confirm(await holdOwn(tx, home, viewer));
  return saveEntry(tx, home, viewer, after, [{ action: "CONFIRMED" }]);
}

/** The entry out of every listing, with those it vouched for listed without it. */
export async function withdrawOwn(
  tx: Transaction,
  home: Home,
  viewer: Viewer,
  withdraw: (entry: Entry) => Entry,
): Promise<Entry> {
  const after = withdraw(await holdOwnState(tx, home, viewer));
  await takeBackCounted(tx, after.person.id);
  await forgetMoves(tx, home.network, [after.person.id]);
  return saveState(tx, home, viewer, after, "WITHDRAWN");
}

/** The same, and whoever is told may follow it to another network. */
export async function moveOwn(
  tx: Transaction,
  home: Home,
  viewer: Viewer,
  to: Elsewhere,
  told: readonly ListedAudience[],
): Promise<Entry> {
  const after = moveAway(await holdOwnState(tx, home, viewer));
  const move = { origin: home.network, node: to.node, there: to.id, day: dayOf(home.clock()) };
  await saveMove(tx, move, after.person.id, told);
  return saveState(tx, home, viewer, after, "MOVED");
}

/** People who withdrew once already, before the database was put back to an earlier state. */
export async function withdrawAgain(tx: Transaction, home: Home, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await waitForVouches(tx);
  await lockPractitioners(tx, ids);
  for (const id of ids) {
    await takeBackCounted(tx, id);
    await saveState(tx, home, "node", withdraw(await mustLoad(tx, home, id)), "WITHDRAWN");
  }
}

/**
 * Erases the entry of an account: facts, key, consents, vouches both ways, where it was imported from, every listing. The audit log
 * keeps the random id, which leads nowhere any more. False when the account has no entry.
 */
export async function eraseOf(tx: Transaction, home: Home, account: string, actor: Actor): Promise<boolean> {
  await waitForVouches(tx);
  // Whoever is beginning an entry at this moment has begun it, or finds no account any more.
  await tx.query("select from base.account where account.id = $1 for update", [account]);
  const [row] = await tx.query<Id[]>(selectOwn, [account]);
  if (row === undefined) return false;
  await lockPractitioners(tx, [row.id]);
  const others = await stoodBehind(tx, [row.id]);
  await saveListings(tx, home.network, [{ kind: "practitioner", id: row.id, listings: [] }]);
  await forgetMoves(tx, home.network, [row.id]);
  await tx.query(deleteQuestions, [row.id]);
  await tx.query(forgetSource, [row.id]);
  await tx.query("delete from base.practitioner where practitioner.id = $1", [row.id]);
  await relist(tx, home, others);
  await record(tx, home, { actor, action: "ERASED", object: row.id });
  return true;
}

// ── rows ────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Writes an entry and its listings, and says what was done. */
async function saveEntry(
  tx: Transaction,
  home: Home,
  actor: Actor,
  entry: Entry,
  done: readonly Done[],
): Promise<Entry> {
  const { person, account, confirmBy, liftTo } = entry;
  await savePractitioners(tx, home, [person]);
  const reason = await sealedReason(tx, home, entry);
  await tx.query(updateStanding, [person.id, account, confirmBy, liftTo, reason]);
  const agreements = stillAgreed(person, entry.agreements);
  await tx.query(replaceConsents, [person.id, JSON.stringify(agreements)]);
  if (done.length > 0)
    await record(tx, home, ...done.map((deed): Deed => ({ actor, object: person.id, ...deed })));
  return { ...entry, agreements };
}

/** The same for a state by which the person's vouches may begin or cease to count. */
export async function saveState(
  tx: Transaction,
  home: Home,
  actor: Actor,
  entry: Entry,
  action: AuditAction,
): Promise<Entry> {
  const saved = await saveEntry(tx, home, actor, entry, []);
  await relist(tx, home, await stoodBehind(tx, [entry.person.id]));
  await record(tx, home, { actor, action, object: entry.person.id });
  return saved;
}

function agreeing(entry: Entry, agreed: readonly Shown[], home: Home): Entry {
  const given = dayOf(home.clock());
  const now = agreed.map((shown): Agreement => ({
    field: consentField(shown),
    audience: shown.audience,
    textVersion: CONSENT_VERSION,
    given,
  }));
  return { ...entry, agreements: [...entry.agreements, ...now] };
}

/** An entry that is held: that it is not there is a fault. */
export async function mustLoad(tx: Transaction, home: Home, id: string): Promise<Entry> {
  const entry = await loadEntry(tx, home, id);
  if (entry === null) throw new Error("an entry went away while it was held");
  return entry;
}

/** The whole entry, opened; null when there is none. Whoever calls it has made sure that it may be looked at. */
export async function loadEntry(tx: Transaction, home: Home, id: string): Promise<Entry | null> {
  const [row] = await tx.query<EntryRow[]>(selectEntry, [id]);
  const [person] = await loadPractitioners(tx, home, [id]);
  if (row === undefined || person === undefined) return null;
  const agreements = await tx.query<Agreement[]>(selectConsents, [id]);
  const { account, confirmBy, liftTo } = row;
  const reason =
    row.reason === null ? null : (await home.seals.personKey(tx, id)).open(placeOf(id), row.reason);
  return { person, account, confirmBy, liftTo, reason, agreements };
}

async function sealedReason(tx: Transaction, home: Home, { person, reason }: Entry): Promise<string | null> {
  if (reason === null) return null;
  return (await home.seals.personKey(tx, person.id)).seal(placeOf(person.id), reason);
}

function placeOf(id: string): readonly string[] {
  return ["base.practitioner", id, "reason"];
}

type Id = { readonly id: string };
type EntryRow = {
  readonly account: string | null;
  readonly confirmBy: string | null;
  readonly liftTo: ProfileState | null;
  readonly reason: string | null;
};

const selectOwn = "select practitioner.id from base.practitioner where practitioner.account = $1";

const selectEntry = `
  select practitioner.account, practitioner.confirm_by::text as "confirmBy", practitioner.lift_to as "liftTo",
    practitioner.reason
  from base.practitioner
  where practitioner.id = $1`;

const deleteQuestions = `
  delete from base.review
  using base.source
  where source.kind = 'practitioner' and source.id = $1
    and review.source = source.source and review.source_key = source.source_key`;

/** What stays is the mark by which the file it came from cannot bring it back, of a record that is nobody's. */
const forgetSource = `
  update base.source
  set id = gen_random_uuid(), source_id = '', original = '{"fields":{},"names":{},"parts":[]}'
  where source.kind = 'practitioner' and source.id = $1`;

const selectConsents = `
  select consent.field, consent.audience, consent.text_version as "textVersion", consent.given::text
  from base.consent
  where consent.practitioner = $1`;

const updateStanding = `
  update base.practitioner
  set account = $2, confirm_by = $3, lift_to = $4, reason = $5
  where practitioner.id = $1`;

const replaceConsents = `
  with agreed as (
    select agreed.field, agreed.audience, agreed."textVersion" as text_version, max(agreed.given) as given
    from jsonb_to_recordset($2::jsonb)
      as agreed (field text, audience text, "textVersion" text, given date)
    group by agreed.field, agreed.audience, agreed."textVersion"
  ), gone as (
    delete from base.consent
    where consent.practitioner = $1 and not exists (
      select from agreed
      where agreed.field = consent.field and agreed.audience = consent.audience
        and agreed.text_version = consent.text_version)
  )
  insert into base.consent (practitioner, field, audience, text_version, given)
  select $1, agreed.field, agreed.audience, agreed.text_version, agreed.given
  from agreed
  on conflict (practitioner, field, audience, text_version) do update set given = excluded.given`;
