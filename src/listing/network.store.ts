import type { EntityManager } from "typeorm";
import type { Pool } from "pg";
import { readRows } from "../storage/database.js";
import type { Network } from "./network.js";

/** Every network this node knows, by id. */
export async function readNetworks(read: Pool): Promise<ReadonlyMap<string, Network>> {
  const networks = await readRows<Network>(read, selectNetworks, []);
  return new Map(networks.map((network) => [network.id, network]));
}

/** Makes this node's own network, or brings its name, address and regions to what the configuration says. Returns its id. */
export async function saveOwnNetwork(
  tx: EntityManager,
  own: Pick<Network, "name" | "url" | "regions">,
): Promise<string> {
  const [row] = await tx.query<{ id: string }[]>(upsertOwn, [own.name, own.url, own.regions]);
  if (row === undefined) throw new Error("this node's network could not be written");
  return row.id;
}

const selectNetworks = `
  select network.id, network.name, network.url, network.regions, network.this_node as "thisNode"
  from seen.network`;

const upsertOwn = `
  with own as (
    insert into seen.network as held (name, url, regions, this_node)
    values ($1, $2, $3, true)
    on conflict (this_node) where this_node do update
      set name = excluded.name, url = excluded.url, regions = excluded.regions
    returning held.id
  )
  select own.id from own`;
