import type { Actor } from "../audit/audit.js";
import { record } from "../audit/audit.store.js";
import { DirectoryError } from "../errors.js";
import type { Home } from "../listing/home.js";
import type { Transaction } from "../storage/database.js";
import type { RelayedRecord } from "./feed.js";
import { isOver } from "./head.js";
import { isTrusted } from "./peer.js";
import { readPeer, saveRelayed } from "./peer.store.js";
import { holdRetirement } from "./retirement.store.js";
import { rangeOf } from "./set.js";
import { hasEnded, publicFeedIn } from "./statement.js";

/** A peer's public feed as it was accepted last; `place` is where it lies at the peer itself. */
export type RelayedFeed = {
  readonly peer: string;
  readonly place: string;
  readonly head: string;
  readonly epoch: string;
  readonly seq: number;
  readonly buckets: Buffer;
};

/**
 * The public feed of a node, if it is passed on here now. Null for a node that nobody here knows or trusts, that does not allow it, that no
 * steward passes on, or whose head has ended; while something of it waits, is hidden here or cannot be shown; and once this node has ended
 * itself. What is passed on is all that the head covers, or nothing: a part would be a set that nobody signed.
 */
export async function readRelayed(tx: Transaction, home: Home, node: string): Promise<RelayedFeed | null> {
  const now = home.clock();
  const [row] = await tx.query<RelayedRow[]>(selectRelayed, [node, now]);
  if (row === undefined || hasEnded(await holdRetirement(tx), now)) return null;
  const { statement, seq, ...feed } = row;
  const { url, relay } = publicFeedIn(statement);
  if (!relay || url === null || isOver(feed.head, now)) return null;
  return { ...feed, seq: Number(seq), place: url };
}

/** What stands in one bucket of it, as it was signed. */
export async function readRelayedBucket(
  tx: Transaction,
  home: Home,
  node: string,
  bucket: number,
): Promise<(RelayedFeed & { readonly records: readonly RelayedRecord[] }) | null> {
  // Head and records of one moment.
  await tx.query("set transaction isolation level repeatable read read only");
  const feed = await readRelayed(tx, home, node);
  if (feed === null) return null;
  const [size] = await tx.query<{ large: boolean }[]>(measureBucket, [
    feed.peer,
    ...rangeOf(bucket),
    LARGEST_BUCKET,
  ]);
  if (size?.large !== false) return null;
  return { ...feed, records: await tx.query<RelayedRecord[]>(selectBucket, [feed.peer, ...rangeOf(bucket)]) };
}

/** Those of these peers that a steward passes on, while something of them keeps this node from doing so. */
export async function readWithheld(
  tx: Transaction,
  peers: readonly string[],
  now: Date,
): Promise<ReadonlySet<string>> {
  const rows = await tx.query<{ id: string }[]>(selectWithheld, [peers, now]);
  return new Set(rows.map(({ id }) => id));
}

/** Passes a peer's public feed on from now on, or no longer. CONFLICT for one that is not trusted, or that does not allow it. */
export async function setRelayed(
  tx: Transaction,
  home: Home,
  id: string,
  relayed: boolean,
  actor: Actor,
): Promise<void> {
  const peer = await readPeer(tx, id, { toChange: true });
  if (peer === null) throw new DirectoryError("NOT_FOUND", "There is no peer with this id.", ["id"]);
  if (relayed && !isTrusted(peer))
    throw new DirectoryError("CONFLICT", "Only a peer that is trusted is passed on.", ["id"]);
  if (relayed && !publicFeedIn(peer.statement).relay)
    throw new DirectoryError(
      "CONFLICT",
      "This peer does not say that others may pass its feed on: its operator sets FEED_RELAY for that.",
      ["id"],
    );
  if (peer.relayed === relayed) return;
  await saveRelayed(tx, id, relayed);
  const action = relayed ? "PEER_RELAYED" : "PEER_NOT_RELAYED";
  await record(tx, home, { actor, action, object: id });
}

type RelayedRow = Omit<RelayedFeed, "seq" | "place"> & { readonly statement: string; readonly seq: string };

/** What no reader takes, in characters, is not given out either. */
const LARGEST_BUCKET = 8 * 1024 * 1024;

/** What a steward hides, or has still to look at, is not published here; and what is not in order, or is over, is not lent on. $2: now. */
const withheld = `
  (exists (
      select from base.peer_record as record
      where record.peer = peer.id and record.tier = 'public' and record.state in ('WAITING', 'QUARANTINED'))
    or exists (
      select from base.peer_record as record
      where record.peer = peer.id and record.tier = 'public' and record.gone is null
        and (record.hidden or record.not_after <= $2::timestamptz
          or feed.iat + record.lease * interval '1 second' <= $2::timestamptz)))`;

const selectRelayed = `
  select peer.id as peer, peer.statement, feed.head, feed.epoch, feed.seq, feed.buckets
  from base.peer
  join base.peer_feed as feed on feed.peer = peer.id and feed.tier = 'public'
  where peer.node = $1 and peer.relayed and peer.trust in ('PUBLIC_ONLY', 'PARTNER') and not ${withheld}`;

const measureBucket = `
  select coalesce(sum(length(record.jws)), 0) > $4 as large
  from base.peer_record as record
  where record.peer = $1 and record.tier = 'public' and record.id between $2 and $3 and record.gone is null`;

const selectBucket = `
  select record.id, record.type, record.jws, (record.iat at time zone 'UTC')::date::text as day
  from base.peer_record as record
  where record.peer = $1 and record.tier = 'public' and record.id between $2 and $3 and record.gone is null
  order by record.id`;

const selectWithheld = `
  select peer.id
  from base.peer
  join base.peer_feed as feed on feed.peer = peer.id and feed.tier = 'public'
  where peer.id = any ($1::uuid[]) and peer.relayed and ${withheld}`;
