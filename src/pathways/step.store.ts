import { dayOf } from "../clock.js";
import { DirectoryError } from "../errors.js";
import type { Home } from "../listing/home.js";
import { parseId } from "../listing/listing.js";
import { dayThatCame } from "../listing/told.js";
import type { PractitionerListing } from "../practitioners/practitioner.js";
import { lockPractitioners } from "../practitioners/practitioner.store.js";
import { ownEntry } from "../practitioners/profile.store.js";
import { refuseWhileSuspended, type Entry } from "../practitioners/profile.js";
import type { Transaction } from "../storage/database.js";
import type { Viewer } from "../visibility/viewer.js";
import { keepStep, loadSteps, type KeptStep } from "./kept-step.store.js";
import { findPathway } from "./pathway.store.js";
import { MOST_STEPS, type Step } from "./step.js";
import { refuseSupervisor } from "./supervision.store.js";

/** Notes something that whoever asks has done. `asked` is what they see of the supervisor they name; null when that is nobody of this network. */
export async function takeStep(
  tx: Transaction,
  home: Home,
  viewer: Viewer,
  step: Step,
  asked: PractitionerListing | null,
): Promise<KeptStep> {
  dayThatCame(step.day, dayOf(home.clock()), ["input", "day"]);
  const own = await holdOwn(tx, home, viewer);
  refuseWhileSuspended(own);
  const { id: practitioner } = own.person;
  if (step.kind !== "MODULE") await findPathway(tx, step.pathway, ["input", "pathway"]);
  if (step.kind === "SUPERVISED") await refuseSupervisor(tx, home, own, step, asked);
  const taken = await loadSteps(tx, home, [practitioner]);
  refuseAgain(step, taken);
  const text = JSON.stringify(step);
  const id = freeId(home, practitioner, text, new Set(taken.map((one) => one.id)));
  const kept = { id, practitioner, step };
  await keepStep(tx, home, kept);
  return kept;
}

/** The entry of whoever asks, held until the transaction ends; NOT_FOUND when they have none. */
async function holdOwn(tx: Transaction, home: Home, { account }: Viewer): Promise<Entry> {
  const before = await ownEntry(tx, home, account);
  if (before !== null) await lockPractitioners(tx, [before.person.id]);
  const held = before === null ? null : await ownEntry(tx, home, account);
  if (held === null) throw new DirectoryError("NOT_FOUND", "You have no entry yet; saveProfile begins one.");
  return held;
}

/** Everything whoever asks has done, the latest first; empty when they have no entry. */
export async function ownSteps(tx: Transaction, home: Home, viewer: Viewer): Promise<readonly KeptStep[]> {
  const own = await ownEntry(tx, home, viewer.account);
  return own === null ? [] : loadSteps(tx, home, [own.person.id]);
}

/** Takes back a step of one's own; that there was none is told to nobody. */
export async function removeStep(tx: Transaction, home: Home, viewer: Viewer, text: string): Promise<void> {
  const id = parseId(text, ["step"]);
  const own = await ownEntry(tx, home, viewer.account);
  if (own === null) return;
  await tx.query("delete from base.step where step.id = $1 and step.practitioner = $2", [id, own.person.id]);
}

function refuseAgain(step: Step, taken: readonly KeptStep[]): void {
  if (taken.length >= MOST_STEPS)
    throw new DirectoryError("CONFLICT", `At most ${MOST_STEPS} steps are kept; take some back first.`);
  const before = taken.some(
    (one) => one.step.kind === "MODULE" && step.kind === "MODULE" && one.step.module === step.module,
  );
  if (before) throw new DirectoryError("CONFLICT", "You have noted this already.", ["input", "module"]);
}

/** Looks random to whoever has not the node's key, and is the same wherever the same was noted: nothing of one network is told by it. */
function freeId(home: Home, practitioner: string, text: string, taken: ReadonlySet<string>): string {
  for (let nth = 0; ; nth++) {
    const hex = home.seals.key("step").mac(practitioner, text, String(nth)).toString("hex");
    const id = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
    if (!taken.has(id)) return id;
  }
}
