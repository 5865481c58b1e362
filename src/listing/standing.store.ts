import { randomBytes } from "node:crypto";
import { readRows, type Reader, type Transaction } from "../storage/database.js";
import { LISTED_AUDIENCES, type ListedAudience } from "../visibility/audience.js";
import { CHANGES, acknowledgeEverywhere } from "./listing.store.js";
import type { Network } from "./network.js";
import type { Known } from "./origins.js";
import type { Heads } from "./standing.js";

/** What is known of all origins at one moment: up to where the change log went then, and a digest that is another when anything is. */
export type KnownThen = Known & { readonly seq: number; readonly digest: string };

/**
 * Lets a peer's listings be shown for as long as their leases hold, counted from these heads; null hides what that audience sees of
 * them with the commit. Every process hears of it.
 */
export async function saveStanding(tx: Transaction, origin: string, heads: Heads): Promise<void> {
  const stands = LISTED_AUDIENCES.filter((audience) => heads[audience] !== null);
  await acknowledgeEverywhere(tx);
  await tx.query("delete from seen.standing where standing.origin = $1 and standing.audience <> all ($2)", [
    origin,
    stands,
  ]);
  await tx.query(upsertStandings, [origin, stands, stands.map((audience) => heads[audience])]);
  await tx.query("select pg_notify($1, clock.seq::text) from seen.clock", [CHANGES]);
}

/** All networks, and how they stand. */
export async function readOrigins(read: Reader): Promise<KnownThen> {
  const [row] = await readRows<OriginsRow>(read, selectOrigins);
  if (row === undefined) throw new Error("the change log has no clock");
  const { seq, digest, networks, standings } = row;
  return {
    seq: Number(seq),
    digest,
    networks,
    standings: standings.map(([origin, audience, head]) => ({ origin, audience, head: new Date(head) })),
  };
}

type OriginsRow = {
  readonly seq: string;
  readonly digest: string;
  readonly networks: readonly Network[];
  readonly standings: readonly (readonly [origin: string, audience: ListedAudience, head: number])[];
};

const upsertStandings = `
  insert into seen.standing as held (origin, audience, head)
  select $1, head.audience, head.signed
  from unnest($2::text[], $3::timestamptz[]) as head (audience, signed)
  on conflict (origin, audience) do update set head = excluded.head`;

/** A start of this process' own, so that nobody can prepare standings that hash alike. */
const SEED = randomBytes(8).readBigInt64BE();

/** Says in a few bytes whether anything about any origin is another than before: it is asked twice a second. */
export const originsDigest = `
  concat_ws(' ',
    (select bit_xor(hash_record_extended(standing, ${SEED})) from seen.standing),
    (select bit_xor(hash_record_extended(network, ${SEED})) from seen.network))`;

const selectOrigins = `
  select clock.seq, ${originsDigest} as digest,
    coalesce(
      (select json_agg(json_build_object('id', network.id, 'name', network.name, 'url', network.url,
        'regions', network.regions, 'thisNode', network.this_node)) from seen.network), '[]') as networks,
    coalesce(
      (select json_agg(json_build_array(standing.origin, standing.audience, extract(epoch from standing.head) * 1000))
        from seen.standing), '[]') as standings
  from seen.clock`;
