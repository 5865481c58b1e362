import type { Transaction } from "../storage/database.js";
import type { Copy, Held, Receipt } from "./receipt.js";
import { copiesOf } from "./receipt.js";
import type { Tier } from "./tier.js";

/** Remembers up to where a peer has read a feed, if that is how far the feed goes; what came late or is of no feed of ours is forgotten. */
export async function saveReceipt(
  tx: Transaction,
  peer: string,
  { tier, epoch, seq }: Receipt,
  now: Date,
): Promise<void> {
  await tx.query(upsertReceipt, [peer, tier, epoch, seq, now]);
}

/** The feeds that somebody has told us they read. */
export async function tiersReceived(tx: Transaction): Promise<readonly Tier[]> {
  const rows = await tx.query<{ tier: Tier }[]>(
    "select distinct receipt.tier from base.peer_receipt as receipt order by receipt.tier",
  );
  return rows.map(({ tier }) => tier);
}

/** The peers that have told us what they hold of a record. */
export async function readCopies(tx: Transaction, id: string): Promise<readonly Copy[]> {
  return copiesOf(await tx.query<Held[]>(selectHeld, [id]));
}

/** What became of the wish to tell a peer where our feeds stand: it is to be told, knows it, or was told something a moment ago. */
export type Turn = "tell" | "known" | "later";

/** Whether a peer is to be told where our feeds stand, which counts as done then: whoever else comes is told that it is known. */
export async function takeTurn(
  tx: Transaction,
  peer: string,
  told: string,
  { now, notSince }: { readonly now: Date; readonly notSince: Date },
): Promise<Turn> {
  const [row] = await tx.query<{ turn: Turn }[]>(upsertPing, [peer, told, now, notSince]);
  return row?.turn ?? "later";
}

const upsertReceipt = `
  insert into base.peer_receipt as held (peer, tier, epoch, seq, first, last)
  select $1, feed.tier, feed.epoch, $4, $5, $5
  from seen.feed
  where feed.tier = $2 and feed.epoch::text = $3 and $4 <= feed.seq
  on conflict (peer, tier) do update set epoch = excluded.epoch, seq = excluded.seq, last = excluded.last
  where held.epoch <> excluded.epoch or held.seq <= excluded.seq`;

const selectHeld = `
  select receipt.peer, item.change, item.day::text as day, receipt.first, receipt.last,
    receipt.epoch = feed.epoch::text and receipt.seq >= item.seq as reached
  from base.peer_receipt as receipt
  join seen.feed on feed.tier = receipt.tier
  join seen.feed_item as item on item.tier = receipt.tier and item.id = $1
  order by receipt.peer, receipt.tier`;

const upsertPing = `
  with told as (
    insert into base.peer_ping as ping (peer, told, at)
    values ($1, $2, $3)
    on conflict (peer) do update set told = excluded.told, at = excluded.at
    where ping.told <> excluded.told and ping.at <= $4
    returning ping.peer
  )
  select case
    when exists (select from told) then 'tell'
    when exists (select from base.peer_ping as ping where ping.peer = $1 and ping.told = $2) then 'known'
    else 'later' end as turn`;
