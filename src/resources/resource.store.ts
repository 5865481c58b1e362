import { Any, EntitySchema, type EntityManager } from "typeorm";
import type { Home } from "../listing/home.js";
import { saveListings } from "../listing/listing.store.js";
import { listingsOf, type Resource } from "./resource.js";

export const resourceTable = new EntitySchema<Resource>({
  name: "resource",
  schema: "base",
  columns: {
    id: { type: "uuid", primary: true, generated: "uuid" },
    audience: { type: "text" },
    verified: { type: "date", nullable: true },
    facts: { type: "jsonb" },
  },
});

/** The full records, in no order: loaded to edit them. */
export async function loadResources(tx: EntityManager, ids: readonly string[]): Promise<readonly Resource[]> {
  return tx.find(resourceTable, { where: { id: Any(ids) } });
}

/** Writes resources and, in the same transaction, the listings that changed; returns how many did. */
export async function saveResources(
  tx: EntityManager,
  { network }: Home,
  resources: readonly Resource[],
): Promise<number> {
  await tx.upsert(resourceTable, [...resources] as never[], ["id"]);
  return saveListings(
    tx,
    network,
    resources.map((one) => ({ kind: "resource", id: one.id, listings: listingsOf(one, network) })),
  );
}
