import type { EntityManager } from "typeorm";
import { ceiba, type Cast } from "../seeds/cast.js";
import { saveOrganizations } from "./organizations/organization.store.js";
import { savePractitioners, saveVouches } from "./practitioners/practitioner.store.js";
import { saveResources } from "./resources/resource.store.js";

/** Writes a network's people, organizations and resources as records of `network`. */
export async function loadCast(tx: EntityManager, network: string, cast: Cast): Promise<void> {
  await saveOrganizations(tx, network, cast.organizations);
  await saveResources(tx, network, cast.resources);
  await savePractitioners(tx, network, cast.practitioners);
  await saveVouches(tx, network, cast.vouches);
}

/** Loads the demo network into a database that holds no record at all. Returns whether it did. */
export async function loadDemo(tx: EntityManager, network: string): Promise<boolean> {
  const [found] = await tx.query<{ empty: boolean }[]>(noRecords);
  if (found?.empty !== true) return false;
  await loadCast(tx, network, ceiba);
  return true;
}

const noRecords = `
  select not exists (select from base.practitioner)
    and not exists (select from base.organization)
    and not exists (select from base.resource)
    and not exists (select from base.source) as empty`;
