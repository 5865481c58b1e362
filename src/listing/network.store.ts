import { readRows, type Reader, type Transaction } from "../storage/database.js";
import type { Network } from "./network.js";

type Own = Pick<Network, "name" | "url" | "regions">;

/** Makes this node's own network, or brings its name, address and regions to what the configuration says. Returns its id. */
export async function saveOwnNetwork(tx: Transaction, own: Own): Promise<string> {
  return idOf(await tx.query<Id[]>(upsertOwn, [own.name, own.url, own.regions]));
}

/** The id of this node's own network, which is made when there is none yet; one that is there stays as it is. */
export async function ownNetwork(tx: Transaction, own: Own): Promise<string> {
  await tx.query(insertOwn, [own.name, own.url, own.regions]);
  return idOf(await tx.query<Id[]>("select network.id from seen.network where network.this_node"));
}

/** This node's own network, as it was saved last. */
export async function readOwnNetwork(read: Reader): Promise<Own> {
  const [own] = await readRows<Own>(
    read,
    "select network.name, network.url, network.regions from seen.network where network.this_node",
  );
  if (own === undefined) throw new Error("this node has no network");
  return own;
}

/** Knows a peer's network from now on, by what its node says of it. */
export async function savePeerNetwork(
  tx: Transaction,
  { id, name, url, regions }: Omit<Network, "thisNode">,
): Promise<void> {
  await tx.query(upsertPeer, [id, name, url, regions]);
}

/** What all networks are called but this one. */
export async function namesBeside(tx: Transaction, id: string): Promise<readonly string[]> {
  const rows = await tx.query<{ name: string }[]>(
    "select network.name from seen.network where network.id <> $1",
    [id],
  );
  return rows.map(({ name }) => name);
}

type Id = { readonly id: string };

function idOf([row]: readonly Id[]): string {
  if (row === undefined) throw new Error("this node's network could not be written");
  return row.id;
}

const insertOwn = `
  insert into seen.network (name, url, regions, this_node)
  values ($1, $2, $3, true)
  on conflict (this_node) where this_node do nothing`;

const upsertOwn = `
  with own as (
    insert into seen.network as held (name, url, regions, this_node)
    values ($1, $2, $3, true)
    on conflict (this_node) where this_node do update
      set name = excluded.name, url = excluded.url, regions = excluded.regions
    returning held.id
  )
  select own.id from own`;

const upsertPeer = `
  insert into seen.network as held (id, name, url, regions)
  values ($1, $2, $3, $4)
  on conflict (id) do update set name = excluded.name, url = excluded.url, regions = excluded.regions
  where not held.this_node`;
