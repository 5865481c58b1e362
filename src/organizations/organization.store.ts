import { Any, EntitySchema, type EntityManager } from "typeorm";
import type { Home } from "../listing/home.js";
import { saveListings } from "../listing/listing.store.js";
import { listingsOf, type Organization } from "./organization.js";

export const organizationTable = new EntitySchema<Organization>({
  name: "organization",
  schema: "base",
  columns: {
    id: { type: "uuid", primary: true, generated: "uuid" },
    audience: { type: "text" },
    verified: { type: "date", nullable: true },
    facts: { type: "jsonb" },
  },
});

/** The full records, in no order: loaded to edit them. */
export async function loadOrganizations(
  tx: EntityManager,
  ids: readonly string[],
): Promise<readonly Organization[]> {
  return tx.find(organizationTable, { where: { id: Any(ids) } });
}

/** Writes organizations and, in the same transaction, the listings that changed; returns how many did. */
export async function saveOrganizations(
  tx: EntityManager,
  { network }: Home,
  organizations: readonly Organization[],
): Promise<number> {
  await tx.upsert(organizationTable, [...organizations] as never[], ["id"]);
  return saveListings(
    tx,
    network,
    organizations.map((one) => ({ kind: "organization", id: one.id, listings: listingsOf(one, network) })),
  );
}
