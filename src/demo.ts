import { baobab, ceiba, yasmin, type Cadre, type Cast } from "../seeds/cast.js";
import { dayOf, monthsAfter } from "./clock.js";
import type { Home } from "./listing/home.js";
import { saveOrganizations } from "./organizations/organization.store.js";
import { usualTerms } from "./practitioners/confirmation.js";
import { setConfirmBy } from "./practitioners/upkeep.store.js";
import { savePractitioners, saveVouches } from "./practitioners/practitioner.store.js";
import { grantLevel } from "./pathways/level.store.js";
import { savePathway } from "./pathways/pathway.store.js";
import { saveResources } from "./resources/resource.store.js";
import type { Transaction } from "./storage/database.js";
import { holdsNothing } from "./storage/nothing.store.js";
import { viewerOf } from "./visibility/viewer.js";

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
  const cast = casts[name];
  await loadCast(tx, home, cast);
  if (cast.cadre !== null) await beginPathway(tx, home, cast.cadre);
  return true;
}

/** As a steward would: what people came with is recorded, and from then on a level is shown only as far as it was reached. */
async function beginPathway(tx: Transaction, home: Home, { asks, reached }: Cadre): Promise<void> {
  const steward = viewerOf("STEWARD", null);
  const begun = { id: null, isProven: true };
  const { id } = await savePathway(tx, home, steward, begun, (before) => ({ ...before, ...asks }));
  // Half a year before the demo begins, whatever day that is.
  const told = { reached: monthsAfter(dayOf(home.clock()), -6), cameBefore: true };
  for (const { practitioner, level } of reached)
    await grantLevel(tx, home, steward, { practitioner, pathway: id, level }, told);
  await savePathway(tx, home, steward, { id, isProven: true }, (before) => ({ ...before, binding: true }));
}
