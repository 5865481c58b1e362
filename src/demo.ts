import { ceiba, type Cast } from "../seeds/cast.js";
import { saveOrganizations } from "./organizations/organization.store.js";
import { savePractitioners, saveVouches } from "./practitioners/practitioner.store.js";
import { saveResources } from "./resources/resource.store.js";
import type { Transaction } from "./storage/database.js";
import { holdsNothing } from "./storage/nothing.store.js";

/** Writes a network's people, organizations and resources as records of `network`. */
export async function loadCast(tx: Transaction, network: string, cast: Cast): Promise<void> {
  await saveOrganizations(tx, network, cast.organizations);
  await saveResources(tx, network, cast.resources);
  await savePractitioners(tx, network, cast.practitioners);
  await saveVouches(tx, network, cast.vouches);
}

/** Loads the demo network into a database that holds no record at all. Returns whether it did. */
export async function loadDemo(tx: Transaction, network: string): Promise<boolean> {
  if (!(await holdsNothing(tx))) return false;
  await loadCast(tx, network, ceiba);
  return true;
}
