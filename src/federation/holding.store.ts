import type { Actor } from "../audit/audit.js";
import { record } from "../audit/audit.store.js";
import { DirectoryError } from "../errors.js";
import { parseId } from "../listing/listing.js";
import type { Transaction } from "../storage/database.js";
import { relistSome, type Taking } from "./harvest.store.js";
import { NOTHING_HELD, kindOf, nameIn, type HeldRecord, type HeldState, type Holds } from "./holding.js";
import { WIRE_TYPES } from "./body.js";
import { readPeer } from "./peer.store.js";

/** The kinds of record that can be listed. */
const KINDS = Object.values(WIRE_TYPES);

/** How many records of each of these peers are held, and how. */
export async function countHolds(
  tx: Transaction,
  peers: readonly string[],
): Promise<(peer: string) => Holds> {
  const rows = await tx.query<{ peer: string; state: HeldState; count: number }[]>(countByState, [
    KINDS,
    peers,
  ]);
  const held = new Map<string, Holds>();
  for (const { peer, state, count } of rows)
    held.set(peer, { ...(held.get(peer) ?? NOTHING_HELD), [state]: count });
  return (peer) => held.get(peer) ?? NOTHING_HELD;
}

/** When the older of the last heads was signed that were accepted of each of these peers' feeds. */
export async function readHeads(
  tx: Transaction,
  peers: readonly string[],
): Promise<ReadonlyMap<string, Date>> {
  const rows = await tx.query<{ peer: string; iat: Date }[]>(selectHeads, [peers]);
  return new Map(rows.map(({ peer, iat }) => [peer, iat]));
}

/** Which of a peer's records: those after this id, of one state where that is given. */
export type HeldPage = {
  readonly first: number;
  readonly after: string | null;
  readonly state: HeldState | null;
};

/** A page of what is held of a peer, in the order of the ids. */
export async function readHeld(
  tx: Transaction,
  peer: string,
  { first, after, state }: HeldPage,
): Promise<readonly HeldRecord[]> {
  const rows = await tx.query<HeldRow[]>(selectPage, [KINDS, peer, after, state, first]);
  return rows.map(heldOf);
}

/** Lets everything be shown that waits of a peer. How many records that were. */
export async function releaseWaiting(
  tx: Transaction,
  taking: Taking,
  id: string,
  actor: Actor,
): Promise<number> {
  const peer = await readPeer(tx, parseId(id, ["peer"]), { toChange: true });
  if (peer === null) throw new DirectoryError("NOT_FOUND", "There is no peer with this id.", ["peer"]);
  const released = await tx.query<{ id: string }[]>(release, [id]);
  const ids = [...new Set(released.map((one) => one.id))];
  if (ids.length === 0) return 0;
  await relistSome(tx, taking, peer, ids);
  await record(tx, taking.home, { actor, action: "PEER_RELEASED", object: id });
  return ids.length;
}

/** Hides a peer's record here, or no longer, with the commit. What its origin sends of it changes nothing about that. */
export async function setHidden(
  tx: Transaction,
  taking: Taking,
  local: string,
  hidden: boolean,
  actor: Actor,
): Promise<HeldRecord> {
  const [found] = await tx.query<{ peer: string; id: string }[]>(selectByLocal, [parseId(local, ["id"])]);
  const peer = found === undefined ? null : await readPeer(tx, found.peer, { toChange: true });
  if (found === undefined || peer === null)
    throw new DirectoryError("NOT_FOUND", "There is no record of a peer with this id.", ["id"]);
  const changed = await tx.query<unknown[]>(updateHidden, [found.peer, found.id, hidden]);
  if (changed.length > 0) {
    await relistSome(tx, taking, peer, [found.id]);
    const action = hidden ? "PEER_RECORD_HIDDEN" : "PEER_RECORD_SHOWN";
    await record(tx, taking.home, { actor, action, object: local.toLowerCase() });
  }
  const [row] = await tx.query<HeldRow[]>(selectOne, [KINDS, found.peer, local]);
  if (row === undefined) throw new Error("a record that was changed is not held");
  return heldOf(row);
}

function heldOf({ type, jws, ...held }: HeldRow): HeldRecord {
  return { ...held, kind: kindOf(type), name: nameIn(jws) };
}

type HeldRow = {
  readonly id: string;
  readonly type: string | null;
  readonly jws: string | null;
  readonly state: HeldState;
  readonly problem: string | null;
};

/** A record stands in each feed that its origin lets us read. $1: the kinds that can be listed. */
const held = `
  select record.peer, record.local as id, max(record.type) as type, max(record.jws) as jws,
    max(record.problem) as problem,
    case
      when bool_or(record.hidden) then 'HIDDEN'
      when bool_and(record.state = 'GONE') then 'WITHDRAWN'
      when bool_or(record.state = 'WAITING') then 'WAITING'
      when bool_or(record.state = 'TAKEN' and record.type = any ($1) and peer.trust in ('PUBLIC_ONLY', 'PARTNER')) then 'SHOWN'
      when bool_or(record.state = 'TAKEN') then 'KEPT'
      else 'QUARANTINED'
    end as state
  from base.peer_record as record
  join base.peer on peer.id = record.peer`;

const countByState = `
  with held as (${held} where record.peer = any ($2::uuid[]) group by record.peer, record.local)
  select held.peer, held.state, count(*)::int as count
  from held
  group by held.peer, held.state`;

const selectHeads = `
  select feed.peer, min(feed.iat) as iat
  from base.peer_feed as feed
  where feed.peer = any ($1::uuid[])
  group by feed.peer`;

const selectPage = `
  with held as (
    ${held}
    where record.peer = $2 and ($3::uuid is null or record.local > $3)
    group by record.peer, record.local
  )
  select held.id, held.type, held.jws, held.state, held.problem
  from held
  where $4::text is null or held.state = $4
  order by held.id
  limit $5`;

const selectOne = `${held} where record.peer = $2 and record.local = $3 group by record.peer, record.local`;

const release = `
  with released as (
    update base.peer_record as record set state = 'TAKEN'
    where record.peer = $1 and record.state = 'WAITING' and record.problem is null
    returning record.id
  )
  select released.id from released order by released.id`;

const selectByLocal = `
  select record.peer, record.id
  from base.peer_record as record
  where record.local = $1
  limit 1`;

const updateHidden = `
  with changed as (
    update base.peer_record as record set hidden = $3
    where record.peer = $1 and record.id = $2 and record.hidden <> $3
    returning record.id
  )
  select changed.id from changed`;
