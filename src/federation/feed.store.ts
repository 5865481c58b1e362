import { createHash, randomUUID } from "node:crypto";
import { dayOf, daysAfter } from "../clock.js";
import type { Home } from "../listing/home.js";
import type { ListedKind } from "../listing/listing.js";
import { CHANGES } from "../listing/listing.store.js";
import { movesAmong, saveSignedMoves } from "../listing/moved.store.js";
import {
  changedBetween,
  linkingTo,
  listedNow,
  logEnd,
  readOutgoing,
  type Outgoing,
  type OutgoingListing,
} from "../listing/outgoing.store.js";
import { readRows, type Database, type Reader, type Transaction } from "../storage/database.js";
import type { Vocabulary } from "../vocabulary/vocabulary.js";
import { faultOf, type Told } from "./body.js";
import { signEntry } from "./entry.js";
import { HEAD_LASTS, HEAD_TRAVELS, isDue, signHead } from "./head.js";
import type { Identity } from "./identity.js";
import { hasEnded } from "./statement.js";
import { signMove } from "./move.js";
import { bucketOf, digestOf, emptyBuckets, rangeOf, setOf, withBuckets, type Member } from "./set.js";
import { checkOwnClock } from "./own-clock.store.js";
import { linksOf, tell } from "./tell.js";
import { TIERS, audienceOf, type Tier } from "./tier.js";

/**
 * A feed as it stands. `log` is how far the change log is in it; `looked` is where the log ended when it was last worked on: up to
 * there what was withdrawn is out, and links were looked up as they were then.
 */
export type Feed = {
  readonly tier: Tier;
  readonly epoch: string;
  readonly seq: number;
  readonly floor: number;
  readonly log: number;
  readonly looked: number;
  readonly count: number;
  readonly buckets: Buffer;
  readonly head: string;
  readonly iat: Date;
};

/** One record in a feed, where it last changed; `jws` is null when it was withdrawn. */
export type FeedItem = {
  readonly id: string;
  readonly seq: number;
  readonly kind: ListedKind;
  readonly change: "Create" | "Update" | "Delete";
  readonly day: string;
  readonly jws: string | null;
  /** The signed word on where it went, of one that was withdrawn; null when nothing is said of that. */
  readonly move: string | null;
};

export type Publishing = {
  readonly home: Home;
  readonly identity: Identity;
  readonly vocabulary: Vocabulary;
  readonly tier: Tier;
};

/** So many entries of the change log go into a feed in one transaction. */
const AT_ONCE = 1000;
/** When a feed that has had no head yet had its last. */
const NEVER = 0;
/** Withdrawals are told for so many days: longer than any lease, so that no copy can be shown that never heard of one. */
const TOLD_FOR = 120;

/**
 * Brings some of what changed into a feed, in this transaction, and signs a new head; returns whether there is more to do. Whoever
 * comes at the same moment waits: one at a time hands out numbers. What was withdrawn leaves first, all of it. Of a node that has ended
 * everything leaves. UNAVAILABLE while this node's clock is wrong.
 */
export async function publishSome(tx: Transaction, publishing: Publishing): Promise<boolean> {
  const { home, tier } = publishing;
  await checkOwnClock(tx, home);
  const feed = await lockFeed(tx, tier);
  const log = await logEnd(tx);
  const over = hasEnded(publishing.identity.retiring, home.clock());
  const until = over ? log : Math.min(log, feed.log + AT_ONCE);
  const leaving = over ? await everythingTold(tx, tier) : await goneSince(tx, publishing, feed, log);
  const gone = await takeOut(tx, publishing, feed.seq, leaving);
  const silent = await tellWithoutMoves(tx, publishing, feed.seq + gone.length);
  const left = [...gone, ...silent];
  const told = over
    ? { ids: [], more: false }
    : await takeIn(tx, publishing, { ...feed, seq: feed.seq + left.length }, until);
  const floor = await forgetWithdrawals(tx, publishing, feed.floor);
  const more = until < log || told.more;
  const changed = [...left, ...told.ids];
  if (changed.length === 0 && floor === feed.floor && !isDue(feed, home.clock()) && feed.head !== "") {
    await tx.query("update seen.feed set log_seq = $2, looked_seq = $3 where tier = $1", [tier, until, log]);
    return more;
  }
  const buckets = withBuckets(feed.buckets, await membersBeside(tx, tier, changed));
  const seq = feed.seq + changed.length;
  await renewHead(tx, publishing, { ...feed, seq, floor, log: until, looked: log, buckets });
  return more;
}

/**
 * The feed of this tier; null when nothing was published yet. `behind` says whether the change log has gone on since, or the node
 * has ended.
 */
export async function readFeed(
  read: Reader,
  tier: Tier,
  now: Date,
): Promise<(Feed & { readonly behind: boolean; readonly stale: boolean }) | null> {
  const [row] = await readRows<FeedRow & { behind: boolean; stale: boolean }>(read, selectFeed, [tier, now]);
  return row === undefined ? null : { ...feedOf(row), behind: row.behind, stale: row.stale };
}

/** Some items of a feed, and the feed as it was at that very moment. */
export type FeedPage = { readonly feed: Feed; readonly items: readonly FeedItem[]; readonly total: number };

/** Which items: what changed after a number, those from a place in the order on, those of one bucket that stand, or one alone. */
export type Which =
  | { readonly kind: "after"; readonly seq: number; readonly limit: number }
  | { readonly kind: "from"; readonly skip: number; readonly limit: number }
  | { readonly kind: "bucket"; readonly bucket: number }
  | { readonly kind: "one"; readonly id: string };

/** Read in one statement: a withdrawal that comes meanwhile is in both, or in neither. */
export async function readPage(read: Reader, tier: Tier, which: Which): Promise<FeedPage> {
  const [condition, values] = conditionOf(which);
  const [row] = await readRows<PageRow>(read, selectPage(condition), [tier, ...values]);
  return pageIn(row);
}

/** All of a feed as it is at one moment, some of it at a time: whatever changes meanwhile is not in it. */
export async function readWhole(
  { transaction }: Pick<Database, "transaction">,
  tier: Tier,
  take: (page: FeedPage) => Promise<void>,
): Promise<void> {
  await transaction(async (tx) => {
    await tx.query("set transaction isolation level repeatable read read only");
    for (let seq = 0, more = true; more;) {
      const [condition, values] = conditionOf({ kind: "after", seq, limit: AT_ONCE });
      const [row] = await tx.query<PageRow[]>(selectPage(condition), [tier, ...values]);
      const page = pageIn(row);
      await take(page);
      seq = page.items.at(-1)?.seq ?? seq;
      more = page.items.length === AT_ONCE;
    }
  });
}

function conditionOf(which: Which): readonly [sql: string, values: readonly unknown[]] {
  switch (which.kind) {
    case "after":
      return ["item.seq > $2 order by item.seq limit $3", [which.seq, which.limit]];
    case "from":
      return ["true order by item.seq offset $2 limit $3", [which.skip, which.limit]];
    case "bucket":
      return ["item.id between $2 and $3 and item.jws is not null order by item.seq", rangeOf(which.bucket)];
    case "one":
      return ["item.id = $2", [which.id]];
    default:
      return which satisfies never;
  }
}

/** Where a feed stands: numbers of one epoch mean nothing in another. */
export type Mark = Pick<Feed, "epoch" | "seq">;

/** Signs the head of a feed anew, so that it is good for as long as a file may be on its way. */
export async function signForTravel(tx: Transaction, publishing: Publishing): Promise<void> {
  await checkOwnClock(tx, publishing.home);
  await renewHead(tx, publishing, await lockFeed(tx, publishing.tier), HEAD_TRAVELS);
}

/**
 * Begins the feed anew: no number that somebody else gave out, or that was given out before the database was put back, counts in the
 * new epoch. Where the one before it ended is remembered.
 */
export async function beginEpoch(tx: Transaction, tier: Tier): Promise<Mark> {
  const { epoch: ended, seq } = await lockFeed(tx, tier);
  const epoch = randomUUID();
  await tx.query("insert into base.feed_epoch (tier, epoch, seq) values ($1, $2, $3)", [tier, ended, seq]);
  await tx.query("update seen.feed set epoch = $2, head = '' where tier = $1", [tier, epoch]);
  return { epoch, seq };
}

/** How far an epoch of a feed went that was ended here; null for one that was not. */
export async function endOf(tx: Transaction, tier: Tier, epoch: string): Promise<number | null> {
  const [row] = await tx.query<{ seq: string }[]>(
    "select ended.seq from base.feed_epoch as ended where ended.tier = $1 and ended.epoch = $2",
    [tier, epoch],
  );
  return row === undefined ? null : Number(row.seq);
}

/** Every feed that was published begins anew, everything in it is signed anew, and peers are told that there is something to read. */
export async function beginAnew(tx: Transaction): Promise<readonly Tier[]> {
  const begun: Tier[] = [];
  for (const tier of TIERS) {
    if ((await readMark(tx, tier)) === null) continue;
    await beginEpoch(tx, tier);
    begun.push(tier);
  }
  await signEverythingAnew(tx);
  await tx.query("select pg_notify($1, clock.seq::text) from seen.clock", [CHANGES]);
  return begun;
}

/** Everything in every feed, and its head, is signed anew before it is served again: also what says the same. */
export async function signEverythingAnew(tx: Transaction): Promise<void> {
  await tx.query("update seen.feed_item set stale = true, body = '' where jws is not null");
  await tx.query("update seen.feed set head = ''");
}

/** Those of these that the feed's audience sees now. */
export async function listedAmong(
  tx: Transaction,
  of: Pick<Publishing, "home" | "tier">,
  ids: readonly string[],
): Promise<readonly Pick<OutgoingListing, "id" | "kind">[]> {
  return readOutgoing(tx, outgoing(of), ids);
}

/** Where the feed of this tier stands; null when nothing was ever published. */
export async function readMark(tx: Transaction, tier: Tier): Promise<Mark | null> {
  const [row] = await tx.query<FeedRow[]>(selectPlainFeed, [tier]);
  return row === undefined ? null : feedOf(row);
}

/** What was withdrawn from a feed after this number, with the day. */
export async function withdrawnAfter(
  tx: Transaction,
  tier: Tier,
  seq: number,
): Promise<readonly { readonly id: string; readonly day: string }[]> {
  return tx.query(selectWithdrawn, [tier, seq]);
}

/** Those of these that stand in the feed. */
export async function toldAmong(
  tx: Transaction,
  tier: Tier,
  ids: readonly string[],
): Promise<readonly string[]> {
  const told = await tx.query<{ id: string }[]>(selectTold, [tier, ids]);
  return told.map(({ id }) => id);
}

// ── publishing ──────────────────────────────────────────────────────────────────────────────────────────────────────

async function lockFeed(tx: Transaction, tier: Tier): Promise<Feed> {
  await tx.query(insertFeed, [tier, randomUUID(), emptyBuckets]);
  const [row] = await tx.query<FeedRow[]>(`${selectPlainFeed} for update`, [tier]);
  if (row === undefined) throw new Error("a feed could not be written");
  return feedOf(row);
}

/** What was told and is listed no longer, as far as the change log goes by now. */
async function goneSince(tx: Transaction, publishing: Publishing, feed: Feed, log: number) {
  const changed = await changedBetween(tx, outgoing(publishing), feed.looked, log);
  const told = await tx.query<{ id: string }[]>(selectTold, [publishing.tier, changed]);
  const listed = await listedNow(
    tx,
    outgoing(publishing),
    told.map(({ id }) => id),
  );
  return told.map(({ id }) => id).filter((id) => !listed.has(id));
}

async function everythingTold(tx: Transaction, tier: Tier): Promise<readonly string[]> {
  const told = await tx.query<{ id: string }[]>(
    "select item.id from seen.feed_item as item where item.tier = $1 and item.jws is not null order by item.id",
    [tier],
  );
  return told.map(({ id }) => id);
}

function outgoing({ home, tier }: Pick<Publishing, "home" | "tier">): Outgoing {
  return { audience: audienceOf[tier], origin: home.network };
}

/** Takes records out of the feed, numbered after `seq`: nothing of them stays but their ids and the day. */
async function takeOut(tx: Transaction, publishing: Publishing, seq: number, ids: readonly string[]) {
  const { home, tier } = publishing;
  const today = dayOf(home.clock());
  const rows = await tx.query<{ id: string; kind: ListedKind }[]>(withdrawItems, [tier, ids, seq, today]);
  const linked = rows.filter(({ kind }) => kind !== "practitioner");
  await lookAgainAt(
    tx,
    { home, tier },
    linked.map(({ id }) => id),
  );
  await signMoves(
    tx,
    publishing,
    rows.map(({ id }) => id),
  );
  return rows.map(({ id }) => id);
}

/** Of whom it is told where they went, that is signed: it goes along with their withdrawal. */
async function signMoves(
  tx: Transaction,
  { home, identity, tier }: Publishing,
  ids: readonly string[],
): Promise<void> {
  const moves = await movesAmong(tx, home.network, audienceOf[tier], ids);
  const day = dayOf(home.clock());
  const signed = await Promise.all(
    moves.map(async ({ id, node, there }) => {
      const moving = { node: identity.node, tier, id, to: { node, id: there }, day };
      return { id, jws: await signMove(moving, identity.feed) };
    }),
  );
  await saveSignedMoves(tx, home.network, audienceOf[tier], signed);
  await tx.query("update seen.feed_item set told_move = true where tier = $1 and id = any ($2)", [
    tier,
    moves.map(({ id }) => id),
  ]);
}

/** Where somebody went is said no longer: their withdrawal is told anew, numbered after `seq`, so that readers hear that too. */
async function tellWithoutMoves(tx: Transaction, { home, tier }: Publishing, seq: number) {
  const rows = await tx.query<{ id: string }[]>(renumberSilent, [tier, seq, dayOf(home.clock())]);
  return rows.map(({ id }) => id);
}

/** A record to be looked at; `was` is the digest of what was told of it, null when nothing was. */
type Candidate = OutgoingListing & { readonly was: Buffer | null };

/** What appeared or changed up to `until`, and what is stale; signs what says something else than before. */
async function takeIn(tx: Transaction, publishing: Publishing, feed: Feed, until: number) {
  const { home, tier } = publishing;
  const changed = await changedBetween(tx, outgoing(publishing), feed.log, until);
  const stale = await staleItems(tx, tier);
  const candidates = await candidatesOf(tx, publishing, [...new Set([...changed, ...stale])]);
  const leads = await listedNow(
    tx,
    outgoing(publishing),
    candidates.flatMap(({ kind, listing }) => linksOf(kind, listing)),
  );
  const written: Written[] = [];
  const untellable: string[] = [];
  for (const candidate of candidates) {
    const one = await signed(candidate, publishing, leads);
    if (one === "untellable") untellable.push(candidate.id);
    else if (one !== "told") written.push({ ...one, seq: feed.seq + written.length + 1 });
  }
  await tx.query(upsertItems, [tier, dayOf(home.clock()), JSON.stringify(written)]);
  // What can be told no longer is not told as it was either.
  const told = await tx.query<{ id: string }[]>(selectTold, [tier, untellable]);
  const gone = await takeOut(
    tx,
    publishing,
    feed.seq + written.length,
    told.map(({ id }) => id),
  );
  await tx.query("update seen.feed_item set stale = false where tier = $1 and id = any ($2)", [tier, stale]);
  await lookAgainAt(tx, publishing, await newcomers(tx, publishing, feed, until, candidates));
  return { ids: [...written.map(({ id }) => id), ...gone], more: stale.length === AT_ONCE };
}

/** What others may link to and was not listed yet when they were told. */
async function newcomers(
  tx: Transaction,
  publishing: Publishing,
  { log, looked, iat }: Feed,
  until: number,
  candidates: readonly Candidate[],
): Promise<readonly string[]> {
  if (iat.getTime() === NEVER || looked >= until) return [];
  const since = new Set(await changedBetween(tx, outgoing(publishing), Math.max(log, looked), until));
  const linkable = candidates.filter(({ kind, was }) => kind !== "practitioner" && was === null);
  return linkable.map(({ id }) => id).filter((id) => since.has(id));
}

async function staleItems(tx: Transaction, tier: Tier): Promise<readonly string[]> {
  const rows = await tx.query<{ id: string }[]>(
    "select item.id from seen.feed_item as item where item.tier = $1 and item.stale order by item.id limit $2",
    [tier, AT_ONCE],
  );
  return rows.map(({ id }) => id);
}

async function candidatesOf(
  tx: Transaction,
  publishing: Publishing,
  ids: readonly string[],
): Promise<readonly Candidate[]> {
  const listings = await readOutgoing(tx, outgoing(publishing), ids);
  const told = await tx.query<{ id: string; body: Buffer }[]>(selectTold, [publishing.tier, ids]);
  const was = new Map(told.map(({ id, body }) => [id, body]));
  return listings.map((one) => ({ ...one, was: was.get(one.id) ?? null }));
}

type Written = {
  readonly id: string;
  readonly kind: ListedKind;
  readonly seq: number;
  readonly jws: string;
  readonly digest: string;
  readonly body: string;
};

/** The record as it is told now, signed; or that it was told so already, or that no node would take it. */
async function signed(
  { id, kind, listing, was }: Candidate,
  { home, identity, vocabulary, tier }: Publishing,
  leads: ReadonlySet<string>,
): Promise<Omit<Written, "seq"> | "told" | "untellable"> {
  const said = tell(kind, listing, { vocabulary, leads: (link) => leads.has(link) });
  const body = bodyDigest(said, identity);
  if (was !== null && was.equals(body)) return "told";
  if (faultOf(said.type, said.body) !== null) return "untellable";
  const jws = await signEntry(
    { node: identity.node, tier, id, day: dayOf(home.clock()) },
    said,
    identity.feed,
  );
  if (jws === null) return "untellable";
  return { id, kind, jws, digest: digestOf(jws).toString("hex"), body: body.toString("hex") };
}

/** What was told by a key that was since replaced is told anew when it is looked at. */
function bodyDigest(told: Told, { feed }: Identity): Buffer {
  return createHash("sha256").update(feed.thumbprint).update(JSON.stringify(told)).digest();
}

/** What links to these has to be told anew: a link that led nowhere leads somewhere, or the other way round. */
async function lookAgainAt(
  tx: Transaction,
  publishing: Pick<Publishing, "home" | "tier">,
  ids: readonly string[],
) {
  const linking = await linkingTo(tx, outgoing(publishing), ids);
  await tx.query(
    "update seen.feed_item set stale = true where tier = $1 and id = any ($2) and jws is not null",
    [publishing.tier, linking],
  );
}

/** Withdrawals that nobody needs to hear of any more are dropped; whoever was away longer reads everything again. */
async function forgetWithdrawals(
  tx: Transaction,
  { home, tier }: Publishing,
  floor: number,
): Promise<number> {
  const before = daysAfter(dayOf(home.clock()), -TOLD_FOR);
  const [row] = await tx.query<{ floor: string | null }[]>(deleteOldWithdrawals, [tier, before]);
  return Math.max(floor, Number(row?.floor ?? 0));
}

/** The members of every bucket that one of these ids is in. */
async function membersBeside(tx: Transaction, tier: Tier, ids: readonly string[]) {
  const buckets = new Map<number, Member[]>(ids.map((id) => [bucketOf(id), []]));
  const ranges = [...buckets.keys()].map(rangeOf);
  const rows = await tx.query<Member[]>(selectMembers, [
    tier,
    ranges.map(([from]) => from),
    ranges.map(([, to]) => to),
  ]);
  for (const row of rows) buckets.get(bucketOf(row.id))?.push(row);
  return buckets;
}

/** Signed later than the head before it, whatever the clock says: peers take no head twice and none that is older. */
async function renewHead(
  tx: Transaction,
  { home, identity, tier }: Publishing,
  feed: Feed,
  lasts = HEAD_LASTS,
): Promise<void> {
  const iat = new Date(Math.max(home.clock().getTime(), feed.iat.getTime() + 1));
  const [members] = await tx.query<{ count: number }[]>(
    "select count(*)::int as count from seen.feed_item as item where item.tier = $1 and item.jws is not null",
    [tier],
  );
  const count = members?.count ?? 0;
  const { epoch, seq, floor, buckets } = feed;
  const exp = new Date(iat.getTime() + lasts * 3_600_000);
  const before = feed.iat.getTime() === NEVER ? null : feed.iat;
  const claims = {
    node: identity.node,
    tier,
    iat,
    exp,
    epoch,
    seq,
    count,
    set: setOf(buckets),
    floor,
    before,
  };
  const head = await signHead(claims, identity.feed);
  await tx.query(updateFeed, [tier, seq, floor, feed.log, count, buckets, head, iat, feed.looked]);
}

// ── rows ────────────────────────────────────────────────────────────────────────────────────────────────────────────

type FeedRow = Omit<Feed, "seq" | "floor" | "log" | "looked"> &
  Readonly<Record<"seq" | "floor" | "log" | "looked", string>>;

function feedOf({ seq, floor, log, looked, ...row }: FeedRow): Feed {
  return { ...row, seq: Number(seq), floor: Number(floor), log: Number(log), looked: Number(looked) };
}

type PageRow = FeedRow & { readonly total: number; readonly items: readonly FeedItem[] };

function pageIn(row: PageRow | undefined): FeedPage {
  if (row === undefined) throw new Error("a feed was asked for that was never published");
  const { items, total, ...feed } = row;
  return { feed: feedOf(feed), items, total };
}

const feedColumns = `
  feed.tier, feed.epoch, feed.seq, feed.floor, feed.log_seq as log, feed.looked_seq as looked, feed.count, feed.buckets, feed.head, feed.iat`;

const selectPlainFeed = `select ${feedColumns} from seen.feed where feed.tier = $1`;

/** Withdrawals that were told with a move which is not told any more. */
const isSilent = `
  item.told_move and item.jws is null
    and not exists (select from seen.moved where moved.audience = upper(item.tier) and moved.id = item.id)`;

const selectFeed = `
  select ${feedColumns},
    clock.seq > feed.log_seq
      or (feed.count > 0 and exists (select from seen.retirement where retirement.at <= $2)) as behind,
    exists (select from seen.feed_item as item where item.tier = feed.tier and (item.stale or (${isSilent}))) as stale
  from seen.feed, seen.clock
  where feed.tier = $1 and feed.head <> ''`;

const selectPage = (which: string) => `
  select ${feedColumns},
    (select coalesce(json_agg(item order by item.seq), '[]') from (
      select item.id, item.seq, item.kind, item.change, item.day::text as day, item.jws,
        (select moved.jws from seen.moved
          where item.jws is null and moved.audience = upper(item.tier) and moved.id = item.id) as move
      from seen.feed_item as item where item.tier = $1 and ${which}) as item) as items,
    (select count(*)::int from seen.feed_item as item where item.tier = $1) as total
  from seen.feed
  where feed.tier = $1`;

const insertFeed = `
  insert into seen.feed (tier, epoch, seq, floor, log_seq, count, buckets, head, iat)
  values ($1, $2, 0, 0, 0, 0, $3, '', 'epoch')
  on conflict (tier) do nothing`;

const updateFeed = `
  update seen.feed
  set seq = $2, floor = $3, log_seq = $4, count = $5, buckets = $6, head = $7, iat = $8, looked_seq = $9
  where tier = $1`;

/** Those of these that stand in the feed. */
const selectTold = `
  select item.id, item.body
  from seen.feed_item as item
  where item.tier = $1 and item.id = any ($2::uuid[]) and item.jws is not null
  order by item.id`;

const selectWithdrawn = `
  select item.id, item.day::text as day
  from seen.feed_item as item
  where item.tier = $1 and item.seq > $2 and item.jws is null
  order by item.seq`;

const withdrawItems = `
  with removed as (
    update seen.feed_item as item
    set change = 'Delete', jws = null, digest = null, body = null, stale = false, told_move = false, day = $4,
      seq = $3 + gone.number
    from unnest($2::uuid[]) with ordinality as gone (id, number)
    where item.tier = $1 and item.id = gone.id and item.jws is not null
    returning item.id, item.kind, item.seq
  )
  select id, kind from removed`;

const renumberSilent = `
  with silent as (
    select item.id, row_number() over (order by item.id) as number
    from seen.feed_item as item
    where item.tier = $1 and ${isSilent}
  ), renumbered as (
    update seen.feed_item as item set seq = $2 + silent.number, day = $3, told_move = false
    from silent
    where item.tier = $1 and item.id = silent.id
    returning item.id
  )
  select id from renumbered`;

const upsertItems = `
  insert into seen.feed_item as item (tier, id, seq, kind, change, day, jws, digest, body)
  select $1, told.id, told.seq, told.kind, 'Create', $2, told.jws, decode(told.digest, 'hex'), decode(told.body, 'hex')
  from jsonb_to_recordset($3::jsonb)
    as told (id uuid, seq bigint, kind text, jws text, digest text, body text)
  on conflict (tier, id) do update
    set seq = excluded.seq, kind = excluded.kind, day = excluded.day, jws = excluded.jws, digest = excluded.digest,
      body = excluded.body, change = case when item.jws is null then 'Create' else 'Update' end`;

const deleteOldWithdrawals = `
  with dropped as (
    delete from seen.feed_item as item
    where item.tier = $1 and item.jws is null and item.day < $2
    returning item.seq
  )
  select max(dropped.seq) as floor from dropped`;

const selectMembers = `
  select item.id, item.digest
  from rows from (unnest($2::uuid[]), unnest($3::uuid[])) as range (low, high)
  join seen.feed_item as item
    on item.tier = $1 and item.id between range.low and range.high and item.jws is not null`;
