import type { EntityManager } from "typeorm";
import type { Pool } from "pg";
import { copyOut, type CopiedRow, type Span } from "../storage/copy-out.js";
import { readRows } from "../storage/database.js";
import { LISTED_AUDIENCES, type ListedAudience } from "../visibility/audience.js";
import type { LeasedRecord, ListedKind, ListedRecord, WrittenListing } from "./listing.js";

/** The channel on which a commit that changed listings tells its last sequence number. */
export const CHANGES = "cadre_changes";

/** One entry of the change log: which record changed for which audience. What it is now is read from the listing. */
type Change = {
  readonly seq: number;
  readonly audience: ListedAudience;
  readonly kind: ListedKind;
  readonly id: string;
  readonly origin: string;
};

/**
 * Brings the listings of these records to what is given and returns how many listings changed. Runs inside the transaction that
 * wrote the base rows, or that takes in what a peer has sent. A peer's records have a lease; without one they are never shown.
 */
export async function saveListings(
  tx: EntityManager,
  origin: string,
  records: readonly (ListedRecord | LeasedRecord)[],
): Promise<number> {
  return logChanges(tx, origin, await writeListings(tx, origin, records));
}

/**
 * The same without the change log, for whoever writes many records in one transaction: what it returns is given to `logChanges`
 * before that ends. What is the same already is not touched: no row, no log entry, no date.
 */
export async function writeListings(
  tx: EntityManager,
  origin: string,
  records: readonly (ListedRecord | LeasedRecord)[],
): Promise<readonly Touched[]> {
  if (records.length === 0) return [];
  const wanted = records.flatMap(({ kind, id, listings }) =>
    listings.map(({ audience }) => ({ audience, kind, id })),
  );
  const withdrawn = await deleteMissing(tx, origin, records, wanted);
  const told = JSON.stringify(records.flatMap(toldOnce));
  const changed = await tx.query<Touched[]>(upsertChanged, [origin, told]);
  const written = new Set(changed.map(keyOf));
  return [...withdrawn, ...wanted.filter((listing) => written.has(keyOf(listing)))];
}

/** The listings of a record as they are sent to the database: what several audiences see alike goes there once. */
function toldOnce({ kind, id, listings, ...lease }: ListedRecord | LeasedRecord): readonly object[] {
  const told: { readonly audiences: ListedAudience[]; readonly written: WrittenListing }[] = [];
  for (const { audience, ...written } of listings) {
    const same = told.find((one) => isAlike(one.written, written));
    if (same === undefined) told.push({ audiences: [audience], written });
    else same.audiences.push(audience);
  }
  return told.map(({ audiences, written }) => ({ audiences, kind, id, ...written, ...leaseOf(lease) }));
}

function isAlike(one: WrittenListing, other: WrittenListing): boolean {
  return (
    one.doc === other.doc && one.name === other.name && one.tags === other.tags && one.words === other.words
  );
}

/** Takes out what these records had and have no more. A peer may call a record another kind than before: what it was goes. */
async function deleteMissing(
  tx: EntityManager,
  origin: string,
  records: readonly { readonly id: string }[],
  wanted: readonly Touched[],
): Promise<readonly Touched[]> {
  const keep = new Set(wanted.map(keyOf));
  const held = await tx.query<Touched[]>(selectHeld, [origin, records.map(idOf), LISTED_AUDIENCES]);
  const gone = held.filter((listing) => !keep.has(keyOf(listing)));
  if (gone.length > 0) await tx.query(deleteListings, [origin, gone.map(audienceOf), gone.map(idOf)]);
  return gone;
}

function keyOf({ audience, kind, id }: Touched): string {
  return `${audience} ${kind} ${id}`;
}

/** Whole seconds, so that whatever tells the time a copy ends tells the same. */
function leaseOf({ lease, notAfter }: Partial<LeasedRecord>) {
  const last = notAfter ? new Date(Math.floor(notAfter.getTime() / 1000) * 1000) : null;
  return { lease: lease ?? null, not_after: last };
}

/** Takes everything out that came from a peer, and the leave to show it. Returns how many listings there were; what is ours stays. */
export async function deleteOrigin(tx: EntityManager, origin: string): Promise<number> {
  await acknowledgeEverywhere(tx);
  await tx.query("delete from seen.standing where standing.origin = $1", [origin]);
  return logChanges(tx, origin, await tx.query<Touched[]>(deleteAll, [origin]));
}

/** One listing as it is kept. `version` changes with every change of it; `doc` is null when that version is known. */
export type KeptListing = {
  readonly kind: ListedKind;
  readonly id: string;
  readonly origin: string;
  readonly version: string;
  readonly doc: string | null;
  /** The first moment at which a peer's copy is not shown any more, in milliseconds; null for a record of this node. */
  readonly ends: number | null;
};

/** Who asks, at what moment, and which network is this node's: of any other an audience sees only what is leased to it then. */
export type Asking = { readonly audience: ListedAudience; readonly now: Date; readonly own: string };

/**
 * The listings that an audience sees now for these ids, those of this node first; a record the audience does not see is missing.
 * The documents of `known` versions are left out.
 */
export async function readListings(
  read: Pool,
  { audience, now, own }: Asking,
  ids: readonly string[],
  known: readonly string[],
): Promise<readonly KeptListing[]> {
  return readRows<KeptListing>(read, selectListings, [audience, ids, known, now, own], "listings");
}

/**
 * Whether what an audience sees now for these ids are these versions of this node's own records, and nothing else. Costs a good part less
 * than being told of each. A copy that is not shown is as if it were not there.
 */
export async function isUnchanged(
  read: Pool,
  { audience, now, own }: Asking,
  ids: readonly string[],
  versions: readonly string[],
): Promise<boolean> {
  const values = [audience, ids, versions, now, own];
  const [row] = await readRows<{ unchanged: boolean }>(read, selectUnchanged, values, "unchanged");
  return row?.unchanged === true;
}

/** What the index of an audience is made from: everything a listing is found by, and not the listing itself. */
export type Findable = {
  readonly audience: ListedAudience;
  readonly kind: ListedKind;
  readonly id: string;
  readonly origin: string;
  readonly name: string;
  readonly tags: string;
  readonly words: string;
  /** Of a peer's record, in seconds; 0 for a record of this node. */
  readonly lease: number;
  /** From which second of the epoch on it is never shown; 0 when nothing was said. */
  readonly notAfter: number;
};

/** The same as the database sends it: where each field lies in bytes that are good only until the next row. An id is sixteen bytes, each number eight. */
export type FindableBytes = {
  readonly bytes: Buffer;
  /** The audience and the kind of record, with a space between. */
  readonly audienceAndKind: Span;
  readonly id: Span;
  readonly origin: Span;
  readonly name: Span;
  readonly tags: Span;
  readonly words: Span;
  readonly lease: Span;
  readonly notAfter: Span;
};

/**
 * Hands over everything there is to find as of one moment, and returns the sequence number of that moment. Audiences come mixed: what they
 * see of one record mostly comes together, as it was written, and is nearly the same.
 */
export async function readEverything(read: Pool, take: (row: FindableBytes) => void): Promise<number> {
  const client = await read.connect();
  try {
    await client.query("begin isolation level repeatable read read only");
    // Everything is one statement here, and longer than what a visitor asks.
    await client.query("set local statement_timeout = '10min'");
    const clock = await client.query<{ seq: string }>("select clock.seq from seen.clock");
    await copyOut(client, selectFindable, (row) => take(findable(row)));
    await client.query("commit");
    return Number(clock.rows[0]?.seq ?? 0);
  } finally {
    client.release(true);
  }
}

function findable({ bytes, fields }: CopiedRow): FindableBytes {
  const [audienceAndKind, id, origin, name, tags, words, lease, notAfter] = fields as Fields;
  return { bytes, audienceAndKind, id, origin, name, tags, words, lease, notAfter };
}

/** In the order of `selectFindable`. */
type Fields = readonly [Span, Span, Span, Span, Span, Span, Span, Span];

/** What one of this node's own records is found by: by everybody, and by members where that was asked for; null where there is nothing. */
export type OwnTags = {
  readonly kind: ListedKind;
  readonly id: string;
  readonly everybody: string | null;
  readonly members: string | null;
};

/** So many of them are in memory at a time. */
const OWN_AT_ONCE = 1000;

/** This node's people and resources by what everybody finds them by; and these people by what members do, too. Once in a transaction. */
export async function* readOwnTags(
  tx: EntityManager,
  own: string,
  members: readonly string[],
): AsyncGenerator<OwnTags> {
  await tx.query(`declare own_tags no scroll cursor for ${selectOwnTags}`, [own, members]);
  for (;;) {
    const rows = await tx.query<OwnTags[]>(`fetch ${OWN_AT_ONCE} from own_tags`);
    if (rows.length === 0) break;
    yield* rows;
  }
  await tx.query("close own_tags");
}

/** How many people of this node everybody sees. */
export async function countOwnPeople(tx: EntityManager, own: string): Promise<number> {
  const [row] = await tx.query<{ count: number }[]>(countOwn, [own]);
  return row?.count ?? 0;
}

/** The languages by which everybody finds any of this node's people and resources. */
export async function languagesOfOwn(tx: EntityManager, own: string): Promise<readonly string[]> {
  const rows = await tx.query<{ language: string }[]>(selectOwnLanguages, [own]);
  return rows.map(({ language }) => language);
}

/** A record that changed for an audience, as it is now; `now` is null when the audience sees it no longer. */
export type Changed = Change & { readonly now: Findable | null };

/** What changed after `seq`, oldest first, at most `limit` entries. */
export async function readChanges(read: Pool, seq: number, limit = 1000): Promise<readonly Changed[]> {
  const rows = await readRows<ChangeRow>(read, selectChanges, [seq, limit]);
  return rows.map(({ seq: number, now, ...record }) => ({
    ...record,
    seq: Number(number),
    now: now === null ? null : { ...record, ...now },
  }));
}

type ChangeRow = Omit<Change, "seq"> & {
  readonly seq: string;
  readonly now: Pick<Findable, "name" | "tags" | "words" | "lease" | "notAfter"> | null;
};

/** A listing that was written or taken out, and that the change log has to tell of. */
export type Touched = { readonly audience: ListedAudience; readonly kind: ListedKind; readonly id: string };

/**
 * Tells the change log of listings that were written or taken out, and returns how many. Numbers are handed out under the clock
 * row's lock, which is held until commit: they appear in order and without gaps. All other writers wait for it, so whoever writes
 * much comes here last.
 */
export async function logChanges(
  tx: EntityManager,
  origin: string,
  touched: readonly Touched[],
): Promise<number> {
  if (touched.length === 0) return 0;
  await acknowledgeEverywhere(tx);
  const [clock] = await tx.query<{ last: string }[]>(
    "with clock as (update seen.clock set seq = seq + $1 returning seq) select seq as last from clock",
    [touched.length],
  );
  const last = Number(clock?.last);
  const before = last - touched.length;
  for (let from = 0; from < touched.length; from += AT_ONCE) {
    const some = touched.slice(from, from + AT_ONCE);
    const columns = [some.map(audienceOf), some.map(kindOf), some.map(idOf)];
    await tx.query(insertChanges, [origin, before + from, ...columns]);
  }
  await tx.query("select pg_notify($1, $2)", [CHANGES, String(last)]);
  return touched.length;
}

/**
 * Whoever hides something hears that it is done once every synchronous standby shows it hidden as well, whatever the server's settings
 * say of other transactions. Without such standbys (`synchronous_standby_names`) it is done when the server's own disk holds it.
 */
export async function acknowledgeEverywhere(tx: EntityManager): Promise<void> {
  await tx.query("set local synchronous_commit = remote_apply");
}

/** So many entries are written by one statement. */
const AT_ONCE = 20_000;
const audienceOf = ({ audience }: Touched) => audience;
const kindOf = ({ kind }: Touched) => kind;
const idOf = ({ id }: { readonly id: string }) => id;

const LEASE_ENDS = "(standing.head + listing.lease * interval '1 second')";

/** As numbers that are never null: 0 for a record of this node. */
const LEASE_SECONDS = "coalesce(listing.lease, 0)::bigint";
/** A last moment before or after what four bytes can say is their first or last second. */
const LAST_SECOND = `
  coalesce(greatest(1, least(4294967295, floor(extract(epoch from listing.not_after)))), 0)::bigint`;

const upsertChanged = `
  with written as (
    insert into seen.listing as held
      (audience, kind, id, origin, name, doc, tags, words, changed, lease, not_after)
    select audience.name, wanted.kind, wanted.id, $1, wanted.name, wanted.doc, wanted.tags, wanted.words, current_date,
      wanted.lease, wanted.not_after
    from jsonb_to_recordset($2::jsonb)
      as wanted (audiences text[], kind text, id uuid, name text, doc text, tags text, words text,
        lease integer, not_after timestamptz)
    cross join unnest(wanted.audiences) as audience (name)
    on conflict (audience, id, origin) do update
      set name = excluded.name, doc = excluded.doc, tags = excluded.tags, words = excluded.words,
        changed = excluded.changed, lease = excluded.lease, not_after = excluded.not_after
      where (held.name, held.doc, held.tags, held.words, held.lease, held.not_after)
        is distinct from
        (excluded.name, excluded.doc, excluded.tags, excluded.words, excluded.lease, excluded.not_after)
    returning audience, kind, id
  )
  select audience, kind, id from written`;

/** The limit has each looked up by its key, however much the database thinks there is. */
const selectHeld = `
  select held.audience, held.kind, held.id
  from unnest($2::uuid[]) as record (id)
  cross join unnest($3::text[]) as audience (name)
  cross join lateral (
    select listing.audience, listing.kind, listing.id
    from seen.listing
    where listing.audience = audience.name and listing.id = record.id and listing.origin = $1
    limit 1) as held`;

const deleteListings = `
  delete from seen.listing as held
  using unnest($2::text[], $3::uuid[]) as gone (audience, id)
  where held.audience = gone.audience and held.id = gone.id and held.origin = $1`;

const selectOwnTags = `
  select kind, id, widest.tags as everybody, member.tags as members
  from (
    select listing.kind, listing.id, listing.tags
    from seen.listing
    where listing.origin = $1 and listing.kind in ('practitioner', 'resource')
      and listing.audience = 'PUBLIC') as widest
  full join (
    select listing.kind, listing.id, listing.tags
    from seen.listing
    where listing.origin = $1 and listing.kind = 'practitioner' and listing.audience = 'MEMBERS'
      and listing.id = any ($2::uuid[])) as member using (kind, id)`;

const countOwn = `
  select count(*)::integer as count
  from seen.listing
  where listing.origin = $1 and listing.kind = 'practitioner' and listing.audience = 'PUBLIC'`;

const selectOwnLanguages = `
  select distinct split_part(substr(tag, length('language:') + 1), '=', 1) as language
  from seen.listing
  cross join lateral unnest(string_to_array(listing.tags, ' ')) as tag
  where listing.origin = $1 and listing.kind in ('practitioner', 'resource') and listing.audience = 'PUBLIC'
    and tag like 'language:%'`;

const deleteAll = `
  with gone as (
    delete from seen.listing
    where listing.origin = $1
      and not exists (select from seen.network where network.id = listing.origin and network.this_node)
    returning listing.audience, listing.kind, listing.id
  )
  select gone.audience, gone.kind, gone.id from gone`;

const insertChanges = `
  insert into seen.change (seq, audience, kind, id, origin, day)
  select $2::bigint + touched.number, touched.audience, touched.kind, touched.id, $1, current_date
  from unnest($3::text[], $4::text[], $5::uuid[]) with ordinality as touched (audience, kind, id, number)`;

/** The leave to show a copy of another network's at the moment $4: while that network is known and the lease holds. */
const LEAVE = `
    from seen.standing
    join seen.network on network.id = standing.origin
    where listing.origin <> $5::uuid
      and standing.origin = listing.origin and standing.audience = listing.audience
      and $4::timestamptz < ${LEASE_ENDS}
      and (listing.not_after is null or $4::timestamptz < listing.not_after)`;

/**
 * What is shown now, as `standing.ts` has it: a record of this node always, one of another network only with leave, which is there
 * while that network is known and the lease holds. The ids are a list that PostgreSQL cannot count beforehand: else it would plan
 * this anew for every list, which takes longer than reading.
 */
const selectListings = `
  select listing.kind, listing.id, listing.origin, listing.version, leave.ends,
    case when listing.version <> all ($3::uuid[]) then listing.doc end as doc
  from seen.listing
  left join lateral (
    select (extract(epoch from least(${LEASE_ENDS}, listing.not_after)) * 1000)::float8 as ends
    ${LEAVE}
  ) as leave on true
  where listing.audience = $1 and listing.id = any (array(select unnest($2::uuid[])))
    and (listing.origin = $5::uuid or leave.ends is not null)
  order by listing.origin <> $5::uuid`;

/** A peer's record is never unchanged: until when it is shown may be. No two versions are the same. */
const selectUnchanged = `
  select count(*) = cardinality($3::uuid[])
    and coalesce(bool_and(listing.origin = $5::uuid and listing.version = any ($3::uuid[])), true) as unchanged
  from seen.listing
  where listing.audience = $1 and listing.id = any (array(select unnest($2::uuid[])))
    and (listing.origin = $5::uuid or exists (select ${LEAVE}))`;

const selectFindable = `
  select listing.audience || ' ' || listing.kind, listing.id, listing.origin::text, listing.name, listing.tags, listing.words,
    ${LEASE_SECONDS} as lease, ${LAST_SECOND} as not_after
  from seen.listing`;

const selectChanges = `
  select change.seq, change.audience, change.kind, change.id, change.origin,
    case when listing.id is not null
      then json_build_object('name', listing.name, 'tags', listing.tags, 'words', listing.words,
        'lease', ${LEASE_SECONDS}, 'notAfter', ${LAST_SECOND}) end as now
  from seen.change
  left join seen.listing
    on listing.audience = change.audience and listing.id = change.id and listing.origin = change.origin
      and listing.kind = change.kind
  where change.seq > $1
  order by change.seq
  limit $2`;
