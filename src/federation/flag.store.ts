import { record as recordDeed } from "../audit/audit.store.js";
import type { Actor } from "../audit/audit.js";
import { dayOf, daysAfter } from "../clock.js";
import { DirectoryError } from "../errors.js";
import type { Home } from "../listing/home.js";
import type { ListedKind } from "../listing/listing.js";
import type { Transaction } from "../storage/database.js";
import { MOST_HEARD, MOST_OPEN, MOST_TOLD, type Flag, type FlagReason } from "./flag.js";
import { isTrusted, type Peer } from "./peer.js";
import { readPeer } from "./peer.store.js";

/** So many days a flag is kept, dismissed or not; and one of ours that could not be told. */
const KEPT_FOR = 180;
const TRIED_FOR = 30;

// ── of our records ──────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * Keeps a peer's flag of a record that stands in a feed it may read; forgets it otherwise, and beyond what a peer may say in a day. It is
 * the same work whatever the record is.
 */
export async function saveFlag(
  tx: Transaction,
  { id, trust }: Pick<Peer, "id" | "trust">,
  { record, reason }: Flag,
  now: Date,
): Promise<void> {
  const tiers = trust === "PARTNER" ? ["public", "partners"] : isTrusted({ trust }) ? ["public"] : [];
  // What comes at once is counted one after the other.
  await tx.query("select pg_advisory_xact_lock(hashtext('cadre flags'))");
  await tx.query(insertFlag, [id, record, reason, dayOf(now), tiers, MOST_HEARD, MOST_OPEN]);
}

/** What trusted peers say of one record, for one reason; `since` is the first day that one of them said it. */
export type Flagged = {
  readonly record: string;
  readonly kind: ListedKind;
  readonly reason: FlagReason;
  readonly peers: number;
  readonly since: string;
};

/** What is flagged and not dismissed, of records that stand in a feed; what most peers say comes first. */
export async function readFlagged(tx: Transaction, first: number): Promise<readonly Flagged[]> {
  return tx.query<Flagged[]>(selectFlagged, [first]);
}

/** Takes a flag of a record off the list: those who raised it cannot raise it again while it is kept. NOT_FOUND where there is none. */
export async function dismissFlag(
  tx: Transaction,
  home: Home,
  { record, reason }: Flag,
  actor: Actor,
): Promise<void> {
  const dismissed = await tx.query<unknown[]>(dismiss, [record, reason]);
  if (dismissed.length === 0)
    throw new DirectoryError("NOT_FOUND", "This record is not flagged for this reason.", ["record"]);
  // Not by the record: whoever it is about reads what was done with their entry, and is not led to whoever flagged it.
  await recordDeed(tx, home, { actor, action: "FLAG_DISMISSED", object: null });
}

export async function isAnyFlagged(tx: Transaction): Promise<boolean> {
  const rows = await tx.query<unknown[]>("select from base.peer_flag limit 1");
  return rows.length > 0;
}

/** Forgets flags that are old, and those of records that left every feed; of ours what was told before today, or cannot be told. */
export async function forgetFlags(tx: Transaction, now: Date): Promise<void> {
  const today = dayOf(now);
  await tx.query(deleteFlags, [daysAfter(today, -KEPT_FOR)]);
  await tx.query(deleteTold, [today, daysAfter(today, -TRIED_FOR)]);
}

// ── of peers' records ───────────────────────────────────────────────────────────────────────────────────────────────

/** A flag of a peer's record, to be told at the next contact. CONFLICT when the peer is not trusted, NOT_FOUND when nothing stands under this id. */
export async function flagHeld(
  tx: Transaction,
  home: Home,
  local: string,
  reason: FlagReason,
  actor: Actor,
): Promise<void> {
  const [found] = await tx.query<{ peer: string; id: string }[]>(selectHeld, [local]);
  const peer = found === undefined ? null : await readPeer(tx, found.peer);
  if (found === undefined || peer === null)
    throw new DirectoryError("NOT_FOUND", "There is no record of a peer with this id.", ["id"]);
  if (!isTrusted(peer))
    throw new DirectoryError("CONFLICT", "Only peers that are trusted are told anything.", ["id"]);
  const added = await tx.query<unknown[]>(insertToTell, [peer.id, found.id, reason, dayOf(home.clock())]);
  if (added.length > 0)
    await recordDeed(tx, home, { actor, action: "PEER_RECORD_FLAGGED", object: local.toLowerCase() });
}

/** What a peer has still to be told today, of records that it lists; the oldest first. */
export async function readToTell(tx: Transaction, peer: string, now: Date): Promise<readonly Flag[]> {
  return tx.query<Flag[]>(selectToTell, [peer, dayOf(now), MOST_TOLD]);
}

export async function saveTold(
  tx: Transaction,
  peer: string,
  { record, reason }: Flag,
  now: Date,
): Promise<void> {
  await tx.query("update base.flag_to_tell set told = $4 where peer = $1 and record = $2 and reason = $3", [
    peer,
    record,
    reason,
    dayOf(now),
  ]);
}

const insertFlag = `
  insert into base.peer_flag (peer, record, reason, day)
  select $1, item.id, $3, $4
  from seen.feed_item as item
  where item.id = $2 and item.jws is not null and item.tier = any ($5)
    and (select count(*) from base.peer_flag as flag where flag.peer = $1 and flag.day = $4) < $6
    and (select count(*) from base.peer_flag as flag where flag.peer = $1 and not flag.dismissed) < $7
  limit 1
  on conflict (peer, record, reason) do nothing`;

const selectFlagged = `
  select flag.record, item.kind, flag.reason, count(distinct flag.peer)::int as peers, min(flag.day)::text as since
  from base.peer_flag as flag
  join base.peer on peer.id = flag.peer and peer.trust in ('PUBLIC_ONLY', 'PARTNER')
  join seen.feed_item as item on item.id = flag.record and item.jws is not null
  where not flag.dismissed
  group by flag.record, item.kind, flag.reason
  order by peers desc, since, flag.record, flag.reason
  limit $1`;

const dismiss = `
  with dismissed as (
    update base.peer_flag as flag set dismissed = true
    where flag.record = $1 and flag.reason = $2 and not flag.dismissed
    returning flag.peer
  )
  select from dismissed`;

const deleteFlags = `
  delete from base.peer_flag as flag
  where flag.day < $1
    or not exists (select from seen.feed_item as item where item.id = flag.record and item.jws is not null)`;

const selectHeld = `
  select record.peer, record.id
  from base.peer_record as record
  where record.local = $1 and record.gone is null
  limit 1`;

const insertToTell = `
  with added as (
    insert into base.flag_to_tell (peer, record, reason, day) values ($1, $2, $3, $4)
    on conflict do nothing
    returning peer
  )
  select from added`;

/** Whether its peer lists it still. The tiers are named so that the record is looked up by its key. */
const standing = `
  exists (
    select from base.peer_record as record
    where record.peer = flag.peer and record.tier in ('public', 'partners') and record.id = flag.record
      and record.gone is null)`;

const deleteTold = `
  delete from base.flag_to_tell as flag
  where flag.told < $1 or flag.day < $2 or not ${standing}`;

const selectToTell = `
  select flag.record, flag.reason
  from base.flag_to_tell as flag
  where flag.peer = $1 and flag.told is null and ${standing}
  order by flag.day, flag.record, flag.reason
  limit greatest(0, $3 - (
    select count(*) from base.flag_to_tell as flag where flag.peer = $1 and flag.told = $2))`;
