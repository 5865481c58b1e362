import { daysAfter } from "../clock.js";
import { readRows, type Reader, type Transaction } from "../storage/database.js";
import type { ListedAudience } from "../visibility/audience.js";

/** Where an entry has gone that is listed no longer, by its network's own word: good for nothing unless the new one says so too. */
export type Moved = { readonly origin: string; readonly node: string; readonly there: string };

/** The same, with the day since when it is told. */
type Told = Moved & { readonly day: string };

/** For so many days it is told: as long as a withdrawal. */
const TOLD_FOR = 120;

/** Tells these audiences, of those that see this entry now, that it goes to another network. Before its listings are taken out. */
export async function saveMove(
  tx: Transaction,
  { origin, node, there, day }: Told,
  id: string,
  audiences: readonly ListedAudience[],
): Promise<void> {
  await forgetMoves(tx, origin, [id]);
  await tx.query(insertOwn, [origin, id, node, there, audiences, day]);
}

/** What a peer tells of where its entries went; what it told of these before is forgotten. */
export async function savePeerMoves(
  tx: Transaction,
  origin: string,
  audiences: readonly ListedAudience[],
  gone: readonly string[],
  moves: readonly (Omit<Told, "origin"> & { readonly id: string })[],
): Promise<void> {
  await tx.query("delete from seen.moved where origin = $1 and audience = any ($2) and id = any ($3)", [
    origin,
    audiences,
    gone,
  ]);
  await tx.query(insertHeard, [origin, audiences, JSON.stringify(moves)]);
}

/** As if nothing had ever been said of where they went; of everybody when no ids are given. */
export async function forgetMoves(
  tx: Transaction,
  origin: string,
  ids: readonly string[] | null,
): Promise<void> {
  await tx.query("delete from seen.moved where origin = $1 and ($2::uuid[] is null or id = any ($2))", [
    origin,
    ids,
  ]);
}

/** What was told for long enough is told no longer, whoever told it. */
export async function forgetOldMoves(tx: Transaction, today: string): Promise<void> {
  await tx.query("delete from seen.moved where day < $1", [daysAfter(today, -TOLD_FOR)]);
}

/** Where an entry went that this audience may not see, or not any more; null when it is not told. */
export async function readMoved(read: Reader, audience: ListedAudience, id: string): Promise<Moved | null> {
  const [row] = await readRows<Moved>(
    read,
    "select moved.origin, moved.node, moved.there from seen.moved where moved.audience = $1 and moved.id = $2",
    [audience, id],
  );
  return row ?? null;
}

/** Those of these that this audience is told of. */
export async function movesAmong(
  tx: Transaction,
  origin: string,
  audience: ListedAudience,
  ids: readonly string[],
): Promise<readonly (Omit<Moved, "origin"> & { readonly id: string })[]> {
  return tx.query(selectAmong, [origin, audience, ids]);
}

/** The word on it that peers are sent, signed. */
export async function saveSignedMoves(
  tx: Transaction,
  origin: string,
  audience: ListedAudience,
  signed: readonly { readonly id: string; readonly jws: string }[],
): Promise<void> {
  await tx.query(updateSigned, [origin, audience, JSON.stringify(signed)]);
}

const insertOwn = `
  insert into seen.moved (audience, id, origin, node, there, day)
  select listing.audience, listing.id, listing.origin, $3, $4, $6
  from seen.listing
  where listing.id = $2 and listing.origin = $1 and listing.kind = 'practitioner' and listing.audience = any ($5)`;

const insertHeard = `
  insert into seen.moved (audience, id, origin, node, there, day)
  select audience, told.id, $1, told.node, told.there, told.day
  from unnest($2::text[]) as audience, jsonb_to_recordset($3::jsonb) as told (id uuid, node text, there uuid, day date)
  on conflict (audience, id) do update
    set origin = excluded.origin, node = excluded.node, there = excluded.there, day = excluded.day, jws = null`;

const selectAmong = `
  select moved.id, moved.node, moved.there
  from seen.moved
  where moved.origin = $1 and moved.audience = $2 and moved.id = any ($3::uuid[])
  order by moved.id`;

const updateSigned = `
  update seen.moved
  set jws = signed.jws
  from jsonb_to_recordset($3::jsonb) as signed (id uuid, jws text)
  where moved.origin = $1 and moved.audience = $2 and moved.id = signed.id`;
