import type { EntityManager } from "typeorm";
import type { Pool } from "pg";
import { copyOut, type CopiedRow, type Span } from "../storage/copy-out.js";
import { readRows } from "../storage/database.js";
import { LISTED_AUDIENCES, type ListedAudience } from "../visibility/audience.js";
import type { ListedKind, ListedRecord } from "./listing.js";

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
 * Brings the listings of these records to what is given and returns how many listings changed.
 * What is the same already is not touched: no row, no log entry, no date. Runs inside the transaction that wrote the base rows.
 */
export async function saveListings(
  tx: EntityManager,
  origin: string,
  records: readonly ListedRecord[],
): Promise<number> {
  if (records.length === 0) return 0;
  const wanted = records.flatMap(({ kind, id, listings }) =>
    listings.map((listing) => ({ kind, id, ...listing })),
  );
  const written = await tx.query<Touched[]>(upsertChanged, [origin, JSON.stringify(wanted)]);
  const withdrawn = await tx.query<Touched[]>(deleteMissing, [
    origin,
    JSON.stringify(records),
    JSON.stringify(wanted),
  ]);
  return logChanges(tx, origin, [...written, ...withdrawn]);
}

/** One listing as it is kept. `version` changes with every change of it; `doc` is null when that version is known. */
export type KeptListing = {
  readonly kind: ListedKind;
  readonly id: string;
  readonly version: string;
  readonly doc: string | null;
};

/**
 * The listings of one audience for these ids, in no order; a record the audience does not see is missing. The documents of `known`
 * versions are left out.
 */
export async function readListings(
  read: Pool,
  audience: ListedAudience,
  ids: readonly string[],
  known: readonly string[],
): Promise<readonly KeptListing[]> {
  return readRows<KeptListing>(read, selectListings, [audience, ids, known], "listings");
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
};

/** The same as the database sends it: where each field lies in bytes that are good only until the next row. An id is sixteen bytes. */
export type FindableBytes = {
  readonly bytes: Buffer;
  readonly kind: Span;
  readonly id: Span;
  readonly origin: Span;
  readonly name: Span;
  readonly tags: Span;
  readonly words: Span;
};

/**
 * Hands over everything there is to find as of one moment, audience by audience, the widest first, and says when one has been
 * read whole; returns the sequence number of that moment.
 */
export async function readEverything(
  read: Pool,
  take: (audience: ListedAudience, row: FindableBytes) => void,
  taken: (audience: ListedAudience) => Promise<void>,
): Promise<number> {
  const client = await read.connect();
  try {
    await client.query("begin isolation level repeatable read read only");
    // Everything is one statement here, and longer than what a visitor asks.
    await client.query("set local statement_timeout = '10min'");
    const clock = await client.query<{ seq: string }>("select clock.seq from seen.clock");
    for (const audience of LISTED_AUDIENCES) {
      await copyOut(client, `${selectFindable} where listing.audience = '${audience}'`, (row) =>
        take(audience, findable(row)),
      );
      await taken(audience);
    }
    await client.query("commit");
    return Number(clock.rows[0]?.seq ?? 0);
  } finally {
    client.release(true);
  }
}

function findable({ bytes, fields }: CopiedRow): FindableBytes {
  const [kind, id, origin, name, tags, words] = fields as Fields;
  return { bytes, kind, id, origin, name, tags, words };
}

/** As `selectFindable` names them. */
type Fields = readonly [Span, Span, Span, Span, Span, Span];

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
  readonly now: Pick<Findable, "name" | "tags" | "words"> | null;
};

type Touched = { readonly audience: ListedAudience; readonly kind: ListedKind; readonly id: string };

/** Numbers are handed out under the clock row's lock, which is held until commit: they appear in order and without gaps. */
async function logChanges(tx: EntityManager, origin: string, touched: readonly Touched[]): Promise<number> {
  if (touched.length === 0) return 0;
  const [clock] = await tx.query<{ last: string }[]>(
    "with clock as (update seen.clock set seq = seq + $1 returning seq) select seq as last from clock",
    [touched.length],
  );
  const last = Number(clock?.last);
  await tx.query(insertChanges, [origin, last - touched.length, JSON.stringify(touched)]);
  await tx.query("select pg_notify($1, $2)", [CHANGES, String(last)]);
  return touched.length;
}

const upsertChanged = `
  with written as (
    insert into seen.listing as held (audience, kind, id, origin, name, doc, tags, words, changed)
    select wanted.audience, wanted.kind, wanted.id, $1, wanted.name, wanted.doc, wanted.tags, wanted.words, current_date
    from jsonb_to_recordset($2::jsonb)
      as wanted (audience text, kind text, id uuid, name text, doc text, tags text, words text)
    on conflict (audience, id, origin) do update
      set name = excluded.name, doc = excluded.doc, tags = excluded.tags, words = excluded.words,
        changed = excluded.changed
      where (held.name, held.doc, held.tags, held.words)
        is distinct from (excluded.name, excluded.doc, excluded.tags, excluded.words)
    returning audience, kind, id
  )
  select audience, kind, id from written`;

const deleteMissing = `
  with gone as (
    delete from seen.listing as held
    using jsonb_to_recordset($2::jsonb) as record (kind text, id uuid)
    where held.origin = $1 and held.kind = record.kind and held.id = record.id
      and not exists (
        select 1 from jsonb_to_recordset($3::jsonb) as wanted (audience text, kind text, id uuid)
        where wanted.audience = held.audience and wanted.kind = held.kind and wanted.id = held.id)
    returning held.audience, held.kind, held.id
  )
  select audience, kind, id from gone`;

const insertChanges = `
  insert into seen.change (seq, audience, kind, id, origin, day)
  select $2::bigint + touched.number, touched.audience, touched.kind, touched.id, $1, current_date
  from rows from (jsonb_to_recordset($3::jsonb) as (audience text, kind text, id uuid))
    with ordinality as touched (audience, kind, id, number)`;

const selectListings = `
  select listing.kind, listing.id, listing.version,
    case when listing.version <> all ($3::uuid[]) then listing.doc end as doc
  from seen.listing
  where listing.audience = $1 and listing.id = any ($2::uuid[])`;

const selectFindable = `
  select listing.kind, listing.id, listing.origin::text, listing.name, listing.tags, listing.words
  from seen.listing`;

const selectChanges = `
  select change.seq, change.audience, change.kind, change.id, change.origin,
    case when listing.id is not null
      then json_build_object('name', listing.name, 'tags', listing.tags, 'words', listing.words) end as now
  from seen.change
  left join seen.listing
    on listing.audience = change.audience and listing.id = change.id and listing.origin = change.origin
  where change.seq > $1
  order by change.seq
  limit $2`;
