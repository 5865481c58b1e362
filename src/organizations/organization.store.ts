import { Any, EntitySchema, type EntityManager } from "typeorm";
import type { Home } from "../listing/home.js";
import { record } from "../audit/audit.store.js";
import { DirectoryError } from "../errors.js";
import { parseId } from "../listing/listing.js";
import { saveListings } from "../listing/listing.store.js";
import type { Viewer } from "../visibility/viewer.js";
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

/** Changes an organization of this network, or adds one when `id` is null. */
export async function changeOrganization(
  tx: EntityManager,
  home: Home,
  actor: Viewer,
  id: string | null,
  change: (before: Organization | null) => Organization,
): Promise<Organization> {
  const before = id === null ? null : await hold(tx, id, ["input", "id"]);
  const after = change(before);
  await saveOrganizations(tx, home, [after]);
  await record(tx, home, { actor, action: "ORGANIZATION_SAVED", object: after.id });
  return after;
}

/** Takes an organization of this network out of the directory and out of the database. A file that brought it does not bring it back. */
export async function removeOrganization(
  tx: EntityManager,
  home: Home,
  actor: Viewer,
  id: string,
): Promise<void> {
  const { id: held } = await hold(tx, id, ["id"]);
  await saveListings(tx, home.network, [{ kind: "organization", id: held, listings: [] }]);
  await tx.query("delete from base.organization where organization.id = $1", [held]);
  await record(tx, home, { actor, action: "ORGANIZATION_REMOVED", object: held });
}

/** A record of this network, held until the transaction ends; a peer's is NOT_FOUND, as one that never was. */
async function hold(tx: EntityManager, text: string, path: readonly string[]): Promise<Organization> {
  const id = parseId(text, path);
  await tx.query("select from base.organization where organization.id = $1 for update", [id]);
  const [held] = await loadOrganizations(tx, [id]);
  if (held === undefined)
    throw new DirectoryError("NOT_FOUND", "There is no organization with this id.", path);
  return held;
}
