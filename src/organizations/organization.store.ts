import { Any, EntitySchema, type EntityManager } from "typeorm";
import { seal, unseal, type KeptContacts } from "../listing/contact-point.js";
import { listedBy, type Home } from "../listing/home.js";
import type { Deed } from "../audit/audit.js";
import { record } from "../audit/audit.store.js";
import { DirectoryError } from "../errors.js";
import { parseId } from "../listing/listing.js";
import { saveListings } from "../listing/listing.store.js";
import type { Key, Place } from "../storage/seal.js";
import type { Viewer } from "../visibility/viewer.js";
import { listingsOf, type Organization, type OrganizationFacts } from "./organization.js";

/** The record with its contact points sealed; null when it has none. */
type OrganizationRow = Omit<Organization, "facts"> & {
  readonly facts: Omit<OrganizationFacts, "contact"> & { readonly contact: KeptContacts };
};

export const organizationTable = new EntitySchema<OrganizationRow>({
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
  home: Home,
  ids: readonly string[],
): Promise<readonly Organization[]> {
  const rows = await tx.find(organizationTable, { where: { id: Any(ids) } });
  const { contacts } = listedBy(home);
  return rows.map(({ facts, ...row }) => ({
    ...row,
    facts: { ...facts, contact: unseal(contacts, placeOf(row.id), facts.contact) },
  }));
}

/** Writes again what was written before contact points were sealed. */
export async function sealOlderContacts(tx: EntityManager, home: Home): Promise<void> {
  for (;;) {
    const older = await tx.query<{ id: string }[]>(selectOlder);
    if (older.length === 0) return;
    const ids = older.map(({ id }) => id);
    await saveOrganizations(tx, home, await loadOrganizations(tx, home, ids));
  }
}

const selectOlder = `
  select organization.id
  from base.organization
  where jsonb_typeof(organization.facts -> 'contact') = 'array'
  order by organization.id
  limit 500
  for update`;

function sealed({ facts, ...row }: Organization, key: Key): OrganizationRow {
  return { ...row, facts: { ...facts, contact: seal(key, placeOf(row.id), facts.contact) } };
}

function placeOf(id: string): Place {
  return ["base.organization", id, "contact"];
}

/** Writes organizations and, in the same transaction, the listings that changed; returns how many did. */
export async function saveOrganizations(
  tx: EntityManager,
  home: Home,
  organizations: readonly Organization[],
): Promise<number> {
  const by = listedBy(home);
  await tx.upsert(organizationTable, organizations.map((one) => sealed(one, by.contacts)) as never[], ["id"]);
  return saveListings(
    tx,
    home.network,
    organizations.map((one) => ({ kind: "organization", id: one.id, listings: listingsOf(one, by) })),
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
  const before = id === null ? null : await hold(tx, home, id, ["input", "id"]);
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
  const { id: held } = await hold(tx, home, id, ["id"]);
  await saveListings(tx, home.network, [{ kind: "organization", id: held, listings: [] }]);
  await tx.query("delete from base.organization where organization.id = $1", [held]);
  await record(tx, home, { actor, action: "ORGANIZATION_REMOVED", object: held });
}

/** Out of every listing, and not out of the database: who knows better shows them again. */
export async function hideOrganizations(
  tx: EntityManager,
  home: Home,
  ids: readonly string[],
): Promise<void> {
  if (ids.length === 0) return;
  await tx.query("select from base.organization where organization.id = any ($1::uuid[]) for update", [ids]);
  const held = await loadOrganizations(tx, home, ids);
  await saveOrganizations(
    tx,
    home,
    held.map((one) => ({ ...one, audience: "PRIVATE" })),
  );
  await record(
    tx,
    home,
    ...held.map(({ id }): Deed => ({ actor: "node", action: "AUDIENCE_CHANGED", object: id })),
  );
}

/** A record of this network, held until the transaction ends; a peer's is NOT_FOUND, as one that never was. */
async function hold(
  tx: EntityManager,
  home: Home,
  text: string,
  path: readonly string[],
): Promise<Organization> {
  const id = parseId(text, path);
  await tx.query("select from base.organization where organization.id = $1 for update", [id]);
  const [held] = await loadOrganizations(tx, home, [id]);
  if (held === undefined)
    throw new DirectoryError("NOT_FOUND", "There is no organization with this id.", path);
  return held;
}
