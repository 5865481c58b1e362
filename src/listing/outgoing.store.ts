import type { Transaction } from "../storage/database.js";
import type { ListedAudience } from "../visibility/audience.js";
import type { ListedDoc, ListedKind } from "./listing.js";

/** This node's own listings for one audience, as what leaves the node is made from: a feed, and nothing else. */
export type Outgoing = { readonly audience: ListedAudience; readonly origin: string };

/** A listing that may leave, to whoever belongs to its audience. */
export type OutgoingListing = { readonly id: string; readonly kind: ListedKind; readonly listing: ListedDoc };

/** Up to where the change log goes. */
export async function logEnd(tx: Transaction): Promise<number> {
  const [clock] = await tx.query<{ seq: string }[]>("select clock.seq from seen.clock");
  return Number(clock?.seq ?? 0);
}

/** The records that changed for the audience, in this part of the change log. */
export async function changedBetween(
  tx: Transaction,
  { audience, origin }: Outgoing,
  after: number,
  until: number,
): Promise<readonly string[]> {
  return idsOf(await tx.query<Id[]>(selectChanged, [audience, origin, after, until]));
}

/** Which of these the audience sees now. */
export async function listedNow(
  tx: Transaction,
  { audience, origin }: Outgoing,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  return new Set(idsOf(await tx.query<Id[]>(selectListed, [audience, origin, ids])));
}

/** The listings of these, as they are now. */
export async function readOutgoing(
  tx: Transaction,
  { audience, origin }: Outgoing,
  ids: readonly string[],
): Promise<readonly OutgoingListing[]> {
  const rows = await tx.query<(Id & { kind: ListedKind; doc: string })[]>(selectDocs, [
    audience,
    origin,
    ids,
  ]);
  return rows.map(({ id, kind, doc }) => ({ id, kind, listing: JSON.parse(doc) as ListedDoc }));
}

/** The records that link to one of these. */
export async function linkingTo(
  tx: Transaction,
  { audience, origin }: Outgoing,
  ids: readonly string[],
): Promise<readonly string[]> {
  if (ids.length === 0) return [];
  const patterns = ids.flatMap((id) => LINKS.map((axis) => `%${axis}:${id}%`));
  return idsOf(await tx.query<Id[]>(selectLinking, [audience, origin, patterns]));
}

const LINKS = ["organization", "resource", "partOf"] as const;

type Id = { readonly id: string };

function idsOf(rows: readonly Id[]): readonly string[] {
  return rows.map(({ id }) => id);
}

const selectChanged = `
  select distinct change.id
  from seen.change
  where change.seq > $3 and change.seq <= $4 and change.audience = $1 and change.origin = $2
  order by change.id`;

const selectListed = `
  select listing.id
  from seen.listing
  where listing.audience = $1 and listing.origin = $2 and listing.id = any ($3::uuid[])`;

const selectDocs = `
  select listing.id, listing.kind, listing.doc
  from seen.listing
  where listing.audience = $1 and listing.origin = $2 and listing.id = any ($3::uuid[])
  order by listing.id`;

const selectLinking = `
  select listing.id
  from seen.listing
  where listing.audience = $1 and listing.origin = $2 and listing.tags like any ($3)`;
