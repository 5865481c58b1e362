import { createHash } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import type { Home } from "../listing/home.js";
import { dayOf, daysAfter } from "../clock.js";
import type { LeasedRecord, Listing } from "../listing/listing.js";
import { logChanges, writeListings, type Touched } from "../listing/listing.store.js";
import { saveStanding } from "../listing/standing.store.js";
import type { Database, Transaction } from "../storage/database.js";
import { LISTED_AUDIENCES, type ListedAudience } from "../visibility/audience.js";
import type { Vocabulary } from "../vocabulary/vocabulary.js";
import { isFlood, type AcceptedHead, type Withdrawal } from "./accept.js";
import { LONGEST_LEASE, movedFromShape, sameAsShape, type Entry } from "./entry.js";
import type { FeedHead } from "./head.js";
import { KINDS, besideStanding, comesBack, countHeld, countToday, type CountedThen } from "./flood.store.js";
import { hear } from "./hear.js";
import { claimsOf, keyNamedIn } from "./jws.js";
import { localIdOf } from "./node-id.js";
import { isRead, isTrusted, type Peer } from "./peer.js";
import { readPeer } from "./peer.store.js";
import { ALL_BUCKETS, bucketOf, emptyBuckets, rangeOf, setOf, withBuckets, type Member } from "./set.js";
import { moment, type Statement } from "./statement.js";
import type { Tier } from "./tier.js";
import { Untrusted } from "./untrusted.js";

/** One feed of one peer. */
export type PeerFeed = { readonly peer: Peer; readonly tier: Tier };

/** What was accepted of a feed last. */
export type Accepted = AcceptedHead & {
  readonly head: string;
  readonly etag: string | null;
  /** Where the peer's list goes on; null for one that gives no cursor. */
  readonly cursor: string | null;
};

export async function readAccepted(tx: Transaction, { peer, tier }: PeerFeed): Promise<Accepted | null> {
  const [row] = await tx.query<(Omit<Accepted, "seq" | "signedBy"> & { seq: string })[]>(selectAccepted, [
    peer.id,
    tier,
  ]);
  return row === undefined ? null : { ...row, seq: Number(row.seq), signedBy: keyNamedIn(row.head) };
}

/** The last heads that were accepted, of the feeds that this peer lets us read. */
export async function readLastHeads(tx: Transaction, { id, shares }: Peer): Promise<readonly string[]> {
  const rows = await tx.query<{ head: string }[]>(
    "select feed.head from base.peer_feed as feed where feed.peer = $1 and feed.tier = any ($2)",
    [id, shares],
  );
  return rows.map(({ head }) => head);
}

/** The tag by which an unchanged head is known at the next asking: none, unless it is that of the head which was accepted. */
export async function saveEtag(
  tx: Transaction,
  { peer, tier }: PeerFeed,
  { jws, etag }: { readonly jws: string; readonly etag: string | null },
): Promise<void> {
  await tx.query(
    "update base.peer_feed set etag = case when head = $3 then $4 end where peer = $1 and tier = $2",
    [peer.id, tier, jws, etag],
  );
}

// ── what is being read ──────────────────────────────────────────────────────────────────────────────────────────────

/** A record that was read and verified; or its withdrawal, with the day. `problem` keeps it from being shown. */
export type Staged =
  | { readonly id: string; readonly gone: string }
  | {
      readonly id: string;
      readonly gone: null;
      readonly jws: string;
      readonly digest: Buffer;
      readonly entry: Entry & { readonly signedBy: string };
      readonly problem: string | null;
    };

/** Forgets what an earlier reading had begun. */
export async function beginStaging(tx: Transaction, { peer, tier }: PeerFeed): Promise<void> {
  await tx.query("delete from base.peer_staged where peer = $1 and tier = $2", [peer.id, tier]);
}

/** Clears away what deleted rows leave behind until PostgreSQL comes by: the next readings would have to go through all of it. */
export async function sweepStaged({ write }: Database): Promise<void> {
  await write.query("vacuum (skip_locked) base.peer_staged");
}

/** Puts one page by; the later word on a record counts. Nothing of it is believed yet. */
export async function stage(
  tx: Transaction,
  { peer, tier }: PeerFeed,
  staged: readonly Staged[],
): Promise<void> {
  await stillRead(tx, peer);
  const rows = new Map(staged.map((one) => [one.id, rowOf(one)]));
  await tx.query(upsertStaged, [peer.id, tier, JSON.stringify([...rows.values()])]);
}

function rowOf(staged: Staged): object {
  if (staged.gone !== null) return { id: staged.id, gone: staged.gone };
  const { id, jws, digest, entry, problem } = staged;
  const { type, iat, lease, notAfter, signedBy, body, sameAs, movedFrom } = entry;
  const elsewhere = sameAs.length === 0 && movedFrom === undefined ? [] : [sameAs, movedFrom ?? null];
  return {
    id,
    jws,
    digest: digest.toString("hex"),
    // What is only signed anew, by another key or on another day, says the same.
    said: createHash("sha256")
      .update(JSON.stringify([type, body, lease, notAfter, ...elsewhere]))
      .digest("hex"),
    type,
    iat,
    lease,
    not_after: notAfter,
    signed_by: signedBy,
    problem,
  };
}

/** The withdrawal of each of these records that we have heard of. */
export async function withdrawnOn(
  tx: Transaction,
  { peer, tier }: PeerFeed,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Withdrawal>> {
  const rows = await tx.query<(Withdrawal & { id: string })[]>(selectGone, [peer.id, tier, ids]);
  return new Map(rows.map(({ id, ...withdrawal }) => [id, withdrawal]));
}

// ── what is accepted ────────────────────────────────────────────────────────────────────────────────────────────────

/** What a feed's new state is made from. Of the buckets `whole` everything that stands was read, so that what was not read is gone. */
export type Arriving = {
  readonly head: FeedHead;
  readonly jws: string;
  readonly cursor: string | null;
  readonly whole: readonly number[];
};

/** What was taken in: how many records are new, changed, withdrawn, wait for a steward, or cannot be shown. */
export type TakenIn = Readonly<Record<"taken" | "withdrawn" | "waiting" | "quarantined", number>>;

export type Taking = { readonly home: Home; readonly vocabulary: Vocabulary };

/**
 * Makes what was put by the state of the feed, in this transaction: only if it is then exactly what the head says. Untrusted
 * otherwise, and nothing has changed once the transaction is rolled back. The peer is the one that `stillRead` holds.
 */
export async function takeIn(
  tx: Transaction,
  { home, vocabulary }: Taking,
  feed: PeerFeed,
  arriving: Arriving,
): Promise<TakenIn> {
  const { peer, tier } = feed;
  const today = dayOf(home.clock());
  const [before] = await tx.query<Kept[]>(`${selectKept} for update`, [peer.id, tier]);
  // Only a head is signed: the day that somebody was withdrawn is that of the first one without them, whatever else is told.
  const signed = [dayOf(arriving.head.iat), keyNamedIn(arriving.jws)];
  await tx.query(dayWithdrawals, [peer.id, tier, ...signed]);
  if (arriving.whole.length > 0)
    await tx.query(stageMissing, [peer.id, tier, ...signed, ...bounds(arriving.whole)]);
  const counted = await countToday(tx, feed, before, today);
  const waiting = counted.filter(isFlood).map(({ type }) => type);
  const changed = await merge(tx, feed, waiting);
  // Whoever compares buckets doubts what was kept of them.
  const buckets =
    arriving.whole.length > 0
      ? await bucketsHeld(tx, feed)
      : await bucketsNow(tx, feed, before?.buckets ?? emptyBuckets);
  const standing = await countHeld(tx, feed);
  const count = standing.reduce((sum, { stands }) => sum + stands, 0);
  if (setOf(buckets) !== arriving.head.set || count !== arriving.head.count)
    throw new Untrusted("WRONG_SET", "What was read is not what the head of the feed says.");
  const { head } = arriving;
  await tx.query(upsertKept, [
    peer.id,
    tier,
    head.epoch,
    head.seq,
    head.iat,
    head.set,
    arriving.jws,
    arriving.cursor,
    buckets,
    today,
    JSON.stringify(besideStanding(counted, standing)),
  ]);
  await tx.query(forgetTakenBack, [peer.id, tier]);
  await tx.query(forgetShown, [peer.id, tier, daysAfter(today, -COMES_BACK_WITHIN)]);
  await beginStaging(tx, feed);
  const touched = await list(
    tx,
    vocabulary,
    peer,
    changed.map(({ id }) => id),
  );
  await stand(tx, peer);
  await logChanges(tx, peer.id, touched);
  return tally(changed);
}

/** A peer stopped being read while it was being read. */
export class NotReadAnyMore extends Error {
  override readonly name = "NotReadAnyMore";
}

/**
 * The peer as it is now, held until the transaction ends: whoever pauses or blocks it while it is being read comes before what was
 * read, or after it, and then takes it out.
 */
export async function stillRead(tx: Transaction, { id }: Peer): Promise<Peer> {
  const peer = await readPeer(tx, id, { toChange: true });
  if (peer === null || !isRead(peer)) throw new NotReadAnyMore("A peer is not to be read any more.");
  return peer;
}

/** Lists what was taken in before, or lists it no longer: for when what a peer's word counts for has changed. */
export async function relist(tx: Transaction, { vocabulary }: Taking, peer: Peer): Promise<void> {
  const rows = await tx.query<{ id: string }[]>(
    "select distinct record.id from base.peer_record as record where record.peer = $1 order by record.id",
    [peer.id],
  );
  const ids = rows.map(({ id }) => id);
  const touched = await list(tx, vocabulary, peer, ids);
  await stand(tx, peer);
  await logChanges(tx, peer.id, touched);
}

/** Lists these records as they are held by now. */
export async function relistSome(
  tx: Transaction,
  { vocabulary }: Taking,
  peer: Peer,
  ids: readonly string[],
): Promise<void> {
  await logChanges(tx, peer.id, await list(tx, vocabulary, peer, ids));
}

/**
 * Hides what was signed by a key since it was taken back, until it is signed anew; what waits goes on waiting. In the place of it, or
 * of a withdrawal that this key signed, what was shown here before does not wait for a steward. Everything else counts as always: who
 * holds the root may be the thief, and is not let past by taking a key back. Of each key once.
 */
export async function takeBackRevoked(
  tx: Transaction,
  { vocabulary }: Taking,
  peer: Peer,
  { before, now }: { readonly before: Statement; readonly now: Statement },
): Promise<void> {
  const hidden: string[] = [];
  const known = new Map(before.feedKeys.map(({ thumbprint, revoked }) => [thumbprint, revoked]));
  for (const { thumbprint, revoked } of now.feedKeys) {
    const earlier = known.get(thumbprint)?.at;
    if (revoked === null || (earlier !== undefined && earlier <= revoked.at)) continue;
    const rows = await tx.query<{ id: string }[]>(takeBack, [peer.id, thumbprint, revoked.at]);
    hidden.push(...rows.map(({ id }) => id));
  }
  await logChanges(tx, peer.id, await list(tx, vocabulary, peer, hidden));
}

/** Whoever stands in a feed again has gone nowhere. */
export async function forgetReturned(
  tx: Transaction,
  { peer, tier }: PeerFeed,
  audiences: readonly ListedAudience[],
): Promise<void> {
  const told = await tx.query<{ id: string }[]>(
    "select distinct moved.id from seen.moved where moved.origin = $1 and moved.audience = any ($2)",
    [peer.id, audiences],
  );
  if (told.length === 0) return;
  const ids = told.map(({ id }) => id);
  await tx.query(deleteReturned, [peer.id, tier, audiences, ids]);
}

/**
 * Deletes everything that a peer sent, and what was being read of it. Which records a steward has hidden is our own word and stays,
 * as their ids: they stay hidden should the peer ever be trusted again.
 */
export async function forget(tx: Transaction, peer: string): Promise<void> {
  for (const table of ["peer_staged", "peer_feed", "peer_flag", "flag_to_tell"])
    await tx.query(`delete from base.${table} where peer = $1`, [peer]);
  await tx.query("delete from base.peer_record as record where record.peer = $1 and not record.hidden", [
    peer,
  ]);
  await tx.query(emptyHidden, [peer]);
}

/** Which audience here sees what the peer's feeds hold, as far as it is trusted. Members see what partners do, where that is shared. */
export function audiencesOf(tier: Tier, peer: Pick<Peer, "shares">): readonly ListedAudience[] {
  return LISTED_AUDIENCES.filter((audience) => tierFor(audience, peer) === tier);
}

function tierFor(audience: ListedAudience, { shares }: Pick<Peer, "shares">): Tier {
  return audience === "MEMBERS" && shares.includes("partners") ? "partners" : "public";
}

/** Lets what is listed be shown for as long as the last heads say; nothing, where the peer is not trusted. */
export async function stand(tx: Transaction, peer: Peer): Promise<void> {
  const rows = await tx.query<{ tier: Tier; iat: Date }[]>(
    "select feed.tier, feed.iat from base.peer_feed as feed where feed.peer = $1",
    [peer.id],
  );
  const heads = new Map(isTrusted(peer) ? rows.map(({ tier, iat }) => [tier, iat]) : []);
  const of = (audience: ListedAudience) => heads.get(tierFor(audience, peer)) ?? null;
  await saveStanding(tx, peer.id, { PUBLIC: of("PUBLIC"), PARTNERS: of("PARTNERS"), MEMBERS: of("MEMBERS") });
}

/** So many records are written by one statement. */
const AT_ONCE = 200;
/** For so many days it is remembered, as digests, what was shown of whoever was withdrawn: a thief may have withdrawn them. */
const COMES_BACK_WITHIN = 30;

async function list(
  tx: Transaction,
  vocabulary: Vocabulary,
  peer: Peer,
  ids: readonly string[],
): Promise<readonly Touched[]> {
  const touched: Touched[] = [];
  let ready: readonly LeasedRecord[] = [];
  for (let from = 0; from < ids.length || ready.length > 0; from += AT_ONCE) {
    const some = await tx.query<HeldRecord[]>(selectRecords, [peer.id, ids.slice(from, from + AT_ONCE)]);
    // The database writes what is ready while the next are worked out.
    const [next, written] = await Promise.all([
      leasedAll(some, vocabulary, peer),
      writeListings(tx, peer.id, ready),
    ]);
    ready = next;
    touched.push(...written);
  }
  return touched;
}

/** The listings of these records, a few at a time: whoever asks this node something meanwhile is not kept waiting. */
async function leasedAll(
  held: readonly HeldRecord[],
  vocabulary: Vocabulary,
  peer: Peer,
): Promise<readonly LeasedRecord[]> {
  const byId = new Map<string, HeldRecord[]>();
  for (const record of held) byId.set(record.id, [...(byId.get(record.id) ?? []), record]);
  const listed: LeasedRecord[] = [];
  for (const records of byId.values()) {
    listed.push(leased(records, vocabulary, peer));
    if (listed.length % WITHOUT_PAUSE === 0) await setImmediate();
  }
  return listed;
}

/** About a millisecond's work. */
const WITHOUT_PAUSE = 10;

/** A record as it is held, by what its feeds say of it. */
type HeldRecord = {
  readonly id: string;
  readonly local: string;
  readonly tier: Tier;
  readonly state: string;
  readonly hidden: boolean;
  readonly type: string | null;
  readonly jws: string | null;
  readonly lease: number | null;
  readonly notAfter: Date | null;
};

/** The listings of one record: of each audience by the feed that is for it, and none where that does not hold it for showing. */
function leased(records: readonly HeldRecord[], vocabulary: Vocabulary, peer: Peer): LeasedRecord {
  const shown = records.filter(({ state, hidden }) => isTrusted(peer) && state === "TAKEN" && !hidden);
  const heard = new Map(shown.map((record) => [record.tier, heardFrom(record, vocabulary, peer)]));
  const kind = [...heard.values()].find((one) => one !== null)?.kind ?? "practitioner";
  const listings = LISTED_AUDIENCES.flatMap((audience): Listing[] => {
    const said = heard.get(tierFor(audience, peer));
    return said === null || said === undefined || said.kind !== kind ? [] : [{ audience, ...said.written }];
  });
  const ends = shown.flatMap(({ notAfter }) => (notAfter === null ? [] : [notAfter.getTime()]));
  return {
    kind,
    id: records[0]!.local,
    listings,
    lease: wholeHours(Math.min(...shown.map(({ lease }) => lease ?? 1), LONGEST_LEASE)),
    notAfter: ends.length === 0 ? null : new Date(Math.min(...ends)),
  };
}

function heardFrom({ id, type, jws }: HeldRecord, vocabulary: Vocabulary, { node }: Peer) {
  if (jws === null || type === null) return null;
  // It was verified when it came.
  const { body, iat, sameAs, movedFrom } = claimsOf(jws) as Claims;
  return hear(
    {
      node,
      id,
      iat: moment(iat),
      type,
      body,
      sameAs: sameAsShape.parse(sameAs),
      movedFrom: movedFromShape.parse(movedFrom),
    },
    vocabulary,
  );
}

type Claims = {
  readonly body: unknown;
  readonly iat: number;
  readonly sameAs?: unknown;
  readonly movedFrom?: unknown;
};

/** So that there are never many different ones, whatever a peer gives. In seconds, and never more than was given. */
function wholeHours(lease: number): number {
  return lease < HOUR ? lease : Math.floor(lease / HOUR) * HOUR;
}

const HOUR = 3600;

/** What was kept when a state of a feed was accepted. */
type Kept = CountedThen & { readonly buckets: Buffer };

type ChangedRecord = { readonly id: string; readonly state: string };

function tally(changed: readonly ChangedRecord[]): TakenIn {
  const of = (state: string) => changed.filter((record) => record.state === state).length;
  return {
    taken: of("TAKEN"),
    withdrawn: of("GONE"),
    waiting: of("WAITING"),
    quarantined: of("QUARANTINED"),
  };
}

/** Puts what was read in the place of what was held, some at a time: the database does not know how much it is. */
async function merge(
  tx: Transaction,
  { peer, tier }: PeerFeed,
  waiting: readonly string[],
): Promise<readonly ChangedRecord[]> {
  const staged = await tx.query<{ id: string }[]>(selectStaged, [peer.id, tier]);
  const ids = staged.map(({ id }) => id);
  const changed: ChangedRecord[] = [];
  for (let from = 0; from < ids.length; from += AT_ONCE) {
    const some = ids.slice(from, from + AT_ONCE);
    // By which this node knows them.
    const local = some.map((id) => localIdOf(peer.node, id));
    const values = [peer.id, tier, waiting, some, local, KINDS];
    changed.push(...(await tx.query<ChangedRecord[]>(mergeStaged, values)));
  }
  return changed;
}

/** The digests of all buckets, with those worked out anew that something arrived in. */
async function bucketsNow(tx: Transaction, { peer, tier }: PeerFeed, before: Buffer): Promise<Buffer> {
  const staged = await tx.query<{ bucket: string }[]>(selectBuckets, [peer.id, tier]);
  return workedOut(tx, { peer, tier }, before, [...new Set(staged.map(({ bucket }) => bucketOf(bucket)))]);
}

/** The digests of all buckets, as what is held makes them now. */
export function bucketsHeld(tx: Transaction, feed: PeerFeed): Promise<Buffer> {
  return workedOut(tx, feed, emptyBuckets, ALL_BUCKETS);
}

async function workedOut(
  tx: Transaction,
  { peer, tier }: PeerFeed,
  before: Buffer,
  anew: readonly number[],
): Promise<Buffer> {
  let now = before;
  for (let from = 0; from < anew.length; from += BUCKETS_AT_ONCE) {
    const some = anew.slice(from, from + BUCKETS_AT_ONCE);
    const buckets = new Map<number, Member[]>(some.map((bucket) => [bucket, []]));
    const members = await tx.query<Member[]>(selectMembers, [peer.id, tier, ...bounds(some)]);
    for (const member of members) buckets.get(bucketOf(member.id))?.push(member);
    now = withBuckets(now, buckets);
  }
  return now;
}

/** Of a large feed not everything is held in memory for it. */
const BUCKETS_AT_ONCE = 32;

/** The first and the last ids of these buckets. */
function bounds(buckets: readonly number[]): readonly [from: readonly string[], to: readonly string[]] {
  const ranges = buckets.map(rangeOf);
  return [ranges.map(([from]) => from), ranges.map(([, to]) => to)];
}

const selectAccepted = `
  select feed.epoch, feed.seq, feed.set_digest as set, feed.iat, feed.head, feed.etag, feed.cursor
  from base.peer_feed as feed
  where feed.peer = $1 and feed.tier = $2`;

const upsertStaged = `
  insert into base.peer_staged (peer, tier, id, type, jws, digest, said, signed_by, iat, lease, not_after, problem, gone)
  select $1, $2, told.id, told.type, told.jws, decode(told.digest, 'hex'), decode(told.said, 'hex'), told.signed_by, told.iat, told.lease,
    told.not_after, told.problem, told.gone
  from jsonb_to_recordset($3::jsonb)
    as told (id uuid, type text, jws text, digest text, said text, signed_by text, iat timestamptz, lease integer,
      not_after timestamptz, problem text, gone date)
  on conflict (peer, tier, id) do update
    set type = excluded.type, jws = excluded.jws, digest = excluded.digest, said = excluded.said,
      signed_by = excluded.signed_by, iat = excluded.iat, lease = excluded.lease, not_after = excluded.not_after,
      problem = excluded.problem, gone = excluded.gone`;

const selectGone = `
  select record.id, record.gone::text as day, record.signed_by as "signedBy"
  from base.peer_record as record
  where record.peer = $1 and record.tier = $2 and record.id = any ($3::uuid[]) and record.gone is not null`;

const selectKept = `
  select feed.buckets, feed.day::text as day, feed.counted
  from base.peer_feed as feed
  where feed.peer = $1 and feed.tier = $2`;

const dayWithdrawals = `
  update base.peer_staged as staged set gone = $3, signed_by = $4
  where staged.peer = $1 and staged.tier = $2 and staged.gone is not null`;

const stageMissing = `
  insert into base.peer_staged (peer, tier, id, gone, signed_by)
  select $1, $2, missing.id, $3, $4
  from rows from (unnest($5::uuid[]), unnest($6::uuid[])) as range (low, high)
  cross join lateral (
    select record.id
    from base.peer_record as record
    where record.peer = $1 and record.tier = $2 and record.id between range.low and range.high
      and record.gone is null
    offset 0) as missing
  on conflict do nothing`;

const selectStaged = `
  select staged.id
  from base.peer_staged as staged
  where staged.peer = $1 and staged.tier = $2
  order by staged.id`;

/** Gone since a day that is before any signature, so that nothing is taken for older than its withdrawal. */
const emptyHidden = `
  update base.peer_record
  set state = 'GONE', gone = '1970-01-01', type = null, jws = null, digest = null, said = null, signed_by = null, iat = null,
    lease = null, not_after = null, problem = null, shown = '{}'
  where peer = $1`;

/** What was shown of a record, as the digests of what it said: the last four, the latest first. */
const shown = `case when record.state = 'TAKEN' then (record.said || array_remove(record.shown, record.said))[1:4] else record.shown end`;

/**
 * What is the same already stays as it is: what waits goes on waiting, what a steward hides stays hidden, whatever comes of it.
 * The limit has each looked up by its id, however much or little the database thinks there is.
 */
const mergeStaged = `
  with merged as (
    insert into base.peer_record as record
      (peer, tier, id, local, type, jws, digest, said, signed_by, iat, lease, not_after, state, problem, gone, hidden)
    select staged.peer, staged.tier, staged.id, one.local, staged.type, staged.jws,
      staged.digest, staged.said, staged.signed_by, staged.iat, staged.lease, staged.not_after,
      case when staged.gone is not null then 'GONE'
        when staged.problem is not null then 'QUARANTINED'
        when ${comesBack("known")} then 'TAKEN'
        when known.state = 'WAITING' then 'WAITING'
        when case when staged.type = any ($6) then staged.type else '' end = any ($3)
          and known.said is distinct from staged.said then 'WAITING'
        else 'TAKEN' end,
      staged.problem, staged.gone,
      coalesce((
        select true
        from base.peer_record as other
        where other.peer = $1 and other.tier in ('public', 'partners') and other.id = staged.id and other.hidden
        limit 1), false)
    from base.peer_staged as staged
    join unnest($4::uuid[], $5::uuid[]) as one (id, local) on one.id = staged.id
    left join lateral (
      select record.id, record.state, record.said, record.taken_back, record.shown
      from base.peer_record as record
      where record.peer = $1 and record.tier = $2 and record.id = staged.id
      limit 1) as known on true
    where staged.peer = $1 and staged.tier = $2 and staged.id = any ($4::uuid[])
    on conflict (peer, tier, id) do update
      set type = excluded.type, jws = excluded.jws, digest = excluded.digest, said = excluded.said,
        signed_by = excluded.signed_by, iat = excluded.iat, lease = excluded.lease, not_after = excluded.not_after, state = excluded.state,
        problem = excluded.problem, gone = excluded.gone, shown = ${shown}
      where record.digest is distinct from excluded.digest
    returning record.id, record.state
  )
  select id, state from merged`;

const selectBuckets = `
  select distinct on (left(staged.id::text, 2)) staged.id as bucket
  from base.peer_staged as staged
  where staged.peer = $1 and staged.tier = $2`;

/** The offset has each range looked up by itself, however much or little the database thinks there is. */
const selectMembers = `
  select member.id, member.digest
  from rows from (unnest($3::uuid[]), unnest($4::uuid[])) as range (low, high)
  cross join lateral (
    select record.id, record.digest
    from base.peer_record as record
    where record.peer = $1 and record.tier = $2 and record.id between range.low and range.high
      and record.gone is null
    offset 0) as member`;

const upsertKept = `
  insert into base.peer_feed (peer, tier, epoch, seq, iat, set_digest, head, cursor, buckets, day, counted)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
  on conflict (peer, tier) do update
    set epoch = excluded.epoch, seq = excluded.seq, iat = excluded.iat, set_digest = excluded.set_digest,
      head = excluded.head, cursor = excluded.cursor, buckets = excluded.buckets, day = excluded.day,
      counted = excluded.counted, etag = null`;

/** A record tells the day it was signed: all of that day counts. */
const takeBack = `
  with hidden as (
    update base.peer_record as record
    set taken_back = true, shown = ${shown},
      state = case when record.state = 'TAKEN' then 'QUARANTINED' else record.state end,
      problem = case when record.state = 'GONE' then null else 'It was signed by a key that has been taken back.' end
    where record.peer = $1 and record.signed_by = $2 and not record.taken_back
      and coalesce(record.gone, (record.iat at time zone 'UTC')::date) >= ($3::timestamptz at time zone 'UTC')::date
    returning record.id
  )
  select id from hidden`;

/** What was told since counts like everything else. */
const forgetTakenBack = `
  update base.peer_record as record set taken_back = false
  where record.peer = $1 and record.tier = $2 and record.taken_back`;

const forgetShown = `
  update base.peer_record as record set shown = '{}'
  where record.peer = $1 and record.tier = $2 and record.gone < $3 and record.shown <> '{}'`;

const deleteReturned = `
  delete from seen.moved
  using base.peer_record as record
  where moved.origin = $1 and moved.audience = any ($3)
    and record.peer = $1 and record.tier = $2 and record.local = any ($4::uuid[]) and record.local = moved.id
    and record.gone is null`;

const selectRecords = `
  select record.id, record.local, record.tier, record.state, record.hidden, record.type, record.jws, record.lease,
    record.not_after as "notAfter"
  from base.peer_record as record
  where record.peer = $1 and record.tier in ('public', 'partners') and record.id = any ($2::uuid[])`;
