import type { Transaction } from "../storage/database.js";
import type { Peer, Trust } from "./peer.js";
import type { Statement } from "./statement.js";
import type { Tier } from "./tier.js";

/** Every node we know, in the order in which they were added. */
export function readPeers(tx: Transaction): Promise<readonly Peer[]> {
  return tx.query<Peer[]>(`${selectPeers} order by peer.added, peer.id`);
}

/** Held until the transaction ends when it is read to change it. */
export async function readPeer(tx: Transaction, id: string, { toChange = false } = {}): Promise<Peer | null> {
  const [peer] = await tx.query<Peer[]>(`${selectPeers} where peer.id = $1 ${toChange ? "for update" : ""}`, [
    id,
  ]);
  return peer ?? null;
}

export async function findNode(tx: Transaction, node: string): Promise<Peer | null> {
  const [peer] = await tx.query<Peer[]>(`${selectPeers} where peer.node = $1`, [node]);
  return peer ?? null;
}

/** Whether a number that makes a request another than all before it is new; it is not, from now on. */
export async function useNonce(tx: Transaction, nonce: string, expires: Date): Promise<boolean> {
  await tx.query("delete from base.peer_nonce where expires < now()");
  const rows = await tx.query<unknown[]>(insertNonce, [nonce, expires]);
  return rows.length > 0;
}

export async function insertInvitation(
  tx: Transaction,
  { id, tier, expires }: { readonly id: string; readonly tier: Tier; readonly expires: Date },
): Promise<void> {
  await tx.query("insert into base.peer_invitation (id, tier, expires) values ($1, $2, $3)", [
    id,
    tier,
    expires,
  ]);
}

/** Whether an invitation was made here, and can still be used. */
export async function isOpen(tx: Transaction, id: string, now: Date): Promise<boolean> {
  const rows = await tx.query<unknown[]>(
    "select from base.peer_invitation as made where made.id = $1 and made.used_by is null and made.expires > $2",
    [id, now],
  );
  return rows.length > 0;
}

/** Uses an invitation up; false when it was, has ended, or was never made. */
export async function takeInvitation(tx: Transaction, id: string, node: string, now: Date): Promise<boolean> {
  const rows = await tx.query<unknown[]>(useInvitation, [id, node, now]);
  return rows.length > 0;
}

/** A node that was met for the first time. */
export async function insertPeer(tx: Transaction, peer: Peer): Promise<void> {
  await tx.query(insert, [
    peer.id,
    peer.node,
    peer.url,
    peer.trust,
    peer.shares,
    peer.statement,
    peer.statementRead,
    peer.introducedBy,
    peer.added,
    peer.nextPoll,
  ]);
}

/** What the node says of itself by now. */
export async function saveStatement(
  tx: Transaction,
  id: string,
  jws: string,
  statement: Statement,
  now: Date,
): Promise<void> {
  await tx.query("update base.peer set statement = $2, url = $3, statement_read = $4 where id = $1", [
    id,
    jws,
    statement.url,
    now,
  ]);
}

export async function saveShares(tx: Transaction, id: string, shares: readonly Tier[]): Promise<void> {
  await tx.query("update base.peer set shares = $2 where id = $1", [id, shares]);
}

/** What is not trusted any more is passed on no longer, also when it is trusted again: that is to be said anew. */
export async function saveTrust(tx: Transaction, id: string, trust: Trust): Promise<void> {
  await tx.query(updateTrust, [id, trust]);
}

export async function saveRelayed(tx: Transaction, id: string, relayed: boolean): Promise<void> {
  await tx.query("update base.peer set relayed = $2 where id = $1", [id, relayed]);
}

/** The peers whose time has come, the longest waiting first. */
export async function readDue(tx: Transaction, now: Date, most: number): Promise<readonly string[]> {
  const rows = await tx.query<{ id: string }[]>(selectDue, [now, most]);
  return rows.map(({ id }) => id);
}

/** So long a claim holds when whoever made it is gone, in milliseconds. */
const CLAIMED_FOR = 2 * 60 * 1000;

/** Reserves a peer for whoever reads it now; null when somebody else is doing that, or it is not read at all. */
export async function claim(tx: Transaction, id: string, now: Date): Promise<Peer | null> {
  const until = new Date(now.getTime() + CLAIMED_FOR);
  const [row] = await tx.query<{ id: string }[]>(claimPeer, [id, now, until]);
  return row === undefined ? null : readPeer(tx, id);
}

/**
 * How a reading went that began and ended at these moments: when the peer is to be asked again, what the problem was at its own
 * address, and which mirror was read instead; null when none was.
 */
export type Ended = {
  readonly began: Date;
  readonly ended: Date;
  readonly nextPoll: Date;
  readonly problem: string | null;
  readonly mirror: string | null;
  readonly reached: Date | null;
};

/** A peer that has said meanwhile that there is something new is asked again at once, unless this went wrong. */
export async function release(tx: Transaction, id: string, told: Ended): Promise<void> {
  const { began, ended, nextPoll, problem, reached, mirror } = told;
  await tx.query(releasePeer, [id, nextPoll, problem, reached, mirror, began, ended]);
}

/** Gives a peer back that was reserved, and leaves when it is read next as it was. */
export async function letGo(tx: Transaction, id: string): Promise<void> {
  await tx.query("update base.peer set claimed = null where id = $1", [id]);
}

/** Keeps a claim for as long as there is something to read. */
export async function holdOn(tx: Transaction, id: string, now: Date): Promise<void> {
  await tx.query("update base.peer set claimed = $2 where id = $1", [
    id,
    new Date(now.getTime() + CLAIMED_FOR),
  ]);
}

/** Asked at the next opportunity; when it is being read, once that is done. */
export async function makeDue(tx: Transaction, id: string, now: Date): Promise<void> {
  await tx.query(
    "update base.peer set next_poll = $2 where id = $1 and (next_poll > $2 or claimed > $2) and failures = 0",
    [id, now],
  );
}

/** Two heads of one number, as they were signed. */
export async function keepEvidence(
  tx: Transaction,
  peer: string,
  { tier, one, other, found }: { tier: Tier; one: string; other: string; found: Date },
): Promise<void> {
  await tx.query(
    "insert into base.peer_evidence (peer, tier, one, other, found) values ($1, $2, $3, $4, $5) on conflict do nothing",
    [peer, tier, one, other, found],
  );
}

const selectPeers = `
  select peer.id, peer.node, peer.url, peer.trust, peer.shares, peer.statement, peer.statement_read as "statementRead",
    peer.introduced_by as "introducedBy", peer.added, peer.next_poll as "nextPoll", peer.reached, peer.failures,
    peer.problem, peer.mirror, peer.relayed
  from base.peer`;

const insert = `
  insert into base.peer
    (id, node, url, trust, shares, statement, statement_read, introduced_by, added, next_poll)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`;

const useInvitation = `
  with used as (
    update base.peer_invitation set used_by = $2
    where peer_invitation.id = $1 and peer_invitation.used_by is null and peer_invitation.expires > $3
    returning peer_invitation.id
  )
  select id from used`;

const updateTrust = `
  update base.peer set trust = $2, relayed = relayed and $2 in ('PUBLIC_ONLY', 'PARTNER')
  where id = $1`;

const insertNonce = `
  with used as (
    insert into base.peer_nonce (nonce, expires) values ($1, $2) on conflict do nothing returning nonce
  )
  select nonce from used`;

const selectDue = `
  select peer.id
  from base.peer
  where peer.trust not in ('BLOCKED', 'RETIRED', 'PAUSED') and peer.next_poll <= $1
    and (peer.claimed is null or peer.claimed <= $1)
  order by peer.next_poll, peer.id
  limit $2`;

const claimPeer = `
  with claimed as (
    update base.peer set claimed = $3
    where peer.id = $1 and (peer.claimed is null or peer.claimed <= $2)
      and peer.trust not in ('BLOCKED', 'RETIRED', 'PAUSED')
    returning peer.id
  )
  select id from claimed`;

const releasePeer = `
  update base.peer
  set claimed = null, problem = $3, reached = coalesce($4, reached),
    next_poll = case when $3::text is null and next_poll > $6 and next_poll <= $7 then next_poll else $2 end,
    failures = case when $3::text is null or $5::text is not null then 0 else failures + 1 end,
    mirror = case when $3::text is null or $5::text is not null then $5 else mirror end
  where id = $1`;
