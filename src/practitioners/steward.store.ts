import type { AuditAction, Deed } from "../audit/audit.js";
import { record } from "../audit/audit.store.js";
import { DirectoryError } from "../errors.js";
import type { Home } from "../listing/home.js";
import { parseId } from "../listing/listing.js";
import type { Transaction } from "../storage/database.js";
import type { Viewer } from "../visibility/viewer.js";
import { isCovered, shownBy } from "./consent.js";
import type { Practitioner, ProfileState } from "./practitioner.js";
import { lockPractitioners, waitForVouches } from "./practitioner.store.js";
import { loadEntry, mustLoad, saveState } from "./profile.store.js";
import { reachesMembers, type Entry } from "./profile.js";

/** What a steward makes of an entry. */
type Change = (entry: Entry) => Entry;

/** Entries that wait for review and that members would see something of. Each look is recorded. */
export async function entriesToReview(
  tx: Transaction,
  home: Home,
  viewer: Viewer,
): Promise<readonly Entry[]> {
  const entries = await others(tx, home, viewer, "AWAITING_REVIEW");
  return looked(
    tx,
    home,
    viewer,
    entries.filter(({ person }) => reachesMembers(person)),
  );
}

/** Entries that are suspended. Each look is recorded. */
export async function suspendedEntries(
  tx: Transaction,
  home: Home,
  viewer: Viewer,
): Promise<readonly Entry[]> {
  return looked(tx, home, viewer, await others(tx, home, viewer, "SUSPENDED"));
}

/** Lists an entry, as far as what it shows was agreed to. */
export async function acceptEntry(
  tx: Transaction,
  home: Home,
  viewer: Viewer,
  id: string,
  accept: Change,
): Promise<Entry> {
  const before = await hold(tx, home, id);
  if (isOwn(before, viewer) && (await countOthers(tx, viewer)) > 0)
    throw forbidden("Another steward has to accept your own entry.");
  const after = accept(before);
  refuseUnagreed(after);
  return saveState(tx, home, viewer, after, "ACCEPTED");
}

/** Gives an entry back to its owner. */
export async function returnEntry(
  tx: Transaction,
  home: Home,
  viewer: Viewer,
  id: string,
  giveBack: Change,
): Promise<Entry> {
  return saveState(tx, home, viewer, giveBack(await hold(tx, home, id)), "ENTRY_RETURNED");
}

/** Takes an entry out of every listing, and its owner's account down to what everyone sees. */
export async function suspendEntry(
  tx: Transaction,
  home: Home,
  viewer: Viewer,
  id: string,
  suspend: Change,
): Promise<Entry> {
  return changeSuspension(tx, home, viewer, id, "SUSPENDED", suspend);
}

/** Ends that, of entry and account. */
export async function liftEntry(
  tx: Transaction,
  home: Home,
  viewer: Viewer,
  id: string,
  lift: Change,
): Promise<Entry> {
  return changeSuspension(tx, home, viewer, id, "LIFTED", lift);
}

/**
 * The account goes with the entry: it sees what everyone sees for as long as the entry is suspended. A steward's stays as it is,
 * unless it is an admin who does it: else one could put all others out of office.
 */
async function changeSuspension(
  tx: Transaction,
  home: Home,
  viewer: Viewer,
  id: string,
  action: AuditAction,
  change: Change,
): Promise<Entry> {
  const before = await hold(tx, home, id);
  await holdSteward(tx, viewer);
  if (isOwn(before, viewer)) throw forbidden("Another steward has to do this with your own entry.");
  if (viewer.role !== "ADMIN" && (await isAdmin(tx, before)))
    throw forbidden("Only an admin can do this with the entry of an admin.");
  const after = await saveState(tx, home, viewer, change(before), action);
  const suspended = after.person.state === "SUSPENDED";
  await tx.query(suspendAccount, [after.account, suspended, viewer.role === "ADMIN"]);
  return after;
}

/**
 * Whoever suspends is still a steward at that moment, and stays so until commit: two who suspend each other at once would leave
 * nobody to look after the node.
 */
async function holdSteward(tx: Transaction, { account }: Viewer): Promise<void> {
  const rows = await tx.query<unknown[]>(
    "select from base.account where account.id = $1 and not account.suspended for share",
    [account],
  );
  if (rows.length === 0) throw forbidden("Your account is suspended.");
}

/** Which states of others' entries a steward knows of: what was never handed in, or was taken back, is not there for them. */
const KNOWN: readonly ProfileState[] = ["AWAITING_REVIEW", "LISTED", "SUSPENDED"];

/**
 * An entry, held until the transaction ends. One that a steward may not know of is NOT_FOUND, as one that never was; a suspended one
 * stays known, so that it can be lifted.
 */
async function hold(tx: Transaction, home: Home, text: string): Promise<Entry> {
  const id = parseId(text, ["id"]);
  await waitForVouches(tx);
  await lockPractitioners(tx, [id]);
  const entry = await loadEntry(tx, home, id);
  if (entry === null || !isKnown(entry.person))
    throw new DirectoryError("NOT_FOUND", "There is no practitioner with this id.", ["id"]);
  return entry;
}

function isKnown(person: Practitioner): boolean {
  return KNOWN.includes(person.state) && (person.state === "SUSPENDED" || reachesMembers(person));
}

/**
 * Whoever wrote their entry agreed to what it shows. Of one that was imported and is nobody's yet, members see what they see; wider
 * than that only what its source says was agreed to.
 */
function refuseUnagreed({ person, account, agreements }: Entry): void {
  const asked = shownBy(person).filter(({ audience }) => account !== null || audience !== "MEMBERS");
  if (asked.every((shown) => isCovered(shown, agreements))) return;
  throw new DirectoryError("CONFLICT", "The person has not agreed to all that this entry would show.");
}

function isOwn({ account }: Entry, viewer: Viewer): boolean {
  return account !== null && account === viewer.account;
}

function forbidden(message: string): DirectoryError {
  return new DirectoryError("FORBIDDEN", message);
}

/** How many others look after this node. */
export async function countOthers(tx: Transaction, { account }: Viewer): Promise<number> {
  const [row] = await tx.query<{ others: string }[]>(countStewards, [account]);
  return Number(row?.others ?? 0);
}

async function isAdmin(tx: Transaction, { account }: Entry): Promise<boolean> {
  const rows = await tx.query<unknown[]>(
    "select from base.account where account.id = $1 and account.role = 'ADMIN'",
    [account],
  );
  return rows.length > 0;
}

async function others(
  tx: Transaction,
  home: Home,
  { account }: Viewer,
  state: ProfileState,
): Promise<readonly Entry[]> {
  const rows = await tx.query<{ id: string }[]>(selectOthers, [account, state]);
  const entries: Entry[] = [];
  for (const { id } of rows) entries.push(await mustLoad(tx, home, id));
  return entries;
}

async function looked(
  tx: Transaction,
  home: Home,
  actor: Viewer,
  entries: readonly Entry[],
): Promise<readonly Entry[]> {
  const looks = entries.map(({ person }): Deed => ({ actor, action: "REVIEWED", object: person.id }));
  if (looks.length > 0) await record(tx, home, ...looks);
  return entries;
}

const suspendAccount = `
  update base.account
  set suspended = $2
  where account.id = $1 and (account.role not in ('STEWARD', 'ADMIN') or $3)`;

const selectOthers = `
  select practitioner.id
  from base.practitioner
  where practitioner.state = $2 and practitioner.account is distinct from $1
  order by practitioner.id
  limit 100`;

const countStewards = `
  select count(*) as others
  from base.account
  where account.role in ('STEWARD', 'ADMIN') and not account.suspended and account.id is distinct from $1`;
