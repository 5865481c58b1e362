import { Any, EntitySchema, type EntityManager } from "typeorm";
import type { Home } from "../listing/home.js";
import type { Deed } from "../audit/audit.js";
import { record } from "../audit/audit.store.js";
import { DirectoryError, badInput } from "../errors.js";
import { parseId } from "../listing/listing.js";
import { saveListings } from "../listing/listing.store.js";
import type { Viewer } from "../visibility/viewer.js";
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

/** Which resource to change, null to add one, and which others whoever changes it can see. */
export type ResourceChange = { readonly id: string | null; readonly seen: ReadonlySet<string> };

/** Changes a resource of this network, or adds one. What it is part of has to be there, and may not be a part of it. */
export async function changeResource(
  tx: EntityManager,
  home: Home,
  actor: Viewer,
  { id, seen }: ResourceChange,
  change: (before: Resource | null) => Resource,
): Promise<Resource> {
  // Two changes at once could each close half of a circle.
  await tx.query("select pg_advisory_xact_lock(hashtext('cadre resources'))");
  const before = id === null ? null : await hold(tx, id, ["input", "id"]);
  const after = change(before);
  const partOf = after.facts.partOf.map((whole) => whole.toLowerCase());
  const known = new Set([...seen, ...(before?.facts.partOf ?? [])]);
  const unknown = partOf.findIndex((whole) => !known.has(whole));
  if (unknown >= 0) throw badInput("There is no resource with this id.", ["input", "partOf", unknown]);
  if ((await wholesOf(tx, partOf)).has(after.id))
    throw badInput("A resource cannot be a part of itself, nor of one of its own parts.", [
      "input",
      "partOf",
    ]);
  const saved = { ...after, facts: { ...after.facts, partOf } };
  await saveResources(tx, home, [saved]);
  await record(tx, home, { actor, action: "RESOURCE_SAVED", object: after.id });
  return saved;
}

/** These resources and all that they are a part of. */
async function wholesOf(tx: EntityManager, ids: readonly string[]): Promise<ReadonlySet<string>> {
  const rows = await tx.query<{ id: string }[]>(selectWholes, [ids]);
  return new Set(rows.map(({ id }) => id));
}

const selectWholes = `
  with recursive whole (id) as (
    select unnest($1::uuid[])
    union
    select above.id::uuid
    from whole
    join base.resource on resource.id = whole.id
    cross join jsonb_array_elements_text(resource.facts -> 'partOf') as above (id)
  )
  select whole.id from whole`;

/** Takes a resource of this network out of the directory and out of the database. A file that brought it does not bring it back. */
export async function removeResource(
  tx: EntityManager,
  home: Home,
  actor: Viewer,
  id: string,
): Promise<void> {
  const { id: held } = await hold(tx, id, ["id"]);
  await saveListings(tx, home.network, [{ kind: "resource", id: held, listings: [] }]);
  await tx.query("delete from base.resource where resource.id = $1", [held]);
  await record(tx, home, { actor, action: "RESOURCE_REMOVED", object: held });
}

/** Out of every listing, and not out of the database: who knows better shows them again. */
export async function hideResources(tx: EntityManager, home: Home, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await tx.query("select from base.resource where resource.id = any ($1::uuid[]) for update", [ids]);
  const held = await loadResources(tx, ids);
  await saveResources(
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
async function hold(tx: EntityManager, text: string, path: readonly string[]): Promise<Resource> {
  const id = parseId(text, path);
  await tx.query("select from base.resource where resource.id = $1 for update", [id]);
  const [held] = await loadResources(tx, [id]);
  if (held === undefined) throw new DirectoryError("NOT_FOUND", "There is no resource with this id.", path);
  return held;
}
