import { randomUUID } from "node:crypto";
import { record } from "../audit/audit.store.js";
import { dayOf, monthsAfter } from "../clock.js";
import { DirectoryError, badInput } from "../errors.js";
import type { Home } from "../listing/home.js";
import { parseId } from "../listing/listing.js";
import { dayThatCame } from "../listing/told.js";
import { counts, placeOf, type Attainment } from "../practitioners/attainment.js";
import { readAttainments, type KeptAttainment } from "../practitioners/attainment.store.js";
import type { PractitionerLevel } from "../practitioners/practitioner.js";
import { lockPractitioners, relist, waitForVouches } from "../practitioners/practitioner.store.js";
import { loadEntry, ownEntry } from "../practitioners/profile.store.js";
import { reachesMembers, type Entry } from "../practitioners/profile.js";
import { countOthers } from "../practitioners/steward.store.js";
import type { Transaction } from "../storage/database.js";
import type { Viewer } from "../visibility/viewer.js";
import { requirementOf, type Pathway } from "./pathway.js";
import { askableModules, findPathway } from "./pathway.store.js";
import { missingOf, progressOn, type LevelProgress } from "./step.js";
import { loadSteps } from "./kept-step.store.js";

/** Whose level on which pathway. */
export type Meant = {
  readonly practitioner: string;
  readonly pathway: string;
  readonly level: PractitionerLevel;
};

/** On which day it was reached, and whether that was before the pathway began. */
export type Told = { readonly reached: string; readonly cameBefore: boolean };

/** Everything whoever asks has ever reached, the latest first. */
export async function ownAttainments(
  tx: Transaction,
  home: Home,
  viewer: Viewer,
): Promise<readonly Attainment[]> {
  const own = await ownEntry(tx, home, viewer.account);
  return own === null ? [] : [...(await attainmentsOf(tx, home, own.person.id))].reverse();
}

/** How far whoever asks has come on a pathway; nowhere when they have no entry. */
export async function ownProgress(
  tx: Transaction,
  home: Home,
  viewer: Viewer,
  pathway: string,
): Promise<readonly LevelProgress[]> {
  const on = await findPathway(tx, pathway, ["pathway"]);
  const own = await ownEntry(tx, home, viewer.account);
  return own === null ? [] : progressOf(tx, home, own.person.id, on);
}

/** The same of somebody else, for a steward to judge a level by. Each look is recorded. */
export async function progressFor(
  tx: Transaction,
  home: Home,
  actor: Viewer,
  { practitioner, pathway }: Omit<Meant, "level">,
): Promise<readonly LevelProgress[]> {
  const on = await findPathway(tx, pathway, ["pathway"]);
  const { person } = await findListed(tx, home, practitioner);
  await record(tx, home, { actor, action: "PROGRESS_SEEN", object: person.id });
  return progressOf(tx, home, person.id, on);
}

/** Records that somebody reached a level, or reached it anew; refused with what is missing. */
export async function grantLevel(
  tx: Transaction,
  home: Home,
  actor: Viewer,
  { practitioner, pathway, level }: Meant,
  { reached, cameBefore }: Told,
): Promise<Attainment> {
  const { person, account } = await hold(tx, home, practitioner);
  if (account !== null && account === actor.account && (await countOthers(tx, actor)) > 0)
    throw new DirectoryError("FORBIDDEN", "Another steward has to record your own level.");
  const on = await findPathway(tx, pathway, ["pathway"]);
  const today = dayOf(home.clock());
  dayThatCame(reached, today, ["reached"]);
  if (cameBefore) refuseOnceBinding(on);
  else refuseUnmet(await progressOf(tx, home, person.id, on), level);
  const { validFor } = requirementOf(on, level);
  const ends = validFor === null ? null : monthsAfter(reached, validFor);
  if (ends !== null && ends <= today)
    throw badInput("What was reached on that day would count no longer today.", ["reached"]);
  const attainment: Attainment = { pathway: on.id, level, reached, ends, revoked: null };
  // What ends no later than this ends unnoticed.
  for (const before of await heldOf(tx, home, person.id, { pathway: on.id, level }))
    if (ends === null || (before.ends !== null && before.ends <= ends)) await keep(tx, home, before, null);
  await keep(tx, home, { id: randomUUID(), practitioner: person.id, ...attainment }, ends);
  await relist(tx, home, [person.id]);
  await record(tx, home, { actor, action: "LEVEL_GRANTED", object: person.id, fields: ["LEVEL"] });
  return attainment;
}

/** Records that a level counts no longer from today. False when there was none that did. */
export async function revokeLevel(
  tx: Transaction,
  home: Home,
  actor: Viewer,
  { practitioner, pathway, level }: Meant,
): Promise<boolean> {
  const { person } = await hold(tx, home, practitioner);
  const { id } = await findPathway(tx, pathway, ["pathway"]);
  const held = await heldOf(tx, home, person.id, { pathway: id, level });
  if (held.length === 0) return false;
  const revoked = dayOf(home.clock());
  for (const one of held) await keep(tx, home, { ...one, revoked }, null);
  await relist(tx, home, [person.id]);
  await record(tx, home, { actor, action: "LEVEL_REVOKED", object: person.id, fields: ["LEVEL"] });
  return true;
}

function refuseOnceBinding({ binding }: Pathway): void {
  if (!binding) return;
  throw new DirectoryError(
    "CONFLICT",
    "Who had come this far before is recorded before the pathway binds; now each level is reached by its steps.",
    ["cameBefore"],
  );
}

function refuseUnmet(progress: readonly LevelProgress[], level: PractitionerLevel): void {
  const missing = progress.filter((one) => one.level === level).flatMap(missingOf);
  if (missing.length === 0) return;
  throw new DirectoryError("CONFLICT", `${level} is not reached yet: ${missing.join("; ")}.`, ["level"]);
}

async function progressOf(
  tx: Transaction,
  home: Home,
  practitioner: string,
  pathway: Pathway,
): Promise<readonly LevelProgress[]> {
  const taken = await loadSteps(tx, home, [practitioner]);
  const attainments = await attainmentsOf(tx, home, practitioner);
  const course = { steps: taken.map(({ step }) => step), attainments };
  return progressOn(pathway, course, await askableModules(tx, pathway));
}

/** Attainments of one level on one pathway that count today. */
async function heldOf(
  tx: Transaction,
  home: Home,
  practitioner: string,
  { pathway, level }: Omit<Meant, "practitioner">,
): Promise<readonly KeptAttainment[]> {
  const today = dayOf(home.clock());
  const all = await attainmentsOf(tx, home, practitioner);
  return all.filter((one) => one.pathway === pathway && one.level === level && counts(one, today));
}

async function attainmentsOf(
  tx: Transaction,
  home: Home,
  practitioner: string,
): Promise<readonly KeptAttainment[]> {
  return readAttainments(tx, await home.seals.personKeys(tx, [practitioner]));
}

/** A listed entry that members see something of, held until the transaction ends; every other is NOT_FOUND, as one that never was. */
async function hold(tx: Transaction, home: Home, text: string): Promise<Entry> {
  await waitForVouches(tx);
  await lockPractitioners(tx, [parseId(text, ["practitioner"])]);
  return findListed(tx, home, text);
}

async function findListed(tx: Transaction, home: Home, text: string): Promise<Entry> {
  const entry = await loadEntry(tx, home, parseId(text, ["practitioner"]));
  if (entry === null || entry.person.state !== "LISTED" || !reachesMembers(entry.person))
    throw new DirectoryError("NOT_FOUND", "There is no practitioner with this id.", ["practitioner"]);
  return entry;
}

async function keep(
  tx: Transaction,
  home: Home,
  { id, practitioner, ...attainment }: KeptAttainment,
  due: string | null,
): Promise<void> {
  const key = await home.seals.personKey(tx, practitioner);
  const sealed = key.seal(placeOf(practitioner, id), JSON.stringify(attainment));
  await tx.query(upsertAttainment, [id, practitioner, due, sealed]);
}

const upsertAttainment = `
  insert into base.attainment (id, practitioner, due, sealed)
  values ($1, $2, $3, $4)
  on conflict (id) do update set due = excluded.due, sealed = excluded.sealed`;
