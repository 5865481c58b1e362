import { dayOf } from "../clock.js";
import { DirectoryError } from "../errors.js";
import type { Home } from "../listing/home.js";
import { parseId } from "../listing/listing.js";
import { dayThatCame } from "../listing/told.js";
import { holds } from "../practitioners/attainment.js";
import { readAttainments } from "../practitioners/attainment.store.js";
import {
  shownFacts,
  type Practitioner,
  type PractitionerLevel,
  type PractitionerListing,
} from "../practitioners/practitioner.js";
import { lockPractitioners } from "../practitioners/practitioner.store.js";
import { ownEntry } from "../practitioners/profile.store.js";
import { refuseWhileSuspended, type Entry } from "../practitioners/profile.js";
import type { Transaction } from "../storage/database.js";
import type { Viewer } from "../visibility/viewer.js";
import { requirementOf, type Pathway } from "./pathway.js";
import { findPathway } from "./pathway.store.js";
import { MOST_STEPS, placeOfStep, type Step, type Supervised, type SupervisionState } from "./step.js";
import { reaches, wouldCircle } from "./supervision.js";

/** A step as it is kept: whose it is, and its own id. */
export type KeptStep<S extends Step = Step> = {
  readonly id: string;
  readonly practitioner: string;
  readonly step: S;
};

/** The entry of whoever asks, held until the transaction ends; NOT_FOUND when they have none. */
async function holdOwn(tx: Transaction, home: Home, { account }: Viewer): Promise<Entry> {
  const before = await ownEntry(tx, home, account);
  if (before !== null) await lockPractitioners(tx, [before.person.id]);
  const held = before === null ? null : await ownEntry(tx, home, account);
  if (held === null) throw new DirectoryError("NOT_FOUND", "You have no entry yet; saveProfile begins one.");
  return held;
}

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
  const key = await home.seals.personKey(tx, practitioner);
  const supervisor = step.kind === "SUPERVISED" ? markOf(home, step.supervisor) : null;
  await tx.query(insertStep, [id, practitioner, supervisor, key.seal(placeOfStep(practitioner, id), text)]);
  return { id, practitioner, step };
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

/** What these people have done, the latest first. */
export async function loadSteps(
  tx: Transaction,
  home: Home,
  people: readonly string[],
): Promise<readonly KeptStep[]> {
  return open(tx, home, await tx.query<Row[]>(selectSteps, [people]));
}

async function open(tx: Transaction, home: Home, rows: readonly Row[]): Promise<readonly KeptStep[]> {
  const keys = await home.seals.personKeys(tx, [...new Set(rows.map(({ practitioner }) => practitioner))]);
  const steps = rows.map(({ id, practitioner, sealed }) => {
    const text = keys.get(practitioner)?.open(placeOfStep(practitioner, id), sealed);
    if (text === undefined) throw new Error("a practitioner has no key");
    // What was sealed here was a step.
    return { id, practitioner, step: JSON.parse(text) as Step };
  });
  return steps.sort((one, other) => compare(other.step.day, one.step.day) || compare(one.id, other.id));
}

function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
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

/** By what a supervisor's sessions are found, and nobody else can tell whose they are. */
function markOf(home: Home, supervisor: string): string {
  return home.seals.key("supervisor").mac(supervisor).toString("hex");
}

// ── supervision ─────────────────────────────────────────────────────────────────────────────────────────────────────

/** How many sessions somebody confirmed, and those that name them, what waits for an answer first. */
export type Supervision = { readonly sessions: number; readonly named: readonly KeptStep<Supervised>[] };

/**
 * Whoever is named as a supervisor is somebody else, is seen with the level that the pathway asks for, and was not supervised there by
 * whoever names them: what the two of them know. What they hold, and longer circles, are judged when they confirm.
 */
async function refuseSupervisor(
  tx: Transaction,
  home: Home,
  { person }: Entry,
  step: Supervised,
  asked: PractitionerListing | null,
): Promise<void> {
  const path = ["input", "supervisor"];
  if (step.supervisor === person.id)
    throw new DirectoryError("BAD_USER_INPUT", "Nobody supervises themselves.", path);
  if (person.state !== "LISTED")
    throw new DirectoryError("FORBIDDEN", "Only somebody whose own entry is listed can name a supervisor.");
  if (asked === null)
    throw new DirectoryError("NOT_FOUND", "There is no practitioner of this network with this id.", path);
  const pathway = await findPathway(tx, step.pathway, ["input", "pathway"]);
  const { supervisor: wanted } = requirementOf(pathway, step.level);
  if (!reaches(asked, wanted))
    throw new DirectoryError(
      "CONFLICT",
      `Whoever supervises towards ${step.level} shows the level ${wanted}.`,
      path,
    );
  const theirs = await supervisedBy(tx, home, pathway, person.id);
  if (theirs.includes(step.supervisor))
    throw new DirectoryError("CONFLICT", "You supervised them on this pathway yourself.", path);
}

/** Whom somebody supervised on a pathway: those whose sessions they have confirmed. */
export async function supervisedBy(
  tx: Transaction,
  home: Home,
  pathway: Pathway,
  supervisor: string,
): Promise<readonly string[]> {
  const named = await open(tx, home, await tx.query<Row[]>(selectSupervised, [markOf(home, supervisor)]));
  return confirmedOn(pathway, named).map(({ practitioner }) => practitioner);
}

/** By whom these people were supervised on a pathway. */
export async function supervisorsOf(
  tx: Transaction,
  home: Home,
  pathway: Pathway,
  people: readonly string[],
): Promise<readonly string[]> {
  return confirmedOn(pathway, await loadSteps(tx, home, people)).map(({ step }) => step.supervisor);
}

function confirmedOn({ id }: Pathway, steps: readonly KeptStep[]): readonly KeptStep<Supervised>[] {
  return steps.filter(isSupervised).filter(({ step }) => step.pathway === id && step.state === "CONFIRMED");
}

/** The levels towards which somebody may supervise on a pathway: by the level that is shown of them, and by what they have reached there where it binds. */
export async function supervisesTowards(
  tx: Transaction,
  home: Home,
  { id, binding, levels }: Pathway,
  person: Practitioner,
): Promise<readonly PractitionerLevel[]> {
  const shown = { level: shownFacts(person).level?.value ?? null };
  const reached = await readAttainments(tx, await home.seals.personKeys(tx, [person.id]));
  const today = dayOf(home.clock());
  return levels
    .filter(({ supervisor }) => reaches(shown, supervisor))
    .filter(({ supervisor }) => !binding || holds(reached, id, supervisor, today))
    .map(({ level }) => level);
}

/** The sessions whose supervisor is whoever asks; nothing when they have no entry. */
export async function ownSupervision(tx: Transaction, home: Home, viewer: Viewer): Promise<Supervision> {
  const own = await ownEntry(tx, home, viewer.account);
  if (own === null) return { sessions: 0, named: [] };
  const { id } = own.person;
  const named = await open(tx, home, await tx.query<Row[]>(selectSupervised, [markOf(home, id)]));
  const theirs = named.filter(isSupervised);
  const waiting = theirs.filter(({ step }) => step.state === "ASKED");
  return {
    sessions: await sessionsOf(tx, home, id),
    named: [...waiting, ...theirs.filter((one) => !waiting.includes(one))],
  };
}

function isSupervised(one: KeptStep): one is KeptStep<Supervised> {
  return one.step.kind === "SUPERVISED";
}

/** The supervisor says that a session was one, while they have the level that it takes, and it closes no circle. */
export async function confirmSession(
  tx: Transaction,
  home: Home,
  viewer: Viewer,
  text: string,
): Promise<void> {
  const { own, session } = await holdSession(tx, home, viewer, text);
  refuseWhileSuspended(own);
  const { step } = session;
  if (step.state === "CONFIRMED") return;
  await refuseConfirming(tx, home, own, session);
  await answer(tx, home, session, "CONFIRMED");
  await countSession(tx, home, own.person.id, 1);
}

async function refuseConfirming(
  tx: Transaction,
  home: Home,
  { person }: Entry,
  { practitioner, step }: KeptStep<Supervised>,
): Promise<void> {
  const path = ["step"];
  const pathway = await findPathway(tx, step.pathway, path);
  const towards = await supervisesTowards(tx, home, pathway, person);
  if (person.state !== "LISTED" || !towards.includes(step.level)) {
    const { supervisor } = requirementOf(pathway, step.level);
    throw new DirectoryError(
      "CONFLICT",
      `Whoever supervises towards ${step.level} is listed, has the level ${supervisor}, and has reached it on this pathway where it binds.`,
      path,
    );
  }
  if (await wouldCircle(person.id, practitioner, (people) => supervisorsOf(tx, home, pathway, people)))
    throw new DirectoryError("CONFLICT", "This session would close a circle of supervision.", path);
}

/** The supervisor says that it was none, also after they had confirmed it. */
export async function declineSession(
  tx: Transaction,
  home: Home,
  viewer: Viewer,
  text: string,
): Promise<void> {
  const { own, session } = await holdSession(tx, home, viewer, text);
  await answer(tx, home, session, "DECLINED");
  if (session.step.state === "CONFIRMED") await countSession(tx, home, own.person.id, -1);
}

/** A session that names whoever asks, with both entries held; NOT_FOUND for every other step, as for one that never was. */
async function holdSession(
  tx: Transaction,
  home: Home,
  viewer: Viewer,
  text: string,
): Promise<{ readonly own: Entry; readonly session: KeptStep<Supervised> }> {
  const id = parseId(text, ["step"]);
  // One at a time: two sessions that were confirmed at once could each close half of a circle.
  await tx.query("select pg_advisory_xact_lock(hashtext('cadre supervision'))");
  const before = await ownEntry(tx, home, viewer.account);
  const mark = before === null ? null : markOf(home, before.person.id);
  const [row] = await tx.query<Row[]>(selectSession, [id, mark]);
  if (before !== null && row !== undefined) {
    await lockPractitioners(tx, [before.person.id, row.practitioner]);
    const own = await ownEntry(tx, home, viewer.account);
    const again = await tx.query<Row[]>(selectSession, [id, mark]);
    const [session] = (await open(tx, home, again)).filter(isSupervised);
    if (own !== null && session !== undefined) return { own, session };
  }
  throw new DirectoryError("NOT_FOUND", "There is no session with this id that names you.", ["step"]);
}

async function answer(
  tx: Transaction,
  home: Home,
  { id, practitioner, step }: KeptStep<Supervised>,
  state: SupervisionState,
): Promise<void> {
  const key = await home.seals.personKey(tx, practitioner);
  const sealed = key.seal(placeOfStep(practitioner, id), JSON.stringify({ ...step, state }));
  await tx.query("update base.step set sealed = $2 where step.id = $1", [id, sealed]);
}

async function sessionsOf(tx: Transaction, home: Home, supervisor: string): Promise<number> {
  const [row] = await tx.query<{ sealed: string }[]>(selectSupervising, [supervisor]);
  if (row === undefined) return 0;
  const key = await home.seals.personKey(tx, supervisor);
  return Number(key.open(placeOfCount(supervisor), row.sealed));
}

async function countSession(tx: Transaction, home: Home, supervisor: string, more: number): Promise<void> {
  const count = (await sessionsOf(tx, home, supervisor)) + more;
  const key = await home.seals.personKey(tx, supervisor);
  await tx.query(upsertSupervising, [supervisor, key.seal(placeOfCount(supervisor), String(count))]);
}

function placeOfCount(supervisor: string): readonly string[] {
  return ["base.supervising", supervisor];
}

type Row = { readonly id: string; readonly practitioner: string; readonly sealed: string };

const select = "select step.id, step.practitioner, step.sealed from base.step";
const selectSteps = `${select} where step.practitioner = any ($1::uuid[])`;
const selectSupervised = `${select} where step.supervisor = $1`;
const selectSession = `${select} where step.id = $1 and step.supervisor = $2`;

const insertStep = `
  insert into base.step (id, practitioner, supervisor, sealed)
  values ($1, $2, $3, $4)`;

const selectSupervising =
  "select supervising.sealed from base.supervising where supervising.practitioner = $1";

const upsertSupervising = `
  insert into base.supervising (practitioner, sealed)
  values ($1, $2)
  on conflict (practitioner) do update set sealed = excluded.sealed`;
