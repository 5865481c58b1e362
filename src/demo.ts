import { baobab, ceiba, yasmin, type Cast } from "../seeds/cast.js";
import type { Home } from "./listing/home.js";
import { saveOrganizations } from "./organizations/organization.store.js";
import { usualTerms } from "./practitioners/confirmation.js";
import { setConfirmBy } from "./practitioners/upkeep.store.js";
import { savePractitioners, saveVouches } from "./practitioners/practitioner.store.js";
import { saveResources } from "./resources/resource.store.js";
import type { Transaction } from "./storage/database.js";
import { holdsNothing } from "./storage/nothing.store.js";

/** Writes a network's people, organizations and resources as records of this node. */
export async function loadCast(tx: Transaction, home: Home, cast: Cast): Promise<void> {
  await saveOrganizations(tx, home, cast.organizations);
  await saveResources(tx, home, cast.resources);
  await savePractitioners(tx, home, cast.practitioners);
  await saveVouches(tx, home, cast.vouches);
  // Invented people confirm nothing: their time begins with the demo, whatever day stands in their entries.
  await setConfirmBy(tx, home, cast.practitioners, usualTerms);
}

const casts = { ceiba, yasmin, baobab };

/** Loads one of the invented networks into a database that holds no record at all. Returns whether it did. */
export async function loadDemo(tx: Transaction, home: Home, name: keyof typeof casts): Promise<boolean> {
  if (!(await holdsNothing(tx))) return false;
  await loadCast(tx, home, casts[name]);
  return true;
}
