import type { Transaction } from "../storage/database.js";
import type { Peer } from "./peer.js";
import type { Said } from "./witness.js";

/** Whether it is time to ask witnesses about a peer, which counts as done then: when it was not done since, nor was the peer met since. */
export async function takeAsking(
  tx: Transaction,
  id: string,
  { now, notSince, anyway }: { readonly now: Date; readonly notSince: Date; readonly anyway: boolean },
): Promise<boolean> {
  const rows = await tx.query<unknown[]>(claimAsking, [id, now, notSince, anyway]);
  return rows.length > 0;
}

/** Remembers what a witness said last. */
export async function saveSaid(tx: Transaction, peer: string, { witness, saying, at }: Said): Promise<void> {
  await tx.query(upsertSaid, [peer, witness, saying, at]);
}

/** What witnesses said of each of these peers. */
export async function readSaid(
  tx: Transaction,
  peers: readonly string[],
): Promise<(peer: string) => readonly Said[]> {
  const rows = await tx.query<(Said & { readonly peer: string })[]>(selectSaid, [peers]);
  return (peer) => rows.filter((one) => one.peer === peer);
}

/** The last head that was accepted of a peer's public feed; null when it shares none, or it has nothing that anybody could find here. */
export async function readShownHead(tx: Transaction, { id, shares }: Peer): Promise<string | null> {
  if (!shares.includes("public")) return null;
  const [row] = await tx.query<{ head: string }[]>(selectShownHead, [id]);
  return row?.head ?? null;
}

const claimAsking = `
  with asked as (
    update base.peer set witnessed = $2
    where peer.id = $1 and peer.trust in ('PUBLIC_ONLY', 'PARTNER')
      and coalesce(peer.witnessed, case when $4 then 'epoch' else peer.added end) <= $3
    returning peer.id
  )
  select asked.id from asked`;

const upsertSaid = `
  insert into base.peer_testimony as held (peer, witness, saying, at) values ($1, $2, $3, $4)
  on conflict (peer, witness) do update set saying = excluded.saying, at = excluded.at`;

const selectSaid = `
  select said.peer, said.witness, said.saying, said.at
  from base.peer_testimony as said
  where said.peer = any ($1::uuid[])
  order by said.peer, said.witness`;

const selectShownHead = `
  select feed.head
  from base.peer_feed as feed
  where feed.peer = $1 and feed.tier = 'public'
    and exists (
      select from base.peer_record as record where record.peer = $1 and record.tier = 'public' and record.gone is null)`;
